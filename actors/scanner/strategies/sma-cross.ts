import { Opinion } from "../strategy.ts";
import { barsMax, keyOf, type ParametersOf, whole } from "./parameters.ts";

export const smaCrossRules = {
  fast: whole(10, 1, barsMax, "Bars of the fast simple mean."),
  slow: whole(30, 2, barsMax, "Bars of the slow simple mean."),
};

/**
 * The plain cross of two simple means of closes: says hold at the bar at which the fast one comes to
 * stand above the slow one, leave at which it comes below, nothing at any other. The means are
 * compared as sums of whole ticks, so that equal ones are equal; where they only touch, they have
 * not changed sides. The side on which they begin is no cross: nobody saw them change.
 *
 * What other backtesters are compared by; the desk votes without it unless it is switched on.
 */
export class SmaCrossStrategy extends Opinion {
  readonly key: string;
  readonly weight = 0.1;
  readonly warmup: number;
  /** The last closes in whole ticks, a ring as long as the slow mean. */
  private readonly closes: Float64Array;
  private readonly fast: number;
  private seen = 0;
  private fastSum = 0;
  private slowSum = 0;
  /** 1 where the fast mean stood above the slow one last, -1 below, 0 before either. */
  private side = 0;

  constructor(parameters: ParametersOf<typeof smaCrossRules>) {
    super();
    const { fast, slow } = parameters;
    if (!(fast < slow)) {
      const text = `fast is ${fast}, wanted below ${slow}`;
      throw new RangeError(`Cannot create cross of means strategy: ${text}`);
    }
    this.key = keyOf("smaCross", smaCrossRules, parameters);
    this.closes = new Float64Array(slow);
    this.fast = fast;
    this.warmup = slow + 1;
  }

  get name(): string {
    return "smaCross";
  }

  update(_open: number, _high: number, _low: number, close: number): void {
    this.direction = 0;
    this.strength = 0;
    const { closes, fast, seen } = this;
    const slow = closes.length;
    const place = seen % slow;
    this.fastSum += close;
    this.slowSum += close - (closes[place] as number);
    if (seen >= fast) this.fastSum -= closes[(seen - fast) % slow] as number;
    closes[place] = close;
    this.seen = seen + 1;
    if (this.seen < slow) return;
    const difference = this.fastSum * slow - this.slowSum * fast;
    if (difference === 0) return;
    const side = difference > 0 ? 1 : -1;
    if (this.side !== 0 && side !== this.side) this.say(side, 1);
    this.side = side;
  }

  protected words(): string {
    if (this.direction > 0) return "fast simple mean crossed above the slow one";
    if (this.direction < 0) return "fast simple mean crossed below the slow one";
    return "simple means did not cross";
  }

  protected numbers(): Readonly<Record<string, number>> {
    return { fast: this.fastSum / this.fast, slow: this.slowSum / this.closes.length };
  }
}
