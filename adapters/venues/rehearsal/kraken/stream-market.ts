/** Kraken's public channels: what each says of a symbol, as a snapshot and after each move. */
import { toNumber, zero } from "../../../../machines/domain/decimal.ts";
import { rfc3339 } from "../clock.ts";
import type { PublicTrade } from "../market/candle-series.ts";
import type { Ladder, LadderLevel } from "../market/ladder.ts";
import type { SymbolMarket } from "../market/symbol-market.ts";
import type { KrakenPair } from "./names.ts";
import { bare, floatText, lotText, ticksText } from "./numbers.ts";
import type { ChannelMessage } from "./stream-sender.ts";
import type { KrakenVenue } from "./venue.ts";

/** One subscription to one symbol of a public channel. */
export interface MarketFeed {
  readonly channel: string;
  readonly symbol: string;
  snapshot(): ChannelMessage | null;
  /** After the market moved; null where there is nothing to say. */
  update(trade: PublicTrade | null): ChannelMessage | null;
}

export interface FeedContext {
  readonly venue: KrakenVenue;
  readonly pair: KrakenPair;
  readonly market: SymbolMarket;
}

/** Depths that a book can be subscribed at. */
export const bookDepths: readonly number[] = [10, 25, 100, 500, 1000];
const tradesInSnapshot = 50;
const checksumLevels = 10;

export function tickerFeed({ venue, pair, market }: FeedContext): MarketFeed {
  const price = (ticks: number) => bare(ticksText(pair, ticks));
  const data = () => {
    const now = venue.exchange.clock.now;
    const { bid, ask } = market.touch();
    const day = market.lastDay(now);
    const last = market.trades.at(-1)?.ticks ?? market.price;
    const vwap = day.volume > 0 ? Math.round(day.turnover / day.volume) : last;
    return [
      {
        symbol: pair.symbol,
        bid: price(bid?.ticks ?? 0),
        bid_qty: bare(lotText(bid?.quantity ?? pair.instrument.lot)),
        ask: price(ask?.ticks ?? 0),
        ask_qty: bare(lotText(ask?.quantity ?? pair.instrument.lot)),
        last: price(last),
        volume: bare(floatText(day.volume, 8)),
        vwap: price(vwap),
        low: price(day.low),
        high: price(day.high),
        change: price(last - day.open),
        change_pct: bare(floatText(day.open > 0 ? (100 * (last - day.open)) / day.open : 0, 2)),
        timestamp: rfc3339(venue.exchange.clock.told),
      },
    ];
  };
  return {
    channel: "ticker",
    symbol: pair.symbol,
    snapshot: () => ({ type: "snapshot", data: data() }),
    update: () => ({ type: "update", data: data() }),
  };
}

export function tradeFeed({ venue, pair, market }: FeedContext): MarketFeed {
  const said = ({ at, ticks, quantity, side, number }: PublicTrade) => ({
    symbol: pair.symbol,
    side,
    price: bare(ticksText(pair, ticks)),
    qty: bare(floatText(quantity, 8)),
    ord_type: "market",
    trade_id: number,
    timestamp: rfc3339(at + venue.exchange.clock.skewMs),
  });
  return {
    channel: "trade",
    symbol: pair.symbol,
    snapshot: () => ({
      type: "snapshot",
      data: market.trades.slice(-tradesInSnapshot).map(said),
    }),
    update: (trade) => (trade === null ? null : { type: "update", data: [said(trade)] }),
  };
}

export function candleFeed({ venue, pair, market }: FeedContext, interval: number): MarketFeed {
  const { clock } = venue.exchange;
  const said = ({ openedAt, ...candle }: ReturnType<SymbolMarket["candles"]>[number]) => ({
    symbol: pair.symbol,
    open: bare(ticksText(pair, candle.open)),
    high: bare(ticksText(pair, candle.high)),
    low: bare(ticksText(pair, candle.low)),
    close: bare(ticksText(pair, candle.close)),
    trades: candle.trades,
    volume: bare(floatText(candle.volume, 8)),
    vwap: bare(
      ticksText(pair, candle.volume > 0 ? Math.round(candle.turnover / candle.volume) : 0),
    ),
    interval_begin: rfc3339(openedAt).replace("Z", "000Z"),
    interval,
    timestamp: rfc3339(openedAt + interval * 60_000),
  });
  return {
    channel: "ohlc",
    symbol: pair.symbol,
    snapshot: () => ({ type: "snapshot", data: market.candles(interval, clock.now).map(said) }),
    update: (trade) => {
      if (trade === null) return null;
      const openedAt = trade.at - (trade.at % (interval * 60_000));
      const candle = market.candles(interval, trade.at).find((each) => each.openedAt === openedAt);
      return candle === undefined ? null : { type: "update", data: [said(candle)] };
    },
  };
}

