/** Kraken's public REST calls. */
import { fromFloat, toNumber, zero } from "../../../../machines/domain/decimal.ts";
import type { SymbolMarket } from "../market/symbol-market.ts";
import { candleMinutes } from "../market/symbol-market.ts";
import type { KrakenPair } from "./names.ts";
import { fixed, floatText, ticksText } from "./numbers.ts";
import type { Params } from "./params.ts";
import { done, type KrakenResult, type KrakenVenue, refusedWith } from "./venue.ts";

type PublicCall = (venue: KrakenVenue, params: Params) => KrakenResult;
type PairCall = (
  venue: KrakenVenue,
  pair: KrakenPair,
  market: SymbolMarket,
  params: Params,
) => KrakenResult;

/** Places that REST gives prices of the market with. */
const marketPlaces = 5;

function marketPrice({ instrument, priceDecimals }: KrakenPair, ticks: number): string {
  // Averages lie between ticks: a few places more than prices have.
  const places = Math.max(marketPlaces, priceDecimals);
  return fixed(fromFloat(ticks * toNumber(instrument.tick), places + 4), places);
}

function onPair(call: PairCall): PublicCall {
  return (venue, params) => {
    const pair = venue.pairs.find(params.get("pair") ?? "");
    if (pair === null) return refusedWith("EQuery:Unknown asset pair");
    return call(venue, pair, venue.exchange.market(pair.symbol), params);
  };
}

/** The pairs that a request names by comma, or all. */
function pairsOf({ pairs }: KrakenVenue, params: Params): readonly KrakenPair[] | null {
  const names = params.get("pair");
  if (names === undefined) return pairs.all;
  const found = names.split(",").map((name) => pairs.find(name));
  return found.every((pair) => pair !== null) ? found : null;
}

function time({ exchange }: KrakenVenue): KrakenResult {
  const told = exchange.clock.told;
  const rfc1123 = new Date(told).toUTCString().replace("GMT", "+0000");
  return done({
    unixtime: Math.floor(told / 1_000),
    rfc1123: rfc1123.replace(/ 20(\d\d) /, " $1 "),
  });
}

function systemStatus({ exchange, status }: KrakenVenue): KrakenResult {
  const timestamp = `${new Date(exchange.clock.told).toISOString().slice(0, 19)}Z`;
  return done({ status, timestamp });
}

function assets({ pairs }: KrakenVenue): KrakenResult {
  return done(
    Object.fromEntries(
      pairs.assets.map(({ id, altname, decimals }) => [
        id,
        {
          aclass: "currency",
          altname,
          decimals,
          display_decimals: Math.min(5, decimals),
          status: "enabled",
        },
      ]),
    ),
  );
}

function pairJson({ altname, wsname, base, quote, instrument, ...pair }: KrakenPair) {
  return {
    altname,
    wsname,
    aclass_base: "currency",
    base: base.id,
    aclass_quote: "currency",
    quote: quote.id,
    lot: "unit",
    cost_decimals: 5,
    pair_decimals: pair.priceDecimals,
    lot_decimals: pair.lotDecimals,
    lot_multiplier: 1,
    leverage_buy: [] as number[],
    leverage_sell: [] as number[],
    fees: [[0, toNumber(instrument.takerFee) * 100]],
    fees_maker: [[0, toNumber(instrument.makerFee) * 100]],
    fee_volume_currency: "ZUSD",
    margin_call: 80,
    margin_stop: 40,
    ordermin: instrument.minQuantity,
    costmin: instrument.minNotional,
    tick_size: instrument.tick,
    status: "online",
    long_position_limit: 0,
    short_position_limit: 0,
  };
}

function assetPairs(venue: KrakenVenue, params: Params): KrakenResult {
  const chosen = pairsOf(venue, params);
  if (chosen === null) return refusedWith("EQuery:Unknown asset pair");
  return done(Object.fromEntries(chosen.map((pair) => [pair.id, pairJson(pair)])));
}

function tickerJson(pair: KrakenPair, market: SymbolMarket, now: number) {
  const price = (ticks: number) => marketPrice(pair, ticks);
  const { bid, ask } = market.touch();
  const today = market.today(now);
  const day = market.lastDay(now);
  const last = market.trades.at(-1);
  const level = (each: typeof bid) => [
    price(each?.ticks ?? 0),
    String(Math.max(1, Math.floor(toNumber(each?.quantity ?? zero)))),
    fixed(each?.quantity ?? zero, 3),
  ];
  const average = ({ turnover, volume }: typeof day) => price(volume > 0 ? turnover / volume : 0);
  return {
    a: level(ask),
    b: level(bid),
    c: [price(last?.ticks ?? market.price), floatText(last?.quantity ?? 0, 8)],
    v: [floatText(today.volume, 8), floatText(day.volume, 8)],
    p: [average(today), average(day)],
    t: [today.trades, day.trades],
    l: [price(today.low), price(day.low)],
    h: [price(today.high), price(day.high)],
    o: price(today.open),
  };
}

