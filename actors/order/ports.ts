/** What orders need from outside: a venue that never lies about not knowing. */
import type { Decimal } from "../../machines/domain/decimal.ts";
import type { Fill, VenueReport } from "../../machines/domain/fill.ts";
import type { VenueAccount } from "../../machines/domain/ids.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import type { Balance } from "../../machines/domain/ledger.ts";
import type {
  AmendRequest,
  CancelRequest,
  OrderRequest,
  VenueOrder,
} from "../../machines/domain/order.ts";

export const refusals = [
  "insufficientFunds",
  "belowMinimum",
  "offGrid",
  "wouldTakeLiquidity",
  "duplicateClientOrderId",
  "unknownOrder",
  "alreadyDone",
  "unsupported",
  "marketClosed",
  // The adapter's own: nothing left the process, so nothing can have happened at the venue.
  "notSent",
  "other",
] as const;
export type Refusal = (typeof refusals)[number];

/**
 * Every answer of a venue is one of three. `refused` only where the venue itself said no, in so
 * many words; whatever else is not a clear yes is `unknown` (P2).
 */
export type Reply<T> =
  | { readonly type: "confirmed"; readonly value: T }
  | { readonly type: "refused"; readonly code: Refusal; readonly text: string }
  | { readonly type: "unknown"; readonly cause: string };

/** What a look-up by client order id found in every source that the venue offers. */
export interface Found {
  /** Open and closed orders under that id; empty when every source soundly said none. */
  readonly orders: readonly VenueOrder[];
  readonly fills: readonly Fill[];
}

/** What the desk takes for granted of a venue, by name, so that it can notice when it is wrong. */
export interface VenueAssumptions {
  /** How long after sending a request the venue may still accept it, milliseconds. */
  readonly latestAcceptMs: number;
  /** How stale a read may be, milliseconds. */
  readonly readLagMs: number;
  /** Whether price, stop price and quantity of a live order can be changed in place. */
  readonly amends: boolean;
  /**
   * The smallest amount that its balances are kept in, by coin; `*` for all others. A coin without
   * one is kept to the last digit.
   */
  readonly balanceSteps?: Readonly<Record<string, Decimal>>;
}

/** What moved a coin of the account without an order of ours, in the venue's own ledger. */
export interface Movement {
  /** The venue's own, unique on the account: what makes a movement booked once. */
  readonly id: string;
  readonly coin: string;
  /** Signed, what it charged for it taken off. */
  readonly amount: Decimal;
  readonly kind: "deposit" | "withdrawal" | "other";
  /** What the venue calls it. */
  readonly text: string;
  /** Unix milliseconds. */
  readonly at: number;
}

/**
 * One account at one venue. No method throws for what a venue or a network does: that is a
 * {@link Reply}. Reports arrive in the venue's order, at least once, possibly late.
 */
export interface Venue {
  readonly at: VenueAccount;
  readonly assumptions: VenueAssumptions;
  instruments(): Promise<Reply<readonly Instrument[]>>;
  submit(request: OrderRequest): Promise<Reply<VenueOrder>>;
  amend(request: AmendRequest): Promise<Reply<VenueOrder>>;
  /** Confirmed with the order's final state, what it filled included. */
  cancel(request: CancelRequest): Promise<Reply<VenueOrder>>;
  lookUp(clientOrderId: string, symbol: string): Promise<Reply<Found>>;
  openOrders(): Promise<Reply<readonly VenueOrder[]>>;
  balances(): Promise<Reply<readonly Balance[]>>;
  /** Our fills at or after `since`, Unix milliseconds, oldest first. */
  fillsSince(since: number): Promise<Reply<readonly Fill[]>>;
  /**
   * What moved these coins at or after `since`, trades left out, oldest first. Left out where the
   * venue does not tell.
   */
  movementsSince?(since: number, coins: readonly string[]): Promise<Reply<readonly Movement[]>>;
  /** One order by the venue's own id, with its fills; none where the venue soundly has no such. */
  lookUpByVenueId?(venueOrderId: string, symbol: string): Promise<Reply<Found>>;
  /** The next report not yet taken, or null. Taking it and the turn it makes commit together. */
  takeReport(): VenueReport | null;
}
