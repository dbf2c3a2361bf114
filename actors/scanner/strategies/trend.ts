import type { Vote } from "../../../machines/domain/market.ts";
import { Adx, Ema } from "../../market/mod.ts";
import type { Strategy } from "../strategy.ts";

export interface TrendParameters {
  readonly fast: number;
  readonly slow: number;
  readonly adx: number;
  /** ADX at or above which a trend counts as one. */
  readonly minAdx: number;
}

/**
 * Trend following: says hold when the fast mean rises above the slow one while the market trends
 * upward by ADX and its directional indicators; says leave when it falls below. It speaks at the
 * cross and while the cross is fresh, not for as long as the trend lasts.
 */
export class TrendStrategy implements Strategy {
  readonly weight = 0.15;
  readonly key: string;
  readonly warmup: number;
  direction: -1 | 0 | 1 = 0;
  strength = 0;
  private readonly fast: Ema;
  private readonly slow: Ema;
  private readonly movement: Adx;
  private readonly minAdx: number;
  /** Side of the last cross, NaN before both means are defined, and the bars since. */
  private side = Number.NaN;
  private sinceCross = 0;

  constructor({ fast, slow, adx, minAdx }: TrendParameters) {
    if (!(fast < slow)) {
      throw new RangeError(`Cannot create trend strategy: fast is ${fast}, wanted below ${slow}`);
    }
    this.key = `trend:${fast}:${slow}:${adx}:${minAdx}`;
    this.fast = new Ema(fast);
    this.slow = new Ema(slow);
    this.movement = new Adx(adx);
    this.minAdx = minAdx;
    this.warmup = Math.max(this.slow.warmup, this.movement.warmup) + 1;
  }

  get name(): string {
    return "trend";
  }

  update(_open: number, high: number, low: number, close: number): void {
    this.fast.update(close);
    this.slow.update(close);
    this.movement.update(high, low, close);
    const side = Math.sign(this.fast.value - this.slow.value);
    if (side === this.side) this.sinceCross += 1;
    // The side on which the means begin is not a cross: nobody saw them change sides.
    else this.sinceCross = Number.isNaN(this.side) ? freshBars + 1 : 0;
    this.side = side;
    const { adx, plusDi, minusDi } = this.movement;
    this.direction = 0;
    this.strength = 0;
    if (Number.isNaN(adx) || Number.isNaN(side) || side === 0) return;
    if (side < 0) {
      this.direction = -1;
      this.strength = 1;
    } else if (this.sinceCross <= freshBars && adx >= this.minAdx && plusDi > minusDi) {
      this.direction = 1;
      this.strength = Math.min(1, adx / 50);
    }
  }

  vote(): Vote {
    const { adx, plusDi, minusDi } = this.movement;
    const words =
      this.direction > 0
        ? "fast mean crossed above the slow one in a trend"
        : this.direction < 0
          ? "fast mean is below the slow one"
          : "no fresh cross in a trend";
    return {
      strategy: this.name,
      direction: this.direction,
      strength: this.strength,
      words,
      numbers: { fast: this.fast.value, slow: this.slow.value, adx, plusDi, minusDi },
    };
  }
}

/** A cross is fresh for this many bars: ADX lags, and need not pass in the very bar of the cross. */
const freshBars = 10;
