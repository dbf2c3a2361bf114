import { checkPeriod, type Indicator } from "./indicator.ts";
import { WindowSum, WindowTrend } from "./window-sums.ts";

/** Simple mean of the last `period` numbers; of whole ticks the sum is exact: ties are ties. */
export class Sma implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined, in the unit of its input. */
  value = Number.NaN;
  private readonly window: WindowSum;

  constructor(period: number) {
    this.key = `sma:${period}`;
    checkPeriod(this.key, "period", period);
    this.warmup = period;
    this.window = new WindowSum(period);
  }

  update(value: number): void {
    this.window.update(value);
    this.value = this.window.value / this.warmup;
  }
}

/** Exponential mean, weight 2 / (period + 1), seeded with the simple mean of its first period. */
export class Ema implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined, in the unit of its input. */
  value = Number.NaN;
  private readonly weight: number;
  private seedsLeft: number;
  private seedSum = 0;

  constructor(period: number) {
    this.key = `ema:${period}`;
    checkPeriod(this.key, "period", period);
    this.warmup = period;
    this.weight = 2 / (period + 1);
    this.seedsLeft = period;
  }

  update(value: number): void {
    // In this form a flat price leaves a mean that has reached it where it is, to the bit.
    if (this.seedsLeft === 0) this.value += (value - this.value) * this.weight;
    else this.seed(value);
  }

  private seed(value: number): void {
    this.seedSum += value;
    this.seedsLeft -= 1;
    if (this.seedsLeft === 0) this.value = this.seedSum / this.warmup;
  }
}

/** Wilder's smoothing: an exponential mean of weight 1 / period, seeded like `Ema`. */
export class WilderMean implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined, in the unit of its input. */
  value = Number.NaN;
  private readonly weight: number;
  private readonly decay: number;
  private seedsLeft: number;
  private seedSum = 0;

  constructor(period: number) {
    this.key = `wilder:${period}`;
    checkPeriod(this.key, "period", period);
    this.warmup = period;
    this.weight = 1 / period;
    this.decay = 1 - this.weight;
    this.seedsLeft = period;
  }

  update(value: number): void {
    if (this.seedsLeft === 0) this.value = this.value * this.decay + value * this.weight;
    else this.seed(value);
  }

  private seed(value: number): void {
    this.seedSum += value;
    this.seedsLeft -= 1;
    if (this.seedsLeft === 0) this.value = this.seedSum / this.warmup;
  }
}

/** Linearly weighted mean: the newest of `period` numbers weighs `period`, the oldest 1. */
export class Wma implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined, in the unit of its input. */
  value = Number.NaN;
  private readonly weights: number;
  private readonly window: WindowTrend;

  constructor(period: number) {
    this.key = `wma:${period}`;
    checkPeriod(this.key, "period", period);
    this.warmup = period;
    this.weights = (period * (period + 1)) / 2;
    this.window = new WindowTrend(period);
  }

  update(value: number): void {
    const window = this.window;
    window.update(value);
    if (window.full === 1) {
      this.value = window.reference + (window.weighted + window.sum) / this.weights;
    }
  }
}
