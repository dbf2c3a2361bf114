import { compare, type Decimal, decimal, divide, zero } from "../../../machines/domain/decimal.ts";
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
  listOf,
  optionalAmount,
  optionalText,
  secondsOf,
  textOf,
} from "./reading.ts";

/** What Kraken calls some coins, and what everybody else does. */
const coinNames: Readonly<Record<string, string>> = { XBT: "BTC", XDG: "DOGE" };

/** The `result` of a reply. */
export function resultOf(reply: unknown): Fields {
  return fieldsOf(fieldsOf(reply, "reply").result, '"result"');
}

/** `XXBT` is BTC, `ZUSD` is USD, `XBT.F` is BTC.F. */
export function krakenCoin(asset: string): string {
  const [name = asset, suffix] = asset.split(".", 2);
  // Only the oldest assets carry the class letter, and all of those have four letters.
  const bare = /^[XZ][A-Z]{3}$/.test(name) ? name.slice(1) : name;
  const coin = coinNames[bare] ?? bare;
  return suffix === undefined ? coin : `${coin}.${suffix}`;
}

const states: Readonly<Record<string, MarketState>> = {
  online: "online",
  cancel_only: "cancelOnly",
  post_only: "postOnly",
  limit_only: "limitOnly",
  reduce_only: "closed",
};

/** One entry of AssetPairs, or null for one that is not a spot pair with a name. */
export function readMarket(
  id: string,
  pair: Fields,
  fees: { readonly makerFee: string; readonly takerFee: string },
): Market | null {
  const name = optionalText(pair, "wsname");
  if (name === null || !name.includes("/")) return null;
  const [base = "", quote = ""] = name.split("/").map((coin) => coinNames[coin] ?? coin);
  const instrument = {
    venue: "kraken",
    symbol: `${base}/${quote}`,
    base,
    quote,
    tick: optionalAmount(pair, "tick_size") ?? step(textOf(pair, "pair_decimals")),
    lot: step(textOf(pair, "lot_decimals")),
    minQuantity: amountOf(pair, "ordermin"),
    minNotional: optionalAmount(pair, "costmin") ?? zero,
    makerFee: firstTier(pair, "fees_maker", fees.makerFee),
    takerFee: firstTier(pair, "fees", fees.takerFee),
  };
  const altname = textOf(pair, "altname");
  const state = states[optionalText(pair, "status") ?? "online"] ?? "closed";
  return { instrument, id, aliases: [id, altname, name, instrument.symbol], state };
}

/** `8` decimals as the step 0.00000001. */
function step(decimals: string): Decimal {
  const places = Number(decimals);
  if (Number.isInteger(places) && places >= 0 && places <= 30) {
    return divide(decimal(1), decimal(`1${"0".repeat(places)}`), places, "nearest");
  }
  throw new MalformedReply(`Cannot read decimals of a pair: was "${decimals}", wanted a number`);
}

/** Fees are tiers of `[volume, percent]`; ours is not known here, so the highest. */
function firstTier(pair: Fields, key: string, otherwise: string): Decimal {
  const tiers = pair[key];
  if (!Array.isArray(tiers) || tiers.length === 0) return decimal(otherwise);
  const [, percent] = listOf(tiers[0], `first tier of "${key}"`);
  return divide(amountOf({ percent }, "percent"), decimal(100), 10, "nearest");
}

/** An order of OpenOrders, ClosedOrders or QueryOrders. */
export function readOrder(
  venueOrderId: string,
  fields: Fields,
  names: MarketNames,
  freshAt: number,
): VenueOrder {
  const description = fieldsOf(fields.descr, '"descr"');
  const quantity = amountOf(fields, "vol");
  const filled = amountOf(fields, "vol_exec");
  const state = stateOf(textOf(fields, "status"), filled, quantity);
  const createdAt = secondsOf(fields, "opentm");
  const endedAt = optionalText(fields, "closetm") === null ? null : secondsOf(fields, "closetm");
  return {
    venueOrderId,
    clientOrderId: optionalText(fields, "cl_ord_id"),
    symbol: names.symbolOf(textOf(description, "pair")),
    side: sideOf(description),
    quantity,
    ...termsOf(description, fields),
    state,
    filled,
    reason: optionalText(fields, "reason"),
    createdAt,
    updatedAt: isTerminal(state) ? (endedAt ?? createdAt) : Math.max(createdAt, freshAt),
  };
}

function stateOf(status: string, filled: Decimal, quantity: Decimal): VenueOrderState {
  switch (status) {
    case "pending":
    case "open":
      return filled === zero ? "open" : "partial";
    case "closed":
      // `closed` is said of what filled; of less than that only when the rest was taken back.
      return compare(filled, quantity) >= 0 ? "filled" : "canceled";
    case "canceled":
      return "canceled";
    case "expired":
      return "expired";
    default:
      throw new MalformedReply(`Cannot read order status: was "${status}"`);
  }
}

function sideOf(fields: Fields): Side {
  const side = textOf(fields, "type");
  if (side === "buy" || side === "sell") return side;
  throw new MalformedReply(`Cannot read side: was "${side}", wanted "buy" or "sell"`);
}

function termsOf(
  description: Fields,
  fields: Fields,
): { type: OrderType; price: Decimal | null; stopPrice: Decimal | null } {
  const type = textOf(description, "ordertype");
  // Where the trigger stands depends on who tells: the description, or the order's own field.
  const trigger = () =>
    optionalAmount(description, "price") ??
    optionalAmount(fields, "stopprice") ??
    optionalAmount(description, "price2");
  switch (type) {
    case "market":
      return { type: "market", price: null, stopPrice: null };
    case "limit":
      return { type: "limit", price: optionalAmount(description, "price"), stopPrice: null };
    case "stop-loss":
      return { type: "stop", price: null, stopPrice: trigger() };
    case "stop-loss-limit":
      return {
        type: "stopLimit",
        price: optionalAmount(description, "price2"),
        stopPrice: trigger(),
      };
    case "iceberg":
      return { type: "limit", price: optionalAmount(description, "price"), stopPrice: null };
    default:
      // Not ours: the desk places none of these. Their prices may be percentages.
      return { type: type.endsWith("limit") ? "stopLimit" : "stop", price: null, stopPrice: null };
  }
}

/** A trade of TradesHistory or QueryTrades. Fees are asked for in quote coin (`fciq`). */
export function readFill(
  tradeId: string,
  fields: Fields,
  names: MarketNames,
  clientIdOf: (venueOrderId: string) => string | null,
): Fill {
  const venueOrderId = textOf(fields, "ordertxid");
  const symbol = names.symbolOf(textOf(fields, "pair"));
  return {
    tradeId,
    venueOrderId,
    clientOrderId: clientIdOf(venueOrderId),
    symbol,
    side: sideOf(fields),
    price: amountOf(fields, "price"),
    quantity: amountOf(fields, "vol"),
    fee: amountOf(fields, "fee"),
    feeCoin: symbol.includes("/") ? coinsOf(symbol).quote : symbol,
    liquidity: fields.maker === true ? "maker" : "taker",
    at: secondsOf(fields, "time"),
  };
}
