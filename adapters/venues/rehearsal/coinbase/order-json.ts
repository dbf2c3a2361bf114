/** Orders and fills as Coinbase tells them, over REST and in the `user` channel. */
import {
  add,
  type Decimal,
  decimal,
  divide,
  isZero,
  multiply,
  roundToPlaces,
  subtract,
  zero,
} from "../../../../machines/domain/decimal.ts";
import type { AccountTrade, OrderVersion } from "../account.ts";
import { rfc3339 } from "../clock.ts";
import { uuidOf } from "./ids.ts";
import type { ConfigurationKind, OrderTerms } from "./order-terms.ts";
import type { CoinbaseTrading } from "./trading.ts";
import { type CoinbaseVenue, isLiving } from "./venue.ts";

const statuses: Readonly<Record<OrderVersion["state"], string>> = {
  open: "OPEN",
  partial: "OPEN",
  triggered: "OPEN",
  filled: "FILLED",
  canceled: "CANCELLED",
  expired: "EXPIRED",
  rejected: "FAILED",
};
const timesInForce = {
  gtc: "GOOD_UNTIL_CANCELLED",
  gtd: "GOOD_UNTIL_DATE_TIME",
  ioc: "IMMEDIATE_OR_CANCEL",
} as const;
const orderTypes = {
  market: "MARKET",
  limit: "LIMIT",
  stop: "STOP_LIMIT",
  stopLimit: "STOP_LIMIT",
} as const;

/** Who the account belongs to. */
export function userIdOf(seed: string): string {
  return uuidOf(seed, "O", "user");
}

/** The account's only portfolio. */
export function portfolioIdOf(seed: string): string {
  return uuidOf(seed, "O", "portfolio");
}

export function sideText(side: OrderVersion["side"]): "BUY" | "SELL" {
  return side === "buy" ? "BUY" : "SELL";
}

/** Only what has a date expires: what finds no more to take at once is cancelled. */
export function statusText({ state, timeInForce }: OrderVersion): string {
  return state === "expired" && timeInForce !== "gtd" ? "CANCELLED" : statuses[state];
}

function kindOf({ type, timeInForce }: OrderVersion): ConfigurationKind {
  const isDated = timeInForce === "gtd";
  if (type === "market") return "market_market_ioc";
  if (type === "limit") {
    if (timeInForce === "ioc") return "sor_limit_ioc";
    return isDated ? "limit_limit_gtd" : "limit_limit_gtc";
  }
  return isDated ? "stop_limit_stop_limit_gtd" : "stop_limit_stop_limit_gtc";
}

/** An order's configuration as it stands, edits included. */
export function configurationOf(order: OrderVersion, terms: OrderTerms | null, skewMs: number) {
  const kind = terms?.kind ?? kindOf(order);
  const { quantity, price, stopPrice, side, postOnly, expiresAt } = order;
  const quoteSize = terms?.quoteSize ?? null;
  const size = quoteSize === null ? { base_size: quantity } : { quote_size: quoteSize };
  // What others placed as a stop at market is told as near to it as this venue's words get.
  const limit = price ?? stopPrice;
  return {
    [kind]: {
      ...size,
      ...(order.type === "market" ? {} : { limit_price: limit }),
      ...(stopPrice === null
        ? {}
        : {
            stop_price: stopPrice,
            stop_direction: `STOP_DIRECTION_STOP_${side === "sell" ? "DOWN" : "UP"}`,
          }),
      ...(expiresAt === null ? {} : { end_time: rfc3339(expiresAt + skewMs) }),
      ...(kind.startsWith("limit_limit_gt") ? { post_only: postOnly } : {}),
    },
  };
}

function triggerStatus({ stopPrice, state }: OrderVersion): string {
  if (stopPrice === null) return "INVALID_ORDER_TYPE";
  return state === "open" ? "STOP_PENDING" : "STOP_TRIGGERED";
}

function averageOf({ cost, filled }: OrderVersion): Decimal {
  return isZero(filled) ? zero : divide(cost, filled, 16, "nearest");
}

/** What is left of it, and what of the account it holds. */
function outstanding(order: OrderVersion, takerFee: Decimal) {
  const left = isLiving(order) ? subtract(order.quantity, order.filled) : zero;
  const price = order.price ?? order.stopPrice ?? zero;
  const held = multiply(multiply(left, price), add(decimal(1), takerFee));
  return { left, hold: order.side === "sell" ? left : roundToPlaces(held, 8, "up") };
}

