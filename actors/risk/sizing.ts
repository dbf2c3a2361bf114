import {
  add,
  compare,
  type Decimal,
  decimal,
  divide,
  isPositive,
  minimum,
  multiply,
  roundToStep,
  subtract,
  zero,
} from "../../machines/domain/decimal.ts";
import type { DecisionCode } from "../../machines/domain/decision.ts";
import { type Instrument, sizeProblem } from "../../machines/domain/instrument.ts";

export interface SizingInput {
  readonly instrument: Instrument;
  /** Quote coin. */
  readonly equity: Decimal;
  /** Quote coin not held by orders. */
  readonly free: Decimal;
  readonly entryPrice: Decimal;
  readonly stopPrice: Decimal;
  /** Share of equity that may be lost at the stop: "0.01" is 1 %. */
  readonly riskShare: Decimal;
  /** Largest share of equity in one position. */
  readonly maxShare: Decimal;
  /** What is invested and on its way to be, and how much that may be at most; quote coin. */
  readonly exposure?: { readonly is: Decimal; readonly cap: Decimal };
  /** The size that is wanted instead, base coin: all of it or none. */
  readonly quantity?: Decimal;
  /** No stop will rest, so that none bounds the size. */
  readonly unprotected?: true;
}

export type Sizing =
  | { readonly type: "size"; readonly quantity: Decimal }
  | {
      readonly type: "none";
      readonly code: DecisionCode;
      readonly gate: string;
      readonly value: string;
      readonly limit: string;
    };

/** Money kept back when a purchase is sized by what is free: prices move before it fills. */
const reserve = decimal("1.005");
const one = decimal(1);

/**
 * Fixed fractional: as much as loses `riskShare` of equity if the stop is hit, fees of both sides
 * counted, but no more than `maxShare` of equity, than what is free pays for, nor than what is left
 * below a cap on exposure. Rounded down to the lot, so that no budget is ever passed.
 */
export function sizeEntry(input: SizingInput): Sizing {
  const { instrument, equity, free, entryPrice, stopPrice } = input;
  const distance = subtract(entryPrice, stopPrice);
  const isNear = compare(distance, instrument.tick) < 0 || !isPositive(stopPrice);
  if (isNear && !input.unprotected) {
    return none("stopTooClose", "stopDistance", distance, instrument.tick);
  }
  const fees = multiply(instrument.takerFee, add(entryPrice, stopPrice));
  const lossPerUnit = add(distance, fees);
  const byShare = divide(multiply(equity, input.maxShare), entryPrice, 18, "down");
  const byRisk = input.unprotected
    ? byShare
    : divide(multiply(equity, input.riskShare), lossPerUnit, 18, "down");
  const unitCost = multiply(multiply(entryPrice, add(one, instrument.takerFee)), reserve);
  const byFree = divide(free, unitCost, 18, "down");
  const byMeans = minimum(byRisk, minimum(byShare, byFree));
  const byCap = input.exposure ? left(input.exposure, unitCost) : byMeans;
  const most = roundToStep(minimum(byMeans, byCap), instrument.lot, "down");
  const quantity = input.quantity === undefined ? most : wholeOf(input.quantity, most);
  // The stop must be large enough to be placed, not only the entry.
  if (sizeProblem(instrument, quantity, stopPrice) === null) return { type: "size", quantity };
  if (input.exposure && compare(byCap, byMeans) < 0) {
    return none("exposureCap", "exposure", input.exposure.is, input.exposure.cap);
  }
  const isShort = compare(byFree, byRisk) < 0 && compare(byFree, byShare) < 0;
  return isShort
    ? none("insufficientFunds", "free", free, instrument.minNotional)
    : none("belowMinimumSize", "size", quantity, instrument.minQuantity);
}

/** All of what is wanted, or nothing. */
const wholeOf = (wanted: Decimal, most: Decimal) => (compare(wanted, most) <= 0 ? wanted : zero);

/** How much more may be bought below the cap. */
function left({ is, cap }: { is: Decimal; cap: Decimal }, unitCost: Decimal): Decimal {
  const room = subtract(cap, is);
  return isPositive(room) ? divide(room, unitCost, 18, "down") : zero;
}

function none(code: DecisionCode, gate: string, value: string, limit: string): Sizing {
  return { type: "none", code, gate, value, limit };
}
