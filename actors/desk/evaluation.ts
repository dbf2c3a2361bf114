import type { Decimal } from "../../machines/domain/decimal.ts";
import type { DecisionFacts } from "../../machines/domain/decision.ts";
import type { Candle } from "../../machines/domain/market.ts";
import type { Sizing } from "../risk/mod.ts";
import type { FramePlane, Question } from "../scanner/mod.ts";
import type { Lane } from "./config.ts";
import { type Levels, levelsOf, sizeAt } from "./entries.ts";
import type { BarInput, MoveInput } from "./planes.ts";

/** What a lane evaluates: a closed bar, or a move inside one. */
export interface Evaluated {
  readonly kind: "bar" | "move";
  readonly lane: Lane;
  readonly plane: FramePlane;
  readonly payload: BarInput | MoveInput;
  /** When the bar closed, or the price moved, Unix milliseconds. */
  readonly time: number;
  /** The bar, where the lane is the one that leads in its feed; null elsewhere. */
  readonly heard: { readonly candle: Candle; readonly market: string | undefined } | null;
}

/** One evaluation as the gates ask about it: what most never come to is worked out when asked. */
export class Evaluation implements Question {
  readonly symbol: string;
  readonly market: FramePlane;
  readonly positionCap: number;
  at = 0;
  facts: DecisionFacts | null = null;
  /** What an entry may be of; null until the gates came to its size. */
  quantity: Decimal | null = null;
  private known: Levels | null = null;

  /** @param cap of the exposure of all accounts; undefined for none. */
  constructor(
    readonly of: Evaluated,
    private readonly cap: Decimal | undefined,
  ) {
    this.symbol = of.lane.lane;
    this.market = of.plane;
    this.positionCap = of.lane.account.risk.positionCap;
  }

  get levels(): Levels {
    this.known ??= levelsOf(this.of.plane, this.of.lane);
    return this.known;
  }

  size(account: Parameters<Question["size"]>[0]): Sizing {
    const { lane, plane } = this.of;
    const sizing = sizeAt(lane, plane.price, this.levels.stopPrice, account, this.cap);
    if (sizing.type === "size") this.quantity = sizing.quantity;
    return sizing;
  }
}
