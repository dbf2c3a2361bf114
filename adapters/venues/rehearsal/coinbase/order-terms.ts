/** What Coinbase's `order_configuration` asks for. */
import {
  type Decimal,
  decimal,
  isDecimal,
  isPositive,
  roundToStep,
} from "../../../../machines/domain/decimal.ts";
import type { OrderType, TimeInForce } from "../../../../machines/domain/order.ts";
import type { CoinbaseProduct } from "./names.ts";
import { type Fields, isFields, textIn } from "./reply.ts";

interface Kind {
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly isFillOrKill?: boolean;
}

const kinds = {
  market_market_ioc: { type: "market", timeInForce: "ioc" },
  limit_limit_gtc: { type: "limit", timeInForce: "gtc" },
  limit_limit_gtd: { type: "limit", timeInForce: "gtd" },
  sor_limit_ioc: { type: "limit", timeInForce: "ioc" },
  limit_limit_fok: { type: "limit", timeInForce: "ioc", isFillOrKill: true },
  stop_limit_stop_limit_gtc: { type: "stopLimit", timeInForce: "gtc" },
  stop_limit_stop_limit_gtd: { type: "stopLimit", timeInForce: "gtd" },
} as const satisfies Record<string, Kind>;
export type ConfigurationKind = keyof typeof kinds;

export interface OrderTerms extends Kind {
  readonly kind: ConfigurationKind;
  readonly side: "buy" | "sell";
  /** Base coin; null where it is for a sum of quote coin. */
  readonly quantity: Decimal | null;
  /** What a market order spends, fees included. */
  readonly quoteSize: Decimal | null;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly postOnly: boolean;
  /** Unix milliseconds by the venue's told time. */
  readonly expiresAt: number | null;
}

/** The venue's no to one order: a reason of Create Order's, one of Preview Order's, and words. */
export interface Failure {
  readonly type: "failed";
  readonly error: string;
  readonly preview: string;
  readonly message: string;
}

/** A request that makes no sense, which is refused as a whole. */
export interface Invalid {
  readonly type: "invalid";
  readonly message: string;
}

/** Where the two lists of reasons have the same word, one of them leads to the other. */
export function failure(error: string, message: string): Failure {
  return { type: "failed", error, preview: `PREVIEW_${error}`, message };
}

/** For what only the list of Preview Order has a word. */
export function previewFailure(preview: string, message = ""): Failure {
  return { type: "failed", error: "UNKNOWN_FAILURE_REASON", preview, message };
}

function senseless(message: string): Invalid {
  return { type: "invalid", message };
}

const unsupported = (message: string) => failure("UNSUPPORTED_ORDER_CONFIGURATION", message);

/** Reads an order's terms; a reason in Coinbase's words where they are not to be had. */
export function termsOf(
  configuration: unknown,
  side: string | null,
  product: CoinbaseProduct,
): OrderTerms | Failure | Invalid {
  if (side !== "BUY" && side !== "SELL") return failure("INVALID_SIDE", "invalid side");
  if (!isFields(configuration)) return senseless("order_configuration is required");
  const [[name, terms] = ["", null], ...more] = Object.entries(configuration);
  if (!isFields(terms) || more.length > 0) return senseless("order_configuration must be one");
  if (!(name in kinds)) return unsupported(`order configuration ${name} is not supported`);
  const kind = name as ConfigurationKind;
  const read = { kind, ...kinds[kind], side: side === "BUY" ? "buy" : "sell" } as const;
  const sizes = sizesIn(terms, read, product);
  if ("type" in sizes) return sizes;
  const prices = pricesIn(terms, read, product);
  if ("type" in prices) return prices;
  const end = Date.parse(textIn(terms, "end_time") ?? "");
  if (read.timeInForce === "gtd" && Number.isNaN(end)) return senseless("end_time is required");
  return {
    ...read,
    ...sizes,
    ...prices,
    postOnly: read.type === "limit" && terms.post_only === true,
    expiresAt: read.timeInForce === "gtd" ? end : null,
  };
}

type Read = Pick<OrderTerms, "kind" | "type" | "side">;

function sizesIn(
  terms: Fields,
  { type, side }: Read,
  { instrument }: CoinbaseProduct,
): Pick<OrderTerms, "quantity" | "quoteSize"> | Failure | Invalid {
  const [base, quote] = [textIn(terms, "base_size"), textIn(terms, "quote_size")];
  if ((base === null) === (quote === null)) return senseless("one of base_size, quote_size wanted");
  const size = amountOf(base ?? quote);
  if (size === null) return senseless("invalid size");
  if (base === null) {
    if (type !== "market" || side !== "buy") return unsupported("quote_size is for market buys");
    return { quantity: null, quoteSize: size };
  }
  if (roundToStep(size, instrument.lot, "down") !== size) {
    return failure("INVALID_SIZE_PRECISION", "Too many decimals in order amount");
  }
  return { quantity: size, quoteSize: null };
}

function pricesIn(
  terms: Fields,
  { type, side }: Read,
  product: CoinbaseProduct,
): Pick<OrderTerms, "price" | "stopPrice"> | Failure | Invalid {
  const price = type === "market" ? null : priceOf(terms, "limit_price", product);
  if (price !== null && typeof price !== "string") return price;
  if (type !== "stopLimit") return { price, stopPrice: null };
  const stopPrice = priceOf(terms, "stop_price", product);
  if (typeof stopPrice !== "string") return stopPrice;
  // Taking profit needs another engine than the one behind this venue.
  const wanted = side === "sell" ? "STOP_DIRECTION_STOP_DOWN" : "STOP_DIRECTION_STOP_UP";
  if (terms.stop_direction !== wanted) return unsupported(`stop_direction must be ${wanted}`);
  return { price, stopPrice };
}

/** A price on the product's grid. */
export function priceOf(
  terms: Fields,
  name: string,
  { instrument }: CoinbaseProduct,
): Decimal | Failure | Invalid {
  const price = amountOf(textIn(terms, name));
  if (price === null) return senseless(`${name} is required`);
  if (roundToStep(price, instrument.tick, "nearest") === price) return price;
  return failure("INVALID_PRICE_PRECISION", "Too many decimals in order price");
}

/** A positive amount, or null. */
export function amountOf(text: string | null): Decimal | null {
  if (text === null || !isDecimal(text)) return null;
  const amount = decimal(text);
  return isPositive(amount) ? amount : null;
}
