import type { Decimal } from "./decimal.ts";
import type { SymbolName, VenueAccount } from "./ids.ts";

export type Side = "buy" | "sell";
export type OrderType = "market" | "limit" | "stop" | "stopLimit";
/** Good till cancelled, immediate or cancel, good till date. */
export type TimeInForce = "gtc" | "ioc" | "gtd";
/**
 * What the desk wants the order for. Only an entry adds exposure. `foreign`: somebody else placed
 * it, and the operator claimed it; no position owns it, and the desk cancels it or lets it be.
 */
export const orderRoles = ["entry", "stop", "exit", "foreign"] as const;
export type OrderRole = (typeof orderRoles)[number];

export function addsExposure(role: OrderRole): boolean {
  return role === "entry";
}

/** What the desk wants to do once. Durable before anything is sent (P1). */
export interface Intent {
  readonly intentId: string;
  readonly at: VenueAccount;
  readonly symbol: SymbolName;
  readonly positionId: string;
  readonly role: OrderRole;
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity: Decimal;
  /** Limit price, for limit and stopLimit. */
  readonly price: Decimal | null;
  /** Trigger price, for stop and stopLimit. */
  readonly stopPrice: Decimal | null;
  readonly timeInForce: TimeInForce;
  /** Refused by the venue instead of taking liquidity. */
  readonly postOnly: boolean;
  /** With gtd: the venue's own expiry, Unix milliseconds. */
  readonly expiresAt: number | null;
  /** The desk cancels what is unfilled this long after placing; null for never. */
  readonly patienceMs: number | null;
  readonly createdAt: number;
}

/** One sending of an intent. A re-price is a new attempt. */
export interface Attempt {
  readonly number: number;
  readonly clientOrderId: string;
  readonly quantity: Decimal;
  readonly price: Decimal | null;
  readonly sentAt: number;
}

/** What the venue is asked to place. */
export interface OrderRequest {
  readonly clientOrderId: string;
  readonly symbol: SymbolName;
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity: Decimal;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly expiresAt: number | null;
}

/** What is asked to change on a live order: the whole quantity, not what is left. */
export interface AmendRequest {
  readonly venueOrderId: string;
  readonly clientOrderId: string;
  readonly symbol: SymbolName;
  readonly quantity: Decimal;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
  /** As the order was placed; a venue that is not told again may let the new price take liquidity. */
  readonly postOnly?: boolean;
}

export interface CancelRequest {
  readonly venueOrderId: string | null;
  readonly clientOrderId: string;
  readonly symbol: SymbolName;
}

export const venueOrderStates = [
  "open",
  "triggered",
  "partial",
  "filled",
  "canceled",
  "expired",
  "rejected",
] as const;
/** What a venue can say of an order that it knows. */
export type VenueOrderState = (typeof venueOrderStates)[number];

/** What the ledger says of an order: `new` and `denied` are the desk's own. */
export const orderStates = ["new", "denied", ...venueOrderStates] as const;
export type OrderState = (typeof orderStates)[number];

export function isTerminal(state: VenueOrderState): boolean {
  return state === "filled" || state === "canceled" || state === "expired" || state === "rejected";
}

/** An order as its venue tells it. */
export interface VenueOrder {
  readonly venueOrderId: string;
  /** Null for an order that did not come from a desk. */
  readonly clientOrderId: string | null;
  readonly symbol: SymbolName;
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity: Decimal;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly state: VenueOrderState;
  /** Cumulative, base coin. */
  readonly filled: Decimal;
  /** Why it ended, in the venue's words. */
  readonly reason: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}
