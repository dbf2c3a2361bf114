/** Kraken's private REST calls that read the account. */
import { fromFloat, multiply, sum, zero } from "../../../../machines/domain/decimal.ts";
import type { AccountTrade, OrderVersion } from "../account.ts";
import type { Strike } from "../faults/registry.ts";
import type { ApiKey } from "./keys.ts";
import { assetOf } from "./names.ts";
import { atLeast, fixed, seconds } from "./numbers.ts";
import { orderJson, tradeJson } from "./order-json.ts";
import { isTrue, type Params } from "./params.ts";
import { tokenLifeMs } from "./tokens.ts";
import { done, isLiving, type KrakenResult, type KrakenVenue, refusedWith } from "./venue.ts";

export interface ReadContext {
  readonly venue: KrakenVenue;
  readonly params: Params;
  readonly key: ApiKey;
  readonly strike: Strike | null;
}

/** Entries of a page of ClosedOrders and TradesHistory. */
const pageLength = 50;

/** The time that a read answers from: the read lag behind, or further where a fault says so. */
function asOf({ venue, strike }: ReadContext): number {
  const stale = strike?.name === "staleRead" ? (strike.delayMs ?? 5_000) : 0;
  return venue.exchange.clock.now - Math.max(venue.readLagMs, stale);
}

export function balance({ venue }: ReadContext): KrakenResult {
  const rows = venue.exchange.balances().map(({ coin, total }) => {
    const { id, decimals } = assetOf(coin);
    return [id, atLeast(total, decimals)];
  });
  return done(Object.fromEntries(rows));
}

export function balanceEx({ venue }: ReadContext): KrakenResult {
  const rows = venue.exchange.balances().map(({ coin, total, held }) => {
    const { id, decimals } = assetOf(coin);
    return [id, { balance: atLeast(total, decimals), hold_trade: atLeast(held, decimals) }];
  });
  return done(Object.fromEntries(rows));
}

/** What all is worth in dollars, as far as there is a market for it. */
export function tradeBalance({ venue }: ReadContext): KrakenResult {
  const { exchange } = venue;
  const worth = exchange.balances().map(({ coin, total }) => {
    if (coin === "USD") return total;
    const market = exchange.markets.get(`${coin}/USD`);
    if (market === undefined) return zero;
    const price = market.price * Number(market.instrument.tick);
    return multiply(total, fromFloat(price, 8));
  });
  const all = fixed(sum(worth), 4);
  const none = "0.0000";
  return done({
    eb: all,
    tb: all,
    m: none,
    uv: none,
    n: none,
    c: none,
    v: none,
    e: all,
    mf: all,
    ml: none,
  });
}

export function openOrders(context: ReadContext): KrakenResult {
  const orders = context.venue.exchange.account.ordersAsOf(asOf(context)).filter(isLiving);
  const chosen = orders.filter((order) => isAskedFor(order, context.params));
  return done({ open: ordersJson(context, chosen) });
}

/** Newest first, by the time that `closetime` says. */
export function closedOrders(context: ReadContext): KrakenResult {
  const { venue, params } = context;
  const by = params.get("closetime") ?? "both";
  const timeOf = (order: OrderVersion) => (by === "open" ? order.createdAt : order.changedAt);
  const ended = venue.exchange.account.ordersAsOf(asOf(context)).filter((each) => !isLiving(each));
  const bounds = boundsIn(context, (id) => {
    const order = venue.exchange.account.order(id);
    return order === null ? null : timeOf(order);
  });
  if (bounds === null) return refusedWith("EGeneral:Invalid arguments:start");
  const chosen = ended
    .filter((order) => isAskedFor(order, params) && isWithin(timeOf(order), bounds))
    .sort((a, b) => b.changedAt - a.changedAt);
  const closed = ordersJson(context, paged(chosen, params));
  return done({ closed, ...(isTrue(params, "without_count") ? {} : { count: chosen.length }) });
}

export function queryOrders(context: ReadContext): KrakenResult {
  const { venue, params } = context;
  const ids = (params.get("txid") ?? "").split(",").filter((id) => id !== "");
  const clientOrderId = params.get("cl_ord_id");
  if (ids.length === 0 && clientOrderId === undefined) {
    return refusedWith("EGeneral:Invalid arguments");
  }
  const orders = venue.exchange.account.ordersAsOf(asOf(context));
  const chosen = orders.filter((order) => {
    const isNamed = ids.includes(order.orderId) || ids.length === 0;
    return isNamed && isAskedFor(order, params);
  });
  if (chosen.length === 0 && clientOrderId === undefined && params.get("userref") === undefined) {
    return refusedWith("EOrder:Unknown order");
  }
  return done(ordersJson(context, chosen));
}

/** Newest first. */
export function tradesHistory(context: ReadContext): KrakenResult {
  const { venue, params } = context;
  const trades = venue.exchange.account.tradesAsOf(asOf(context));
  const bounds = boundsIn(context, (id) => trades.find((each) => each.tradeId === id)?.at ?? null);
  if (bounds === null) return refusedWith("EGeneral:Invalid arguments:start");
  const chosen = trades.filter(({ at }) => isWithin(at, bounds)).reverse();
  return done({
    trades: tradesJson(venue, paged(chosen, params)),
    ...(isTrue(params, "without_count") ? {} : { count: chosen.length }),
  });
}

