import { Keltner, Roc } from "../../market/mod.ts";
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

export const keltnerRules = {
  period: whole(20, 2, barsMax, "Bars of the mean in the middle of the channel."),
  range: whole(10, 2, barsMax, "Bars of the average true range."),
  width: real(2, 0.1, 20, "Distance of either line from the middle, in average true ranges."),
  slope: whole(5, 1, 200, "Bars over which the middle must have moved the same way."),
};

/** Of a close that only falls back through the middle. */
const mildStrength = 0.4;

/**
 * Channel breakout: hold when the close is above the channel and its middle has been rising; leave
 * when it is below and the middle has been falling, or, mildly, in the bar that closes back below
 * the middle.
 */
export class KeltnerStrategy extends Opinion {
  readonly weight = 0.3;
  readonly key: string;
  readonly warmup: number;
  private readonly channel: Keltner;
  /** Only its sign counts. */
  private readonly slope: Roc;
  private previousClose = Number.NaN;

  constructor(parameters: ParametersOf<typeof keltnerRules> = standardOf(keltnerRules)) {
    super();
    checkParameters("keltner", keltnerRules, parameters);
    const { period, range, width, slope } = parameters;
    this.key = keyOf("keltner", keltnerRules, parameters);
    this.channel = new Keltner(period, range, width);
    this.slope = new Roc(slope);
    this.warmup = this.channel.warmup + slope;
  }

  get name(): string {
    return "keltner";
  }

  update(_open: number, high: number, low: number, close: number): void {
    this.direction = 0;
    this.strength = 0;
    const channel = this.channel;
    const middleBefore = channel.middle;
    const closeBefore = this.previousClose;
    this.previousClose = close;
    channel.update(high, low, close);
    const middle = channel.middle;
    if (Number.isNaN(middle)) return;
    this.slope.update(middle);
    const slope = this.slope.value;
    if (Number.isNaN(slope)) return;
    const reach = channel.upper - middle;
    if (close > channel.upper && slope > 0) {
      this.say(1, 0.5 + (0.5 * (close - channel.upper)) / reach);
    } else if (close < channel.lower && slope < 0) {
      this.say(-1, 0.5 + (0.5 * (channel.lower - close)) / reach);
    } else if (close < middle && closeBefore >= middleBefore) {
      this.say(-1, mildStrength);
    }
  }

  protected words(): string {
    if (this.direction > 0) return "closed above the channel, whose middle rises";
    if (this.direction === 0) return "no close outside a channel that moves the same way";
    return this.strength === mildStrength
      ? "closed back below the channel's middle"
      : "closed below the channel, whose middle falls";
  }

  protected numbers() {
    const { upper, middle, lower } = this.channel;
    return { upper, middle, lower, middleChangePercent: this.slope.value };
  }
}
