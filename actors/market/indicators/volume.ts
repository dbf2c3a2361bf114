import { checkPeriod, type Indicator } from "./indicator.ts";
import { WindowSum } from "./window-sums.ts";

/**
 * Money flow index, 0 to 100: the share of money (typical price times volume) that flowed on bars
 * whose typical price rose, among those where it moved; 0 where none did, as in TA-Lib.
 */
export class Mfi implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined. */
  value = Number.NaN;
  private previous = Number.NaN;
  private readonly rising: WindowSum;
  private readonly falling: WindowSum;

  constructor(period: number) {
    this.key = `mfi:${period}`;
    checkPeriod(this.key, "period", period, 2);
    this.warmup = period + 1;
    this.rising = new WindowSum(period);
    this.falling = new WindowSum(period);
  }

  update(high: number, low: number, close: number, volume: number): void {
    // Thrice the typical price, which in whole ticks is whole: ties are ties.
    const price = high + low + close;
    const change = price - this.previous;
    this.previous = price;
    if (Number.isNaN(change)) return;
    this.rising.update(change > 0 ? price * volume : 0);
    this.falling.update(change < 0 ? price * volume : 0);
    const moved = this.rising.value + this.falling.value;
    this.value = moved === 0 ? 0 : 100 * (this.rising.value / moved);
  }
}

/** On-balance volume, in the unit of volume: added on a rise, taken off on a fall, from bar one. */
export class Obv implements Indicator {
  readonly key = "obv";
  readonly warmup = 1;
  /** NaN until defined. */
  value = Number.NaN;
  private previous = Number.NaN;

  update(close: number, volume: number): void {
    if (Number.isNaN(this.previous)) this.value = volume;
    else if (close > this.previous) this.value += volume;
    else if (close < this.previous) this.value -= volume;
    this.previous = close;
  }
}

/**
 * Volume-weighted mean of the typical price over the last `period` bars, in the unit of price.
 * Where nothing was traded in all of them it is the present typical price.
 */
export class RollingVwap implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined. */
  value = Number.NaN;
  private readonly turnover: WindowSum;
  private readonly volume: WindowSum;

  constructor(period: number) {
    this.key = `vwap:${period}`;
    checkPeriod(this.key, "period", period);
    this.warmup = period;
    this.turnover = new WindowSum(period);
    this.volume = new WindowSum(period);
  }

  update(high: number, low: number, close: number, volume: number): void {
    const price = high + low + close;
    this.turnover.update(price * volume);
    this.volume.update(volume);
    const traded = this.volume.value;
    this.value = (traded === 0 ? price : this.turnover.value / traded) / 3;
  }
}

const dayMs = 86_400_000;

/**
 * Volume-weighted mean of the typical price since midnight UTC, in the unit of price; the present
 * typical price until something was traded.
 */
export class SessionVwap implements Indicator {
  readonly key = "vwap";
  readonly warmup = 1;
  /** NaN until defined. */
  value = Number.NaN;
  private day = Number.NaN;
  private turnover = 0;
  private volume = 0;

  /** `openedAt`: the candle's open, Unix milliseconds. */
  update(openedAt: number, high: number, low: number, close: number, volume: number): void {
    const day = Math.floor(openedAt / dayMs);
    if (day !== this.day) {
      this.day = day;
      this.turnover = 0;
      this.volume = 0;
    }
    const price = high + low + close;
    this.turnover += price * volume;
    this.volume += volume;
    this.value = (this.volume === 0 ? price : this.turnover / this.volume) / 3;
  }
}
