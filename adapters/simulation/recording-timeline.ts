import {
  type BookStatistics,
  PrintCandles,
  RecordedBook,
  type RecordedLevel,
  type RecordedMessage,
  RecordedScale,
  type Recordings,
  RecordingTape,
} from "../market/mod.ts";
import { BookWatches, levelsWatched } from "./book-watches.ts";
import type {
  BookVenue,
  ClosedBar,
  MarketNews,
  MarketTimeline,
  TimelineSource,
} from "./timeline.ts";

/** Levels of each side that the paper venue is shown; what lies beyond them is not traded on. */
const levelsShown = 50;

const placeKey = "recording";

interface Lane {
  readonly symbol: string;
  readonly scale: RecordedScale;
  readonly book: RecordedBook;
  readonly candles: PrintCandles;
  /** Of the last print; null before the first. */
  tradeId: number | null;
  prints: number;
  printsRepeated: number;
  printsMissed: number;
}

/** What was found in one symbol's recording up to now. */
export interface RecordingStatistics extends Readonly<BookStatistics> {
  readonly prints: number;
  /** Prints that came again, and were dropped. */
  readonly printsRepeated: number;
  /** Trade ids that were jumped over. */
  readonly printsMissed: number;
}

type NextStep =
  | { readonly type: "message"; readonly at: number }
  | { readonly type: "bar"; readonly at: number; readonly bar: ClosedBar };

/**
 * Recordings as a timeline: each message is a step, in the order of receipt at its time by the
 * venue's clock; candles of the prints close by that clock, before what is received at the same
 * millisecond. The place is the number of steps taken: to go on from there, the recordings are
 * read again up to it, some 10 µs a message, and give the same books, candles and readings.
 */
export class RecordingTimeline implements MarketTimeline<BookVenue> {
  private readonly tape: RecordingTape;
  private readonly lanes: readonly Lane[];
  /** Not kept with the place: it is made again with the books. */
  private readonly watches: BookWatches;
  private readonly skewMs: number;
  private readonly timeframeMs: number;
  private next: NextStep | null = null;
  /** When the candles under way close. */
  private closeAt: number;
  /** The lane whose candle is to close next, once the clock has come to `closeAt`. */
  private closing = 0;
  private steps = 0;
  private changed = false;
  private toSkip: number;

  constructor(recordings: Recordings, stored: ReadonlyMap<string, unknown>) {
    const { scans, symbols, skewMs, timeframeMs, startAt } = recordings;
    this.tape = new RecordingTape(scans.map(({ path }) => path));
    this.lanes = symbols.map(({ symbol, tick }) => ({
      symbol,
      scale: new RecordedScale(tick),
      book: new RecordedBook(),
      candles: new PrintCandles(symbol, timeframeMs),
      tradeId: null,
      prints: 0,
      printsRepeated: 0,
      printsMissed: 0,
    }));
    this.watches = new BookWatches(symbols);
    this.skewMs = skewMs;
    this.timeframeMs = timeframeMs;
    this.closeAt = (Math.floor(startAt / timeframeMs) + 1) * timeframeMs;
    const place = stored.get(placeKey) as { readonly steps: number } | undefined;
    this.toSkip = place?.steps ?? 0;
  }

  ready(): Promise<void> | null {
    if (this.toSkip > 0) return this.skip();
    if (this.next === null) return this.find();
    return null;
  }

  nextAt(): number | null {
    return this.next?.at ?? null;
  }

  step(venue: BookVenue | null): MarketNews | null {
    const { next } = this;
    if (next === null) return null;
    this.next = null;
    this.steps += 1;
    this.changed = true;
    if (next.type === "bar") return next.bar;
    const head = this.tape.head();
    const lane = head ? this.lanes[head.reel] : undefined;
    if (!head || !lane) return null;
    this.tape.advance(head.reel);
    lane.candles.hear(next.at);
    const ticks = this.play(lane, head.message, next.at, venue);
    return ticks === null ? null : { type: "price", symbol: lane.symbol, ticks };
  }

  changes(): { key: string; value: unknown }[] {
    if (!this.changed) return [];
    this.changed = false;
    return [{ key: placeKey, value: { steps: this.steps } }];
  }

