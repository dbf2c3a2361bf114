/** Orders and trades as Kraken's REST tells them. */
import { compare, multiply, zero } from "../../../../machines/domain/decimal.ts";
import type { OrderType } from "../../../../machines/domain/order.ts";
import type { AccountTrade, OrderVersion } from "../account.ts";
import type { KrakenPair } from "./names.ts";
import { atLeast, averagePrice, lotText, priceText, seconds } from "./numbers.ts";
import type { OrderTerms } from "./order-terms.ts";

export const orderTypeNames: Readonly<Record<OrderType, string>> = {
  market: "market",
  limit: "limit",
  stop: "stop-loss",
  stopLimit: "stop-loss-limit",
};

const statusNames: Readonly<Record<OrderVersion["state"], string>> = {
  open: "open",
  triggered: "open",
  partial: "open",
  filled: "closed",
  canceled: "canceled",
  expired: "expired",
  rejected: "canceled",
};

type Described = Pick<OrderTerms, "side" | "type" | "quantity" | "price" | "stopPrice">;

/** The order in words and parts, as in the reply to AddOrder. */
export function description(order: Described, pair: KrakenPair) {
  const price = order.price === null ? "0" : priceText(pair, order.price);
  const stop = order.stopPrice === null ? "0" : priceText(pair, order.stopPrice);
  const isStop = order.type === "stop" || order.type === "stopLimit";
  const words: Readonly<Record<OrderType, string>> = {
    market: "market",
    limit: `limit ${price}`,
    stop: `stop loss ${stop}`,
    stopLimit: `stop loss ${stop} -> limit ${price}`,
  };
  return {
    pair: pair.altname,
    type: order.side,
    ordertype: orderTypeNames[order.type],
    price: isStop ? stop : price,
    price2: isStop ? price : "0",
    leverage: "none",
    order: `${order.side} ${lotText(order.quantity)} ${pair.altname} @ ${words[order.type]}`,
    close: "",
  };
}

/** What is told beside the order itself. */
export interface Telling {
  readonly withTrades: boolean;
  /** How far the venue's told time is ahead. */
  readonly skewMs: number;
}

/** An order as OpenOrders, ClosedOrders and QueryOrders tell it. */
export function orderJson(order: OrderVersion, pair: KrakenPair, { withTrades, skewMs }: Telling) {
  const isEnded = statusNames[order.state] !== "open";
  const average = averagePrice(order.cost, order.filled, pair.priceDecimals);
  return {
    refid: null,
    userref: order.userref ?? 0,
    ...(order.clientOrderId === null ? {} : { cl_ord_id: order.clientOrderId }),
    status: statusNames[order.state],
    ...(isEnded ? { reason: reasonOf(order) } : {}),
    opentm: seconds(order.createdAt + skewMs),
    ...(isEnded ? { closetm: seconds(order.changedAt + skewMs) } : {}),
    starttm: 0,
    expiretm: order.expiresAt === null ? 0 : seconds(order.expiresAt + skewMs),
    descr: description(order, pair),
    vol: lotText(order.quantity),
    vol_exec: lotText(order.filled),
    cost: atLeast(order.cost, 5),
    fee: atLeast(order.fee, 5),
    price: compare(order.filled, zero) > 0 ? priceText(pair, average) : "0.00000",
    stopprice: order.stopPrice === null ? "0.00000" : atLeast(order.stopPrice, 5),
    limitprice: order.type === "stopLimit" ? atLeast(order.price ?? zero, 5) : "0.00000",
    misc: "",
    oflags: order.postOnly ? "fciq,post" : "fciq",
    ...(withTrades && order.tradeIds.length > 0 ? { trades: order.tradeIds } : {}),
  };
}

/** Why an order ended, in Kraken's words; null for one that was filled. */
export function reasonOf(order: OrderVersion): string | null {
  if (order.state === "canceled" && order.reason === "canceled on request") return "User requested";
  return order.reason;
}

/** An execution as TradesHistory and QueryTrades tell it. */
export function tradeJson(
  trade: AccountTrade,
  pair: KrakenPair,
  { ledgers, skewMs }: { readonly ledgers: readonly string[]; readonly skewMs: number },
) {
  const { order, price, quantity } = trade;
  return {
    ordertxid: order.orderId,
    postxid: "TKH2SE-M7IF5-CFI7LT",
    pair: pair.id,
    time: seconds(trade.at + skewMs),
    type: order.side,
    ordertype: orderTypeNames[order.type],
    price: atLeast(price, 5),
    cost: atLeast(multiply(price, quantity), 5),
    fee: atLeast(trade.fee, 5),
    vol: lotText(quantity),
    margin: "0.00000",
    misc: "",
    trade_id: trade.number,
    maker: trade.liquidity === "maker",
    ledgers,
  };
}
