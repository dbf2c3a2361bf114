/** What the books need from outside: what was committed before and is no longer in memory. */
import type { LaneName, VenueAccount } from "../../machines/domain/ids.ts";
import type { OrderRow } from "../../machines/domain/ledger.ts";
import type { Attempt } from "../../machines/domain/order.ts";
import type { PositionRow } from "../../machines/domain/position.ts";

/** Reads of the committed ledger. */
export interface LedgerLookUp {
  hasFill(at: VenueAccount, tradeId: string): boolean;
  /** The order that was once sent under this id, by any of its attempts. */
  orderByClientOrderId(at: VenueAccount, clientOrderId: string): OrderRow | null;
  orderByVenueOrderId(at: VenueAccount, venueOrderId: string): OrderRow | null;
  position(positionId: string): PositionRow | null;
  openPositions(): readonly PositionRow[];
  /** Closed positions that left something. */
  leftovers(): Iterable<PositionRow>;
  /** Whether an entry of this id was posted. */
  hasEntry(entryId: string): boolean;
  balances(): readonly { at: VenueAccount; coin: string; total: string }[];
}

/** What an actor is made anew from when its snapshot cannot be restored. */
export interface LedgerHistory {
  order(intentId: string): OrderRow | null;
  /** Sendings of an intent, oldest first. */
  attemptsOf(intentId: string): readonly Attempt[];
  /** Oldest first. */
  ordersOfPosition(positionId: string): readonly OrderRow[];
  /** The highest number that a position of the symbol was given; 0 before the first. */
  lastPositionNumber(at: VenueAccount, lane: LaneName): number;
}
