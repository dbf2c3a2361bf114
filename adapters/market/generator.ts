import type { CandleCursor, CandleSource } from "../../actors/market/ports.ts";
import type { SymbolName } from "../../machines/domain/ids.ts";
import { type Candle, closedAt } from "../../machines/domain/market.ts";
import { type Book, type BookMoment, generatedBook, quantityOf } from "./book.ts";
import {
  type GeneratedPlan,
  type GeneratorOptions,
  planMarket,
  timestampMax,
} from "./generator-plan.ts";
import { MarketWalk, purposes } from "./generator-walk.ts";
import { unitOf } from "./keyed-draws.ts";

/** Draws are keyed by 32 bits of place; beyond, they would come again. */
const placeMax = 2 ** 32 - 1;

/** A market without end, the same whenever it is asked. */
export interface GeneratorSource extends CandleSource {
  readonly length: null;
  /**
   * The order book at the close of a symbol's candle number `index`, counted as cursors count; or
   * at another moment of it. Going up by small steps is cheap; going back starts the symbol over,
   * about 0.3 µs a candle.
   */
  bookAt(symbol: SymbolName, index: number, moment?: BookMoment): Book;
}

function wholeTicks(price: number): number {
  return Math.max(1, Math.round(price));
}

class GeneratedCursor implements CandleCursor {
  readonly #plan: GeneratedPlan;
  readonly #walk: MarketWalk;
  /** The number of the candle that the walk stands on, missing ones not counted. */
  index = -1;

  constructor(plan: GeneratedPlan) {
    this.#plan = plan;
    this.#walk = new MarketWalk(plan.walk, plan.own, plan.shared);
  }

  get place(): number {
    return this.#walk.place;
  }

  /** Moves on without making candles, so that the next one is number `from`. */
  skipTo(from: number): void {
    while (this.index + 1 < from) {
      this.#walk.advance();
      this.index += 1;
    }
  }

  next(): Candle {
    this.skipTo(this.index + 2);
    return this.present();
  }

  /** The candle that the walk stands on. */
  present(): Candle {
    const { symbol, timeframeMs, startAt, own, turnoverTicks, walk } = this.#plan;
    const { place, before, price, deviation } = this.#walk;
    const openedAt = startAt + place * timeframeMs;
    if (openedAt > timestampMax || place > placeMax) {
      throw new RangeError(
        `Cannot generate candle ${place} of ${symbol}: wanted at most number ${placeMax}, ` +
          "and a time that has a calendar date",
      );
    }
    own.at(place, purposes.shape);
    const up = unitOf(own.first);
    const down = unitOf(own.second);
    own.at(place, purposes.shapeOpen);
    const slip = 0.2 * deviation * (unitOf(own.first) - 0.5);
    const wick = deviation * Math.max(before, price);
    const open = wholeTicks(before * (1 + slip));
    const close = wholeTicks(price);
    // Squares of uniform draws: short wicks are common, long ones are there.
    const high = Math.max(open, close) + Math.round(1.5 * wick * up * up);
    const low = Math.max(1, Math.min(open, close) - Math.round(1.5 * wick * down * down));
    own.at(place, purposes.volume);
    const activity = 0.3 + (0.5 * (deviation + Math.abs(price / before - 1))) / walk.volatility;
    const chance = 0.4 + 0.6 * (unitOf(own.first) + unitOf(own.second));
    return {
      symbol,
      openedAt,
      timeframeMs,
      open,
      high,
      low,
      close,
      volume: quantityOf((turnoverTicks / price) * activity * chance),
    };
  }
}

/**
 * A seeded market that never ends: volatility in regimes (calm, normal, wild) with clustering
 * inside them (GARCH), trends and ranges of some hundreds of candles, jumps, volume that follows
 * volatility; on request common moves of all symbols and missing candles.
 *
 * A symbol's candles depend on the seed, its own name and parameters and the common ones, not on
 * which other symbols there are nor on what was read before, and are the same bits on every
 * machine. A cursor that starts at candle n makes the walk up to there anew: about 0.3 µs a candle.
 *
 * Rises grow rarer above the start price and falls below it, so a price that never ends stays
 * within some orders of magnitude of its start (300,000 candles of 1 % each: 1/150 to 17 times).
 * At the floor of one tick it stays, its candles flat or nearly so, until the price behind it,
 * which is not rounded, has risen to a second tick. A candle opens near the last close, but after
 * missing candles where the price went meanwhile. Volume is in base coin.
 *
 * @throws {RangeError} if an option is out of its range.
 */
export function generatorSource(options: GeneratorOptions): GeneratorSource {
  const { plans, identity } = planMarket(options);
  const books = new Map<SymbolName, GeneratedCursor>();
  const planOf = (symbol: SymbolName): GeneratedPlan => {
    const plan = plans.get(symbol);
    if (plan !== undefined) return plan;
    const known = [...plans.keys()].join(", ");
    throw new RangeError(`Cannot generate candles of "${symbol}": wanted one of ${known}`);
  };
  return {
    description:
      `Generated market, no real prices: seed ${identity.seed}, ` +
      `candles of ${options.timeframeMs} ms, ${[...plans.keys()].join(", ")}`,
    symbols: [...plans.values()].map(({ symbol, timeframeMs, tick }) => {
      return { symbol, timeframeMs, tick };
    }),
    identity,
    length: null,
    cursor(symbol, from) {
      const cursor = new GeneratedCursor(planOf(symbol));
      cursor.skipTo(candleNumber(from));
      return cursor;
    },
    bookAt(symbol, index, moment) {
      const plan = planOf(symbol);
      const number = candleNumber(index);
      const kept = books.get(symbol);
      const cursor = kept && kept.index <= number ? kept : new GeneratedCursor(plan);
      books.set(symbol, cursor);
      cursor.skipTo(number + 1);
      const candle = cursor.present();
      const close = { at: closedAt(candle), ticks: candle.close };
      return generatedBook(candle, moment ?? close, cursor.place, plan.own, plan.book);
    },
  };
}

function candleNumber(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0 && value <= placeMax) return value;
  throw new RangeError(
    `Cannot generate candle number ${value}: wanted a whole number from 0 to ${placeMax}`,
  );
}
