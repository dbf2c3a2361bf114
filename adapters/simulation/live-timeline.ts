import type { MarketSource, SourceSymbol } from "../../actors/market/ports.ts";
import type { MovableClock } from "../../actors/runtime/ports.ts";
import type { Candle } from "../../machines/domain/market.ts";
import type { LiveMarket, LiveMarketEvent } from "../venues/streams/live-market.ts";
import { BookWatches, levelsWatched } from "./book-watches.ts";
import type {
  BookVenue,
  MarketNews,
  MarketTimeline,
  StreamNews,
  TimelineSource,
} from "./timeline.ts";

/** Events that wait to be taken: of more, books and quotes go first, for newer ones say it all. */
const waitingMost = 20_000;

/** A timer that is due fires this much late at most, milliseconds; and a run hears of its end. */
const beatMs = 50;

/** Live news that is not the market's: links, health of channels, what could not be had. */
export type LiveNotice = Extract<
  LiveMarketEvent,
  { readonly type: "health" | "trouble" | "connection" }
>;

type MarketEvent = Exclude<LiveMarketEvent, LiveNotice> | StreamNews;

export interface LiveTimelineOptions {
  readonly symbols: readonly SourceSymbol[];
  /** The market, bars from this open time on, Unix milliseconds. */
  readonly open: (since: number) => LiveMarket;
  readonly clock: MovableClock;
  /** Bars of the past that a desk is to hear which has heard none. */
  readonly pastBars: number;
  readonly onNotice: (notice: LiveNotice) => void;
}

const placeKey = "live";

/**
 * A live market as a timeline: each event is a step, at the time at which it is taken. Nothing
 * rides on who waits: events are kept in their order until they are taken. There is no end. The
 * place is each symbol's last bar; those since come as the venue's own when the desk is back.
 */
export class LiveTimeline implements MarketTimeline<BookVenue> {
  /** Events that were dropped, for nobody took them in time. */
  dropped = 0;
  private waiting: MarketEvent[] = [];
  private taken = 0;
  private wake: (() => void) | null = null;
  /** A wait is over, and the step that it was for is not taken yet. */
  private isBeat = false;
  private readonly watches: BookWatches;
  private readonly market: LiveMarket;
  /** Open time of the last bar that was told, by symbol. */
  private readonly lastBars: Record<string, number>;
  private changed = false;
  private readonly unlisten: () => void;

  constructor(
    private readonly options: LiveTimelineOptions,
    stored: ReadonlyMap<string, unknown>,
  ) {
    const { symbols, open } = options;
    this.watches = new BookWatches(symbols);
    this.lastBars = { ...(stored.get(placeKey) as Record<string, number> | undefined) };
    this.market = open(Math.min(...symbols.map((each) => this.nextBarOf(each))));
    const text = "its stream has not begun";
    for (const { symbol } of symbols) {
      this.waiting.push({ type: "stream", symbol, isFresh: false, text });
    }
    this.unlisten = this.market.onEvent((event) => this.hear(event));
    this.market.start();
  }

  /** Lets the market go. */
  close(): void {
    this.unlisten();
    this.market.close();
  }

  ready(): Promise<void> | null {
    return this.isBeat || this.taken < this.waiting.length ? null : this.beat();
  }

  /** Always now: a beat without an event is a step too, in which timers get their turn. */
  nextAt(): number {
    return this.options.clock.now();
  }

  step(venue: BookVenue): MarketNews | null {
    this.isBeat = false;
    const event = this.waiting[this.taken];
    if (event === undefined) return null;
    this.taken += 1;
    if (this.taken === this.waiting.length || this.taken > waitingMost) {
      this.waiting = this.waiting.slice(this.taken);
      this.taken = 0;
    }
    return this.play(event, venue);
  }

  changes(): readonly { readonly key: string; readonly value: unknown }[] {
    if (!this.changed) return [];
    this.changed = false;
    return [{ key: placeKey, value: { ...this.lastBars } }];
  }

  private nextBarOf({ symbol, timeframeMs }: SourceSymbol): number {
    const last = this.lastBars[symbol];
    if (last !== undefined) return last + timeframeMs;
    const { clock, pastBars } = this.options;
    return clock.now() - pastBars * timeframeMs;
  }

  private hear(event: LiveMarketEvent): void {
    if (event.type === "health" || event.type === "trouble" || event.type === "connection") {
      this.options.onNotice(event);
      // The book is what orders are matched and spreads are judged by.
      if (event.type !== "health" || event.channel !== "book") return;
      const { symbol, isFresh } = event;
      const text = `its order book is ${isFresh ? "heard again" : "not heard any more"}`;
      this.put({ type: "stream", symbol, isFresh, text });
      return;
    }
    const count = this.waiting.length - this.taken;
    if (count >= waitingMost && event.type !== "candle") {
      this.dropped += 1;
      return;
    }
    this.put(event);
  }

  private put(event: MarketEvent): void {
    this.waiting.push(event);
    this.wake?.();
  }

  private beat(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake?.(), beatMs);
      this.wake = () => {
        clearTimeout(timer);
        this.wake = null;
        this.isBeat = true;
        resolve();
      };
    });
  }

  private play(event: MarketEvent, venue: BookVenue): MarketNews | null {
    const { watches } = this;
    const { symbol } = event;
    switch (event.type) {
      case "book": {
        const { bids, asks } = event.book;
        venue.book(symbol, { ...event.book, at: this.nextAt() });
        watches.of(symbol).book(watched(bids), watched(asks));
        return null;
      }
      case "print": {
        const { ticks, quantity } = event.print;
        venue.print(symbol, { ticks, quantity, at: this.nextAt() });
        watches.of(symbol).print(ticks, Number(quantity), event.isBuy);
        return { type: "price", symbol, ticks };
      }
      case "candle":
        return this.bar(event.candle);
      case "quote":
        return null;
      case "stream":
        return event;
    }
  }

  private bar(candle: Candle): MarketNews | null {
    const { symbol, openedAt } = candle;
    const last = this.lastBars[symbol];
    // One market serves all symbols: those that have heard more hear some bars again.
    if (last !== undefined && openedAt <= last) return null;
    this.lastBars[symbol] = openedAt;
    this.changed = true;
    // Of the past nobody kept the book: what is said of now is no reading of then.
    const isNow = this.nextAt() - (candle.openedAt + candle.timeframeMs) < candle.timeframeMs;
    const book = isNow ? this.watches.close(symbol) : null;
    return { type: "bar", candle, book };
  }
}

/** The levels that are watched, as numbers. */
function watched(levels: readonly { readonly ticks: number; readonly quantity: string }[]) {
  return levels
    .slice(0, levelsWatched)
    .map(({ ticks, quantity }) => [ticks, Number(quantity)] as const);
}

/** A live market as a source that drives a paper venue by its books and prints. */
export function liveSource(
  source: MarketSource,
  options: Omit<LiveTimelineOptions, "symbols">,
): TimelineSource {
  return {
    ...source,
    startAt: options.clock.now(),
    timeline: (stored) => new LiveTimeline({ ...options, symbols: source.symbols }, stored),
  };
}
