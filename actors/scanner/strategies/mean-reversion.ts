import { Bollinger, Rsi } from "../../market/mod.ts";
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

export const meanReversionRules = {
  period: whole(20, 2, barsMax, "Bars of the Bollinger bands."),
  width: real(2, 0.1, 20, "Distance of the bands from the mean, in standard deviations."),
  rsi: whole(14, 2, barsMax, "Bars of the relative strength index (RSI)."),
  oversold: real(30, 1, 50, "RSI at or below which a market counts as oversold."),
  overbought: real(70, 50, 99, "RSI at or above which a market counts as overbought."),
};

export type MeanReversionParameters = ParametersOf<typeof meanReversionRules>;

/**
 * Mean reversion: hold when the close is at or below the lower Bollinger band while RSI says
 * oversold, leave when it is at or above the upper one while RSI says overbought. Bands without
 * width say nothing, whatever RSI is: in a market that stands still RSI is 0 by convention.
 */
export class MeanReversionStrategy extends Opinion {
  readonly weight = 0.25;
  readonly key: string;
  readonly warmup: number;
  private readonly bands: Bollinger;
  private readonly rsi: Rsi;
  private readonly oversold: number;
  private readonly overbought: number;

  constructor(
    parameters: ParametersOf<typeof meanReversionRules> = standardOf(meanReversionRules),
  ) {
    super();
    checkParameters("meanReversion", meanReversionRules, parameters);
    this.key = keyOf("meanReversion", meanReversionRules, parameters);
    this.bands = new Bollinger(parameters.period, parameters.width);
    this.rsi = new Rsi(parameters.rsi);
    this.oversold = parameters.oversold;
    this.overbought = parameters.overbought;
    this.warmup = Math.max(this.bands.warmup, this.rsi.warmup);
  }

  get name(): string {
    return "meanReversion";
  }

  update(_open: number, _high: number, _low: number, close: number): void {
    this.direction = 0;
    this.strength = 0;
    const { bands, rsi } = this;
    bands.update(close);
    rsi.update(close);
    const { upper, middle, lower } = bands;
    const reach = upper - middle;
    // Without width there is no outside.
    if (!(reach > 0)) return;
    if (close <= lower && rsi.value <= this.oversold) {
      const depth = (this.oversold - rsi.value) / this.oversold;
      this.say(1, strengthOf(depth, (lower - close) / reach));
    } else if (close >= upper && rsi.value >= this.overbought) {
      const depth = (rsi.value - this.overbought) / (100 - this.overbought);
      this.say(-1, strengthOf(depth, (close - upper) / reach));
    }
  }

  protected words(): string {
    if (this.direction > 0) return "closed at or below the lower band, oversold";
    if (this.direction < 0) return "closed at or above the upper band, overbought";
    return "no close outside the bands with an extreme RSI";
  }

  protected numbers() {
    const { upper, middle, lower } = this.bands;
    return { upper, middle, lower, rsi: this.rsi.value };
  }
}

/** Half for the fact, a quarter each for how extreme RSI is and how far outside the close. */
function strengthOf(rsiDepth: number, bandDepth: number): number {
  return 0.5 + 0.25 * rsiDepth + 0.25 * Math.min(1, bandDepth);
}
