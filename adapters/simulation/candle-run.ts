import type { CandleSource } from "../../actors/market/ports.ts";
import { firstOpenOf, pricesOf } from "./candle-timeline.ts";
import { MarketRun, type MarketRunOptions } from "./market-run.ts";
import type { DrivenVenue } from "./timeline.ts";

export { type Pace, sourceSpace } from "./market-run.ts";
export type { DrivenVenue } from "./timeline.ts";

export interface CandleRunOptions extends Omit<MarketRunOptions<DrivenVenue>, "timeline"> {
  readonly source: CandleSource;
  /** What was committed of an earlier part of this run: its place. */
  readonly stored: ReadonlyMap<string, unknown>;
}

/** Drives a desk through candles under a virtual clock: see {@link MarketRun}. */
export class CandleRun extends MarketRun<DrivenVenue> {
  constructor({ source, stored, ...options }: CandleRunOptions) {
    super({ ...options, timeline: pricesOf(source, stored) });
  }

  /** The first time there is to reach: where a new run's clock starts. */
  static startOf(source: CandleSource, stored: ReadonlyMap<string, unknown>): number {
    const time = stored.get("time");
    return typeof time === "number" ? time : firstOpenOf(source);
  }
}