/** What both ways of telling an order have in common. */
function factsOf({ products, exchange, seed }: CoinbaseVenue, order: OrderVersion) {
  const { cost, fee, filled, quantity, side, orderId, clientOrderId } = order;
  const { id, instrument } = products.of(order.symbol);
  const { left, hold } = outstanding(order, instrument.takerFee);
  const done = divide(multiply(filled, decimal(100)), quantity, 2, "down");
  return {
    left,
    facts: {
      order_id: orderId,
      product_id: id,
      client_order_id: clientOrderId ?? "",
      status: statusText(order),
      completion_percentage: done,
      number_of_fills: String(order.tradeIds.length),
      filled_value: cost,
      total_fees: fee,
      total_value_after_fees: side === "buy" ? add(cost, fee) : subtract(cost, fee),
      trigger_status: triggerStatus(order),
      product_type: "SPOT",
      outstanding_hold_amount: hold,
      retail_portfolio_id: portfolioIdOf(seed),
    },
    createdAt: rfc3339(order.createdAt + exchange.clock.skewMs),
  };
}

function timeInForceText(order: OrderVersion, terms: OrderTerms | null): string {
  return terms?.isFillOrKill === true ? "FILL_OR_KILL" : timesInForce[order.timeInForce];
}

/** An order of Get Order and List Orders. */
export function orderJson(venue: CoinbaseVenue, trading: CoinbaseTrading, order: OrderVersion) {
  const { skewMs } = venue.exchange.clock;
  const terms = trading.termsOf(order);
  const { facts, createdAt } = factsOf(venue, order);
  const filledAt = order.tradeIds.length === 0 ? null : trading.filledAt(order.orderId);
  const isEnded = !isLiving(order);
  return {
    ...facts,
    user_id: userIdOf(venue.seed),
    order_configuration: configurationOf(order, terms, skewMs),
    side: sideText(order.side),
    time_in_force: timeInForceText(order, terms),
    created_time: createdAt,
    filled_size: order.filled,
    average_filled_price: averageOf(order),
    fee: "",
    pending_cancel: false,
    size_in_quote: terms?.quoteSize != null,
    size_inclusive_of_fees: terms?.quoteSize != null,
    order_type: orderTypes[order.type],
    reject_reason: "REJECT_REASON_UNSPECIFIED",
    settled: isEnded,
    reject_message: "",
    cancel_message: order.state === "canceled" ? "User requested cancel" : "",
    order_placement_source: order.origin === "key" ? "RETAIL_ADVANCED" : "RETAIL_SIMPLE",
    is_liquidation: false,
    last_fill_time: filledAt === null ? null : rfc3339(filledAt + skewMs),
    leverage: "",
    margin_type: "",
    originating_order_id: "",
    attached_order_id: "",
  };
}

/** An order of the `user` channel: sums so far, never a fill. */
export function userOrderJson(venue: CoinbaseVenue, trading: CoinbaseTrading, order: OrderVersion) {
  const terms = trading.termsOf(order);
  const { facts, left, createdAt } = factsOf(venue, order);
  const type = orderTypes[order.type];
  return {
    ...facts,
    cumulative_quantity: order.filled,
    leaves_quantity: left,
    avg_price: averageOf(order),
    creation_time: createdAt,
    order_side: sideText(order.side),
    // Written otherwise than over REST: "Stop Limit".
    order_type: type.toLowerCase().replace(/(^|_)([a-z])/g, (_, gap, letter) => {
      return `${gap === "" ? "" : " "}${letter.toUpperCase()}`;
    }),
    limit_price: order.price ?? "",
    stop_price: order.stopPrice ?? "",
    post_only: String(order.postOnly),
    cancel_reason: order.state === "canceled" ? "User requested cancel" : "",
    reject_reason: "",
    contract_expiry_type: "UNKNOWN_CONTRACT_EXPIRY_TYPE",
    risk_managed_by: "UNKNOWN_RISK_MANAGEMENT_TYPE",
    time_in_force: timeInForceText(order, terms),
  };
}

/** A fill of List Fills. */
export function fillJson(venue: CoinbaseVenue, trading: CoinbaseTrading, trade: AccountTrade) {
  const { exchange, products, seed } = venue;
  const { order, price, quantity, fee, liquidity, at, tradeId } = trade;
  const inQuote = trading.termsOf(order)?.quoteSize != null;
  const told = rfc3339(at + exchange.clock.skewMs);
  return {
    entry_id: exchange.account.ledgerIdsOf(tradeId)[0] ?? tradeId,
    trade_id: tradeId,
    order_id: order.orderId,
    trade_time: told,
    trade_type: "FILL",
    price,
    size: inQuote ? multiply(price, quantity) : quantity,
    commission: fee,
    product_id: products.of(order.symbol).id,
    sequence_timestamp: told,
    liquidity_indicator: liquidity.toUpperCase(),
    size_in_quote: inQuote,
    user_id: userIdOf(seed),
    side: sideText(order.side),
    retail_portfolio_id: portfolioIdOf(seed),
  };
}
