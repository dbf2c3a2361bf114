import type { LedgerHistory, LedgerLookUp } from "../../actors/account/ports.ts";
import type { LedgerReader } from "./reader.ts";

/** More open positions than any desk holds: a bound, so that a start reads no endless table. */
const openPositionsMax = 100_000;

/** The committed ledger as the books look things up in it. */
export function ledgerLookUp({ books }: LedgerReader): LedgerLookUp & LedgerHistory {
  return {
    hasFill: ({ venue, account }, tradeId) => books.hasFill(venue, account, tradeId),
    orderByClientOrderId: (at, id) => books.orderByClientId(at, id),
    orderByVenueOrderId: (at, id) => books.orderByVenueId(at, id),
    order: (intentId) => books.order(intentId),
    attemptsOf: (intentId) => books.attemptsOf(intentId),
    ordersOfPosition: (positionId) => books.ordersOfPosition(positionId),
    lastPositionNumber: (at, lane) => books.lastPositionNumber(at, lane),
    position: (positionId) => books.position(positionId),
    leftovers: () => books.leftovers(),
    hasEntry: (entryId) => books.hasEntry(entryId),
    openPositions: () => books.positionsPage("open", { limit: openPositionsMax }),
    balances: () => books.allBalances().map(({ at, coin, total }) => ({ at, coin, total })),
  };
}
