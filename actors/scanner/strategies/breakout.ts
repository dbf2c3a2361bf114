import { Donchian, Sma } from "../../market/mod.ts";
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

export const breakoutRules = {
  period: whole(20, 2, barsMax, "Bars before, above whose highest high a close breaks out."),
  exit: whole(10, 2, barsMax, "Bars before, below whose lowest low a close breaks down."),
  volume: whole(20, 1, barsMax, "Bars of the mean volume."),
  volumeFactor: real(1.5, 0, 100, "Volume, in mean volumes, that confirms a break."),
  freshBars: whole(5, 0, 100, "Bars for which a break counts."),
};

/** Of a break that volume does not confirm. */
const unconfirmedStrength = 0.6;

/**
 * Breakout: hold when the close is above the highest high of the bars before, leave when it is
 * below the lowest low of the (fewer) bars before. It counts for some bars, until price closes back
 * beyond the level that it broke; in full where the bar's volume stands out.
 */
export class BreakoutStrategy extends Opinion {
  readonly weight = 0.1;
  readonly key: string;
  readonly warmup: number;
  private readonly entry: Donchian;
  private readonly exit: Donchian;
  private readonly volumes: Sma;
  private readonly signal: FreshSignal;
  private readonly volumeFactor: number;

  constructor(parameters: ParametersOf<typeof breakoutRules> = standardOf(breakoutRules)) {
    super();
    checkParameters("breakout", breakoutRules, parameters);
    const { period, exit, volume, volumeFactor, freshBars } = parameters;
    this.key = keyOf("breakout", breakoutRules, parameters);
    this.entry = new Donchian(period);
    this.exit = new Donchian(exit);
    this.volumes = new Sma(volume);
    this.signal = new FreshSignal(freshBars);
    this.volumeFactor = volumeFactor;
    this.warmup = Math.max(period, exit, volume) + 1;
  }

  get name(): string {
    return "breakout";
  }

  update(_open: number, high: number, low: number, close: number, volume: number): void {
    this.direction = 0;
    this.strength = 0;
    const { entry, exit, volumes, signal } = this;
    const upper = entry.upper;
    const lower = exit.lower;
    const mean = volumes.value;
    entry.update(high, low);
    exit.update(high, low);
    volumes.update(volume);
    signal.pass(close);
    if (Number.isNaN(upper + lower + mean)) return;
    const stands = volume > 0 && volume >= this.volumeFactor * mean;
    const strength = stands ? 1 : unconfirmedStrength;
    if (close > upper) signal.give(1, strength, upper);
    else if (close < lower) signal.give(-1, strength, lower);
    if (signal.side !== 0) this.say(signal.side, signal.strength);
  }

  protected words(): string {
    const confirmed = this.strength === 1 ? " with volume" : "";
    if (this.direction > 0) return `broke above the bars before${confirmed}`;
    if (this.direction < 0) return `broke below the bars before${confirmed}`;
    return "no fresh break";
  }

  protected numbers() {
    return {
      upper: this.entry.upper,
      lower: this.exit.lower,
      meanVolume: this.volumes.value,
      age: this.signal.age,
    };
  }
}
