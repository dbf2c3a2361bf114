import { type Decimal, fromFloat } from "../../machines/domain/decimal.ts";
import type { GeneratedLevel, GeneratorSource } from "../market/mod.ts";
import { type BookLevel, candlePoint } from "../venues/matching/mod.ts";
import { BookWatches } from "./book-watches.ts";
import { type CandleMoment, CandleTimeline, firstOpenOf } from "./candle-timeline.ts";
import type { BookVenue, TimelineSource } from "./timeline.ts";

/** Places that generated quantities have. */
const quantityPlaces = 8;

/** Most books meet no order: a level's size becomes a decimal only when it is asked for. */
class ShownLevel implements BookLevel {
  readonly ticks: number;
  readonly #size: number;

  constructor([ticks, size]: GeneratedLevel) {
    this.ticks = ticks;
    this.#size = size;
  }

  get quantity(): Decimal {
    return fromFloat(this.#size, quantityPlaces);
  }
}

const shown = (levels: readonly GeneratedLevel[]) => levels.map((level) => new ShownLevel(level));

/**
 * A generated market that the paper venue sees as books instead of prices: at each of a candle's
 * four points a print of a quarter of its volume, and then the book around that price. Orders meet
 * the sizes shown, level by level. The bars are the same as without books, the fills are not: the
 * price jumps from point to point, so a stop between two is filled at the further one, or worse.
 */
export function generatedBooks(source: GeneratorSource): TimelineSource {
  const feedOf =
    (watches: BookWatches) =>
    (venue: BookVenue, { candle, index, point, at }: CandleMoment) => {
      const { symbol } = candle;
      const watch = watches.of(symbol);
      const { ticks, volume } = candlePoint(candle, point);
      const quantity = fromFloat(volume ?? 0, quantityPlaces);
      const { bids, asks } = source.bookAt(symbol, index, { at, ticks });
      venue.print(symbol, { at, ticks, quantity });
      // The book is made around the print: one of its touches is what was taken.
      watch.print(ticks, Number(quantity), asks[0]?.[0] === ticks);
      venue.book(symbol, { at, bids: shown(bids), asks: shown(asks) });
      watch.book(bids, asks);
      return ticks;
    };
  return {
    description: `${source.description}, with books`,
    symbols: source.symbols,
    identity: { ...source.identity, matching: "books" },
    length: source.length,
    startAt: firstOpenOf(source),
    timeline(stored) {
      const watches = new BookWatches(source.symbols, stored);
      return new CandleTimeline(source, stored, feedOf(watches), watches);
    },
  };
}
