import { Ema, WilderMean } from "./averages.ts";
import { checkPeriod, checkShorter, type Indicator, negligible } from "./indicator.ts";

/** Wilder's relative strength index, 0 to 100; 0 where no price moves, as in TA-Lib. */
export class Rsi implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined. */
  value = Number.NaN;
  private previous = Number.NaN;
  private readonly gains: WilderMean;
  private readonly losses: WilderMean;

  constructor(period: number) {
    this.key = `rsi:${period}`;
    checkPeriod(this.key, "period", period, 2);
    this.warmup = period + 1;
    this.gains = new WilderMean(period);
    this.losses = new WilderMean(period);
  }

  update(close: number): void {
    const change = close - this.previous;
    this.previous = close;
    if (Number.isNaN(change)) return;
    this.gains.update(Math.max(change, 0));
    this.losses.update(Math.max(-change, 0));
    const gain = this.gains.value;
    const moved = gain + this.losses.value;
    this.value = moved < negligible ? 0 : 100 * (gain / moved);
  }
}

/**
 * Moving average convergence/divergence. Both means start at the bar where the slow one does, and
 * all three outputs are defined together, as in TA-Lib.
 */
export class Macd implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** All NaN until defined, in the unit of price. */
  macd = Number.NaN;
  signal = Number.NaN;
  histogram = Number.NaN;
  private readonly fast: Ema;
  private readonly slow: Ema;
  private readonly smoothed: Ema;
  private waits: number;

  constructor(fast: number, slow: number, signal: number) {
    this.key = `macd:${fast}:${slow}:${signal}`;
    checkPeriod(this.key, "fast period", fast);
    checkPeriod(this.key, "slow period", slow);
    checkPeriod(this.key, "signal period", signal);
    checkShorter(this.key, "fast period", fast, slow);
    this.warmup = slow + signal - 1;
    this.fast = new Ema(fast);
    this.slow = new Ema(slow);
    this.smoothed = new Ema(signal);
    this.waits = slow - fast;
  }

  update(close: number): void {
    this.slow.update(close);
    if (this.waits > 0) {
      this.waits -= 1;
      return;
    }
    this.fast.update(close);
    const macd = this.fast.value - this.slow.value;
    if (Number.isNaN(macd)) return;
    this.smoothed.update(macd);
    const signal = this.smoothed.value;
    if (Number.isNaN(signal)) return;
    this.macd = macd;
    this.signal = signal;
    this.histogram = macd - signal;
  }
}

/** Rate of change over `period` bars, in percent; 0 where the earlier price is 0. */
export class Roc implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined. */
  value = Number.NaN;
  private readonly ring: Float64Array;
  private head = 0;
  private full = 0;

  constructor(period: number) {
    this.key = `roc:${period}`;
    checkPeriod(this.key, "period", period);
    this.warmup = period + 1;
    this.ring = new Float64Array(period);
  }

  update(close: number): void {
    const earlier = this.ring[this.head] as number;
    this.ring[this.head] = close;
    if (this.full === 1) this.value = earlier === 0 ? 0 : (close / earlier - 1) * 100;
    this.head += 1;
    if (this.head === this.ring.length) {
      this.head = 0;
      this.full = 1;
    }
  }
}
