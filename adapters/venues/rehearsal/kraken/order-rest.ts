/** Kraken's private REST calls that place, change and end orders. */
import type { OrderVersion } from "../account.ts";
import type { Strike } from "../faults/registry.ts";
import { askedByRest, editedByRest } from "./asked-rest.ts";
import { description } from "./order-json.ts";
import { priceOf, quantityOf } from "./order-terms.ts";
import type { Params } from "./params.ts";
import type { KrakenTrading, OrderName } from "./trading.ts";
import { done, type KrakenResult, type KrakenVenue, refusedWith } from "./venue.ts";

export interface OrderCallContext {
  readonly venue: KrakenVenue;
  readonly trading: KrakenTrading;
  readonly params: Params;
  readonly strike: Strike | null;
}

export function addOrder({ venue, trading, params, strike }: OrderCallContext): KrakenResult {
  const pair = venue.pairs.find(params.get("pair") ?? "");
  if (pair === null) return refusedWith("EQuery:Unknown asset pair");
  const asked = askedByRest(params, venue.exchange.clock.told);
  const added = trading.add(asked, pair, strike);
  if (added.type === "refused") return added;
  const { close: _, ...descr } = description(added.terms, pair);
  return done({ descr, ...(added.order === null ? {} : { txid: [added.order.orderId] }) });
}

export function amendOrder({ venue, trading, params }: OrderCallContext): KrakenResult {
  const [order] = trading.named(nameIn(params));
  if (order === undefined) return refusedWith("EOrder:Unknown order");
  const pair = venue.pairs.of(order.symbol);
  const wanted = params.get("order_qty");
  const quantity = wanted === undefined ? null : quantityOf(wanted, pair);
  if (wanted !== undefined && quantity === null) {
    return refusedWith("EGeneral:Invalid arguments:order_qty");
  }
  const [limit, trigger] = [params.get("limit_price"), params.get("trigger_price")];
  const price = limit === undefined ? null : priceOf(limit, pair);
  const stopPrice = trigger === undefined ? null : priceOf(trigger, pair);
  if (price !== null && typeof price !== "string") return price;
  if (stopPrice !== null && typeof stopPrice !== "string") return stopPrice;
  const deadline = params.get("deadline");
  const postOnly = params.get("post_only") === "true";
  const amended = trading.amend(order, { quantity, price, stopPrice, deadline, postOnly });
  return "error" in amended ? amended : done({ amend_id: amended.amendId });
}

export function editOrder({ venue, trading, params }: OrderCallContext): KrakenResult {
  const [order] = trading.named(nameIn(params));
  if (order === undefined) return refusedWith("EOrder:Unknown order");
  const pair = venue.pairs.of(order.symbol);
  const edited = trading.edit(order, editedByRest(params, order), pair);
  if (edited.type === "refused") return edited;
  const { order: words, price, price2 } = description(edited.terms, pair);
  return done({
    descr: { order: words },
    ...(edited.order === null ? {} : { txid: edited.order.orderId }),
    originaltxid: order.orderId,
    volume: edited.terms.quantity,
    price,
    price2,
    orders_cancelled: edited.order === null ? 0 : 1,
    status: "ok",
  });
}

export function cancelOrder({ trading, params, strike }: OrderCallContext): KrakenResult {
  return counted(trading, trading.named(nameIn(params)), strike);
}

export function cancelAll({ trading, strike }: OrderCallContext): KrakenResult {
  const living = trading.living();
  return living.length === 0 ? done({ count: 0 }) : counted(trading, living, strike);
}

export function cancelAllOrdersAfter({ trading, params }: OrderCallContext): KrakenResult {
  const timeout = Number(params.get("timeout") ?? Number.NaN);
  if (!(Number.isInteger(timeout) && timeout >= 0 && timeout <= 86_400)) {
    return refusedWith("EGeneral:Invalid arguments:timeout");
  }
  const { currentTime, triggerTime } = trading.cancelAllAfter(timeout);
  const text = (time: number) => `${new Date(time).toISOString().slice(0, 19)}Z`;
  return done({
    currentTime: text(currentTime),
    triggerTime: triggerTime === null ? "0" : text(triggerTime),
  });
}

function counted(
  trading: KrakenTrading,
  orders: readonly OrderVersion[],
  strike: Strike | null,
): KrakenResult {
  const count = trading.cancel(orders, strike);
  return typeof count === "number" ? done({ count }) : count;
}

/** `txid` may also be a client's number. */
function nameIn(params: Params): OrderName {
  const txid = params.get("txid");
  const isNumber = txid !== undefined && /^-?\d+$/.test(txid);
  return {
    orderId: isNumber ? undefined : txid,
    clientOrderId: params.get("cl_ord_id"),
    userref: isNumber ? txid : undefined,
  };
}
