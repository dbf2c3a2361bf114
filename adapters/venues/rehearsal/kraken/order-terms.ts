import {
  type Decimal,
  decimal,
  decimalPlaces,
  isDecimal,
} from "../../../../machines/domain/decimal.ts";
import type { OrderType, Side, TimeInForce } from "../../../../machines/domain/order.ts";
import type { KrakenPair } from "./names.ts";
import { refusedWith } from "./venue.ts";

/** An order as a client asks for it, whichever way; texts as they were sent. */
export interface AskedOrder {
  readonly side: string | undefined;
  readonly ordertype: string | undefined;
  readonly volume: string | undefined;
  /** Limit price, of limit and stop-loss-limit orders. */
  readonly limit: string | undefined;
  /** Trigger price, of stop orders. */
  readonly trigger: string | undefined;
  readonly timeInForce: string | undefined;
  /** Unix milliseconds by the venue's told time. */
  readonly expiresAt: number | null;
  readonly oflags: readonly string[];
  readonly clientOrderId: string | undefined;
  readonly userref: string | undefined;
  /** RFC 3339. */
  readonly deadline: string | undefined;
  readonly validate: boolean;
}

/** The same once it is known to make sense. */
export interface OrderTerms {
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity: Decimal;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly expiresAt: number | null;
  readonly clientOrderId: string | null;
  readonly userref: number | null;
}

const types: Readonly<Record<string, OrderType>> = {
  market: "market",
  limit: "limit",
  "stop-loss": "stop",
  "stop-loss-limit": "stopLimit",
};
const timesInForce: Readonly<Record<string, TimeInForce>> = { GTC: "gtc", IOC: "ioc", GTD: "gtd" };
/** `fciq` and `nompp` change nothing here: fees are in quote, and there is no price protection. */
const knownFlags = new Set(["post", "fciq", "nompp"]);
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|^[0-9a-f]{32}$/i;

type Refused = ReturnType<typeof refusedWith>;

/** Whether Kraken takes a text for a client order id: a UUID, or up to 18 ASCII characters. */
export function isClientOrderId(text: string): boolean {
  return uuid.test(text) || /^[\x21-\x7e]{1,18}$/.test(text);
}

function invalid(argument: string): Refused {
  return refusedWith(`EGeneral:Invalid arguments:${argument}`);
}

/** Reads an order; refused in Kraken's words where it makes no sense. */
export function termsOf(asked: AskedOrder, pair: KrakenPair): OrderTerms | Refused {
  const { side, ordertype = "", clientOrderId, userref } = asked;
  const type = types[ordertype];
  if (side !== "buy" && side !== "sell") return invalid("type");
  if (type === undefined) return invalid("ordertype");
  if (clientOrderId !== undefined && !isClientOrderId(clientOrderId)) return invalid("cl_ord_id");
  if (clientOrderId !== undefined && userref !== undefined) return invalid("userref, cl_ord_id");
  if (userref !== undefined && !isInt32(userref)) return invalid("userref");
  if (asked.oflags.some((flag) => !knownFlags.has(flag))) return invalid("oflags");
  const timeInForce = timesInForce[(asked.timeInForce ?? "GTC").toUpperCase()];
  if (timeInForce === undefined) return invalid("timeinforce");
  if ((timeInForce === "gtd") !== (asked.expiresAt !== null)) return invalid("expiretm");
  const quantity = quantityOf(asked.volume, pair);
  if (quantity === null) return invalid("volume");
  const isLimited = type === "limit" || type === "stopLimit";
  const isStop = type === "stop" || type === "stopLimit";
  const price = isLimited ? priceOf(asked.limit, pair) : null;
  const stopPrice = isStop ? priceOf(asked.trigger, pair) : null;
  if (isRefused(price)) return price;
  if (isRefused(stopPrice)) return stopPrice;
  const postOnly = asked.oflags.includes("post");
  if (postOnly && type !== "limit") return invalid("oflags");
  return {
    side,
    type,
    quantity,
    price,
    stopPrice,
    timeInForce,
    postOnly,
    expiresAt: asked.expiresAt,
    clientOrderId: clientOrderId ?? null,
    userref: userref === undefined ? null : Number(userref),
  };
}

function isRefused(value: Decimal | Refused | null): value is Refused {
  return value !== null && typeof value !== "string";
}

/** A volume on the pair's grid, or null. */
export function quantityOf(text: string | undefined, pair: KrakenPair): Decimal | null {
  if (text === undefined || !isDecimal(text) || text.startsWith("-")) return null;
  const quantity = decimal(text);
  return decimalPlaces(quantity) > pair.lotDecimals ? null : quantity;
}

/** A price of no more places than the pair has. Relative prices are not taken here. */
export function priceOf(text: string | undefined, pair: KrakenPair): Decimal | Refused {
  if (text === undefined || !isDecimal(text)) {
    return refusedWith("EGeneral:Invalid arguments:price");
  }
  const price = decimal(text);
  if (decimalPlaces(price) > pair.priceDecimals) {
    return refusedWith(
      `EOrder:Invalid price:${pair.id} price can only be specified up to ` +
        `${pair.priceDecimals} decimals.`,
    );
  }
  return price;
}

export function isInt32(text: string): boolean {
  const value = Number(text);
  return /^-?\d+$/.test(text) && value >= -(2 ** 31) && value < 2 ** 31;
}
