import {
  add,
  compare,
  type Decimal,
  decimal,
  isPositive,
  maximum,
  multiply,
  roundToStep,
  zero,
} from "./domain/decimal.ts";
import type { LaneName, SymbolName, VenueAccount } from "./domain/ids.ts";
import type { Instrument } from "./domain/instrument.ts";
import type { Intent, OrderRole } from "./domain/order.ts";
import type { ExitReason } from "./domain/position.ts";
import type { Terms } from "./order.types.ts";

export interface PositionSettings {
  /** Stops placed in vain, and exits tried in vain, before the next resort. */
  readonly maxFailures: number;
  /** First pause before a stop that was not taken is placed again; doubles up to 30 s. */
  readonly stopRetryMs?: number;
  /** Pause before a stranded position is protected and sold again, milliseconds. */
  readonly strandedRetryMs: number;
  /** How long a closed position stays to take late fills, milliseconds. */
  readonly settleMs: number;
  /** False for one that no stop protects: on paper, for research; the desk refuses it elsewhere. */
  readonly protects?: false;
}

/** An intent as a machine asks for it; the runtime adds when it was made. */
export type IntentWanted = Omit<Intent, "createdAt">;

export interface PositionInput {
  readonly positionId: string;
  readonly vaultId: string;
  readonly at: VenueAccount;
  readonly symbol: SymbolName;
  /** Of a strategy book's own; absent where the symbol has one scanner. */
  readonly lane?: LaneName;
  readonly instrument: Instrument;
  readonly entry: IntentWanted;
  readonly stopPrice: Decimal;
  /** Where the desk sells it in profit; null for a position without a target. */
  readonly targetPrice: Decimal | null;
  /** Place of the timeframe whose range its stop is trailed by. */
  readonly stopFrame: number;
  /** Names of the strategies that voted for it. */
  readonly votedBy: readonly string[];
  readonly settings: PositionSettings;
  /** What the ledger knows of it, when its actor is made anew. */
  readonly recovered?: Pick<
    PositionContext,
    "quantity" | "entryEnded" | "stop" | "stopNumber" | "exit" | "exitNumber" | "exitReason"
  >;
}

export interface StopState {
  readonly intentId: string;
  /** As last asked of the order. */
  readonly asked: Terms;
  /** As the venue confirmed it; null until it is known to rest there. */
  readonly live: Terms | null;
  readonly filled: Decimal;
  /** The venue would not have it as asked. */
  readonly stuck: boolean;
  readonly ended: boolean;
}

export interface PositionContext extends PositionInput {
  /** Held: bought less sold, less fees charged in the base coin. */
  readonly quantity: Decimal;
  readonly entryEnded: boolean;
  readonly initialStop: Decimal;
  readonly stop: StopState | null;
  readonly stopNumber: number;
  readonly exit: { readonly intentId: string; readonly ended: boolean } | null;
  readonly exitNumber: number;
  readonly exitReason: ExitReason | null;
  /** The exit failed; it waits until its stop is back. */
  readonly exitHeld: boolean;
  readonly failures: number;
  /** The largest quantities that the venue found too small for a stop, and to sell at all. */
  readonly tooSmall?: { readonly stop: Decimal; readonly exit: Decimal };
  readonly illegal: number;
}

interface FromOrder {
  readonly intentId: string;
  readonly role: OrderRole;
}

export type PositionEvent =
  | ({ type: "order.filled"; quantity: Decimal; fee: Decimal; feeCoin: string } & FromOrder)
  | ({
      type: "order.opened" | "order.amended";
      live: Terms;
      /** What the order still asks for; null when it asks for nothing. */
      wanted: Terms | null;
    } & FromOrder)
  | ({
      type: "order.ended";
      ended: string;
      filled: Decimal;
      reason: string | null;
      /** How the venue's refusal was classified, where it refused the order. */
      refusal?: string | null;
    } & FromOrder)
  | { type: "level.raised"; stopPrice: Decimal }
  | { type: "level.crossed" }
  | { type: "exit.wanted"; reason: ExitReason }
  | { type: "exit.retry" }
  | { type: "entry.abandon"; reason: string };

/** What of it can be sold: whole lots. */
export function sellable({ quantity, instrument }: PositionContext): Decimal {
  return isPositive(quantity) ? roundToStep(quantity, instrument.lot, "down") : zero;
}

/** Whether the venue takes an order on what is left, at a price. */
function isTaken(context: PositionContext, price: Decimal, refused: Decimal): boolean {
  const { instrument } = context;
  const quantity = sellable(context);
  return (
    isPositive(quantity) &&
    compare(quantity, refused) > 0 &&
    compare(quantity, instrument.minQuantity) >= 0 &&
    compare(multiply(quantity, price), instrument.minNotional) >= 0
  );
}

/** Whether what is left is large enough for a stop: its value at the stop's price counts. */
export function canStop(context: PositionContext): boolean {
  return isTaken(context, context.stopPrice, context.tooSmall?.stop ?? zero);
}

/** Whether what is left is large enough to be sold, as far as is known before it is tried. */
export function canSell(context: PositionContext): boolean {
  return isTaken(context, lastPaid(context), context.tooSmall?.exit ?? zero);
}

/** The entry's price or the stop's, whichever is higher: no market price is known here. */
const lastPaid = ({ entry, stopPrice }: PositionContext) =>
  maximum(entry.price ?? stopPrice, stopPrice);

/** How many times the venue's minimum a quantity may be that it calls too small. */
const smallFactor = decimal(10);

/**
 * Whether what is held is so little that a venue which calls it too small is to be believed: more
 * than that is never given up as a remainder.
 */
export function isSmall(context: PositionContext): boolean {
  const { instrument } = context;
  const quantity = sellable(context);
  const value = multiply(quantity, lastPaid(context));
  return (
    compare(quantity, multiply(instrument.minQuantity, smallFactor)) <= 0 ||
    compare(value, multiply(instrument.minNotional, smallFactor)) <= 0
  );
}

/** What the stop is to be now: all that can be sold, at the desk's level. */
export function stopTerms(context: PositionContext): Terms {
  const { stop, stopPrice } = context;
  const filled = stop && !stop.ended ? stop.filled : zero;
  return {
    quantity: add(filled, sellable(context)),
    price: null,
    stopPrice,
  };
}

export const stopEnded = ({ stop }: PositionContext) => stop === null || stop.ended;
export const exitEnded = ({ exit }: PositionContext) => exit === null || exit.ended;

/** A sell of the position, as its stop or its exit. */
export function sellIntent(
  context: PositionContext,
  role: "stop" | "exit",
  number: number,
): IntentWanted {
  const { positionId, at, symbol } = context;
  const isStop = role === "stop";
  return {
    intentId: `${positionId}/${role}-${number}`,
    at,
    symbol,
    positionId,
    role,
    side: "sell",
    type: isStop ? "stop" : "market",
    quantity: sellable(context),
    price: null,
    stopPrice: isStop ? context.stopPrice : null,
    timeInForce: "gtc",
    postOnly: false,
    expiresAt: null,
    patienceMs: null,
  };
}
