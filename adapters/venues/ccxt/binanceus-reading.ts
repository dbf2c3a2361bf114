import { type Decimal, zero } from "../../../machines/domain/decimal.ts";
import type { Fill } from "../../../machines/domain/fill.ts";
import {
  isTerminal,
  type OrderType,
  type Side,
  type VenueOrder,
  type VenueOrderState,
} from "../../../machines/domain/order.ts";
import { MalformedReply } from "./faults.ts";
import type { Market, MarketNames, MarketState } from "./protocol.ts";
import {
  amountOf,
  type Fields,
  fieldsOf,
  flagOf,
  listOf,
  millisecondsOf,
  optionalAmount,
  optionalText,
  textOf,
} from "./reading.ts";
import { readStop } from "./stop-limit.ts";

/** One symbol of exchangeInfo, or null for one without the rules that orders need. */
export function readMarket(
  fields: Fields,
  fees: { readonly makerFee: Decimal; readonly takerFee: Decimal },
): Market | null {
  const filters = new Map<string, Fields>();
  for (const value of listOf(fields.filters, '"filters"')) {
    const filter = fieldsOf(value, "filter");
    filters.set(textOf(filter, "filterType"), filter);
  }
  const price = filters.get("PRICE_FILTER");
  const lot = filters.get("LOT_SIZE");
  const notional = filters.get("NOTIONAL") ?? filters.get("MIN_NOTIONAL");
  if (price === undefined || lot === undefined || notional === undefined) return null;
  const id = textOf(fields, "symbol");
  const base = textOf(fields, "baseAsset");
  const quote = textOf(fields, "quoteAsset");
  const symbol = `${base}/${quote}`;
  const instrument = {
    ...{ venue: "binanceus", symbol, base, quote },
    tick: amountOf(price, "tickSize"),
    lot: amountOf(lot, "stepSize"),
    minQuantity: amountOf(lot, "minQty"),
    minNotional: amountOf(notional, "minNotional"),
    ...fees,
  };
  const state: MarketState = textOf(fields, "status") === "TRADING" ? "online" : "closed";
  return { instrument, id, aliases: [id, symbol], state };
}

/** An order, as placing, cancelling, asking and listing tell it. */
export function readOrder(
  fields: Fields,
  names: MarketNames,
  freshAt: number,
  distance: string,
): VenueOrder {
  const symbol = names.symbolOf(textOf(fields, "symbol"));
  const side = sideOf(fields);
  const filled = amountOf(fields, "executedQty");
  const tick = names.marketOf(symbol)?.instrument.tick ?? null;
  const terms = termsOf(fields, side, distance, tick);
  const state = stateOf(fields, filled, textOf(fields, "type"));
  const createdAt = millisecondsOf(fields, fields.time === undefined ? "transactTime" : "time");
  const changedAt =
    fields.updateTime === undefined ? createdAt : millisecondsOf(fields, "updateTime");
  return {
    venueOrderId: textOf(fields, "orderId"),
    // A cancel's own id takes the place of the order's in the answer to the cancel.
    clientOrderId:
      optionalText(fields, "origClientOrderId") ?? optionalText(fields, "clientOrderId"),
    ...{ symbol, side, quantity: amountOf(fields, "origQty"), ...terms, state, filled },
    reason: null,
    createdAt,
    updatedAt: Math.max(changedAt, isTerminal(state) ? 0 : freshAt),
  };
}

function stateOf(fields: Fields, filled: Decimal, type: string): VenueOrderState {
  const status = textOf(fields, "status");
  switch (status) {
    case "NEW":
    case "PENDING_NEW":
    case "PENDING_CANCEL":
    case "PARTIALLY_FILLED":
      if (filled !== zero) return "partial";
      return type.startsWith("STOP") && fields.isWorking === true ? "triggered" : "open";
    case "FILLED":
      return "filled";
    case "CANCELED":
      return "canceled";
    case "EXPIRED":
    case "EXPIRED_IN_MATCH":
      return "expired";
    case "REJECTED":
      return "rejected";
    default:
      throw new MalformedReply(`Cannot read order status: was "${status}"`);
  }
}

function termsOf(
  fields: Fields,
  side: Side,
  distance: string,
  tick: Decimal | null,
): { type: OrderType; price: Decimal | null; stopPrice: Decimal | null } {
  const type = textOf(fields, "type");
  const price = optionalAmount(fields, "price");
  const stopPrice = optionalAmount(fields, "stopPrice");
  if (type === "MARKET") return { type: "market", price: null, stopPrice: null };
  if (type.startsWith("LIMIT")) return { type: "limit", price, stopPrice: null };
  if (type === "STOP_LOSS_LIMIT" && price !== null && stopPrice !== null) {
    return readStop(side, { price, stopPrice }, distance, tick);
  }
  return { type: type.endsWith("LIMIT") ? "stopLimit" : "stop", price, stopPrice };
}

function sideOf(fields: Fields): Side {
  const side = textOf(fields, "side");
  if (side === "BUY") return "buy";
  if (side === "SELL") return "sell";
  throw new MalformedReply(`Cannot read side: was "${side}", wanted "BUY" or "SELL"`);
}

/** One entry of myTrades. The venue counts trades for each symbol, so its name is part of the id. */
export function readFill(
  fields: Fields,
  names: MarketNames,
  clientIdOf: (venueOrderId: string) => string | null,
): Fill {
  const name = textOf(fields, "symbol");
  const venueOrderId = textOf(fields, "orderId");
  return {
    tradeId: `${name}:${textOf(fields, "id")}`,
    venueOrderId,
    clientOrderId: clientIdOf(venueOrderId),
    symbol: names.symbolOf(name),
    side: flagOf(fields, "isBuyer") ? "buy" : "sell",
    price: amountOf(fields, "price"),
    quantity: amountOf(fields, "qty"),
    fee: amountOf(fields, "commission"),
    feeCoin: textOf(fields, "commissionAsset"),
    liquidity: flagOf(fields, "isMaker") ? "maker" : "taker",
    at: millisecondsOf(fields, "time"),
  };
}
