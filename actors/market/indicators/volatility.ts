import { WilderMean } from "./averages.ts";
import { checkPeriod, type Indicator } from "./indicator.ts";
import { WindowMoments, WindowSum } from "./window-sums.ts";

/** A bar's true range: its own range, widened to the close before it. */
export function trueRange(high: number, low: number, closeBefore: number): number {
  return Math.max(high, closeBefore) - Math.min(low, closeBefore);
}

/** Wilder's average true range, in the unit of price. The first bar has no true range. */
export class Atr implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined. */
  value = Number.NaN;
  private previousClose = Number.NaN;
  private readonly mean: WilderMean;

  constructor(period: number) {
    this.key = `atr:${period}`;
    checkPeriod(this.key, "period", period);
    this.warmup = period + 1;
    this.mean = new WilderMean(period);
  }

  update(high: number, low: number, close: number): void {
    const closeBefore = this.previousClose;
    this.previousClose = close;
    if (Number.isNaN(closeBefore)) return;
    this.mean.update(trueRange(high, low, closeBefore));
    this.value = this.mean.value;
  }
}

/** Population standard deviation (divided by n) of the last `period` numbers, in their unit. */
export class StandardDeviation implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined. */
  value = Number.NaN;
  private readonly window: WindowMoments;

  constructor(period: number) {
    this.key = `stddev:${period}`;
    checkPeriod(this.key, "period", period, 2);
    this.warmup = period;
    this.window = new WindowMoments(period);
  }

  update(value: number): void {
    this.window.update(value);
    this.value = this.window.deviation;
  }
}

const closeWeight = 2 * Math.LN2 - 1;

/**
 * Garman and Klass's volatility: the root of the mean over `period` bars of
 * ln(high/low)^2 / 2 - (2 ln 2 - 1) ln(close/open)^2. A fraction per bar, not annualised.
 */
export class GarmanKlass implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined. */
  value = Number.NaN;
  private readonly window: WindowSum;

  constructor(period: number) {
    this.key = `garmanKlass:${period}`;
    checkPeriod(this.key, "period", period);
    this.warmup = period;
    this.window = new WindowSum(period);
  }

  update(open: number, high: number, low: number, close: number): void {
    const range = Math.log(high / low);
    const body = Math.log(close / open);
    // Not negative, for the body never exceeds the range.
    this.window.update(0.5 * range * range - closeWeight * body * body);
    this.value = Math.sqrt(this.window.value / this.warmup);
  }
}
