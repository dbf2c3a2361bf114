/** Coinbase's REST calls that tell of the market, with a key or without. */
import {
  decimal,
  divide,
  fromFloat,
  fromSteps,
  multiply,
} from "../../../../machines/domain/decimal.ts";
import { rfc3339 } from "../clock.ts";
import type { PublicTrade } from "../market/candle-series.ts";
import type { LadderLevel } from "../market/ladder.ts";
import type { Call, CallContext } from "./call.ts";
import { aheadBy, granularities, venueCandles } from "./candles.ts";
import { type CoinbaseProduct, nameOfCoin } from "./names.ts";
import { failed, invalid, reply } from "./reply.ts";
import type { CoinbaseVenue } from "./venue.ts";

const candlesMost = 350;
const tradesUsual = 100;
const tradesMost = 1_000;
const levelsMost = 1_000;

export const serverTime: Call = ({ venue }) => {
  const { told } = venue.exchange.clock;
  return reply({
    iso: `${new Date(told).toISOString().slice(0, 19)}Z`,
    epochSeconds: String(Math.floor(told / 1_000)),
    epochMillis: String(told),
  });
};

/** The maker's side: what the venue tells of a trade. */
export function makerSide({ side }: PublicTrade): "BUY" | "SELL" {
  return side === "buy" ? "SELL" : "BUY";
}

/** Prices and volume of a product's day. */
export function dayOf(venue: CoinbaseVenue, { symbol, instrument }: CoinbaseProduct) {
  const market = venue.exchange.market(symbol);
  const day = market.lastDay(venue.exchange.clock.now);
  const last = market.trades.at(-1)?.ticks ?? market.price;
  const price = (ticks: number) => fromSteps(ticks, instrument.tick);
  const change = day.open > 0 ? (100 * (last - day.open)) / day.open : 0;
  return {
    price: price(last),
    low: price(day.low),
    high: price(day.high),
    volume: fromFloat(day.volume, 8),
    quoteVolume: fromFloat(day.turnover * Number(instrument.tick), 2),
    change: fromFloat(change, 8),
    touch: market.touch(),
  };
}

function productJson(venue: CoinbaseVenue, product: CoinbaseProduct) {
  const { id, instrument } = product;
  const { base, quote, tick, lot, minQuantity, minNotional } = instrument;
  const day = dayOf(venue, product);
  const { status } = venue;
  return {
    product_id: id,
    price: day.price,
    price_percentage_change_24h: day.change,
    volume_24h: day.volume,
    volume_percentage_change_24h: "0",
    base_increment: lot,
    quote_increment: tick,
    quote_min_size: minNotional,
    quote_max_size: "150000000",
    base_min_size: minQuantity,
    base_max_size: "3400",
    base_name: nameOfCoin(base),
    quote_name: nameOfCoin(quote),
    watched: false,
    is_disabled: false,
    new: false,
    status: "online",
    cancel_only: status === "cancel_only",
    limit_only: status === "limit_only",
    post_only: status === "post_only",
    trading_disabled: status === "maintenance",
    auction_mode: false,
    product_type: "SPOT",
    quote_currency_id: quote,
    base_currency_id: base,
    fcm_trading_session_details: null,
    mid_market_price: "",
    alias: "",
    alias_to: [],
    base_display_symbol: base,
    quote_display_symbol: quote,
    view_only: false,
    price_increment: tick,
    display_name: id,
    product_venue: "CBE",
    approximate_quote_24h_volume: day.quoteVolume,
    new_at: "2023-01-01T00:00:00Z",
    market_cap: "",
    base_cbrn: "",
    quote_cbrn: "",
    product_cbrn: "",
    icon_color: "",
    icon_url: "",
    display_name_overwrite: "",
    is_alpha_testing: false,
    about_description: "",
    best_bid_price: "",
    best_ask_price: "",
  };
}

/** Of futures there are none. */
export const listProducts: Call = ({ venue, request: { query } }) => {
  const ids = query.getAll("product_ids");
  const isSpot = (query.get("product_type") ?? "SPOT") === "SPOT";
  const products = venue.products.all
    .filter(({ id }) => isSpot && (ids.length === 0 || ids.includes(id)))
    .map((product) => productJson(venue, product));
  return reply({ products, num_products: products.length, pagination: null });
};

/** Answers for the product that is asked about, or says that there is none. */
function ofProduct(
  idOf: (context: CallContext) => string,
  answer: (product: CoinbaseProduct, context: CallContext) => ReturnType<Call>,
): Call {
  return (context) => {
    const product = context.venue.products.find(idOf(context));
    if (product === null) return failed("NOT_FOUND", "valid product_id is required");
    return answer(product, context);
  };
}

const inPath = ({ gap }: CallContext) => gap;
const inQuery = ({ request }: CallContext) => request.query.get("product_id") ?? "";

export const getProduct = ofProduct(inPath, (product, { venue }) =>
  reply(productJson(venue, product)),
);

