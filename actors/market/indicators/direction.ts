import { WilderMean } from "./averages.ts";
import { checkPeriod, type Indicator, negligible } from "./indicator.ts";
import { trueRange } from "./volatility.ts";
import { HighestAge } from "./window-extremes.ts";

/**
 * Wilder's directional movement: +DI and -DI (0 to 100), and ADX, the smoothed mean of DX. The
 * sums start with period - 1 moves and DX counts from the next one, as in TA-Lib; a bar without
 * any direction leaves ADX as it is. Ticks matter: a tie of the two moves is a tie.
 */
export class Adx implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined, after 2 x period bars. */
  adx = Number.NaN;
  /** NaN until defined, after period + 1 bars, as is `minusDi`. */
  plusDi = Number.NaN;
  minusDi = Number.NaN;
  private readonly decay: number;
  private readonly mean: WilderMean;
  private previousHigh = Number.NaN;
  private previousLow = Number.NaN;
  private previousClose = Number.NaN;
  /** Moves still to be summed as they are, before smoothing starts. */
  private seedsLeft: number;
  private range = 0;
  private plus = 0;
  private minus = 0;

  constructor(period: number) {
    this.key = `adx:${period}`;
    checkPeriod(this.key, "period", period, 2);
    this.warmup = 2 * period;
    this.decay = 1 - 1 / period;
    this.mean = new WilderMean(period);
    this.seedsLeft = period - 1;
  }

  update(high: number, low: number, close: number): void {
    const up = high - this.previousHigh;
    const down = this.previousLow - low;
    const range = trueRange(high, low, this.previousClose);
    this.previousHigh = high;
    this.previousLow = low;
    this.previousClose = close;
    const plus = up > down && up > 0 ? up : 0;
    const minus = down > up && down > 0 ? down : 0;
    if (this.seedsLeft === 0) {
      this.range = this.range * this.decay + range;
      this.plus = this.plus * this.decay + plus;
      this.minus = this.minus * this.decay + minus;
      this.measure();
    } else if (!Number.isNaN(up)) {
      this.range += range;
      this.plus += plus;
      this.minus += minus;
      this.seedsLeft -= 1;
    }
  }

  private measure(): void {
    const unit = this.range < negligible ? 0 : 100 / this.range;
    const plusDi = this.plus * unit;
    const minusDi = this.minus * unit;
    const moved = plusDi + minusDi;
    this.plusDi = plusDi;
    this.minusDi = minusDi;
    if (moved < negligible) {
      this.standStill();
    } else {
      this.mean.update((100 * Math.abs(plusDi - minusDi)) / moved);
      this.adx = this.mean.value;
    }
  }

  /** Without any movement DX is 0 while ADX is still being seeded, and ADX stays after that. */
  private standStill(): void {
    if (Number.isNaN(this.adx)) {
      this.mean.update(0);
      this.adx = this.mean.value;
    }
  }
}

/**
 * Aroon: how fresh the highest high (up) and the lowest low (down) of `period` + 1 bars are, from
 * 100 for the present bar to 0 for the oldest; of equal extremes the latest counts.
 */
export class Aroon implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined, as is `up`. */
  down = Number.NaN;
  up = Number.NaN;
  private readonly period: number;
  private readonly highest: HighestAge;
  private readonly lowest: HighestAge;

  constructor(period: number) {
    this.key = `aroon:${period}`;
    checkPeriod(this.key, "period", period, 2);
    this.warmup = period + 1;
    this.period = period;
    this.highest = new HighestAge(period + 1);
    this.lowest = new HighestAge(period + 1);
  }

  update(high: number, low: number): void {
    const period = this.period;
    this.highest.update(high);
    this.lowest.update(-low);
    this.up = (100 * (period - this.highest.value)) / period;
    this.down = (100 * (period - this.lowest.value)) / period;
  }
}
