import { defaultFrames, FrameAggregator } from "./resample.ts";
import { CandleRing } from "./ring.ts";
import type { Stateful } from "./state.ts";

export interface SeriesOptions {
  readonly baseMs: number;
  /** How many candles to keep, of the base and of each frame. */
  readonly capacity: number;
  /** Longer timeframes in milliseconds; `defaultFrames` unless given. The base may be among them. */
  readonly frames?: readonly number[];
  /**
   * The longest gap that is filled, in candles; 0 to take candles as they stand. A day of minutes
   * (or what the ring holds, if that is less) unless given.
   */
  readonly fillLimit?: number;
}

const fillLimitDefault = 1_440;

/**
 * One symbol's candles: the base ring and the longer frames made of it.
 *
 * **Gaps.** Missing base candles are filled with flat ones: all four prices the last close, volume
 * 0, as a market without a print leaves them. A gap longer than `fillLimit` is an outage, not a
 * quiet market: it is left open, and frames and indicators go on with the next candle. Both are
 * counted.
 */
export class CandleSeries implements Stateful {
  readonly key: string;
  readonly base: CandleRing;
  readonly frames: readonly FrameAggregator[];
  /** Base candles that the last `push` added, filled ones included: the newest so many of `base`. */
  added = 0;
  /** Frames that the last `push` closed, at the index of each of `frames`. */
  readonly closed: Int32Array;
  /** How often candles were missing. */
  gaps = 0;
  /** Missing candles that were filled in. */
  filled = 0;
  /** Missing candles in gaps too long to fill. */
  unfilled = 0;
  private readonly baseMs: number;
  private readonly fillLimit: number;
  private lastOpenedAt = Number.NaN;
  private lastClose = 0;

  /** @throws {RangeError} if a frame is no multiple of the base or the limit exceeds the ring */
  constructor(options: SeriesOptions) {
    const { baseMs, capacity, frames = defaultFrames(baseMs) } = options;
    const longer = frames.filter((frameMs) => frameMs !== baseMs);
    const fillLimit = options.fillLimit ?? Math.min(fillLimitDefault, capacity - 1);
    this.key = `series:${[baseMs, ...longer].join("/")}:${capacity}:${fillLimit}`;
    // Who is fed from the ring must still find there all that one push added.
    if (!Number.isInteger(fillLimit) || fillLimit < 0 || fillLimit >= capacity) {
      throw new RangeError(
        `Cannot create candle series: fill limit is ${fillLimit}, ` +
          `wanted a whole number from 0 to ${capacity - 1}, below the capacity`,
      );
    }
    this.base = new CandleRing(capacity);
    this.frames = longer.map((frameMs) => new FrameAggregator(baseMs, frameMs, capacity));
    this.closed = new Int32Array(longer.length);
    this.baseMs = baseMs;
    this.fillLimit = fillLimit;
  }

  /**
   * One closed base candle: Unix milliseconds, whole ticks, volume as the source has it.
   * @throws {RangeError} if it does not come after the last one, is off its grid, or has prices
   *   that are not whole ticks: the source has checked all that, so this is a bug
   */
  push(
    openedAt: number,
    open: number,
    high: number,
    low: number,
    close: number,
    volume: number,
  ): void {
    this.check(openedAt, open, high, low, close);
    this.added = 0;
    this.closed.fill(0);
    const steps = (openedAt - this.lastOpenedAt) / this.baseMs;
    if (steps > 1) this.bridge(steps - 1);
    this.add(openedAt, open, high, low, close, volume);
  }

  private bridge(missing: number): void {
    this.gaps += 1;
    if (missing > this.fillLimit) {
      this.unfilled += missing;
      return;
    }
    this.filled += missing;
    const flat = this.lastClose;
    for (let step = 0; step < missing; step++) {
      this.add(this.lastOpenedAt + this.baseMs, flat, flat, flat, flat, 0);
    }
  }

  private add(
    openedAt: number,
    open: number,
    high: number,
    low: number,
    close: number,
    volume: number,
  ): void {
    this.base.push(openedAt, open, high, low, close, volume);
    for (let index = 0; index < this.frames.length; index++) {
      const frame = this.frames[index] as FrameAggregator;
      const closed = frame.update(openedAt, open, high, low, close, volume);
      this.closed[index] = (this.closed[index] as number) + closed;
    }
    this.added += 1;
    this.lastOpenedAt = openedAt;
    this.lastClose = close;
  }

  private check(openedAt: number, open: number, high: number, low: number, close: number): void {
    const whole =
      Number.isSafeInteger(open) &&
      Number.isSafeInteger(high) &&
      Number.isSafeInteger(low) &&
      Number.isSafeInteger(close);
    if (!whole || low > open || low > close || high < open || high < close) {
      throw new RangeError(
        `Cannot add candle of ${openedAt}: prices are ${open}, ${high}, ${low}, ${close}, ` +
          "wanted whole ticks with open and close between low and high",
      );
    }
    const first = Number.isNaN(this.lastOpenedAt);
    const steps = (openedAt - this.lastOpenedAt) / this.baseMs;
    if (first ? !Number.isSafeInteger(openedAt) : !(Number.isInteger(steps) && steps >= 1)) {
      throw new RangeError(
        `Cannot add candle of ${openedAt}: the last one is of ${this.lastOpenedAt}, ` +
          `wanted a multiple of ${this.baseMs} ms after it`,
      );
    }
  }
}
