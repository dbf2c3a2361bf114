import { Supertrend } from "../../market/mod.ts";
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

export const supertrendRules = {
  period: whole(10, 2, barsMax, "Bars of the average true range."),
  width: real(3, 0.1, 20, "Distance of the line from the middle of the bar, in true ranges."),
  freshBars: whole(10, 0, 200, "Bars for which a turn counts in full."),
};

/** Of a trend that turned some time ago. */
const oldStrength = 0.6;

/**
 * Supertrend: hold while its line runs below price, leave while it runs above; in full after a turn,
 * less later. Until the first turn it abstains, for the side that the line starts on is a
 * convention and no finding.
 */
export class SupertrendStrategy extends Opinion {
  readonly weight = 0.1;
  readonly key: string;
  readonly warmup: number;
  private readonly line: Supertrend;
  private readonly freshBars: number;
  /** Bars since the last turn; NaN before the first. */
  private sinceTurn = Number.NaN;

  constructor(parameters: ParametersOf<typeof supertrendRules> = standardOf(supertrendRules)) {
    super();
    checkParameters("supertrend", supertrendRules, parameters);
    const { period, width, freshBars } = parameters;
    this.key = keyOf("supertrend", supertrendRules, parameters);
    this.line = new Supertrend(period, width);
    this.freshBars = freshBars;
    this.warmup = this.line.warmup + 1;
  }

  get name(): string {
    return "supertrend";
  }

  update(_open: number, high: number, low: number, close: number): void {
    this.direction = 0;
    this.strength = 0;
    const line = this.line;
    const before = line.direction;
    line.update(high, low, close);
    if (line.direction === -before) this.sinceTurn = 0;
    else this.sinceTurn += 1;
    if (Number.isNaN(this.sinceTurn)) return;
    this.say(line.direction === 1 ? 1 : -1, this.sinceTurn <= this.freshBars ? 1 : oldStrength);
  }

  protected words(): string {
    if (this.direction === 0) return "no turn seen yet";
    const side = this.direction > 0 ? "below" : "above";
    return `the line runs ${side} price${this.strength === 1 ? ", since lately" : ""}`;
  }

  protected numbers() {
    return { line: this.line.value, sinceTurn: this.sinceTurn };
  }
}
