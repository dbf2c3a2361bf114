import type { MarketSource } from "../../actors/market/ports.ts";
import type { MovableClock } from "../../actors/runtime/ports.ts";
import type { BookReading } from "../../actors/scanner/ports.ts";
import type { VenueReport } from "../../machines/domain/fill.ts";
import type { VenueAccount } from "../../machines/domain/ids.ts";
import type { Candle } from "../../machines/domain/market.ts";
import type { BookUpdate, MarketPoint, MarketPrint } from "../venues/matching/mod.ts";

/** A paper venue, honest or faulty, as the driver of its time sees it. */
export interface RunVenue {
  readonly at: VenueAccount;
  takeReport(): VenueReport | null;
  /** When something that it holds back comes due, or null. */
  due(): number | null;
  /** Lets what is due happen. */
  advance(now: number): Promise<void>;
  /** Whether no order is living that a price could meet; where this is not there, one always may. */
  isIdle?(): boolean;
}

/** One whose market is told in prices of candles. */
export interface DrivenVenue extends RunVenue {
  /** The price moves. */
  point(symbol: string, point: MarketPoint): void;
}

/** One whose market is told in books and the prints of others. */
export interface BookVenue extends RunVenue {
  /** The book is another one now; empty where it is not known. */
  book(symbol: string, book: BookUpdate): void;
  /** Others traded. */
  print(symbol: string, print: MarketPrint): void;
}

/** A venue that can be told either; one symbol is told one of the two, always. */
export type PaperMarket = DrivenVenue & BookVenue;

/** Of which market it is, where a run has several. */
interface OfMarket {
  readonly market?: string;
}

/** A bar closed, with what the book said then; null without a two-sided one. */
export interface ClosedBar extends OfMarket {
  readonly type: "bar";
  readonly candle: Candle;
  readonly book: BookReading | null;
}

/** The price is this now, inside a bar. */
export interface SeenPrice extends OfMarket {
  readonly type: "price";
  readonly symbol: string;
  /** Whole ticks. */
  readonly ticks: number;
}

/** A symbol's live stream fell silent, or is heard again. */
export interface StreamNews extends OfMarket {
  readonly type: "stream";
  readonly symbol: string;
  readonly isFresh: boolean;
  readonly text: string;
}

/** What a step of a market is to whoever trades it; what a price is worth telling, others judge. */
export type MarketNews = ClosedBar | SeenPrice | StreamNews;

/**
 * A market as one sequence of steps in time: each moves the venue's market or closes a bar. The
 * same source gives the same steps whenever it is read, so a place in it is a place in the run.
 */
export interface MarketTimeline<Venue> {
  /** Null when the next step is at hand, or known to be none; else a wait, after which to ask again. */
  ready(): Promise<void> | null;
  /** Virtual time of the next step; null at the end. */
  nextAt(): number | null;
  /** Takes the step: moves the venue's market or closes a bar, and says what is news of it. */
  step(venue: Venue): MarketNews | null;
  /**
   * Where the next step is a candle's first price: when that candle closes, if none of another
   * symbol closes before; null elsewhere.
   */
  closesAt?(): number | null;
  /** Takes all prices of that candle at once: for when nobody trades or watches them. */
  leap?(venue: Venue): void;
  /** What of the place changed since it was last asked. */
  changes(): readonly { readonly key: string; readonly value: unknown }[];
  /** Lets go what it holds of the world outside. */
  close?(): void | Promise<void>;
}

/** A source that drives a paper venue by itself: books and prints instead of candles' prices. */
export interface TimelineSource extends MarketSource {
  /** Where a new run's clock starts, Unix milliseconds. */
  readonly startAt: number;
  /** Where time is not the run's to move: the clock that the market goes by. */
  readonly clock?: MovableClock;
  /** The timeline from a stored place on; from the beginning where none is stored. */
  timeline(stored: ReadonlyMap<string, unknown>): MarketTimeline<BookVenue>;
}
