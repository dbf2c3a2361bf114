import { isPositive, subtract, toNumber } from "../../../../machines/domain/decimal.ts";
import type { Instrument } from "../../../../machines/domain/instrument.ts";
import type { AccountTrade } from "../account.ts";
import type { Ladder, LadderLevel } from "./ladder.ts";

/** A book less what our own trades took of it, so that no quantity is met twice. */
export function withoutTaken(
  book: Ladder,
  { symbol, tick }: Instrument,
  trades: readonly AccountTrade[],
): Ladder {
  const taken = trades.filter(
    ({ order, liquidity }) => order.symbol === symbol && liquidity === "taker",
  );
  const less = (levels: readonly LadderLevel[], side: "buy" | "sell"): LadderLevel[] => {
    const takers = taken.filter(({ order }) => order.side === side);
    return levels
      .map(({ ticks, quantity }) => {
        const here = takers.filter(
          ({ price }) => Math.round(toNumber(price) / toNumber(tick)) === ticks,
        );
        const left = here.reduce((sum, trade) => subtract(sum, trade.quantity), quantity);
        return { ticks, quantity: left };
      })
      .filter(({ quantity }) => isPositive(quantity));
  };
  return { bids: less(book.bids, "sell"), asks: less(book.asks, "buy") };
}
