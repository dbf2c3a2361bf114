import { Atr, HighLowWindow } from "../../market/mod.ts";
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

export const reversalRules = {
  period: whole(10, 2, barsMax, "Bars before, whose extreme the reversal bar must pass."),
  range: whole(14, 2, barsMax, "Bars of the average true range."),
  minRange: real(1.2, 0.1, 20, "Least height of the reversal bar, in average true ranges."),
  closeShare: real(0.7, 0.5, 1, "Share of its height by which it must close off its extreme."),
  freshBars: whole(3, 0, 100, "Bars for which a reversal counts."),
};

/**
 * Key reversal: a tall bar that falls below all lows of the bars before, and yet closes near its
 * top and above the last close, says hold; the mirror image at a high says leave. It counts for a
 * few bars, until price closes beyond the reversal's extreme. Stronger the nearer to its end the
 * bar closes.
 */
export class ReversalStrategy extends Opinion {
  readonly weight = 0.1;
  readonly key: string;
  readonly warmup: number;
  private readonly before: HighLowWindow;
  private readonly range: Atr;
  private readonly signal: FreshSignal;
  private readonly minRange: number;
  private readonly closeShare: number;
  private previousClose = Number.NaN;

  constructor(parameters: ParametersOf<typeof reversalRules> = standardOf(reversalRules)) {
    super();
    checkParameters("reversal", reversalRules, parameters);
    this.key = keyOf("reversal", reversalRules, parameters);
    this.before = new HighLowWindow(parameters.period);
    this.range = new Atr(parameters.range);
    this.signal = new FreshSignal(parameters.freshBars);
    this.minRange = parameters.minRange;
    this.closeShare = parameters.closeShare;
    this.warmup = Math.max(this.before.warmup, this.range.warmup) + 1;
  }

  get name(): string {
    return "reversal";
  }

  update(_open: number, high: number, low: number, close: number): void {
    this.direction = 0;
    this.strength = 0;
    const { before, signal } = this;
    const { highest, lowest } = before;
    const height = high - low;
    const isTall = height > 0 && height >= this.minRange * this.range.value;
    const closeBefore = this.previousClose;
    this.previousClose = close;
    before.update(high, low);
    this.range.update(high, low, close);
    signal.pass(close);
    const least = this.closeShare * height;
    if (isTall && low < lowest && close - low >= least && close > closeBefore) {
      signal.give(1, (close - low) / height, low);
    } else if (isTall && high > highest && high - close >= least && close < closeBefore) {
      signal.give(-1, (high - close) / height, high);
    }
    if (signal.side !== 0) this.say(signal.side, signal.strength);
  }

  protected words(): string {
    if (this.direction > 0) return "turned up from a new low";
    if (this.direction < 0) return "turned down from a new high";
    return "no fresh turn at an extreme";
  }

  protected numbers() {
    const { highest, lowest } = this.before;
    return { highest, lowest, atr: this.range.value, age: this.signal.age };
  }
}
