import { CandleRing } from "./ring.ts";
import type { Stateful } from "./state.ts";

const minuteMs = 60_000;

/**
 * The timeframes kept by default, in milliseconds, the base first: 1, 5 and 15 minutes; of another
 * base 1, 3 and 12 times itself.
 */
export function defaultFrames(baseMs: number): readonly number[] {
  const factors = baseMs === minuteMs ? [1, 5, 15] : [1, 3, 12];
  return factors.map((factor) => factor * baseMs);
}

/**
 * Makes candles of a longer timeframe out of closed base candles, as they come.
 *
 * - Frames are aligned to the Unix epoch: a five-minute frame opens at minutes 0, 5, 10 of UTC.
 * - A frame closes with its last base candle; where that one is missing, when a later one comes.
 * - A frame with some base candles missing is made of those there are, and counted `incomplete`.
 * - A frame with none is not made up, but counted in `empty`.
 * - A first frame whose beginning was not seen is dropped, and its candles counted in `unseen`: to
 *   take the part for the whole would give a wrong open, high and low.
 */
export class FrameAggregator implements Stateful {
  readonly key: string;
  readonly frameMs: number;
  /** The closed frames. */
  readonly ring: CandleRing;
  incomplete = 0;
  empty = 0;
  unseen = 0;
  /** Base candles missing within closed and empty frames. */
  missing = 0;
  private readonly baseMs: number;
  private readonly factor: number;
  /** The open time of the frame under way or last closed; NaN before the first. */
  private frame = Number.NaN;
  /** The first frame, where its beginning was not seen. */
  private unseenFrame = Number.NaN;
  private candles = 0;
  private open = 0;
  private high = 0;
  private low = 0;
  private close = 0;
  private volume = 0;

  /** @throws {RangeError} unless `frameMs` is a whole multiple of `baseMs` */
  constructor(baseMs: number, frameMs: number, capacity: number) {
    this.key = `frame:${baseMs}:${frameMs}:${capacity}`;
    const factor = frameMs / baseMs;
    if (!Number.isInteger(baseMs) || baseMs < 1 || !Number.isInteger(factor) || factor < 1) {
      throw new RangeError(
        `Cannot resample candles of ${baseMs} ms to ${frameMs} ms: ` +
          "wanted a whole multiple of the base",
      );
    }
    this.baseMs = baseMs;
    this.frameMs = frameMs;
    this.factor = factor;
    this.ring = new CandleRing(capacity);
  }

  /**
   * One closed base candle; open times must rise, which the series sees to.
   * @returns how many frames this closed: 0, 1, or 2 when a gap had left one open
   */
  update(
    openedAt: number,
    open: number,
    high: number,
    low: number,
    close: number,
    volume: number,
  ): number {
    const closedBefore = this.ring.pushed;
    const frame = Math.floor(openedAt / this.frameMs) * this.frameMs;
    if (frame !== this.frame) this.enter(frame, openedAt);
    if (frame === this.unseenFrame) {
      this.unseen += 1;
      return this.ring.pushed - closedBefore;
    }
    if (this.candles === 0) {
      this.open = open;
      this.high = high;
      this.low = low;
      this.volume = 0;
    }
    if (high > this.high) this.high = high;
    if (low < this.low) this.low = low;
    this.close = close;
    this.volume += volume;
    this.candles += 1;
    // A base off the epoch's grid has its last candle end beyond the frame.
    if (openedAt + this.baseMs >= frame + this.frameMs) this.emit();
    return this.ring.pushed - closedBefore;
  }

  /** Leaves the frame under way, if a gap left it open, and counts those jumped over. */
  private enter(frame: number, openedAt: number): void {
    if (this.candles > 0) this.emit();
    if (Number.isNaN(this.frame)) {
      if (openedAt - frame >= this.baseMs) this.unseenFrame = frame;
    } else {
      const jumped = (frame - this.frame) / this.frameMs - 1;
      this.empty += jumped;
      this.missing += jumped * this.factor;
    }
    this.frame = frame;
  }

  private emit(): void {
    this.ring.push(this.frame, this.open, this.high, this.low, this.close, this.volume);
    if (this.candles < this.factor) {
      this.incomplete += 1;
      this.missing += this.factor - this.candles;
    }
    this.candles = 0;
  }
}
