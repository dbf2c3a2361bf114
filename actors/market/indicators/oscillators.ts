import { checkPeriod, type Indicator } from "./indicator.ts";
import { HighLowWindow } from "./window-extremes.ts";
import { WindowSum } from "./window-sums.ts";

/**
 * Slow stochastic: where the close lies in the range of `period` bars, 0 to 100, averaged over
 * `slowing` bars (%K), and that over `signal` bars (%D); simple means. A window without range
 * counts as 0. Both outputs are defined together, as in TA-Lib.
 */
export class Stochastic implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined, as is `d`. */
  k = Number.NaN;
  d = Number.NaN;
  private readonly slowing: number;
  private readonly signal: number;
  private readonly range: HighLowWindow;
  private readonly raw: WindowSum;
  private readonly slowed: WindowSum;

  constructor(period: number, slowing: number, signal: number) {
    this.key = `stochastic:${period}:${slowing}:${signal}`;
    checkPeriod(this.key, "period", period);
    checkPeriod(this.key, "slowing", slowing);
    checkPeriod(this.key, "signal period", signal);
    this.warmup = period + slowing + signal - 2;
    this.slowing = slowing;
    this.signal = signal;
    this.range = new HighLowWindow(period);
    this.raw = new WindowSum(slowing);
    this.slowed = new WindowSum(signal);
  }

  update(high: number, low: number, close: number): void {
    const range = this.range;
    range.update(high, low);
    const lowest = range.lowest;
    if (Number.isNaN(lowest)) return;
    const width = range.highest - lowest;
    this.raw.update(width === 0 ? 0 : (100 * (close - lowest)) / width);
    const k = this.raw.value / this.slowing;
    if (Number.isNaN(k)) return;
    this.slowed.update(k);
    const d = this.slowed.value / this.signal;
    if (Number.isNaN(d)) return;
    this.k = k;
    this.d = d;
  }
}

/** Williams' %R: how far the close is below the range's top, -100 to 0; 0 without a range. */
export class WilliamsR implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined. */
  value = Number.NaN;
  private readonly range: HighLowWindow;

  constructor(period: number) {
    this.key = `williamsR:${period}`;
    checkPeriod(this.key, "period", period);
    this.warmup = period;
    this.range = new HighLowWindow(period);
  }

  update(high: number, low: number, close: number): void {
    const range = this.range;
    range.update(high, low);
    const highest = range.highest;
    const width = highest - range.lowest;
    this.value = width === 0 ? 0 : (-100 * (highest - close)) / width;
  }
}

/**
 * Commodity channel index: the typical price's distance from its mean in units of 0.015 mean
 * deviations. The mean deviation has to be summed over the window at each bar, as the mean that it
 * refers to moves: the one indicator here whose cost grows with the period.
 */
export class Cci implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined; 0 for a flat window, as in TA-Lib. */
  value = Number.NaN;
  private readonly ring: Float64Array;
  private head = 0;
  private readonly window: WindowSum;

  constructor(period: number) {
    this.key = `cci:${period}`;
    checkPeriod(this.key, "period", period, 2);
    this.warmup = period;
    this.ring = new Float64Array(period);
    this.window = new WindowSum(period);
  }

  update(high: number, low: number, close: number): void {
    // Thrice the typical price: the index has no unit, and whole ticks stay whole.
    const price = high + low + close;
    this.ring[this.head] = price;
    this.head = this.head + 1 === this.warmup ? 0 : this.head + 1;
    this.window.update(price);
    const sum = this.window.value;
    if (!Number.isNaN(sum)) this.value = this.measure(price, sum / this.warmup);
  }

  private measure(price: number, mean: number): number {
    const ring = this.ring;
    const period = ring.length;
    let deviations = 0;
    for (let index = 0; index < period; index++) {
      deviations += Math.abs((ring[index] as number) - mean);
    }
    const distance = price - mean;
    return distance === 0 || deviations === 0 ? 0 : distance / ((0.015 * deviations) / period);
  }
}