function ticker(venue: KrakenVenue, params: Params): KrakenResult {
  const chosen = pairsOf(venue, params);
  if (chosen === null) return refusedWith("EQuery:Unknown asset pair");
  const { exchange } = venue;
  return done(
    Object.fromEntries(
      chosen.map((pair) => [
        pair.id,
        tickerJson(pair, exchange.market(pair.symbol), exchange.clock.now),
      ]),
    ),
  );
}

function ohlc(
  { exchange }: KrakenVenue,
  pair: KrakenPair,
  market: SymbolMarket,
  params: Params,
): KrakenResult {
  const interval = Number(params.get("interval") ?? 1);
  if (!candleMinutes.some((minutes) => minutes === interval)) {
    return refusedWith("EGeneral:Invalid arguments:interval");
  }
  const since = Number(params.get("since") ?? 0);
  const candles = market.candles(interval, exchange.clock.now);
  const rows = candles
    .filter(({ openedAt }) => openedAt / 1_000 > since)
    .map(({ openedAt, open, high, low, close, volume, turnover, trades }) => [
      openedAt / 1_000,
      ...[open, high, low, close].map((ticks) => ticksText(pair, ticks)),
      volume > 0 ? ticksText(pair, Math.round(turnover / volume)) : "0.0",
      floatText(volume, 8),
      trades,
    ]);
  // What Kraken gives to be asked with next is the last closed candle.
  const last = candles.at(-2)?.openedAt ?? 0;
  return done({ [pair.id]: rows, last: last / 1_000 });
}

function depth(
  { exchange }: KrakenVenue,
  pair: KrakenPair,
  market: SymbolMarket,
  params: Params,
): KrakenResult {
  const count = Number(params.get("count") ?? 100);
  if (!(Number.isInteger(count) && count >= 1)) {
    return refusedWith("EGeneral:Invalid arguments:count");
  }
  const at = Math.floor(exchange.clock.told / 1_000);
  const { bids, asks } = market.book();
  const rows = (levels: typeof bids) =>
    levels
      .slice(0, count)
      .map(({ ticks, quantity }) => [marketPrice(pair, ticks), fixed(quantity, 8), at]);
  return done({ [pair.id]: { asks: rows(asks), bids: rows(bids) } });
}

function trades(
  { exchange }: KrakenVenue,
  pair: KrakenPair,
  market: SymbolMarket,
  params: Params,
): KrakenResult {
  const since = params.get("since");
  // Asked in seconds or, as the reply's `last` is told, in nanoseconds.
  const sinceMs = since === undefined ? null : Number(since) / (since.length > 12 ? 1e6 : 1e-3);
  const count = Math.min(1_000, Number(params.get("count") ?? 1_000));
  const known = market.trades.filter(({ at }) => sinceMs === null || at > sinceMs);
  const chosen = sinceMs === null ? known.slice(-count) : known.slice(0, count);
  const last = chosen.at(-1)?.at ?? exchange.clock.now;
  return done({
    [pair.id]: chosen.map(({ ticks, quantity, at, side, number }) => [
      marketPrice(pair, ticks),
      floatText(quantity, 8),
      at / 1_000,
      side === "buy" ? "b" : "s",
      "m",
      "",
      number,
    ]),
    last: `${last}000000`,
  });
}

function spread({ exchange }: KrakenVenue, pair: KrakenPair, market: SymbolMarket): KrakenResult {
  const { bid, ask } = market.touch();
  const at = Math.floor(exchange.clock.told / 1_000);
  const text = (level: typeof bid) => ticksText(pair, level?.ticks ?? 0);
  return done({ [pair.id]: [[at, text(bid), text(ask)]], last: at });
}

/** Public calls by their name in the path. */
export const publicCalls: Readonly<Record<string, PublicCall>> = {
  Time: time,
  SystemStatus: systemStatus,
  Assets: assets,
  AssetPairs: assetPairs,
  Ticker: ticker,
  OHLC: onPair(ohlc),
  Depth: onPair(depth),
  Trades: onPair(trades),
  Spread: onPair(spread),
};
