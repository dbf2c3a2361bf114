import type { Indicator } from "./indicator.ts";

/**
 * The highest high and lowest low of the last `period` bars, by van Herk's and Gil-Werman's
 * method: bars are taken in blocks of `period`; at a block's end its suffix extremes are worked
 * out in place, so that any window is one suffix of the last block and one prefix of this one.
 * Three comparisons a bar whatever the period, where a deque branches on the data.
 */
export class HighLowWindow implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until the window is full. */
  highest = Number.NaN;
  lowest = Number.NaN;
  private readonly last: number;
  /** Ahead of `head` the last block's suffix extremes, up to it this block's raw values. */
  private readonly highs: Float64Array;
  private readonly lows: Float64Array;
  private head = 0;
  private full = 0;
  private blockHigh = Number.NEGATIVE_INFINITY;
  private blockLow = Number.POSITIVE_INFINITY;

  constructor(period: number) {
    this.key = `highLow:${period}`;
    this.warmup = period;
    this.last = period - 1;
    this.highs = new Float64Array(period);
    this.lows = new Float64Array(period);
  }

  update(high: number, low: number): void {
    const head = this.head;
    // Plain comparisons of locals: Math.max costs a quarter more here, for its care of NaN and -0.
    let highest = this.blockHigh;
    let lowest = this.blockLow;
    if (high > highest) highest = high;
    if (low < lowest) lowest = low;
    this.highs[head] = high;
    this.lows[head] = low;
    if (head === this.last) {
      this.endBlock();
      return;
    }
    this.head = head + 1;
    this.blockHigh = highest;
    this.blockLow = lowest;
    if (this.full === 0) return;
    const tailHigh = this.highs[head + 1] as number;
    const tailLow = this.lows[head + 1] as number;
    if (tailHigh > highest) highest = tailHigh;
    if (tailLow < lowest) lowest = tailLow;
    this.highest = highest;
    this.lowest = lowest;
  }

  private endBlock(): void {
    const highs = this.highs;
    const lows = this.lows;
    let high = Number.NEGATIVE_INFINITY;
    let low = Number.POSITIVE_INFINITY;
    for (let index = this.last; index >= 0; index--) {
      const barHigh = highs[index] as number;
      const barLow = lows[index] as number;
      if (barHigh > high) high = barHigh;
      if (barLow < low) low = barLow;
      highs[index] = high;
      lows[index] = low;
    }
    this.highest = high;
    this.lowest = low;
    this.blockHigh = Number.NEGATIVE_INFINITY;
    this.blockLow = Number.POSITIVE_INFINITY;
    this.head = 0;
    this.full = 1;
  }
}

/**
 * How many bars ago the highest value of the last `period` bars was; of equals the latest counts,
 * as in TA-Lib. Feed negated values for the lowest. The same blocks as `HighLowWindow`, with the
 * place of each extreme kept beside it.
 */
export class HighestAge implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** Bars since the extreme, 0 for the present bar; NaN until the window is full. */
  value = Number.NaN;
  private readonly period: number;
  private readonly values: Float64Array;
  private readonly places: Int32Array;
  private head = 0;
  private full = 0;
  private blockHigh = Number.NEGATIVE_INFINITY;
  private blockPlace = 0;

  constructor(period: number) {
    this.key = `highestAge:${period}`;
    this.warmup = period;
    this.period = period;
    this.values = new Float64Array(period);
    this.places = new Int32Array(period);
  }

  update(value: number): void {
    const head = this.head;
    if (value >= this.blockHigh) {
      this.blockHigh = value;
      this.blockPlace = head;
    }
    this.values[head] = value;
    if (head === this.period - 1) {
      this.value = head - this.blockPlace;
      this.endBlock();
    } else {
      this.head = head + 1;
      if (this.full === 1) {
        const inThisBlock = this.blockHigh >= (this.values[head + 1] as number);
        this.value = inThisBlock
          ? head - this.blockPlace
          : head + this.period - (this.places[head + 1] as number);
      }
    }
  }

  private endBlock(): void {
    let high = Number.NEGATIVE_INFINITY;
    let place = 0;
    for (let index = this.period - 1; index >= 0; index--) {
      const value = this.values[index] as number;
      // Strictly, for going backwards the first of equals met is the latest.
      if (value > high) {
        high = value;
        place = index;
      }
      this.values[index] = high;
      this.places[index] = place;
    }
    this.blockHigh = Number.NEGATIVE_INFINITY;
    this.head = 0;
    this.full = 1;
  }
}