export function queryTrades(context: ReadContext): KrakenResult {
  const { venue, params } = context;
  const ids = (params.get("txid") ?? "").split(",");
  const trades = venue.exchange.account.tradesAsOf(asOf(context));
  return done(
    tradesJson(
      venue,
      trades.filter(({ tradeId }) => ids.includes(tradeId)),
    ),
  );
}

/** Newest first. */
export function ledgers(context: ReadContext): KrakenResult {
  const { venue, params } = context;
  const bounds = boundsIn(context, () => null);
  if (bounds === null) return refusedWith("EGeneral:Invalid arguments:start");
  const assets = (params.get("asset") ?? "all").split(",");
  const type = params.get("type") ?? "all";
  const chosen = venue.exchange.account.ledger
    .filter(
      (entry) =>
        isWithin(entry.at, bounds) &&
        (type === "all" || type === entry.type) &&
        (assets.includes("all") || assets.includes(assetOf(entry.coin).id)),
    )
    .reverse();
  const rows = paged(chosen, params).map((entry) => {
    const { id: asset, decimals } = assetOf(entry.coin);
    return [
      entry.id,
      {
        refid: entry.reference,
        time: seconds(entry.at + venue.exchange.clock.skewMs),
        type: entry.type,
        subtype: "",
        aclass: "currency",
        asset,
        amount: atLeast(entry.amount, decimals),
        fee: atLeast(entry.fee, decimals),
        balance: atLeast(entry.balance, decimals),
      },
    ];
  });
  return done({ ledger: Object.fromEntries(rows), count: chosen.length });
}

export function tradeVolume({ venue, params }: ReadContext): KrakenResult {
  const names = params.get("pair")?.split(",") ?? [];
  const pairs = names.map((name) => venue.pairs.find(name));
  if (pairs.some((pair) => pair === null)) return refusedWith("EQuery:Unknown asset pair");
  const fees = (which: "takerFee" | "makerFee") =>
    Object.fromEntries(
      pairs.flatMap((pair) => {
        if (pair === null) return [];
        const fee = String(Number(pair.instrument[which]) * 100);
        return [[pair.id, { fee, minfee: fee, maxfee: fee, nextfee: null, tiervolume: "0.0000" }]];
      }),
    );
  return done({
    currency: "ZUSD",
    volume: "0.0000",
    fees: fees("takerFee"),
    fees_maker: fees("makerFee"),
  });
}

export function webSocketsToken({ venue, key }: ReadContext): KrakenResult {
  const token = venue.tokens.create(key, venue.exchange.clock.now);
  return done({ token, expires: tokenLifeMs / 1_000 });
}

export function apiKeyInfo({ venue, key }: ReadContext): KrakenResult {
  const created = String(Math.floor(key.createdAt / 1_000));
  return done({
    apiKeyName: key.name,
    apiKey: key.apiKey,
    nonce: venue.keys.nonceOf(key),
    nonceWindow: key.nonceWindow,
    permissions: key.permissions,
    iban: "AA00 N84G WOAK NMOI",
    validUntil: "0",
    queryFrom: "0",
    queryTo: "0",
    createdTime: created,
    modifiedTime: created,
    ipAllowlist: [],
    lastUsed: String(Math.floor(venue.exchange.clock.told / 1_000)),
  });
}

export function withdrawMethods({ venue }: ReadContext): KrakenResult {
  return done(
    venue.pairs.assets.map(({ id }) => ({ asset: id, method: id, network: id, minimum: "0.0001" })),
  );
}

function ordersJson({ venue, params }: ReadContext, orders: readonly OrderVersion[]) {
  const { skewMs } = venue.exchange.clock;
  const telling = { withTrades: isTrue(params, "trades"), skewMs };
  return Object.fromEntries(
    orders.map((order) => [order.orderId, orderJson(order, venue.pairs.of(order.symbol), telling)]),
  );
}

function tradesJson({ pairs, exchange }: KrakenVenue, trades: readonly AccountTrade[]) {
  return Object.fromEntries(
    trades.map((trade) => {
      const ledgers = exchange.account.ledgerIdsOf(trade.tradeId);
      const told = { ledgers, skewMs: exchange.clock.skewMs };
      return [trade.tradeId, tradeJson(trade, pairs.of(trade.order.symbol), told)];
    }),
  );
}

function isAskedFor(order: OrderVersion, params: Params): boolean {
  const userref = params.get("userref");
  const clientOrderId = params.get("cl_ord_id");
  return (
    (userref === undefined || order.userref === Number(userref)) &&
    (clientOrderId === undefined || order.clientOrderId === clientOrderId)
  );
}

interface Bounds {
  /** Exclusive, Unix milliseconds. */
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

/** `start` and `end` are seconds of told time or ids; null where they are neither. */
function boundsIn(
  { venue, params }: ReadContext,
  timeOf: (id: string) => number | null,
): Bounds | null {
  const { skewMs } = venue.exchange.clock;
  const read = (name: string, otherwise: number): number | null => {
    const text = params.get(name);
    if (text === undefined || text === "") return otherwise;
    const value = Number(text);
    return Number.isNaN(value) ? timeOf(text) : value * 1_000 - skewMs;
  };
  const start = read("start", Number.NEGATIVE_INFINITY);
  const end = read("end", Number.POSITIVE_INFINITY);
  return start === null || end === null ? null : { start, end };
}

function isWithin(time: number, { start, end }: Bounds): boolean {
  return time > start && time <= end;
}

function paged<T>(all: readonly T[], params: Params): readonly T[] {
  const offset = Number(params.get("ofs") ?? 0);
  return all.slice(offset, offset + pageLength);
}
