import { Atr, LinearSlope, Macd } from "../../market/mod.ts";
import { Opinion } from "../strategy.ts";
import {
  barsMax,
  checkParameters,
  keyOf,
  type ParametersOf,
  real,
  standardOf,
  whole,
} from "./parameters.ts";

export const momentumRules = {
  period: whole(10, 2, barsMax, "Bars over which the line through the closes is fitted."),
  range: whole(14, 2, barsMax, "Bars of the average true range."),
  minRise: real(1.5, 0.1, 50, "Rise of that line over its bars, in average true ranges."),
  fast: whole(12, 2, barsMax, "Bars of MACD's fast mean."),
  slow: whole(26, 3, barsMax, "Bars of MACD's slow mean."),
  signal: whole(9, 1, barsMax, "Bars of MACD's signal line."),
};

/**
 * Momentum: hold when the line through the last closes rises by some average true ranges and MACD
 * is above its signal line, leave when it falls as much and MACD is below.
 */
export class MomentumStrategy extends Opinion {
  readonly weight = 0.1;
  readonly key: string;
  readonly warmup: number;
  private readonly slope: LinearSlope;
  private readonly range: Atr;
  private readonly macd: Macd;
  private readonly steps: number;
  private readonly minRise: number;

  constructor(parameters: ParametersOf<typeof momentumRules> = standardOf(momentumRules)) {
    super();
    checkParameters("momentum", momentumRules, parameters);
    const { period, range, minRise, fast, slow, signal } = parameters;
    this.key = keyOf("momentum", momentumRules, parameters);
    this.slope = new LinearSlope(period);
    this.range = new Atr(range);
    this.macd = new Macd(fast, slow, signal);
    this.steps = period - 1;
    this.minRise = minRise;
    this.warmup = Math.max(period, this.range.warmup, this.macd.warmup);
  }

  get name(): string {
    return "momentum";
  }

  update(_open: number, high: number, low: number, close: number): void {
    this.direction = 0;
    this.strength = 0;
    this.slope.update(close);
    this.range.update(high, low, close);
    this.macd.update(close);
    const least = this.minRise * this.range.value;
    const rise = this.rise();
    const histogram = this.macd.histogram;
    // In a market that stands still the least rise shrinks to nothing, and is no rise.
    if (rise > 0 && rise >= least && histogram > 0) this.say(1, rise / (2 * least));
    else if (rise < 0 && -rise >= least && histogram < 0) this.say(-1, -rise / (2 * least));
  }

  /** Of the fitted line from the first bar to the last, ticks. */
  private rise(): number {
    return this.slope.value * this.steps;
  }

  protected words(): string {
    if (this.direction > 0) return "rises fast, MACD above its signal line";
    if (this.direction < 0) return "falls fast, MACD below its signal line";
    return "no fast move that MACD confirms";
  }

  protected numbers() {
    const { macd, signal, histogram } = this.macd;
    return { rise: this.rise(), atr: this.range.value, macd, signal, histogram };
  }
}
