import { checkFactor, checkPeriod, checkShorter, type Indicator } from "./indicator.ts";
import { Atr } from "./volatility.ts";
import { HighLowWindow } from "./window-extremes.ts";

/**
 * Wilder's parabolic stop and reverse. As in TA-Lib it starts on the second bar in the direction
 * of the larger move between the first two (up on a tie), from the first bar's extreme.
 */
export class ParabolicSar implements Indicator {
  readonly key: string;
  readonly warmup = 2;
  /** NaN until defined, in the unit of price. */
  value = Number.NaN;
  /** 1 rising, -1 falling; 0 until defined. */
  private direction = 0;
  private readonly step: number;
  private readonly most: number;
  private acceleration: number;
  private next = Number.NaN;
  private extreme = Number.NaN;
  private previousHigh = Number.NaN;
  private previousLow = Number.NaN;

  constructor(step: number, most: number) {
    this.key = `sar:${step}:${most}`;
    checkFactor(this.key, "step", step);
    checkFactor(this.key, "maximum", most);
    this.step = Math.min(step, most);
    this.most = most;
    this.acceleration = this.step;
  }

  update(high: number, low: number): void {
    if (this.direction === 0) this.start(high, low);
    if (this.direction === 1) this.rise(high, low);
    else if (this.direction === -1) this.fall(high, low);
    this.previousHigh = high;
    this.previousLow = low;
  }

  private start(high: number, low: number): void {
    const firstHigh = this.previousHigh;
    const firstLow = this.previousLow;
    if (Number.isNaN(firstHigh)) return;
    const down = firstLow - low;
    const falling = down > 0 && high - firstHigh < down;
    this.direction = falling ? -1 : 1;
    this.extreme = falling ? low : high;
    this.next = falling ? firstHigh : firstLow;
    // The second bar is its own predecessor where the first stops are limited.
    this.previousHigh = high;
    this.previousLow = low;
  }

  private rise(high: number, low: number): void {
    if (low <= this.next) {
      this.direction = -1;
      this.value = this.noLowerThan(this.extreme, high);
      this.acceleration = this.step;
      this.extreme = low;
      this.next = this.noLowerThan(this.advance(this.value), high);
      return;
    }
    this.value = this.next;
    if (high > this.extreme) this.stretch(high);
    this.next = this.noHigherThan(this.advance(this.next), low);
  }

  private fall(high: number, low: number): void {
    if (high >= this.next) {
      this.direction = 1;
      this.value = this.noHigherThan(this.extreme, low);
      this.acceleration = this.step;
      this.extreme = high;
      this.next = this.noHigherThan(this.advance(this.value), low);
      return;
    }
    this.value = this.next;
    if (low < this.extreme) this.stretch(low);
    this.next = this.noLowerThan(this.advance(this.next), high);
  }

  private stretch(extreme: number): void {
    this.extreme = extreme;
    this.acceleration = Math.min(this.acceleration + this.step, this.most);
  }

  private advance(stop: number): number {
    return stop + this.acceleration * (this.extreme - stop);
  }

  private noLowerThan(stop: number, high: number): number {
    return Math.max(stop, this.previousHigh, high);
  }

  private noHigherThan(stop: number, low: number): number {
    return Math.min(stop, this.previousLow, low);
  }
}

/**
 * Supertrend: the middle of the bar, `width` average true ranges (Wilder's) to the side away from
 * price, moved only with the trend until a close crosses it. It starts falling, as TradingView's.
 */
export class Supertrend implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** NaN until defined, in the unit of price. */
  value = Number.NaN;
  /** 1 rising, -1 falling, NaN until defined. */
  direction = Number.NaN;
  private readonly width: number;
  private readonly range: Atr;
  private upper = Number.NaN;
  private lower = Number.NaN;
  private previousClose = Number.NaN;

  constructor(period: number, width: number) {
    this.key = `supertrend:${period}:${width}`;
    checkPeriod(this.key, "period", period);
    checkFactor(this.key, "width", width);
    this.warmup = period + 1;
    this.width = width;
    this.range = new Atr(period);
  }

  update(high: number, low: number, close: number): void {
    this.range.update(high, low, close);
    const reach = this.range.value * this.width;
    if (!Number.isNaN(reach)) this.follow((high + low) / 2, reach, close);
    this.previousClose = close;
  }

  private follow(middle: number, reach: number, close: number): void {
    const upper = middle + reach;
    const lower = middle - reach;
    const first = Number.isNaN(this.direction);
    if (first || upper < this.upper || this.previousClose > this.upper) this.upper = upper;
    if (first || lower > this.lower || this.previousClose < this.lower) this.lower = lower;
    if (first) this.direction = -1;
    else if (this.direction === -1 && close > this.upper) this.direction = 1;
    else if (this.direction === 1 && close < this.lower) this.direction = -1;
    this.value = this.direction === 1 ? this.lower : this.upper;
  }
}

/**
 * Ichimoku: middles of the ranges of `conversion` and `base` bars, and the two spans. `spanA` and
 * `spanB` are this bar's, drawn `base` bars ahead; `cloudA` and `cloudB` are those drawn at this
 * bar, worked out `base` bars ago. The lagging line is the close itself, drawn back.
 */
export class Ichimoku implements Indicator {
  readonly key: string;
  readonly warmup: number;
  /** All NaN until defined, each line as soon as it can be, in the unit of price. */
  conversion = Number.NaN;
  base = Number.NaN;
  spanA = Number.NaN;
  spanB = Number.NaN;
  cloudA = Number.NaN;
  cloudB = Number.NaN;
  private readonly conversionRange: HighLowWindow;
  private readonly baseRange: HighLowWindow;
  private readonly spanRange: HighLowWindow;
  /** The spans of the last `base` bars, A and B by turns. */
  private readonly drawn: Float64Array;
  private readonly last: number;
  private head = 0;

  constructor(conversion: number, base: number, span: number) {
    this.key = `ichimoku:${conversion}:${base}:${span}`;
    checkPeriod(this.key, "conversion period", conversion);
    checkPeriod(this.key, "base period", base);
    checkPeriod(this.key, "span period", span);
    checkShorter(this.key, "conversion period", conversion, base);
    checkShorter(this.key, "base period", base, span);
    this.warmup = span + base;
    this.conversionRange = new HighLowWindow(conversion);
    this.baseRange = new HighLowWindow(base);
    this.spanRange = new HighLowWindow(span);
    this.drawn = new Float64Array(2 * base).fill(Number.NaN);
    this.last = 2 * base - 2;
  }

  update(high: number, low: number): void {
    this.conversionRange.update(high, low);
    this.baseRange.update(high, low);
    this.spanRange.update(high, low);
    const conversion = (this.conversionRange.highest + this.conversionRange.lowest) / 2;
    const base = (this.baseRange.highest + this.baseRange.lowest) / 2;
    const spanA = (conversion + base) / 2;
    const spanB = (this.spanRange.highest + this.spanRange.lowest) / 2;
    this.conversion = conversion;
    this.base = base;
    this.spanA = spanA;
    this.spanB = spanB;
    const head = this.head;
    const drawn = this.drawn;
    this.cloudA = drawn[head] as number;
    this.cloudB = drawn[head + 1] as number;
    drawn[head] = spanA;
    drawn[head + 1] = spanB;
    this.head = head === this.last ? 0 : head + 2;
  }
}
