import type { Decimal } from "./decimal.ts";
import type { Fill } from "./fill.ts";
import type { VenueAccount } from "./ids.ts";
import type { Attempt, Intent, OrderState } from "./order.ts";
import type { PositionRow } from "./position.ts";

/**
 * Accounts of the double entry. `asset` is what the venue holds for us; `trading` is what was
 * exchanged for it; `opening` and `adjustment` say where money came from when no trade did.
 */
export type LedgerAccount = "asset" | "trading" | "fees" | "opening" | "adjustment";

/** One line of a posting; the lines of one `entryId` sum to zero in every coin (P5). */
export interface Posting {
  readonly entryId: string;
  readonly line: number;
  readonly at: VenueAccount;
  readonly account: LedgerAccount;
  readonly coin: string;
  readonly amount: Decimal;
  readonly time: number;
  readonly cause: string;
}

/** What the venue holds for us of one coin. */
export interface Balance {
  readonly coin: string;
  readonly total: Decimal;
  /** Locked by open orders. */
  readonly held: Decimal;
}

/** An order as the ledger keeps it, by its intent. */
export interface OrderRow {
  readonly intent: Intent;
  readonly state: OrderState;
  readonly filled: Decimal;
  /** Sum of price × quantity over its fills, quote coin. */
  readonly filledFor: Decimal;
  readonly attempts: number;
  readonly venueOrderId: string | null;
  readonly reason: string | null;
  readonly updatedAt: number;
}

/** A fill as the ledger keeps it, with the order that it is of. */
export type FillRow = Fill & { readonly intentId: string; readonly venueAccount: VenueAccount };

/** One change of the ledger: rows are replaced by their key, fills and postings only added. */
export type LedgerChange =
  | { readonly table: "orders"; readonly row: OrderRow }
  | {
      readonly table: "attempts";
      readonly row: Attempt & { readonly intentId: string; readonly at: VenueAccount };
    }
  | { readonly table: "fills"; readonly row: FillRow }
  | { readonly table: "positions"; readonly row: PositionRow }
  | { readonly table: "postings"; readonly row: Posting }
  | {
      readonly table: "balances";
      readonly row: { readonly at: VenueAccount; readonly coin: string; readonly total: Decimal };
    };
