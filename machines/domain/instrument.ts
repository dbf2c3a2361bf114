import type { Decimal } from "./decimal.ts";
import { add, compare, fromSteps, isPositive, multiply, roundToStep } from "./decimal.ts";
import type { SymbolName } from "./ids.ts";

/** A symbol at a venue, with its rules. Prices in quote coin, quantities in base coin. */
export interface Instrument {
  readonly venue: string;
  readonly symbol: SymbolName;
  readonly base: string;
  readonly quote: string;
  /** Smallest step of a price. */
  readonly tick: Decimal;
  /** Smallest step of a quantity. */
  readonly lot: Decimal;
  readonly minQuantity: Decimal;
  /** Smallest price × quantity that the venue takes, in quote coin. */
  readonly minNotional: Decimal;
  /** Share of the notional: "0.001" is 0.1 %. */
  readonly makerFee: Decimal;
  readonly takerFee: Decimal;
}

/** What keeps an order of this size from being accepted, or null. */
export function sizeProblem(
  rules: Instrument,
  quantity: Decimal,
  price: Decimal,
): "belowMinQuantity" | "belowMinNotional" | "offLot" | null {
  if (compare(quantity, rules.minQuantity) < 0 || !isPositive(quantity)) return "belowMinQuantity";
  if (roundToStep(quantity, rules.lot, "down") !== quantity) return "offLot";
  if (compare(multiply(quantity, price), rules.minNotional) < 0) return "belowMinNotional";
  return null;
}

/** The next tick above a price that lies on the grid. */
export function tickAbove(rules: Instrument, price: Decimal): Decimal {
  return add(price, rules.tick);
}

/** A whole number of ticks as a price. */
export function priceOfTicks(rules: Instrument, ticks: number): Decimal {
  return fromSteps(ticks, rules.tick);
}
