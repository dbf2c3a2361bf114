import type { SymbolName } from "../../../machines/domain/ids.ts";
import type { Instrument } from "../../../machines/domain/instrument.ts";
import type { Candle } from "../../../machines/domain/market.ts";
import type { BookLevel, BookUpdate, MarketPrint } from "../matching/mod.ts";
import type { ConnectionCounters, ConnectionLimits, ConnectionStatus, Link } from "./connection.ts";
import type { StreamTimers } from "./timers.ts";

export const marketChannels = ["book", "print", "quote"] as const;
export type MarketChannel = (typeof marketChannels)[number];

export type TroubleKind =
  /** The venue would not have the subscription. */
  | "refused"
  /** Something was missed; what depends on it is begun anew. */
  | "gap"
  | "malformed"
  /** Candles that neither prints nor history can tell. */
  | "candlesMissing"
  | "historyFailed"
  | "pollFailed"
  /** What the venue says of itself: maintenance and the like. */
  | "venueStatus";

/** Market data of a live venue. Times are Unix milliseconds of receipt by the desk's clock. */
export type LiveMarketEvent =
  /** The best levels now; both sides empty where the book is not known. */
  | {
      readonly type: "book";
      readonly symbol: SymbolName;
      readonly book: BookUpdate;
      /** Read by REST, for the streams are down: older than it looks. */
      readonly isPolled: boolean;
    }
  | {
      readonly type: "print";
      readonly symbol: SymbolName;
      readonly print: MarketPrint;
      readonly isBuy: boolean;
    }
  | {
      readonly type: "quote";
      readonly symbol: SymbolName;
      readonly at: number;
      readonly bid: BookLevel;
      readonly ask: BookLevel;
      readonly isPolled: boolean;
    }
  /** A closed bar; open times strictly rise. Of history, where prints were not all seen. */
  | {
      readonly type: "candle";
      readonly symbol: SymbolName;
      readonly candle: Candle;
      readonly source: "prints" | "history";
    }
  /** A channel of a symbol went stale, or is fresh again. */
  | {
      readonly type: "health";
      readonly at: number;
      readonly symbol: SymbolName;
      readonly channel: MarketChannel;
      readonly isFresh: boolean;
    }
  | {
      readonly type: "trouble";
      readonly at: number;
      readonly kind: TroubleKind;
      /** Null where it is about the connection. */
      readonly symbol: SymbolName | null;
      readonly text: string;
    }
  | { readonly type: "connection"; readonly status: ConnectionStatus };

/** A venue's market data, venue-neutral. Listeners are called at once and must not wait. */
export interface LiveMarket {
  start(): void;
  /** Ends for good; no timer and no socket is left. */
  close(): void;
  onEvent(listener: (event: LiveMarketEvent) => void): () => void;
  readonly status: ConnectionStatus;
  readonly instruments: readonly Instrument[];
}

/**
 * What a venue's REST says of past candles: closed ones, oldest first, prices in whole ticks. A
 * bar of `[from, until)` that is not among them had no print; of others nothing is known.
 */
export interface CandleHistory {
  readonly from: number;
  readonly until: number;
  readonly candles: readonly Candle[];
}

/** What a venue's REST says of a market now: at least both touches, best level first. */
export interface PolledMarket {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

export interface LiveMarketOptions {
  readonly url: string;
  readonly instruments: readonly Instrument[];
  readonly timeframeMs: number;
  /** Reads candles from an open time on. Rejects where the venue does not answer soundly. */
  readonly candles: (symbol: SymbolName, since: number) => Promise<CandleHistory>;
  /** Reads the market by REST, for when the streams stay down. */
  readonly poll: (symbol: SymbolName) => Promise<PolledMarket>;
  /** Open time of the first candle wanted; by default that of the bar under way at the start. */
  readonly since?: number;
  /** A number in [0, 1) for the jitter of the backoff. */
  readonly draw: () => number;
  readonly timers?: StreamTimers;
  readonly limits?: Partial<ConnectionLimits>;
  readonly market?: Partial<LiveMarketLimits>;
}

export interface LiveMarketLimits {
  /** Levels of each side that are told. */
  readonly levelsShown: number;
  /** Silence after which a channel is stale; null where silence is nothing strange. */
  readonly staleAfterMs: Readonly<Record<MarketChannel, number | null>>;
  /** How often silence is looked at. */
  readonly beatMs: number;
  /** Streams down for so long: REST is polled, each symbol in turn, this often. */
  readonly pollAfterMs: number;
  readonly pollEveryMs: number;
  /** Wait before history is asked again; it doubles up to the longest. */
  readonly historyRetryMs: number;
  readonly historyRetryMaxMs: number;
  /** Sound answers without a bar, after which it counts as missing. */
  readonly historyTriesMax: number;
  /** Wait before the second and later tries in a row to begin a lost book anew; it doubles. */
  readonly resyncMs: number;
}

export const defaultLiveMarketLimits: LiveMarketLimits = {
  levelsShown: 50,
  staleAfterMs: { book: 60_000, print: null, quote: null },
  beatMs: 1_000,
  pollAfterMs: 15_000,
  pollEveryMs: 5_000,
  historyRetryMs: 1_000,
  historyRetryMaxMs: 30_000,
  historyTriesMax: 6,
  resyncMs: 1_000,
};

/** A print as its venue tells it, price in whole ticks. */
export interface WirePrint extends Omit<MarketPrint, "at"> {
  readonly tradeId: number;
  readonly isBuy: boolean;
}

/** What a venue's protocol tells. */
export interface MarketSink {
  readonly counters: ConnectionCounters;
  book(symbol: SymbolName, bids: readonly BookLevel[], asks: readonly BookLevel[]): void;
  /** Something of the channel was missed. A book is begun anew; a bar under way is not trusted. */
  lost(symbol: SymbolName, channel: MarketChannel, cause: string): void;
  /** Oldest first. A snapshot repeats what was before the subscription. */
  prints(symbol: SymbolName, prints: readonly WirePrint[], isSnapshot: boolean): void;
  quote(symbol: SymbolName, bid: BookLevel, ask: BookLevel): void;
  refused(symbol: SymbolName, channel: MarketChannel, reason: string): void;
  trouble(kind: TroubleKind, symbol: SymbolName | null, text: string): void;
  /** Part of a message could not be read: counted and told. */
  malformed(reason: string): void;
}

/** A venue's public protocol on one connection after another. */
export interface MarketProtocol {
  readonly ping: (() => string) | null;
  /** Whether trade ids rise by one, so that a jump means a print was missed. */
  readonly countsPrints: boolean;
  opened(link: Link): void;
  received(text: string, link: Link): void;
  /** Begins one channel of a symbol anew; the connection is live. */
  resubscribe(symbol: SymbolName, channel: MarketChannel): void;
}