function bookJson(
  venue: CoinbaseVenue,
  { id, symbol, instrument }: CoinbaseProduct,
  levels: number,
) {
  const { bids, asks } = venue.exchange.market(symbol).book();
  const side = (ladder: readonly LadderLevel[]) =>
    ladder.slice(0, levels).map(({ ticks, quantity }) => ({
      price: fromSteps(ticks, instrument.tick),
      size: quantity,
    }));
  const time = rfc3339(venue.exchange.clock.told);
  return { product_id: id, bids: side(bids), asks: side(asks), time };
}

export const productBook = ofProduct(inQuery, (product, { venue, request }) => {
  const limit = Number(request.query.get("limit") ?? levelsMost);
  if (!(Number.isInteger(limit) && limit >= 1)) return invalid("invalid limit");
  const { tick } = product.instrument;
  const { bid, ask } = venue.exchange.market(product.symbol).touch();
  const spread = fromSteps((ask?.ticks ?? 0) - (bid?.ticks ?? 0), tick);
  const middle = ((ask?.ticks ?? 0) + (bid?.ticks ?? 0)) / 2;
  const mid = fromFloat(middle * Number(tick), 8);
  const isOpen = bid !== null && ask !== null;
  return reply({
    pricebook: bookJson(venue, product, Math.min(limit, levelsMost)),
    last: dayOf(venue, product).price,
    mid_market: isOpen ? mid : "",
    spread_bps: isOpen ? divide(multiply(spread, decimal(10_000)), mid, 12, "nearest") : "",
    spread_absolute: isOpen ? spread : "",
  });
});

export const bestBidAsk: Call = ({ venue, request: { query } }) => {
  const ids = query.getAll("product_ids");
  const chosen = venue.products.all.filter(({ id }) => ids.length === 0 || ids.includes(id));
  return reply({ pricebooks: chosen.map((product) => bookJson(venue, product, 1)) });
};

/** Newest first; those that nobody traded in are left out. */
export const productCandles = ofProduct(inPath, (product, { venue, request: { query } }) => {
  const minutes = granularities.get(query.get("granularity") ?? "");
  const [from, to] = [query.get("start"), query.get("end")].map(Number);
  if (minutes === undefined) return invalid("invalid granularity");
  if (!(query.has("start") && query.has("end")) || !((to ?? 0) >= (from ?? 0))) {
    return invalid("start and end are required");
  }
  if (((to ?? 0) - (from ?? 0)) / (minutes * 60) > candlesMost) {
    return invalid(`number of candles requested should be less than ${candlesMost}`);
  }
  const { now, told, skewMs } = venue.exchange.clock;
  const end = (to ?? 0) * 1_000;
  const ahead = aheadBy(end, { told, real: Date.now() + skewMs, spanMs: minutes * 60_000 });
  const candles = venueCandles(venue.exchange.market(product.symbol), minutes, now)
    .filter(({ openedAt, trades }) => {
      const start = (openedAt + ahead) / 1_000;
      return trades > 0 && start >= (from ?? 0) && start <= (to ?? 0);
    })
    .reverse();
  const price = (ticks: number) => fromSteps(ticks, product.instrument.tick);
  return reply({
    candles: candles.map(({ openedAt, low, high, open, close, volume }) => ({
      start: String(openedAt / 1_000),
      low: price(low),
      high: price(high),
      open: price(open),
      close: price(close),
      volume: fromFloat(volume, 8),
    })),
  });
});

/** Newest first. */
export const productTrades = ofProduct(inPath, (product, { venue, request: { query } }) => {
  const limit = Number(query.get("limit") ?? tradesUsual);
  if (!(Number.isInteger(limit) && limit >= 1)) return invalid("invalid limit");
  const { clock } = venue.exchange;
  const market = venue.exchange.market(product.symbol);
  const secondsOf = ({ at }: PublicTrade) => Math.floor((at + clock.skewMs) / 1_000);
  const from = Number(query.get("start") ?? 0);
  const to = Number(query.get("end") ?? Number.POSITIVE_INFINITY);
  const chosen = market.trades
    .filter((trade) => secondsOf(trade) >= from && secondsOf(trade) <= to)
    .slice(-Math.min(limit, tradesMost))
    .reverse();
  const price = (ticks: number | undefined) => fromSteps(ticks ?? 0, product.instrument.tick);
  const { bid, ask } = market.touch();
  return reply({
    trades: chosen.map((trade) => ({
      trade_id: String(trade.number),
      product_id: product.id,
      price: price(trade.ticks),
      size: fromFloat(trade.quantity, 8),
      time: rfc3339(trade.at + clock.skewMs),
      side: makerSide(trade),
      bid: "",
      ask: "",
      exchange: "coinbase",
    })),
    best_bid: price(bid?.ticks),
    best_ask: price(ask?.ticks),
  });
});
