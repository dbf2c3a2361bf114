import type { Decimal } from "./domain/decimal.ts";
import type { Fill } from "./domain/fill.ts";
import type { VenueAccount } from "./domain/ids.ts";
import type {
  AmendRequest,
  Attempt,
  CancelRequest,
  Intent,
  OrderRequest,
  VenueOrder,
} from "./domain/order.ts";

export interface OrderSettings {
  /** Sendings of one intent in all, the first included. */
  readonly maxAttempts: number;
  /** How long a finished order stays to take late fills, milliseconds. */
  readonly settleMs: number;
  /** First wait between look-ups, milliseconds; doubles up to 30 s. */
  readonly lookUpRetryMs: number;
  /** How long fills may trail what the venue says is filled before they are fetched. */
  readonly fillGraceMs: number;
  /** Between two looks at an entry that works, milliseconds: reports of its fills may be lost. */
  readonly workingCheckMs: number;
  /** Between two looks at a resting stop; exits are then looked at like entries. Absent: never. */
  readonly restingCheckMs?: number;
}

export interface OrderInput {
  readonly intent: Intent;
  readonly clientOrderId: string;
  readonly settings: OrderSettings;
  /** The venue's own id, where it can be asked for by nothing else: it was claimed or resolved. */
  readonly named?: string;
  /** What the ledger knows of it, when its actor is made anew: its fate is then to be looked up. */
  readonly recovered?: {
    readonly attempts: readonly Attempt[];
    readonly venueOrderId: string | null;
    readonly filled: Decimal;
    readonly filledFor: Decimal;
    /** How it ended, if it did: then nothing is asked any more. */
    readonly ended: Ended | null;
    readonly at: number;
  };
}

/** What can be changed of a live order. The quantity is the whole, not what is left. */
export interface Terms {
  readonly quantity: Decimal;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
}

/** An order of this intent that was ended, so that another one takes its place. */
export interface Former {
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
  /** What it filled in all, by the venue's word, and what of it is booked. */
  readonly filled: Decimal;
  readonly booked: Decimal;
  /** The venue's time of the proof of its end. */
  readonly endedAt: number;
}

export type Ended = "filled" | "canceled" | "expired" | "rejected" | "denied";

export interface OrderContext extends OrderInput {
  readonly attempts: readonly Attempt[];
  readonly venueOrderId: string | null;
  /** As the venue last confirmed it, or as first intended. */
  readonly live: Terms;
  /** The venue's time of what was last learnt from it. */
  readonly learnedAt: number;
  /** As the desk wants it; null when it wants nothing else. */
  readonly wanted: Terms | null;
  /** The greatest quantity ever asked for: fewer fills complete it only if the venue says so. */
  readonly atMost: Decimal;
  /** Orders that the present one took the place of, oldest first; absent before there was one. */
  readonly former?: readonly Former[];
  /** What is to take the place of the present order once that is proved over; null price: market. */
  readonly replacement?: Terms | null;
  /** How often a new price was asked for, and when last, Unix milliseconds. */
  readonly repriced?: { readonly count: number; readonly at: number };
  /** Set where the present attempt is of another type than its intent. */
  readonly type?: "market";
  /** Set once the venue said that it changes no order of this kind in place. */
  readonly amendsNot?: true;
  /** When the request whose fate is in doubt was made. */
  readonly doubtSince: number;
  /** Booked so far, base coin, and what it came to in quote coin. */
  readonly filled: Decimal;
  readonly filledFor: Decimal;
  /** The most that the venue ever said is filled. */
  readonly reported: Decimal;
  readonly cancelReason: string | null;
  /** Cancels that were proved not to have happened. */
  readonly cancelsInVain: number;
  readonly lookUps: number;
  readonly ended: Ended | null;
  readonly reason: string | null;
  /** How the venue's refusal was classified, where it refused the order. */
  readonly refusal?: string;
  /** The operator said that it is not there, and nobody proved it. */
  readonly declared?: { readonly by: string; readonly at: number };
  /** Of a claimed order: what had filled before it was claimed, which is in `filled` too. */
  readonly before?: Decimal;
  /** Events that no state of the order takes. */
  readonly illegal: number;
  readonly lastIllegal: string | null;
}

/** What a further attempt is sent under: drawn where draws are, for a machine draws nothing. */
export interface NextAttempt {
  readonly clientOrderId: string;
  readonly at: number;
}

