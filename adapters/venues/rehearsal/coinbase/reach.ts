/** How far an order gets in the book as it stands. */
import {
  add,
  compare,
  type Decimal,
  decimal,
  divide,
  fromSteps,
  minimum,
  multiply,
  roundToStep,
  subtract,
  sum,
  zero,
} from "../../../../machines/domain/decimal.ts";
import type { Instrument } from "../../../../machines/domain/instrument.ts";
import type { SymbolMarket } from "../market/symbol-market.ts";
import type { CoinbaseProduct } from "./names.ts";
import type { OrderTerms } from "./order-terms.ts";

/** What a sum of quote coin buys, fees paid from it; null where nothing is on offer. */
export function boughtFor(
  quoteSize: Decimal,
  { tick, lot, takerFee }: Instrument,
  market: SymbolMarket,
): Decimal | null {
  let left = divide(quoteSize, add(decimal(1), takerFee), 12, "down");
  let bought = zero;
  const { asks } = market.book();
  for (const [index, level] of asks.entries()) {
    const price = fromSteps(level.ticks, tick);
    const affordable = divide(left, price, 12, "down");
    // A market of its own fills all at the touch; a book that was fed has only so much there.
    const isLast = market.manualBook === null || index === asks.length - 1;
    const taken = isLast ? affordable : minimum(affordable, level.quantity);
    bought = add(bought, taken);
    left = subtract(left, multiply(taken, price));
    if (isLast || taken === affordable) return roundToStep(bought, lot, "down");
  }
  return null;
}

interface Sought {
  readonly terms: OrderTerms;
  readonly product: CoinbaseProduct;
  readonly quantity: Decimal;
}

/** Whether an order finds all that it wants at its limit or better. */
export function canFillWhole({ terms, product, quantity }: Sought, market: SymbolMarket): boolean {
  const { side, price } = terms;
  const { bids, asks } = market.book();
  const within = (side === "buy" ? asks : bids).filter(({ ticks }) => {
    const far = compare(fromSteps(ticks, product.instrument.tick), price ?? zero);
    return side === "buy" ? far <= 0 : far >= 0;
  });
  if (market.manualBook === null) return within.length > 0;
  return compare(sum(within.map((level) => level.quantity)), quantity) >= 0;
}
