import { HighLowWindow, Stochastic } from "../../market/mod.ts";
import { Opinion } from "../strategy.ts";
import { FreshSignal } from "./fresh-signal.ts";
import {
  barsMax,
  checkParameters,
  keyOf,
  type ParametersOf,
  real,
  standardOf,
  whole,
} from "./parameters.ts";

export const stochasticDivergenceRules = {
  period: whole(14, 2, barsMax, "Bars of the range that the stochastic measures in."),
  slowing: whole(3, 1, 200, "Bars over which %K is averaged."),
  signal: whole(3, 1, 200, "Bars over which %D is averaged."),
  zone: real(30, 1, 50, "%K at or below which a trough counts; 100 less it for peaks."),
  minChange: real(3, 0.1, 50, "Points by which %K must not follow price."),
  maxBars: whole(60, 2, barsMax, "Most bars between the two troughs or peaks."),
  freshBars: whole(5, 0, 100, "Bars for which a divergence counts."),
};

/** Change of %K, in points, that makes a divergence of full strength. */
const fullChange = 20;

/**
 * Stochastic divergence: two troughs of %K in the low zone, the second higher than the first while
 * price made a lower low, say hold; two peaks in the high zone, the second lower while price made a
 * higher high, say leave. It counts for a few bars, until price closes beyond that low or high.
 */
export class StochasticDivergenceStrategy extends Opinion {
  readonly weight = 0.12;
  readonly key: string;
  readonly warmup: number;
  private readonly stochastic: Stochastic;
  private readonly range: HighLowWindow;
  private readonly troughs: Troughs;
  /** Of the market upside down, where a peak is a trough. */
  private readonly peaks: Troughs;
  private readonly signal: FreshSignal;
  /** Bars since a window without range, where %K is 0 by convention. */
  private sinceFlat = 0;
  private readonly contaminated: number;
  private readonly minChange: number;

  constructor(
    parameters: ParametersOf<typeof stochasticDivergenceRules> = standardOf(
      stochasticDivergenceRules,
    ),
  ) {
    super();
    checkParameters("stochasticDivergence", stochasticDivergenceRules, parameters);
    const { period, slowing, signal, zone, minChange, maxBars, freshBars } = parameters;
    this.key = keyOf("stochasticDivergence", stochasticDivergenceRules, parameters);
    this.stochastic = new Stochastic(period, slowing, signal);
    this.range = new HighLowWindow(period);
    this.troughs = new Troughs(zone, maxBars);
    this.peaks = new Troughs(zone, maxBars);
    this.signal = new FreshSignal(freshBars);
    this.contaminated = slowing;
    this.minChange = minChange;
    // Down, up, down and up again is the least that makes two troughs.
    this.warmup = this.stochastic.warmup + 4;
  }

  get name(): string {
    return "stochasticDivergence";
  }

  update(_open: number, high: number, low: number, close: number): void {
    this.direction = 0;
    this.strength = 0;
    const { stochastic, range, troughs, peaks, signal } = this;
    stochastic.update(high, low, close);
    range.update(high, low);
    signal.pass(close);
    this.sinceFlat = range.highest === range.lowest ? 0 : this.sinceFlat + 1;
    if (Number.isNaN(stochastic.k)) return;
    if (this.sinceFlat <= this.contaminated) {
      troughs.forget();
      peaks.forget();
    } else {
      const up = troughs.update(stochastic.k, low);
      const down = peaks.update(100 - stochastic.k, -high);
      if (up >= this.minChange) signal.give(1, strengthOf(up), troughs.extreme);
      else if (down >= this.minChange) signal.give(-1, strengthOf(down), -peaks.extreme);
    }
    if (signal.side !== 0) this.say(signal.side, signal.strength);
  }

  protected words(): string {
    if (this.direction > 0) return "price made a lower low, the stochastic did not";
    if (this.direction < 0) return "price made a higher high, the stochastic did not";
    return "no fresh divergence";
  }

  protected numbers() {
    const { k, d } = this.stochastic;
    return { k, d, age: this.signal.age };
  }
}

function strengthOf(change: number): number {
  return 0.5 + 0.5 * Math.min(1, change / fullChange);
}

/**
 * %K that moved by less, in points, stood still: the same three bars come to sums that differ in
 * their last digits, as the window happens to lie, and a tie must be one for whoever came later too.
 */
const noise = 1e-9;

/** Troughs of an oscillator in its low zone, each with the lowest price of the fall that led there. */
class Troughs {
  /** Price at the last trough. */
  extreme = Number.NaN;
  private value = Number.NaN;
  /** Bars since the last trough. */
  private age = 0;
  private previous = Number.NaN;
  /** Where the oscillator last moved: 1, -1, or 0 where it did not yet. */
  private move = 0;
  private legLow = Number.POSITIVE_INFINITY;
  private readonly zone: number;
  private readonly maxBars: number;

  constructor(zone: number, maxBars: number) {
    this.zone = zone;
    this.maxBars = maxBars;
  }

  /** How much higher than the last trough this one is while price is lower; 0 for anything else. */
  update(value: number, low: number): number {
    this.age += 1;
    if (low < this.legLow) this.legLow = low;
    const trough = this.previous;
    const before = this.move;
    this.previous = value;
    if (value > trough + noise) this.move = 1;
    else if (value < trough - noise) this.move = -1;
    if (before === this.move || before === 0) return 0;
    const legLow = this.legLow;
    this.legLow = low;
    if (this.move === -1 || trough > this.zone) return 0;
    const diverges = legLow < this.extreme && this.age <= this.maxBars;
    const change = diverges ? trough - this.value : 0;
    this.extreme = legLow;
    this.value = trough;
    this.age = 0;
    return change;
  }

  forget(): void {
    this.extreme = Number.NaN;
    this.value = Number.NaN;
    this.age = 0;
    this.previous = Number.NaN;
    this.move = 0;
    this.legLow = Number.POSITIVE_INFINITY;
  }
}
