import type { CandleSource } from "../../actors/market/ports.ts";
import type { BookUpdate } from "../venues/matching/mod.ts";
import type { BookVenue, MarketTimeline, TimelineSource } from "./timeline.ts";

type AnySource = CandleSource | TimelineSource;

/** The order books of a run's markets, as each was last told; for show, it sways nothing. */
export class SeenBooks {
  private readonly books = new Map<string, BookUpdate>();
  private readonly markets = new Set<string | undefined>();

  /** The source, with an eye on its books; one that tells prices of candles alone has none. */
  watch<Source extends AnySource>(source: Source, market?: string): Source {
    if (!("timeline" in source)) return source;
    this.markets.add(market);
    const timeline: TimelineSource["timeline"] = (stored) =>
      this.watched(source.timeline(stored), market);
    return { ...source, timeline };
  }

  /** Whether books are told in a market at all. */
  has(market?: string): boolean {
    return this.markets.has(market);
  }

  /** The symbol's book; null before the first, and where it is not known now. */
  of(symbol: string, market?: string): BookUpdate | null {
    const book = this.books.get(keyOf(symbol, market));
    return book && book.bids.length + book.asks.length > 0 ? book : null;
  }

  private watched(
    timeline: MarketTimeline<BookVenue>,
    market: string | undefined,
  ): MarketTimeline<BookVenue> {
    let told: { readonly venue: BookVenue; readonly through: BookVenue } | null = null;
    const through = (venue: BookVenue): BookVenue => ({
      ...venue,
      book: (symbol, book) => {
        this.books.set(keyOf(symbol, market), book);
        venue.book(symbol, book);
      },
    });
    return {
      ready: () => timeline.ready(),
      nextAt: () => timeline.nextAt(),
      step: (venue) => {
        if (told?.venue !== venue) told = { venue, through: through(venue) };
        return timeline.step(told.through);
      },
      changes: () => timeline.changes(),
      close: () => timeline.close?.(),
    };
  }
}

const keyOf = (symbol: string, market: string | undefined): string => `${market ?? ""} ${symbol}`;
