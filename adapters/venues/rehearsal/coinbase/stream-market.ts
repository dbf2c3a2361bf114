/** Coinbase's market channels: what each says of a product, at first and after each move. */
import { type Decimal, fromFloat, fromSteps, zero } from "../../../../machines/domain/decimal.ts";
import { rfc3339 } from "../clock.ts";
import type { PublicTrade } from "../market/candle-series.ts";
import type { Ladder, LadderLevel } from "../market/ladder.ts";
import { dayOf, makerSide } from "./market-rest.ts";
import type { CoinbaseProduct } from "./names.ts";
import type { CoinbaseVenue } from "./venue.ts";

/** One subscription to one product. Events are what stands in a message's list. */
export interface MarketFeed {
  readonly product: CoinbaseProduct;
  snapshot(): object | null;
  /** After the market moved; null where there is nothing to say. */
  update(trade: PublicTrade | null): object | null;
}

type FeedOf = (venue: CoinbaseVenue, product: CoinbaseProduct) => MarketFeed;

const tradesInSnapshot = 50;
const candleMinutes = 5;
const candlesInSnapshot = 100;

const tickerFeed: FeedOf = (venue, product) => {
  const event = (type: string) => {
    const { touch, ...day } = dayOf(venue, product);
    const price = (ticks: number | undefined) => fromSteps(ticks ?? 0, product.instrument.tick);
    const ticker = {
      type: "ticker",
      product_id: product.id,
      price: day.price,
      volume_24_h: day.volume,
      low_24_h: day.low,
      high_24_h: day.high,
      low_52_w: day.low,
      high_52_w: day.high,
      price_percent_chg_24_h: day.change,
      best_bid: price(touch.bid?.ticks),
      best_bid_quantity: touch.bid?.quantity ?? zero,
      best_ask: price(touch.ask?.ticks),
      best_ask_quantity: touch.ask?.quantity ?? zero,
    };
    return { type, tickers: [ticker] };
  };
  return { product, snapshot: () => event("snapshot"), update: () => event("update") };
};

/** Every five seconds, whatever happens: see the stream's own clock. */
const batchFeed: FeedOf = (venue, product) => ({
  ...tickerFeed(venue, product),
  update: () => null,
});

/** Newest first. */
const tradeFeed: FeedOf = (venue, product) => {
  const { clock } = venue.exchange;
  const said = (trade: PublicTrade) => ({
    trade_id: String(trade.number),
    product_id: product.id,
    price: fromSteps(trade.ticks, product.instrument.tick),
    size: fromFloat(trade.quantity, 8),
    side: makerSide(trade),
    time: rfc3339(trade.at + clock.skewMs),
  });
  return {
    product,
    snapshot: () => {
      const { trades } = venue.exchange.market(product.symbol);
      return { type: "snapshot", trades: trades.slice(-tradesInSnapshot).reverse().map(said) };
    },
    update: (trade) => (trade === null ? null : { type: "update", trades: [said(trade)] }),
  };
};

const candleFeed: FeedOf = (venue, product) => {
  const market = venue.exchange.market(product.symbol);
  const price = (ticks: number): Decimal => fromSteps(ticks, product.instrument.tick);
  const event = (type: string, count: number) => {
    const candles = market.candles(candleMinutes, venue.exchange.clock.now).slice(-count);
    return {
      type,
      candles: candles.reverse().map(({ openedAt, open, high, low, close, volume }) => ({
        start: String(openedAt / 1_000),
        high: price(high),
        low: price(low),
        open: price(open),
        close: price(close),
        volume: fromFloat(volume, 8),
        product_id: product.id,
      })),
    };
  };
  return {
    product,
    snapshot: () => event("snapshot", candlesInSnapshot),
    update: (trade) => (trade === null ? null : event("update", 1)),
  };
};

const bookFeed: FeedOf = (venue, product) => {
  let sent: Ladder = { bids: [], asks: [] };
  const event = (type: string, bids: readonly LadderLevel[], asks: readonly LadderLevel[]) => {
    const event_time = rfc3339(venue.exchange.clock.told);
    const said = (side: string) => (level: LadderLevel) => ({
      side,
      event_time,
      price_level: fromSteps(level.ticks, product.instrument.tick),
      new_quantity: level.quantity,
    });
    const updates = [...bids.map(said("bid")), ...asks.map(said("offer"))];
    return { type, product_id: product.id, updates };
  };
  return {
    product,
    snapshot: () => {
      sent = venue.exchange.market(product.symbol).book();
      return event("snapshot", sent.bids, sent.asks);
    },
    update: () => {
      const before = sent;
      sent = venue.exchange.market(product.symbol).book();
      const bids = changesOf(before.bids, sent.bids);
      const asks = changesOf(before.asks, sent.asks);
      return bids.length + asks.length === 0 ? null : event("update", bids, asks);
    },
  };
};

/** Levels that are gone, as empty ones, and those that are new or hold something else. */
function changesOf(before: readonly LadderLevel[], after: readonly LadderLevel[]): LadderLevel[] {
  if (before === after) return [];
  const was = new Map(before.map(({ ticks, quantity }) => [ticks, quantity]));
  const is = new Set(after.map(({ ticks }) => ticks));
  return [
    ...before.filter(({ ticks }) => !is.has(ticks)).map(({ ticks }) => ({ ticks, quantity: zero })),
    ...after.filter(({ ticks, quantity }) => was.get(ticks) !== quantity),
  ];
}

/** By the name that a channel is subscribed by: its feed, and what its messages call it. */
export const marketChannels: Readonly<
  Record<string, { readonly told: string; readonly feedOf: FeedOf }>
> = {
  ticker: { told: "ticker", feedOf: tickerFeed },
  ticker_batch: { told: "ticker_batch", feedOf: batchFeed },
  level2: { told: "l2_data", feedOf: bookFeed },
  market_trades: { told: "market_trades", feedOf: tradeFeed },
  candles: { told: "candles", feedOf: candleFeed },
};

/** The rules of products, for the `status` channel. */
export function statusEvent({ products, status }: CoinbaseVenue, ids: readonly string[]): object {
  const chosen = products.all.filter(({ id }) => ids.length === 0 || ids.includes(id));
  return {
    type: "snapshot",
    products: chosen.map(({ id, instrument }) => ({
      product_type: "SPOT",
      id,
      base_currency: instrument.base,
      quote_currency: instrument.quote,
      base_increment: instrument.lot,
      quote_increment: instrument.tick,
      display_name: id.replace("-", "/"),
      status: status === "maintenance" ? "offline" : "online",
      status_message: status === "online" ? "" : status,
      min_market_funds: instrument.minNotional,
    })),
  };
}
