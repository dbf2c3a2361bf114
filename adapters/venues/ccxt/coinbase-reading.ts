import {
  compare,
  type Decimal,
  decimal,
  divide,
  roundToStep,
  zero,
} from "../../../machines/domain/decimal.ts";
import type { Fill } from "../../../machines/domain/fill.ts";
import { coinsOf } from "../../../machines/domain/ids.ts";
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
  isoTimeOf,
  optionalAmount,
  optionalText,
  textOf,
} from "./reading.ts";
import { readStop } from "./stop-limit.ts";

/** One entry of products; null for one that is not traded at spot. */
export function readMarket(
  product: Fields,
  fees: { readonly makerFee: Decimal; readonly takerFee: Decimal },
): Market | null {
  if (optionalText(product, "product_type") !== "SPOT") return null;
  const id = textOf(product, "product_id");
  const base = textOf(product, "base_currency_id");
  const quote = textOf(product, "quote_currency_id");
  const tick = optionalAmount(product, "price_increment") ?? amountOf(product, "quote_increment");
  const symbol = `${base}/${quote}`;
  const instrument = {
    ...{ venue: "coinbase", symbol, base, quote, tick },
    lot: amountOf(product, "base_increment"),
    minQuantity: amountOf(product, "base_min_size"),
    minNotional: amountOf(product, "quote_min_size"),
    ...fees,
  };
  return { instrument, id, aliases: [id, symbol], state: marketState(product) };
}

function marketState(product: Fields): MarketState {
  if (product.is_disabled === true || product.trading_disabled === true) return "closed";
  if (product.view_only === true) return "closed";
  if (product.cancel_only === true) return "cancelOnly";
  if (product.post_only === true) return "postOnly";
  return product.limit_only === true ? "limitOnly" : "online";
}

interface Terms {
  readonly type: OrderType;
  readonly quantity: Decimal;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
}

/** An order of the historical endpoints. */
export function readOrder(
  fields: Fields,
  names: MarketNames,
  freshAt: number,
  distance: string,
): VenueOrder {
  const symbol = names.symbolOf(textOf(fields, "product_id"));
  const side = sideOf(fields);
  const filled = amountOf(fields, "filled_size");
  const tick = names.marketOf(symbol)?.instrument.tick ?? null;
  const terms = termsOf(fields, side, filled, distance, tick);
  const state = stateOf(fields, filled, terms);
  const createdAt = isoTimeOf(fields, "created_time");
  const filledAt =
    optionalText(fields, "last_fill_time") === null ? 0 : isoTimeOf(fields, "last_fill_time");
  return {
    venueOrderId: textOf(fields, "order_id"),
    clientOrderId: optionalText(fields, "client_order_id"),
    ...{ symbol, side, ...terms, state, filled },
    reason: reasonOf(fields),
    createdAt,
    updatedAt: Math.max(createdAt, filledAt, isTerminal(state) ? 0 : freshAt),
  };
}

function stateOf(fields: Fields, filled: Decimal, { type, quantity }: Terms): VenueOrderState {
  const status = textOf(fields, "status");
  switch (status) {
    case "PENDING":
    case "OPEN":
    case "QUEUED":
    case "CANCEL_QUEUED":
    case "EDIT_QUEUED":
      if (filled !== zero) return "partial";
      return fields.trigger_status === "STOP_TRIGGERED" ? "triggered" : "open";
    case "FILLED":
      // A market order in quote coin has no quantity but what it filled.
      return type !== "market" && compare(filled, quantity) < 0 ? "canceled" : "filled";
    case "CANCELLED":
      return "canceled";
    case "EXPIRED":
      return "expired";
    case "FAILED":
      return "rejected";
    default:
      throw new MalformedReply(`Cannot read order status: was "${status}"`);
  }
}

function termsOf(
  fields: Fields,
  side: Side,
  filled: Decimal,
  distance: string,
  tick: Decimal | null,
): Terms {
  const [[kind, value] = ["", null]] = Object.entries(
    fieldsOf(fields.order_configuration, '"order_configuration"'),
  );
  const terms = fieldsOf(value, `order configuration "${kind}"`);
  const quantity = optionalAmount(terms, "base_size") ?? filled;
  if (kind.startsWith("market")) return { type: "market", quantity, price: null, stopPrice: null };
  const price = optionalAmount(terms, "limit_price");
  const stopPrice = optionalAmount(terms, "stop_price");
  if (price !== null && stopPrice !== null) {
    return { quantity, ...readStop(side, { price, stopPrice }, distance, tick) };
  }
  return { type: "limit", quantity, price, stopPrice };
}

function reasonOf(fields: Fields): string | null {
  for (const key of ["reject_message", "cancel_message", "reject_reason"]) {
    const text = optionalText(fields, key);
    if (text !== null && text !== "REJECT_REASON_UNSPECIFIED") return text;
  }
  return null;
}

export function sideOf(fields: Fields): Side {
  const side = textOf(fields, "side");
  if (side === "BUY") return "buy";
  if (side === "SELL") return "sell";
  throw new MalformedReply(`Cannot read side: was "${side}", wanted "BUY" or "SELL"`);
}

/** One entry of fills. Commission is in quote coin. */
export function readFill(
  fields: Fields,
  names: MarketNames,
  clientIdOf: (venueOrderId: string) => string | null,
): Fill {
  const symbol = names.symbolOf(textOf(fields, "product_id"));
  const venueOrderId = textOf(fields, "order_id");
  const price = amountOf(fields, "price");
  return {
    tradeId: textOf(fields, "trade_id"),
    venueOrderId,
    clientOrderId: clientIdOf(venueOrderId),
    symbol,
    side: sideOf(fields),
    price,
    quantity: quantityOf(fields, price, names.marketOf(symbol)),
    fee: optionalAmount(fields, "commission") ?? zero,
    feeCoin: symbol.includes("/") ? coinsOf(symbol).quote : symbol,
    liquidity: fields.liquidity_indicator === "MAKER" ? "maker" : "taker",
    at: isoTimeOf(fields, "trade_time"),
  };
}

/** The desk orders in base coin; an order in quote coin is somebody else's, told to the nearest lot. */
function quantityOf(fields: Fields, price: Decimal, market: Market | null): Decimal {
  const size = amountOf(fields, "size");
  if (fields.size_in_quote !== true) return size;
  const lot = market?.instrument.lot ?? decimal("0.00000001");
  return roundToStep(divide(size, price, 30, "nearest"), lot, "nearest");
}
