import type { Vote } from "../../machines/domain/market.ts";
import type { Stateful } from "../market/mod.ts";
import type { BookReading } from "./strategies/book-reading.ts";

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
  /**
   * Takes the next closed bar: whole ticks, volume in base coin, and what the order book said at
   * its close where one is kept. Allocates nothing.
   */
  update(
    open: number,
    high: number,
    low: number,
    close: number,
    volume: number,
    book?: BookReading | null,
  ): void;
  /** The last bar's vote in words and numbers. */
  vote(): Vote;
}

/**
 * What strategies have in common. Each one's `update` begins by taking back its last opinion, and
 * says another or none: in its own lines, for shared ones run on as many shapes of object, which
 * costs as much as some of the strategies.
 */
export abstract class Opinion implements Strategy {
  abstract readonly key: string;
  abstract readonly weight: number;
  abstract readonly warmup: number;
  direction: -1 | 0 | 1 = 0;
  strength = 0;

  /** A getter, for a text among the fields could not be saved. */
  abstract get name(): string;

  abstract update(
    open: number,
    high: number,
    low: number,
    close: number,
    volume: number,
    book?: BookReading | null,
  ): void;

  vote(): Vote {
    return {
      strategy: this.name,
      direction: this.direction,
      strength: this.strength,
      words: this.words(),
      numbers: this.numbers(),
    };
  }

  protected abstract words(): string;

  protected abstract numbers(): Readonly<Record<string, number>>;

  protected say(direction: -1 | 1, strength: number): void {
    this.direction = direction;
    this.strength = Math.min(1, strength);
  }
}
