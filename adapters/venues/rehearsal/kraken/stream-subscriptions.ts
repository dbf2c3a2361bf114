/** What a subscription to a public channel asks for, and the feed that answers it. */
import { candleMinutes } from "../market/symbol-market.ts";
import {
  bookDepths,
  bookFeed,
  candleFeed,
  type FeedContext,
  type MarketFeed,
  tickerFeed,
  tradeFeed,
} from "./stream-market.ts";
import type { Asked } from "./stream-orders.ts";
import { refusedWith } from "./venue.ts";

const intervalOf = (params: Asked) => Number(params.interval ?? 1);
const depthOf = (params: Asked) => Number(params.depth ?? 10);

/** One subscription of its kind at a time: of candles, one for each timeframe. */
export function feedKey(channel: string, symbol: string, params: Asked): string {
  return channel === "ohlc" ? `${channel}/${symbol}/${intervalOf(params)}` : `${channel}/${symbol}`;
}

/** The feed that is asked for, or why there is none. */
export function feedOf(
  channel: string,
  params: Asked,
  context: FeedContext,
): MarketFeed | ReturnType<typeof refusedWith> {
  if (channel === "ticker") return tickerFeed(context);
  if (channel === "trade") return tradeFeed(context);
  if (channel === "book") {
    const depth = depthOf(params);
    if (!bookDepths.includes(depth)) return refusedWith("Subscription depth not supported");
    return bookFeed(context, depth);
  }
  if (channel !== "ohlc") return refusedWith("Subscription name invalid");
  const interval = intervalOf(params);
  const isKnown = candleMinutes.some((minutes) => minutes === interval);
  return isKnown
    ? candleFeed(context, interval)
    : refusedWith("Subscription ohlc interval not supported");
}

/** What the answer to a subscription says of its terms. */
export function termsOfFeed(channel: string, params: Asked): object {
  if (channel === "ohlc") return { interval: intervalOf(params) };
  return channel === "book" ? { depth: depthOf(params) } : {};
}
