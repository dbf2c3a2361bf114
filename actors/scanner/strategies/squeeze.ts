import { Squeeze } from "../../market/mod.ts";
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

export const squeezeRules = {
  period: whole(20, 2, barsMax, "Bars of bands, channel and momentum."),
  band: real(2, 0.1, 20, "Width of the Bollinger bands, in standard deviations."),
  channel: real(1.5, 0.1, 20, "Width of the Keltner channel, in mean true ranges."),
  minBars: whole(6, 1, 500, "Bars that a squeeze must have lasted to count."),
  freshBars: whole(5, 0, 100, "Bars for which a release counts."),
};

/**
 * Volatility squeeze: after the Bollinger bands lay inside the Keltner channel for some bars, their
 * coming out is a release. Hold where its momentum is upward, leave where it is downward, for as
 * long as the release is fresh and momentum keeps its side. A longer squeeze releases more.
 */
export class SqueezeStrategy extends Opinion {
  readonly weight = 0.12;
  readonly key: string;
  readonly warmup: number;
  private readonly squeeze: Squeeze;
  private readonly release: FreshSignal;
  private readonly minBars: number;
  /** Bars of the squeeze under way. */
  private squeezed = 0;
  private previousClose = Number.NaN;

  constructor(parameters: ParametersOf<typeof squeezeRules> = standardOf(squeezeRules)) {
    super();
    checkParameters("squeeze", squeezeRules, parameters);
    const { period, band, channel, minBars, freshBars } = parameters;
    this.key = keyOf("squeeze", squeezeRules, parameters);
    this.squeeze = new Squeeze(period, band, channel);
    this.release = new FreshSignal(freshBars);
    this.minBars = minBars;
    this.warmup = this.squeeze.warmup;
  }

  get name(): string {
    return "squeeze";
  }

  update(_open: number, high: number, low: number, close: number): void {
    this.direction = 0;
    this.strength = 0;
    const { squeeze, release } = this;
    // The bands of a market that comes to rest also leave the channel: both shrink to nothing.
    const moved = high > low || close !== this.previousClose;
    this.previousClose = close;
    squeeze.update(high, low, close);
    release.pass(close);
    const side = squeeze.momentum > 0 ? 1 : squeeze.momentum < 0 ? -1 : 0;
    if (squeeze.on === 1) {
      this.squeezed += 1;
      release.end();
    } else {
      if (this.squeezed >= this.minBars && moved && side !== 0) {
        const edge = side === 1 ? low : high;
        release.give(side, 0.25 + (0.25 * this.squeezed) / this.minBars, edge);
      }
      this.squeezed = 0;
    }
    if (release.side === 0) return;
    if (release.side !== side) release.end();
    else this.say(release.side, release.strength);
  }

  protected words(): string {
    if (this.direction > 0) return "released upward from a squeeze";
    if (this.direction < 0) return "released downward from a squeeze";
    return this.squeezed > 0 ? "in a squeeze" : "no fresh release from a squeeze";
  }

  protected numbers() {
    const { on, momentum } = this.squeeze;
    return { on, momentum, squeezed: this.squeezed, sinceRelease: this.release.age };
  }
}
