/** Live streams of venues: market data and private reports, each over an own thin client. */
export {
  type BinanceDepth,
  type BinanceMarketOptions,
  binanceLiveMarket,
} from "./binance-market.ts";
export { type CoinbaseMarketOptions, coinbaseLiveMarket } from "./coinbase-market.ts";
export {
  type CoinbasePrivateStreamOptions,
  coinbasePrivateStream,
} from "./coinbase-private-stream.ts";
export {
  type ConnectionCounters,
  type ConnectionLimits,
  type ConnectionState,
  type ConnectionStatus,
  defaultConnectionLimits,
} from "./connection.ts";
export { type KrakenDepth, type KrakenMarketOptions, krakenLiveMarket } from "./kraken-market.ts";
export { type KrakenPrivateStreamOptions, krakenPrivateStream } from "./kraken-private-stream.ts";
export {
  type CandleHistory,
  defaultLiveMarketLimits,
  type LiveMarket,
  type LiveMarketEvent,
  type LiveMarketLimits,
  type LiveMarketOptions,
  type MarketChannel,
  type PolledMarket,
  type TroubleKind,
} from "./live-market.ts";
export type { PrivateStream, PrivateStreamEvent, PrivateStreamOptions } from "./private-stream.ts";
export { type StreamTimers, systemTimers } from "./timers.ts";
