import type { Indicator } from "./indicator.ts";

/**
 * The sum of the last `period` numbers, by additions only: blocks of `period`, whose suffix sums
 * are worked out in place when a block ends, so that any window is one suffix of the last block
 * and one prefix of this one. What has left the window leaves no trace: there is no drift and no
 * cancellation, and a sum of numbers that are not negative is 0 only if all of them are.
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
 * Mean and population deviation of the last `period` numbers, in the same blocks. What is summed,
 * plainly and squared, are differences to the last number of the block before: one that lies in
 * the window, so that the deviation is not lost in the distance of the reference, wherever price
 * has jumped to. A flat window has a deviation of exactly 0; whole ticks have exact sums.
 */
export class WindowMoments implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until the window is full, as is `deviation`. */
  mean = Number.NaN;
  deviation = Number.NaN;
  private readonly period: number;
  /** Up to `head` this block's raw numbers, ahead of it the last block's suffix sums. */
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;
  private head = 0;
  private full = 0;
  private reference = 0;
  private blockSum = 0;
  private blockSquares = 0;

  constructor(period: number) {
    this.key = `windowMoments:${period}`;
    this.warmup = period;
    this.period = period;
    this.sums = new Float64Array(period);
    this.squares = new Float64Array(period);
  }

  update(value: number): void {
    const head = this.head;
    this.sums[head] = value;
    if (head === this.period - 1) {
      this.endBlock(value);
      return;
    }
    const offset = value - this.reference;
    const sum = this.blockSum + offset;
    const squares = this.blockSquares + offset * offset;
    this.blockSum = sum;
    this.blockSquares = squares;
    this.head = head + 1;
    if (this.full === 0) return;
    this.measure(
      sum + (this.sums[head + 1] as number),
      squares + (this.squares[head + 1] as number),
    );
  }

  private measure(sum: number, squares: number): void {
    const period = this.period;
    const spread = period * squares - sum * sum;
    this.mean = this.reference + sum / period;
    this.deviation = spread > 0 ? Math.sqrt(spread) / period : 0;
  }

  private endBlock(reference: number): void {
    let sum = 0;
    let squares = 0;
    for (let index = this.period - 1; index >= 0; index--) {
      const offset = (this.sums[index] as number) - reference;
      sum += offset;
      squares += offset * offset;
      this.sums[index] = sum;
      this.squares[index] = squares;
    }
    this.reference = reference;
    this.measure(sum, squares);
    this.blockSum = 0;
    this.blockSquares = 0;
    this.head = 0;
    this.full = 1;
  }
}

/**
 * Level and slope of the last `period` numbers: their sum and linearly weighted sum, the base of
 * the weighted mean and of regression on time. Blocks and reference as in `WindowMoments`.
 */
export class WindowTrend implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** 1 once the window is full; the outputs below mean nothing before. */
  full = 0;
  /** What `sum` and `weighted` are sums of differences to. */
  reference = 0;
  sum = 0;
  /** The oldest number weighs 0, the newest `period - 1`. */
  weighted = 0;
  private readonly last: number;
  private readonly sums: Float64Array;
  private readonly weights: Float64Array;
  private head = 0;
  private blockSum = 0;
  /** This block's numbers, weighed by their places in it. */
  private blockWeighted = 0;

  constructor(period: number) {
    this.key = `windowTrend:${period}`;
    this.warmup = period;
    this.last = period - 1;
    this.sums = new Float64Array(period);
    this.weights = new Float64Array(period);
  }

  update(value: number): void {
    const head = this.head;
    this.sums[head] = value;
    if (head === this.last) {
      this.endBlock(value);
      return;
    }
    const offset = value - this.reference;
    const blockSum = this.blockSum + offset;
    const blockWeighted = this.blockWeighted + head * offset;
    this.blockSum = blockSum;
    this.blockWeighted = blockWeighted;
    this.head = head + 1;
    this.sum = blockSum + (this.sums[head + 1] as number);
    // This block's numbers stand behind those left of the last one.
    const ahead = blockWeighted + (this.last - head) * blockSum;
    this.weighted = ahead + (this.weights[head + 1] as number);
  }

  private endBlock(reference: number): void {
    let sum = 0;
    let weighted = 0;
    for (let index = this.last; index >= 0; index--) {
      // One number more in front moves all behind it up by one.
      weighted += sum;
      sum += (this.sums[index] as number) - reference;
      this.sums[index] = sum;
      this.weights[index] = weighted;
    }
    this.reference = reference;
    this.sum = sum;
    this.weighted = weighted;
    this.blockSum = 0;
    this.blockWeighted = 0;
    this.head = 0;
    this.full = 1;
  }
}
