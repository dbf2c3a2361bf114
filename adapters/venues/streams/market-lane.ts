import type { SymbolName } from "../../../machines/domain/ids.ts";
import type { Instrument } from "../../../machines/domain/instrument.ts";
import type { LiveBars } from "./live-bars.ts";
import { type LiveMarketLimits, type MarketChannel, marketChannels } from "./live-market.ts";
import type { StreamTimers } from "./timers.ts";

interface ChannelHealth {
  /** By the clock that only rises; null before anything came on this connection. */
  heardAt: number | null;
  isFresh: boolean;
}

export interface MarketLaneOptions {
  readonly instrument: Instrument;
  readonly bars: LiveBars;
  readonly limits: LiveMarketLimits;
  readonly timers: StreamTimers;
  readonly healthChanged: (channel: MarketChannel, isFresh: boolean) => void;
  readonly resubscribe: (channel: MarketChannel) => void;
}

/** A book that stood so long was begun anew for good. */
const settledMs = 30_000;

/** What is known of one symbol's channels: how fresh each is, and where its prints stand. */
export class MarketLane {
  readonly symbol: SymbolName;
  readonly bars: LiveBars;
  /** Channels that the venue would not have on this connection. */
  readonly refused = new Set<MarketChannel>();
  /** Of the last print; null before the first. */
  tradeId: number | null = null;
  /** Whether the next print follows the last one with nothing between. */
  isChained = false;
  readonly #options: MarketLaneOptions;
  readonly #health: Readonly<Record<MarketChannel, ChannelHealth>>;
  #resyncs = 0;
  #resyncedAt = Number.NEGATIVE_INFINITY;
  #cancelResync: (() => void) | null = null;

  constructor(options: MarketLaneOptions) {
    this.#options = options;
    this.symbol = options.instrument.symbol;
    this.bars = options.bars;
    this.#health = {
      book: { heardAt: null, isFresh: false },
      print: { heardAt: null, isFresh: false },
      quote: { heardAt: null, isFresh: false },
    };
  }

  heard(channel: MarketChannel): void {
    const health = this.#health[channel];
    health.heardAt = this.#options.timers.elapsed();
    if (health.isFresh) return;
    health.isFresh = true;
    this.#options.healthChanged(channel, true);
  }

  lost(channel: MarketChannel): void {
    const health = this.#health[channel];
    if (!health.isFresh) return;
    health.isFresh = false;
    this.#options.healthChanged(channel, false);
  }

  /** A connection stands: silence counts from here. */
  connected(): void {
    const now = this.#options.timers.elapsed();
    for (const channel of marketChannels) this.#health[channel].heardAt ??= now;
  }

  disconnected(): void {
    this.refused.clear();
    this.isChained = false;
    this.bars.interrupt();
    this.#cancelResync?.();
    this.#cancelResync = null;
    for (const channel of marketChannels) {
      this.lost(channel);
      this.#health[channel].heardAt = null;
    }
  }

  /** Channels silent for too long are stale, and are subscribed anew. */
  judge(): void {
    const { limits, timers, resubscribe } = this.#options;
    for (const channel of marketChannels) {
      const limit = limits.staleAfterMs[channel];
      const health = this.#health[channel];
      const now = timers.elapsed();
      if (limit === null || health.heardAt === null || now - health.heardAt < limit) continue;
      this.lost(channel);
      // From here again: the next try is as far off.
      health.heardAt = now;
      resubscribe(channel);
    }
  }

  /** Begins the book anew: at once, or later if it was only just begun anew. */
  resync(): void {
    const { timers, limits, resubscribe } = this.#options;
    if (this.#cancelResync !== null) return;
    if (timers.elapsed() - this.#resyncedAt > settledMs) this.#resyncs = 0;
    const doublings = Math.min(this.#resyncs - 1, 5);
    const delay = this.#resyncs === 0 ? 0 : limits.resyncMs * 2 ** doublings;
    this.#resyncs += 1;
    this.#cancelResync = timers.after(delay, () => {
      this.#cancelResync = null;
      this.#resyncedAt = timers.elapsed();
      resubscribe("book");
    });
  }

  close(): void {
    this.#cancelResync?.();
    this.#cancelResync = null;
    this.bars.close();
  }
}
