import {
  add,
  compare,
  type Decimal,
  isZero,
  maximum,
  zero,
} from "../../../machines/domain/decimal.ts";
import type { VenueReport } from "../../../machines/domain/fill.ts";
import type { OrderType, VenueOrder, VenueOrderState } from "../../../machines/domain/order.ts";
import { isTerminal } from "../../../machines/domain/order.ts";
import { KnownOrders } from "./known-orders.ts";
import {
  type Fields,
  flawed,
  isFields,
  quantityIn,
  quantityOf,
  sideOf,
  symbolOf,
  textIn,
  textOf,
  timeIn,
  WireFlaw,
} from "./wire-message.ts";

/** By Coinbase's name in small letters without spaces and underscores: it writes several forms. */
const orderTypes: Readonly<Record<string, OrderType>> = {
  market: "market",
  limit: "limit",
  stop: "stop",
  stoplimit: "stopLimit",
  bracket: "stopLimit",
  takeprofitstoploss: "stopLimit",
  twap: "limit",
  scaled: "limit",
};

const endStates: Readonly<Record<string, VenueOrderState>> = {
  FILLED: "filled",
  CANCELLED: "canceled",
  EXPIRED: "expired",
  FAILED: "rejected",
};
/** An order whose cancel is queued still trades. */
const liveStatuses = ["PENDING", "QUEUED", "OPEN", "CANCEL_QUEUED", "EDIT_QUEUED"];

export interface OrderSink {
  report(report: VenueReport): void;
  malformed(reason: string): void;
  fillsWanted(venueOrderId: string, symbol: string): void;
}

/**
 * Reads the orders of Coinbase's `user` channel. Each tells its sums so far, never a trade: so no
 * fill is made of it, for a fill without the venue's trade id could be booked twice (P4). Where the
 * sum has grown, the trades are asked for instead.
 */
export class CoinbaseOrders {
  readonly #orders = new KnownOrders();

  constructor(private readonly sink: OrderSink) {}

  /** @param at when the message was sent, Unix milliseconds. */
  read(entries: readonly unknown[], at: number): void {
    for (const entry of entries) {
      try {
        if (!isFields(entry)) throw flawed("order", entry, "an object");
        // Futures are not this desk's.
        if ((entry.product_type ?? "SPOT") === "SPOT") this.#order(entry, at);
      } catch (error) {
        if (!(error instanceof WireFlaw)) throw error;
        this.sink.malformed(`order ${error.message}`);
      }
    }
  }

  #order(entry: Fields, at: number): void {
    const venueOrderId = textOf(entry, "order_id");
    const known = this.#orders.get(venueOrderId);
    const before = known?.filled ?? zero;
    const filled = maximum(before, quantityOf(entry, "cumulative_quantity"));
    const state = stateOf(entry, filled);
    const order: VenueOrder = {
      venueOrderId,
      clientOrderId: textIn(entry, "client_order_id") ?? known?.clientOrderId ?? null,
      symbol: symbolOf(entry, "product_id", "-"),
      side: sideOf(entry, "order_side"),
      type: typeOf(entry),
      quantity: wholeQuantity(entry, filled, isTerminal(state) ? known : undefined),
      price: priceIn(entry, "limit_price") ?? known?.price ?? null,
      stopPrice: priceIn(entry, "stop_price") ?? known?.stopPrice ?? null,
      state,
      filled,
      reason: textIn(entry, "reject_reason") ?? textIn(entry, "cancel_reason"),
      createdAt: timeIn(entry, "creation_time") ?? known?.createdAt ?? at,
      updatedAt: at,
    };
    if (!this.#orders.put(order)) return;
    this.sink.report({ type: "order", order });
    if (compare(filled, before) > 0) this.sink.fillsWanted(venueOrderId, order.symbol);
  }
}

function typeOf(entry: Fields): OrderType {
  const name = textOf(entry, "order_type").toLowerCase().replaceAll(/[ _]/g, "");
  const type = orderTypes[name];
  if (type === undefined) throw flawed("order_type", entry.order_type, "a known one");
  return type;
}

/** What is left of an ended order may be told as zero: there the quantity from before counts. */
function wholeQuantity(entry: Fields, filled: Decimal, ended: VenueOrder | undefined): Decimal {
  const told = add(filled, quantityIn(entry, "leaves_quantity") ?? zero);
  return ended ? maximum(told, ended.quantity) : told;
}

/** Zero is how the venue writes that an order has no such price. */
function priceIn(entry: Fields, name: string): Decimal | null {
  const price = quantityIn(entry, name);
  return price === null || isZero(price) ? null : price;
}

function stateOf(entry: Fields, filled: Decimal): VenueOrderState {
  const status = textOf(entry, "status");
  const ended = endStates[status];
  if (ended !== undefined) return ended;
  if (!liveStatuses.includes(status)) throw flawed("status", status, "a known one");
  if (compare(filled, zero) > 0) return "partial";
  return entry.trigger_status === "STOP_TRIGGERED" ? "triggered" : "open";
}
