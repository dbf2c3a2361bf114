/** Orders over Kraken's private stream: the methods, and what faults do to their answers. */
import { fromFloat } from "../../../../machines/domain/decimal.ts";
import type { RequestScope, Strike } from "../faults/registry.ts";
import type { KeyPermission } from "./keys.ts";
import { type AskedOrder, priceOf, quantityOf } from "./order-terms.ts";
import type { KrakenTrading } from "./trading.ts";
import { done, type KrakenResult, type KrakenVenue, refusedWith } from "./venue.ts";

/** A message of a client, as far as it is known to be one. */
export type Asked = Readonly<Record<string, unknown>>;

export interface OrderMethod {
  readonly scope: RequestScope;
  readonly needs: readonly KeyPermission[];
  /** One answer, or one for each order that is named. */
  readonly call: (context: MethodContext) => readonly KrakenResult[];
}

export interface MethodContext {
  readonly venue: KrakenVenue;
  readonly trading: KrakenTrading;
  readonly params: Asked;
  readonly strike: Strike | null;
}

/** A text or number of a message as text; undefined where it is neither. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" && Number.isFinite(value) ? fromFloat(value, 12) : undefined;
}

function askedOrder({ params }: MethodContext): AskedOrder {
  const triggers = (params.triggers ?? {}) as Asked;
  const expiry = Date.parse(textOf(params.expire_time) ?? "");
  return {
    side: textOf(params.side),
    ordertype: textOf(params.order_type),
    volume: textOf(params.order_qty),
    limit: textOf(params.limit_price),
    trigger: textOf(triggers.price),
    timeInForce: textOf(params.time_in_force),
    expiresAt: Number.isNaN(expiry) ? null : expiry,
    oflags: params.post_only === true ? ["post"] : [],
    clientOrderId: textOf(params.cl_ord_id),
    userref: textOf(params.order_userref),
    deadline: textOf(params.deadline),
    validate: params.validate === true,
  };
}

function addOrder(context: MethodContext): KrakenResult[] {
  const { venue, trading, params, strike } = context;
  const pair = venue.pairs.inStream(textOf(params.symbol) ?? "");
  if (pair === null) return [refusedWith("EQuery:Unknown asset pair")];
  const added = trading.add(askedOrder(context), pair, strike);
  if (added.type === "refused") return [added];
  const { order, terms } = added;
  return [
    done({
      ...(order === null ? {} : { order_id: order.orderId }),
      ...(terms.clientOrderId === null ? {} : { cl_ord_id: terms.clientOrderId }),
      order_userref: terms.userref ?? 0,
    }),
  ];
}

function amendOrder({ venue, trading, params }: MethodContext): KrakenResult[] {
  const name = {
    orderId: textOf(params.order_id),
    clientOrderId: textOf(params.cl_ord_id),
  };
  const [order] = trading.named(name);
  if (order === undefined) return [refusedWith("EOrder:Unknown order")];
  const pair = venue.pairs.of(order.symbol);
  const asked = [params.order_qty, params.limit_price, params.trigger_price].map(textOf);
  const quantity = asked[0] === undefined ? null : quantityOf(asked[0], pair);
  if (asked[0] !== undefined && quantity === null) {
    return [refusedWith("EGeneral:Invalid arguments:order_qty")];
  }
  const price = asked[1] === undefined ? null : priceOf(asked[1], pair);
  const stopPrice = asked[2] === undefined ? null : priceOf(asked[2], pair);
  if (price !== null && typeof price !== "string") return [price];
  if (stopPrice !== null && typeof stopPrice !== "string") return [stopPrice];
  const deadline = textOf(params.deadline);
  const postOnly = params.post_only === true;
  const amended = trading.amend(order, { quantity, price, stopPrice, deadline, postOnly });
  if ("error" in amended) return [amended];
  const { orderId: order_id, clientOrderId } = order;
  const named = clientOrderId === null ? { order_id } : { order_id, cl_ord_id: clientOrderId };
  return [done({ amend_id: amended.amendId, ...named })];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function cancelOrder({ trading, params, strike }: MethodContext): KrakenResult[] {
  const names = [
    ...listOf(params.order_id).map((id) => ({ orderId: textOf(id) })),
    ...listOf(params.cl_ord_id).map((id) => ({ clientOrderId: textOf(id) })),
    ...listOf(params.order_userref).map((userref) => ({ userref: textOf(userref) })),
  ];
  return names.map((name) => {
    const [order] = trading.named(name);
    const count = trading.cancel(order === undefined ? [] : [order], strike);
    if (typeof count !== "number" || order === undefined) {
      return typeof count === "number" ? refusedWith("EOrder:Unknown order") : count;
    }
    const { orderId: order_id, clientOrderId } = order;
    return done(clientOrderId === null ? { order_id } : { order_id, cl_ord_id: clientOrderId });
  });
}

function cancelAll({ trading, strike }: MethodContext): KrakenResult[] {
  const living = trading.living();
  const count = living.length === 0 ? 0 : trading.cancel(living, strike);
  return [typeof count === "number" ? done({ count }) : count];
}

function cancelAllOrdersAfter({ trading, params }: MethodContext): KrakenResult[] {
  const timeout = params.timeout;
  if (typeof timeout !== "number" || !Number.isInteger(timeout) || timeout < 0) {
    return [refusedWith("EGeneral:Invalid arguments:timeout")];
  }
  const { currentTime, triggerTime } = trading.cancelAllAfter(timeout);
  const text = (time: number) => `${new Date(time).toISOString().slice(0, 19)}Z`;
  return [
    done({
      currentTime: text(currentTime),
      triggerTime: triggerTime === null ? "0" : text(triggerTime),
    }),
  ];
}

const closing = ["close-trades", "modify-trades"] as const;

export const orderMethods: Readonly<Record<string, OrderMethod>> = {
  add_order: { scope: "submit", needs: ["modify-trades"], call: addOrder },
  amend_order: { scope: "amend", needs: closing, call: amendOrder },
  cancel_order: { scope: "cancel", needs: closing, call: cancelOrder },
  cancel_all: { scope: "cancel", needs: closing, call: cancelAll },
  cancel_all_orders_after: { scope: "cancel", needs: closing, call: cancelAllOrdersAfter },
};