  /** What was found so far, by symbol. */
  statistics(): ReadonlyMap<string, RecordingStatistics> {
    return new Map(
      this.lanes.map(({ symbol, book, prints, printsRepeated, printsMissed }) => {
        return [symbol, { ...book.statistics, prints, printsRepeated, printsMissed }];
      }),
    );
  }

  /** Lets the files go before the end. */
  close(): Promise<void> {
    return this.tape.close();
  }

  /** Goes through the steps that an earlier run has taken. */
  private async skip(): Promise<void> {
    for (; this.toSkip > 0; this.toSkip -= 1) {
      for (let wait = this.find(); wait; wait = this.find()) await wait;
      if (this.next === null) {
        throw new RangeError(
          `Cannot go on in the recordings after ${this.steps + this.toSkip} steps: ` +
            `they have ${this.steps}`,
        );
      }
      this.step(null);
    }
    this.changed = false;
  }

  /** Looks for the next step, unless the files have to be read first. */
  private find(): Promise<void> | null {
    if (this.next !== null) return null;
    const wait = this.tape.ready();
    if (wait) return wait;
    const head = this.tape.head();
    // A candle that was under way at the end has no close that anybody saw.
    if (head === null) return null;
    const at = head.message.receivedMs + this.skewMs;
    this.next = this.findBar(at) ?? { type: "message", at };
    return null;
  }

  /** The next candle that closes at or before a time, if there is one. */
  private findBar(at: number): NextStep | null {
    while (this.closeAt <= at) {
      const lane = this.lanes[this.closing];
      if (lane === undefined) {
        this.closing = 0;
        this.closeAt += this.timeframeMs;
        continue;
      }
      this.closing += 1;
      const candle = lane.candles.close(this.closeAt - this.timeframeMs);
      // Closed where there is no candle too: its prints are not those of the next one.
      const book = this.watches.close(lane.symbol);
      if (candle === null) continue;
      return { type: "bar", at: this.closeAt, bar: { type: "bar", candle, book } };
    }
    return null;
  }

  /** Lets a message happen; the price in whole ticks if it was a print, else null. */
  private play(
    lane: Lane,
    message: RecordedMessage,
    at: number,
    venue: BookVenue | null,
  ): number | null {
    const { symbol, scale, book, candles } = lane;
    if (message.type === "print") {
      if (!isNewPrint(lane, message.tradeId)) return null;
      const { quantity, isBuy } = message;
      const ticks = scale.ticks(message.price);
      candles.print(ticks, Number(quantity));
      venue?.print(symbol, { at, ticks, quantity });
      this.watches.of(symbol).print(ticks, Number(quantity), isBuy);
      return ticks;
    }
    const isChanged =
      message.type === "depth"
        ? book.depth({
            firstId: message.firstId,
            lastId: message.lastId,
            bids: scale.levels(message.bids),
            asks: scale.levels(message.asks),
          })
        : book.ticker({
            updateId: message.updateId,
            bid: scale.level(message.bid),
            ask: scale.level(message.ask),
          });
    if (isChanged) {
      const { bids, asks } = book.top(levelsShown);
      venue?.book(symbol, { at, bids, asks });
      this.watches.of(symbol).book(watched(bids), watched(asks));
    }
    return null;
  }
}

/** The levels that are watched, as numbers. */
function watched(levels: readonly RecordedLevel[]) {
  return levels
    .slice(0, levelsWatched)
    .map(({ ticks, quantity }) => [ticks, Number(quantity)] as const);
}

/** Notes a print; false if it came before. */
function isNewPrint(lane: Lane, tradeId: number): boolean {
  if (lane.tradeId !== null && tradeId <= lane.tradeId) {
    lane.printsRepeated += 1;
    return false;
  }
  if (lane.tradeId !== null) lane.printsMissed += tradeId - lane.tradeId - 1;
  lane.tradeId = tradeId;
  lane.prints += 1;
  return true;
}

/** Recordings as a source that drives a paper venue by books and prints. */
export function recordingSource(recordings: Recordings): TimelineSource {
  return {
    ...recordings,
    timeline: (stored) => new RecordingTimeline(recordings, stored),
  };
}
