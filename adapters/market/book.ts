import type { Candle } from "../../machines/domain/market.ts";
import { purposes } from "./generator-walk.ts";
import { type KeyedDraws, unitOf } from "./keyed-draws.ts";

/** A price in whole ticks and the quantity in base coin that stands there. */
export type BookLevel = readonly [ticks: number, quantity: number];

/** An order book at one moment, best price first: bids fall, asks rise, and every bid is lower. */
export interface Book {
  /** Unix milliseconds. */
  readonly at: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** A quantity of base coin as venues quote it: eight places, and never none. */
export function quantityOf(value: number): number {
  return Math.max(1, Math.round(value * 1e8)) / 1e8;
}

/** How wide and how deep a generated book is. */
export interface BookShape {
  /** Levels on each side. */
  readonly levels: number;
  /** What one side holds near the touch in a quiet market, base coin. */
  readonly quantity: number;
}

/** Where within a candle's time a book is taken, and the last price there in whole ticks. */
export interface BookMoment {
  /** Unix milliseconds. */
  readonly at: number;
  readonly ticks: number;
}

/**
 * The book around a price of a candle: one of its touches is that price, for the last trade took
 * one side. The spread is one tick or, where ticks are fine, some hundredths of a per cent and more
 * in a wide candle, when quantities are thinner too. Near the floor there may be fewer bids, but
 * one at least. Books of one candle have one shape.
 */
export function generatedBook(
  candle: Candle,
  { at, ticks: price }: BookMoment,
  place: number,
  draws: KeyedDraws,
  shape: BookShape,
): Book {
  const width = (candle.high - candle.low) / candle.close;
  draws.at(place, purposes.bookTouch);
  const breadth = 0.0001 * (0.5 + unitOf(draws.first)) + 0.05 * width;
  const spread = Math.max(1, Math.round(price * breadth));
  // A bid of no ticks is none: there the price is the bid, so that one is always left.
  const bought = unitOf(draws.second) < 0.5 && price > spread;
  const bid = bought ? price - spread : price;
  const quantity = shape.quantity / (1 + 50 * width);
  const step = spread / 2;
  const side = (best: number, direction: 1 | -1, lane: number): BookLevel[] => {
    const levels: BookLevel[] = [];
    let ticks = best;
    for (let level = 0; level < shape.levels && ticks >= 1; level += 1) {
      draws.at(place, purposes.bookLevel + 2 * level + lane);
      // More stands further from the touch, as in real books.
      const grows = 1 + level / 4;
      levels.push([ticks, quantityOf(quantity * grows * (0.2 + 1.6 * unitOf(draws.first)))]);
      ticks += direction * (1 + Math.floor(step * 2 * unitOf(draws.second)));
    }
    return levels;
  };
  return {
    at,
    bids: side(bid, -1, 0),
    asks: side(bid + spread, 1, 1),
  };
}
