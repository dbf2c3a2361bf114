import {
  add,
  compare,
  type Decimal,
  isPositive,
  isZero,
  maximum,
  zero,
} from "../../../machines/domain/decimal.ts";
import type { Fill, VenueReport } from "../../../machines/domain/fill.ts";
import { coinsOf } from "../../../machines/domain/ids.ts";
import type { OrderType, VenueOrder, VenueOrderState } from "../../../machines/domain/order.ts";
import { KnownOrders } from "./known-orders.ts";
import { SeenIds } from "./seen-ids.ts";
import {
  amountOf,
  type Fields,
  flawed,
  isFields,
  listOf,
  quantityIn,
  quantityOf,
  sideOf,
  symbolOf,
  textIn,
  textOf,
  timeOf,
  WireFlaw,
} from "./wire-message.ts";

/**
 * Kraken's order types in the desk's words. The last ones only the operator places by hand: they
 * are shown as what they are most like, and never sent.
 */
const orderTypes: Readonly<Record<string, OrderType>> = {
  market: "market",
  limit: "limit",
  "stop-loss": "stop",
  "stop-loss-limit": "stopLimit",
  "take-profit": "stop",
  "take-profit-limit": "stopLimit",
  "trailing-stop": "stop",
  "trailing-stop-limit": "stopLimit",
  iceberg: "limit",
  "settle-position": "market",
};

const endStates: Readonly<Record<string, VenueOrderState>> = {
  filled: "filled",
  canceled: "canceled",
  expired: "expired",
  rejected: "rejected",
};
const liveStatuses = ["pending_new", "new", "partially_filled"];

export interface ExecutionSink {
  report(report: VenueReport): void;
  malformed(reason: string): void;
}

/**
 * Reads Kraken's `executions` (WebSocket v2). Each entry of a message is read by itself, for one
 * message may mix kinds; one that cannot be read is reported, and the others count.
 *
 * - A trade is a fill, once per `exec_id`. Its status may say `partially_filled` though it was the
 *   last one: that an order is full is said by a `filled` of its own.
 * - An order's entry repeats only what changed; the rest is known from before, or it is malformed.
 */
export class KrakenExecutions {
  readonly #orders = new KnownOrders();
  readonly #trades = new SeenIds();

  constructor(private readonly sink: ExecutionSink) {}

  /**
   * The open orders and the last 50 trades. All of them are told, those from before this desk
   * listened too: the ledger knows which it has, and one kept back here could be lost (P4).
   */
  snapshot(entries: readonly unknown[]): void {
    this.#each(entries, (entry) => {
      if (isTrade(entry)) this.#fill(entry);
      else this.#order(entry, null);
    });
  }

  update(entries: readonly unknown[]): void {
    this.#each(entries, (entry) => {
      if (!isTrade(entry)) {
        this.#order(entry, null);
        return;
      }
      const fill = this.#fill(entry);
      if (fill) this.#order(entry, fill);
    });
  }

  /** What can be believed of a message after a gap: that trades were made. */
  afterGap(entries: readonly unknown[]): void {
    this.#each(entries, (entry) => {
      if (isTrade(entry)) this.#fill(entry);
    });
  }

  #each(entries: readonly unknown[], read: (entry: Fields) => void): void {
    for (const entry of entries) {
      try {
        if (!isFields(entry)) throw flawed("entry", entry, "an object");
        read(entry);
      } catch (error) {
        if (!(error instanceof WireFlaw)) throw error;
        this.sink.malformed(`execution ${error.message}`);
      }
    }
  }

  /** Reports a trade; null if it came before. */
  #fill(entry: Fields): Fill | null {
    const venueOrderId = textOf(entry, "order_id");
    const known = this.#orders.get(venueOrderId);
    const symbol = symbolOf(entry, "symbol", "/");
    const fill: Fill = {
      tradeId: textOf(entry, "exec_id"),
      venueOrderId,
      clientOrderId: textIn(entry, "cl_ord_id") ?? known?.clientOrderId ?? null,
      symbol,
      side: sideOf(entry, "side"),
      price: positiveOf(entry, "last_price"),
      quantity: positiveOf(entry, "last_qty"),
      ...feeOf(entry, symbol),
      liquidity: liquidityOf(entry),
      at: timeOf(entry, "timestamp"),
    };
    if (!this.#trades.add(fill.tradeId)) return null;
    this.sink.report({ type: "fill", fill });
    return fill;
  }

  /** Reports an order that is another one now; `fill` is the trade that the entry is of. */
  #order(entry: Fields, fill: Fill | null): void {
    const venueOrderId = textOf(entry, "order_id");
    const known = this.#orders.get(venueOrderId);
    // A trade tells too little to begin an order with, and its fill was reported.
    if (fill && !known && entry.order_qty === undefined) return;
    const told = quantityIn(entry, "cum_qty");
    const before = known?.filled ?? zero;
    const filled = maximum(before, told ?? (fill ? add(before, fill.quantity) : zero));
    const updatedAt = timeOf(entry, "timestamp");
    const quantity = quantityIn(entry, "order_qty") ?? known?.quantity;
    const order: VenueOrder = {
      venueOrderId,
      clientOrderId: textIn(entry, "cl_ord_id") ?? known?.clientOrderId ?? null,
      symbol: known?.symbol ?? symbolOf(entry, "symbol", "/"),
      side: known?.side ?? sideOf(entry, "side"),
      // Kept, for after its trigger a stop is told as the order that it became.
      type: known?.type ?? typeOf(entry),
      quantity: quantity ?? cashQuantity(entry, filled),
      price: priceIn(entry, "limit_price") ?? known?.price ?? null,
      stopPrice: stopPriceOf(entry) ?? known?.stopPrice ?? null,
      state: stateOf(entry, filled, known),
      filled,
      reason: textIn(entry, "reason") ?? textIn(entry, "cancel_reason") ?? known?.reason ?? null,
      createdAt: known?.createdAt ?? updatedAt,
      updatedAt,
    };
    if (this.#orders.put(order)) this.sink.report({ type: "order", order });
  }
}