/** Kraken's checksum of a book: CRC32 of the digits of the ten best asks, then bids. */
export function bookChecksum(pair: KrakenPair, { bids, asks }: Ladder): number {
  const digits = (text: string) => text.replace(".", "").replace(/^0+/, "");
  const text = [...asks.slice(0, checksumLevels), ...bids.slice(0, checksumLevels)]
    .map(({ ticks, quantity }) => digits(ticksText(pair, ticks)) + digits(lotText(quantity)))
    .join("");
  return Bun.hash.crc32(text);
}

export function bookFeed({ venue, pair, market }: FeedContext, depth: number): MarketFeed {
  let sent: Ladder = { bids: [], asks: [] };
  const present = (): Ladder => {
    const { bids, asks } = market.book();
    return { bids: bids.slice(0, depth), asks: asks.slice(0, depth) };
  };
  const said = ({ ticks, quantity }: LadderLevel) => ({
    price: bare(ticksText(pair, ticks)),
    qty: bare(lotText(quantity)),
  });
  const message = (type: ChannelMessage["type"], bids: LadderLevel[], asks: LadderLevel[]) => {
    const data = (checksum: number) => [
      {
        symbol: pair.symbol,
        bids: bids.map(said),
        asks: asks.map(said),
        checksum,
        timestamp: rfc3339(venue.exchange.clock.told),
      },
    ];
    const checksum = bookChecksum(pair, sent);
    const withWrongChecksum = () => data((checksum ^ 0x5a5a5a5a) >>> 0);
    return { type, data: data(checksum), withWrongChecksum };
  };
  return {
    channel: "book",
    symbol: pair.symbol,
    snapshot: () => {
      sent = present();
      return message("snapshot", [...sent.bids], [...sent.asks]);
    },
    update: () => {
      const before = sent;
      sent = present();
      const bids = changesOf(before.bids, sent.bids, depth, "bid");
      const asks = changesOf(before.asks, sent.asks, depth, "ask");
      return bids.length + asks.length === 0 ? null : message("update", bids, asks);
    },
  };
}

/** What a client must be told; it cuts off by itself what falls out of the depth. */
function changesOf(
  before: readonly LadderLevel[],
  after: readonly LadderLevel[],
  depth: number,
  side: "bid" | "ask",
): LadderLevel[] {
  const was = new Map(before.map(({ ticks, quantity }) => [ticks, quantity]));
  const is = new Set(after.map(({ ticks }) => ticks));
  const worst = after.length === depth ? (after.at(-1)?.ticks ?? null) : null;
  const isOut = (ticks: number) =>
    worst !== null && (side === "bid" ? ticks < worst : ticks > worst);
  return [
    ...before
      .filter(({ ticks }) => !is.has(ticks) && !isOut(ticks))
      .map(({ ticks }) => ({ ticks, quantity: zero })),
    ...after.filter(({ ticks, quantity }) => was.get(ticks) !== quantity),
  ];
}

/** The reference data of all coins and pairs. */
export function instrumentMessage({ pairs }: KrakenVenue): ChannelMessage {
  return {
    type: "snapshot",
    data: {
      assets: pairs.assets.map(({ coin, decimals }) => ({
        id: coin,
        status: "enabled",
        precision: decimals,
        precision_display: Math.min(5, decimals),
        borrowable: false,
        collateral_value: 0,
        margin_rate: 0,
      })),
      pairs: pairs.all.map(({ symbol, instrument, priceDecimals, lotDecimals }) => ({
        symbol,
        base: instrument.base,
        quote: instrument.quote,
        status: "online",
        qty_precision: lotDecimals,
        qty_increment: toNumber(instrument.lot),
        price_precision: priceDecimals,
        cost_precision: 5,
        marginable: false,
        has_index: false,
        cost_min: toNumber(instrument.minNotional),
        tick_size: toNumber(instrument.tick),
        price_increment: toNumber(instrument.tick),
        qty_min: toNumber(instrument.minQuantity),
      })),
    },
  };
}
