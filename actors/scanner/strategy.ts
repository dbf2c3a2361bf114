import type { Vote } from "../../machines/domain/market.ts";
import type { Stateful } from "../market/mod.ts";

/**
 * One opinion on a symbol, fed each closed bar. It keeps its own indicators, so that it is a unit:
 * the same bars give the same votes, whoever else looks. All its state is in numeric fields, typed
 * arrays and indicators, for the checkpoint.
 */
export interface Strategy extends Stateful {
  readonly name: string;
  /** Share in the weighted vote, above 0. */
  readonly weight: number;
  /** Bars until it may vote. */
  readonly warmup: number;
  /** After the last bar: 1 to hold, -1 to leave, 0 for no opinion. */
  readonly direction: -1 | 0 | 1;
  /** 0 to 1. */
  readonly strength: number;
  /** Takes the next closed bar: whole ticks, volume in base coin. Allocates nothing. */
  update(open: number, high: number, low: number, close: number, volume: number): void;
  /** The last bar's vote in words and numbers. */
  vote(): Vote;
}
