import { Ema } from "./averages.ts";
import { checkFactor, checkPeriod, type Indicator } from "./indicator.ts";
import { Atr } from "./volatility.ts";
import { HighLowWindow } from "./window-extremes.ts";
import { WindowMoments } from "./window-sums.ts";

/** Bollinger bands: the simple mean, and `width` population deviations to either side. */
export class Bollinger implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** All NaN until defined, in the unit of price. */
  upper = Number.NaN;
  middle = Number.NaN;
  lower = Number.NaN;
  private readonly width: number;
  private readonly window: WindowMoments;

  constructor(period: number, width: number) {
    this.key = `bollinger:${period}:${width}`;
    checkPeriod(this.key, "period", period, 2);
    checkFactor(this.key, "width", width);
    this.warmup = period;
    this.width = width;
    this.window = new WindowMoments(period);
  }

  update(close: number): void {
    const window = this.window;
    window.update(close);
    const middle = window.mean;
    const reach = window.deviation * this.width;
    this.upper = middle + reach;
    this.middle = middle;
    this.lower = middle - reach;
  }
}

/**
 * Keltner channel: the exponential mean of closes, and `width` average true ranges (Wilder's) to
 * either side. All lines are defined together.
 */
export class Keltner implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** All NaN until defined, in the unit of price. */
  upper = Number.NaN;
  middle = Number.NaN;
  lower = Number.NaN;
  private readonly width: number;
  private readonly mean: Ema;
  private readonly range: Atr;

  constructor(period: number, rangePeriod: number, width: number) {
    this.key = `keltner:${period}:${rangePeriod}:${width}`;
    checkPeriod(this.key, "period", period);
    checkPeriod(this.key, "range period", rangePeriod);
    checkFactor(this.key, "width", width);
    this.warmup = Math.max(period, rangePeriod + 1);
    this.width = width;
    this.mean = new Ema(period);
    this.range = new Atr(rangePeriod);
  }

  update(high: number, low: number, close: number): void {
    this.mean.update(close);
    this.range.update(high, low, close);
    const reach = this.range.value * this.width;
    const middle = this.mean.value;
    this.upper = middle + reach;
    this.lower = middle - reach;
    this.middle = Number.isNaN(reach) ? reach : middle;
  }
}

/**
 * Donchian channel: highest high, lowest low and their middle over `period` bars, the present one
 * included; who trades breakouts compares with the values of the bar before.
 */
export class Donchian implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** All NaN until defined, in the unit of price. */
  upper = Number.NaN;
  middle = Number.NaN;
  lower = Number.NaN;
  private readonly range: HighLowWindow;

  constructor(period: number) {
    this.key = `donchian:${period}`;
    checkPeriod(this.key, "period", period);
    this.warmup = period;
    this.range = new HighLowWindow(period);
  }

  update(high: number, low: number): void {
    const range = this.range;
    range.update(high, low);
    this.upper = range.highest;
    this.lower = range.lowest;
    this.middle = (range.highest + range.lowest) / 2;
  }
}
