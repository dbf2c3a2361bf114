import type { AmendRequest, OrderRequest } from "../../../machines/domain/order.ts";
import type { CcxtAssumptions } from "./assumptions.ts";
import { NotSent } from "./faults.ts";

/** What AddOrder is sent for an order, digit for digit. @throws {NotSent} for what has no words. */
export function addOrder(
  pair: string,
  request: OrderRequest,
  now: number,
  { deadlineMs }: CcxtAssumptions,
): Readonly<Record<string, string>> {
  const { type, side, quantity, clientOrderId, postOnly } = request;
  if (postOnly && type !== "limit") {
    throw new NotSent(`Cannot send a post-only ${type} order to kraken`, "unsupported");
  }
  return {
    pair,
    type: side,
    ...pricesOf(request),
    volume: quantity,
    cl_ord_id: clientOrderId,
    // Fees in quote coin: then a sell needs no more coins than it sells.
    oflags: postOnly ? "fciq,post" : "fciq",
    ...timeOf(request),
    deadline: deadline(now, deadlineMs),
  };
}

/** What AmendOrder is sent: the whole terms, not what is different. */
export function amendOrder(
  request: AmendRequest,
  now: number,
  { deadlineMs }: CcxtAssumptions,
): Readonly<Record<string, string>> {
  const { venueOrderId, clientOrderId, quantity, price, stopPrice, postOnly } = request;
  return {
    ...(venueOrderId === "" ? { cl_ord_id: clientOrderId } : { txid: venueOrderId }),
    order_qty: quantity,
    ...(price === null ? {} : { limit_price: price }),
    ...(stopPrice === null ? {} : { trigger_price: stopPrice }),
    // False unless it is said: without it the new price of a post-only order may take.
    ...(postOnly && price !== null ? { post_only: "true" } : {}),
    deadline: deadline(now, deadlineMs),
  };
}

function deadline(now: number, deadlineMs: number): string {
  return new Date(now + deadlineMs).toISOString();
}

function pricesOf(request: OrderRequest): Readonly<Record<string, string>> {
  const { type, price, stopPrice } = request;
  const wanted = (value: string | null, name: string): string => {
    if (value !== null) return value;
    throw new NotSent(`Cannot send a ${type} order to kraken without ${name}`, "unsupported");
  };
  switch (type) {
    case "market":
      return { ordertype: "market" };
    case "limit":
      return { ordertype: "limit", price: wanted(price, "a price") };
    case "stop":
      return { ordertype: "stop-loss", price: wanted(stopPrice, "a stop price") };
    case "stopLimit":
      return {
        ordertype: "stop-loss-limit",
        price: wanted(stopPrice, "a stop price"),
        price2: wanted(price, "a price"),
      };
  }
}

function timeOf({ type, timeInForce, expiresAt }: OrderRequest): Readonly<Record<string, string>> {
  if (timeInForce === "gtc") return {};
  if (timeInForce === "ioc") {
    if (type === "market") return {};
    if (type === "limit") return { timeinforce: "IOC" };
    throw new NotSent(`Cannot send an immediate-or-cancel ${type} order to kraken`, "unsupported");
  }
  if (expiresAt === null) {
    throw new NotSent("Cannot send an order good till date without its date", "unsupported");
  }
  // Whole seconds, never later than was asked for.
  return { timeinforce: "GTD", expiretm: String(Math.floor(expiresAt / 1000)) };
}