const isTrade = (entry: Fields): boolean => entry.exec_type === "trade";

function positiveOf(entry: Fields, name: string): Decimal {
  const value = amountOf(entry, name);
  if (!isPositive(value)) throw flawed(name, entry[name], "a number above 0");
  return value;
}

/** Zero is how Kraken writes that an order has no such price. */
function priceIn(entry: Fields, name: string): Decimal | null {
  const price = quantityIn(entry, name);
  return price === null || isZero(price) ? null : price;
}

function stopPriceOf(entry: Fields): Decimal | null {
  const { triggers } = entry;
  return (isFields(triggers) ? priceIn(triggers, "price") : null) ?? priceIn(entry, "stop_price");
}

function typeOf(entry: Fields): OrderType {
  const type = orderTypes[textOf(entry, "order_type")];
  if (type === undefined) throw flawed("order_type", entry.order_type, "a known one");
  return type;
}

/** An order for so much money, which only the operator places by hand, has no quantity. */
function cashQuantity(entry: Fields, filled: Decimal): Decimal {
  return quantityIn(entry, "cash_order_qty") === null ? quantityOf(entry, "order_qty") : filled;
}

function stateOf(entry: Fields, filled: Decimal, known: VenueOrder | undefined): VenueOrderState {
  const status = textOf(entry, "order_status");
  const ended = endStates[status];
  if (ended !== undefined) return ended;
  if (!liveStatuses.includes(status)) throw flawed("order_status", status, "a known one");
  if (compare(filled, zero) > 0) return "partial";
  const { triggers } = entry;
  const isTriggered = isFields(triggers) && triggers.status === "triggered";
  return isTriggered || known?.state === "triggered" ? "triggered" : "open";
}

function liquidityOf(entry: Fields): Fill["liquidity"] {
  const indicator = textOf(entry, "liquidity_ind");
  if (indicator === "t") return "taker";
  if (indicator === "m") return "maker";
  throw flawed("liquidity_ind", indicator, "t or m");
}

/** What the trade cost: in base, in quote or in a third coin, but in one. */
function feeOf(entry: Fields, symbol: string): Pick<Fill, "fee" | "feeCoin"> {
  let fee = zero;
  let feeCoin: string | null = null;
  for (const part of listOf(entry, "fees")) {
    const coin = textOf(part, "asset");
    const quantity = amountOf(part, "qty");
    if (isZero(quantity)) continue;
    if (feeCoin !== null && feeCoin !== coin) throw flawed("fees", entry.fees, "one coin");
    feeCoin = coin;
    fee = add(fee, quantity);
  }
  return { fee, feeCoin: feeCoin ?? coinsOf(symbol).quote };
}