export type OrderEvent =
  | { type: "submit.confirmed"; order: VenueOrder }
  | { type: "submit.refused"; code: string; text: string }
  | { type: "submit.denied"; reason: string }
  | { type: "submit.unknown"; cause: string; since: number }
  | { type: "lookUp.found"; order: VenueOrder; next?: NextAttempt; before?: Decimal }
  | { type: "lookUp.absent"; evidence: string; clientOrderId: string; at: number }
  | { type: "lookUp.unclear"; cause: string }
  | { type: "amend.confirmed"; order: VenueOrder }
  | { type: "amend.denied"; reason: string }
  | { type: "amend.refused"; code: string; text: string }
  | { type: "amend.unknown"; cause: string; since: number }
  | { type: "cancel.confirmed"; order: VenueOrder; next?: NextAttempt }
  | { type: "cancel.refused"; code: string; text: string; since: number }
  | { type: "cancel.unknown"; cause: string; since: number }
  | { type: "fills.fetched"; before?: Decimal }
  | { type: "fills.unclear"; cause: string }
  | { type: "venue.order"; order: VenueOrder }
  | { type: "order.fill"; fill: Fill }
  | { type: "order.amend"; wanted: Terms }
  /** Another price for an entry that rests; null for the market's. */
  | { type: "order.reprice"; price: Decimal | null; at: number }
  | { type: "order.cancel"; reason: string }
  | { type: "order.doubt"; since: number }
  /** The operator settles what nothing proves: where it is, or that it is nowhere. */
  | { type: "order.placed"; venueOrderId: string; by: string; at: number }
  | { type: "order.absent"; by: string; at: number };

export interface SubmitInput {
  readonly at: VenueAccount;
  readonly role: Intent["role"];
  readonly request: OrderRequest;
}
export interface AmendInput {
  readonly at: VenueAccount;
  readonly role: Intent["role"];
  readonly request: AmendRequest;
}
export interface CancelInput {
  readonly at: VenueAccount;
  readonly request: CancelRequest;
  /** Set where a further attempt is to follow the order's end. */
  readonly next?: { readonly intentId: string; readonly attempt: number };
}
export interface LookUpInput {
  readonly at: VenueAccount;
  readonly symbol: string;
  readonly intentId: string;
  readonly clientOrderId: string;
  /** Number of the attempt that would follow, should this one prove absent. */
  readonly nextAttempt: number;
  /** What is in doubt, and since when. */
  readonly doubt: "submit" | "amend" | "cancel" | "order";
  readonly since: number;
  /** The venue has confirmed this order before: absence then proves nothing. */
  readonly known: boolean;
  readonly wanted: Terms | null;
  /** Set where a further attempt is to follow the order's end. */
  readonly replaces?: true;
  /** The venue's own id, where it is to be asked for by that. */
  readonly named?: string;
  /** Of a claimed order: fills before this time are not its own, Unix milliseconds. */
  readonly claimedAt?: number;
  /** What a match must agree with beside the id. */
  readonly side: Intent["side"];
  readonly quantity: Decimal;
}

export function submitInput(context: OrderContext): SubmitInput {
  const { intent, clientOrderId, live } = context;
  const { at, role, symbol, side, timeInForce, expiresAt } = intent;
  const type = context.type ?? intent.type;
  const postOnly = intent.postOnly && type === intent.type;
  return {
    at,
    role,
    request: { clientOrderId, symbol, side, type, timeInForce, postOnly, expiresAt, ...live },
  };
}

/** Whether the present order is to be ended for another one of the same intent. */
export function isToBeReplaced({ replacement, cancelReason }: OrderContext): boolean {
  return (replacement ?? null) !== null && cancelReason === null;
}

export function amendInput(context: OrderContext): AmendInput {
  const { intent, clientOrderId, venueOrderId, wanted, live } = context;
  return {
    at: intent.at,
    role: intent.role,
    request: {
      venueOrderId: venueOrderId ?? "",
      clientOrderId,
      symbol: intent.symbol,
      postOnly: intent.postOnly,
      ...(wanted ?? live),
    },
  };
}

export function cancelInput(context: OrderContext): CancelInput {
  const { intent, clientOrderId, venueOrderId, attempts } = context;
  const { intentId, symbol } = intent;
  return {
    at: intent.at,
    request: { venueOrderId, clientOrderId, symbol },
    ...(isToBeReplaced(context) ? { next: { intentId, attempt: attempts.length + 1 } } : {}),
  };
}

export function lookUpInput(context: OrderContext, doubt: LookUpInput["doubt"]): LookUpInput {
  const { intent, clientOrderId, attempts, doubtSince, venueOrderId, wanted, live } = context;
  const { named } = context;
  return {
    at: intent.at,
    symbol: intent.symbol,
    intentId: intent.intentId,
    clientOrderId,
    nextAttempt: attempts.length + 1,
    doubt,
    since: doubtSince,
    known: venueOrderId !== null,
    wanted,
    ...(doubt === "cancel" && isToBeReplaced(context) ? { replaces: true } : {}),
    side: intent.side,
    quantity: live.quantity,
    ...(named !== undefined && { named }),
    ...(intent.role === "foreign" && { claimedAt: intent.createdAt }),
  };
}

export function differ(a: Terms, b: Terms): boolean {
  return a.quantity !== b.quantity || a.price !== b.price || a.stopPrice !== b.stopPrice;
}
