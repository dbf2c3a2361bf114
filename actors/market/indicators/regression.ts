import { checkFactor, checkPeriod, type Indicator } from "./indicator.ts";
import { trueRange } from "./volatility.ts";
import { HighLowWindow } from "./window-extremes.ts";
import { WindowMoments, WindowSum, WindowTrend } from "./window-sums.ts";

/** A window's least-squares slope, in the unit of its input per bar. */
function slopeOf(window: WindowTrend): number {
  const period = window.warmup;
  const centred = window.weighted - ((period - 1) / 2) * window.sum;
  return (12 * centred) / (period * (period * period - 1));
}

/** Slope of the least-squares line through the last `period` numbers, in their unit per bar. */
export class LinearSlope implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined. */
  value = Number.NaN;
  private readonly window: WindowTrend;

  constructor(period: number) {
    this.key = `linregSlope:${period}`;
    checkPeriod(this.key, "period", period, 2);
    this.warmup = period;
    this.window = new WindowTrend(period);
  }

  update(value: number): void {
    this.window.update(value);
    if (this.window.full === 1) this.value = slopeOf(this.window);
  }
}

/**
 * Squeeze: whether the Bollinger bands lie inside a Keltner channel of simple means (both around
 * the same mean, so only their widths count), and its momentum: the end of the least-squares line
 * through the close's distance to the mean of the range's middle and the simple mean.
 */
export class Squeeze implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** 1 in a squeeze, 0 out of it; NaN until defined, after period + 1 bars. */
  on = Number.NaN;
  /** In the unit of price; NaN until defined, after 2 x period - 1 bars. */
  momentum = Number.NaN;
  private readonly bandWidth: number;
  private readonly channelWidth: number;
  private readonly period: number;
  private previousClose = Number.NaN;
  private readonly range: HighLowWindow;
  private readonly closes: WindowMoments;
  private readonly trueRanges: WindowSum;
  private readonly distances: WindowTrend;

  constructor(period: number, bandWidth: number, channelWidth: number) {
    this.key = `squeeze:${period}:${bandWidth}:${channelWidth}`;
    checkPeriod(this.key, "period", period, 2);
    checkFactor(this.key, "Bollinger width", bandWidth);
    checkFactor(this.key, "Keltner width", channelWidth);
    this.warmup = Math.max(period + 1, 2 * period - 1);
    this.period = period;
    this.bandWidth = bandWidth;
    this.channelWidth = channelWidth;
    this.range = new HighLowWindow(period);
    this.closes = new WindowMoments(period);
    this.trueRanges = new WindowSum(period);
    this.distances = new WindowTrend(period);
  }

  update(high: number, low: number, close: number): void {
    const closeBefore = this.previousClose;
    this.previousClose = close;
    this.range.update(high, low);
    this.closes.update(close);
    if (Number.isNaN(closeBefore)) return;
    this.trueRanges.update(trueRange(high, low, closeBefore));
    const meanRange = this.trueRanges.value / this.period;
    if (!Number.isNaN(meanRange)) {
      const inside = this.bandWidth * this.closes.deviation < this.channelWidth * meanRange;
      this.on = inside ? 1 : 0;
    }
    const middle = (this.range.highest + this.range.lowest) / 2;
    if (!Number.isNaN(middle)) this.regress(close - (middle + this.closes.mean) / 2);
  }

  private regress(distance: number): void {
    const window = this.distances;
    window.update(distance);
    if (window.full === 0) return;
    const mean = window.reference + window.sum / this.period;
    this.momentum = mean + (slopeOf(window) * (this.period - 1)) / 2;
  }
}
