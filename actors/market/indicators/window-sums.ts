import type { Indicator } from "./indicator.ts";

/**
 * The sum of the last `period` numbers, by additions only: blocks of `period`, whose suffix sums
 * are worked out in place when a block ends. Nothing is ever subtracted, so there is no drift and
 * no cancellation, and a sum of numbers that are not negative is zero only if all of them are.
 * For what is not whole: money flows, ratios, logarithms.
 */
export class WindowSum implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until the window is full. */
  value = Number.NaN;
  private readonly last: number;
  private readonly tails: Float64Array;
  private head = 0;
  private blockSum = 0;

  constructor(period: number) {
    this.key = `windowSum:${period}`;
    this.warmup = period;
    this.last = period - 1;
    // NaN for what has not been seen makes the sum NaN until the first block is complete.
    this.tails = new Float64Array(period).fill(Number.NaN);
  }

  update(value: number): void {
    const head = this.head;
    this.blockSum += value;
    this.tails[head] = value;
    if (head === this.last) {
      this.value = this.blockSum;
      this.endBlock();
    } else {
      this.head = head + 1;
      this.value = this.blockSum + (this.tails[head + 1] as number);
    }
  }

  private endBlock(): void {
    const tails = this.tails;
    let sum = 0;
    for (let index = this.last; index >= 0; index--) {
      sum += tails[index] as number;
      tails[index] = sum;
    }
    this.blockSum = 0;
    this.head = 0;
  }
}

/**
 * Mean and population deviation of the last `period` numbers from running sums of differences to
 * a reference, which moves with the window. Each pass over the ring also builds the sums of the
 * pass alone, and at its end, when pass and window are the same, these take the running sums'
 * place: no drift beyond one window and no pause for summing again.
 *
 * Whole numbers give exact sums, and a flat window a deviation of exactly 0, as long as `period`
 * times the range within two windows stays below 9e7.
 */
export class WindowMoments implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until the window is full, as is `deviation`. */
  mean = Number.NaN;
  deviation = Number.NaN;
  private readonly period: number;
  private readonly ring: Float64Array;
  private head = 0;
  private full = 0;
  private reference = 0;
  private sum = 0;
  private squares = 0;
  private passReference = 0;
  private passSum = 0;
  private passSquares = 0;

  constructor(period: number) {
    this.key = `windowMoments:${period}`;
    this.warmup = period;
    this.period = period;
    this.ring = new Float64Array(period);
  }

  update(value: number): void {
    const head = this.head;
    const old = (this.ring[head] as number) - this.reference;
    this.ring[head] = value;
    if (head === 0) this.startPass(value);
    const offset = value - this.passReference;
    this.passSum += offset;
    this.passSquares += offset * offset;
    if (head === this.period - 1) {
      this.endPass();
    } else {
      const fresh = value - this.reference;
      this.sum += fresh - old;
      this.squares += (fresh - old) * (fresh + old);
      this.head = head + 1;
    }
    if (this.full === 1) {
      // n times the squares less the square of the sum: whole as long as its terms are.
      const spread = this.period * this.squares - this.sum * this.sum;
      this.mean = this.reference + this.sum / this.period;
      this.deviation = spread > 0 ? Math.sqrt(spread) / this.period : 0;
    }
  }

  private startPass(value: number): void {
    this.passReference = value;
    this.passSum = 0;
    this.passSquares = 0;
  }

  private endPass(): void {
    this.reference = this.passReference;
    this.sum = this.passSum;
    this.squares = this.passSquares;
    this.head = 0;
    this.full = 1;
  }
}

/**
 * Sum and linearly weighted sum of the last `period` numbers, the base of the weighted mean and of
 * regression on time. References and passes as in `WindowMoments`, for the same reasons.
 */
export class WindowTrend implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** 1 once the window is full; the outputs below mean nothing before. */
  full = 0;
  /** What `sum` and `weighted` are differences to. */
  reference = 0;
  sum = 0;
  /** The oldest number weighs 0, the newest `period - 1`. */
  weighted = 0;
  private readonly last: number;
  private readonly ring: Float64Array;
  private head = 0;
  private passReference = 0;
  private passSum = 0;
  private passWeighted = 0;

  constructor(period: number) {
    this.key = `windowTrend:${period}`;
    this.warmup = period;
    this.last = period - 1;
    this.ring = new Float64Array(period);
  }

  update(value: number): void {
    const head = this.head;
    const old = (this.ring[head] as number) - this.reference;
    this.ring[head] = value;
    if (head === 0) {
      this.passReference = value;
      this.passSum = 0;
      this.passWeighted = 0;
    }
    const offset = value - this.passReference;
    this.passSum += offset;
    this.passWeighted += head * offset;
    if (head === this.last) {
      this.reference = this.passReference;
      this.sum = this.passSum;
      this.weighted = this.passWeighted;
      this.head = 0;
      this.full = 1;
    } else {
      const fresh = value - this.reference;
      // The oldest leaves at weight 0 and all others step down by one.
      this.weighted += this.last * fresh - (this.sum - old);
      this.sum += fresh - old;
      this.head = head + 1;
    }
  }
}
