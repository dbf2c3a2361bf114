import type { Instrument } from "../../../../machines/domain/instrument.ts";
import { CandleSeries, type PublicTrade, type VenueCandle } from "./candle-series.ts";
import { type Ladder, type LadderLevel, ladderAt } from "./ladder.ts";
import type { PointWalk, WalkPoint } from "./points.ts";

/** Timeframes that candles are kept for, in minutes: those that Kraken offers. */
export const candleMinutes = [1, 5, 15, 30, 60, 240, 1440, 10080, 21600] as const;
/** Past candles of each timeframe. */
export const candlesKept = 720;
const tradesKept = 1_000;
const dayMs = 86_400_000;

export interface SymbolMarketOptions {
  readonly instrument: Instrument;
  readonly walk: PointWalk;
  readonly seed: string;
  /** Whole ticks from the price to either touch. */
  readonly spread: number;
}

/** Volume, range and prices of a day. Prices in ticks. */
export interface DayStatistics {
  readonly volume: number;
  readonly turnover: number;
  readonly trades: number;
  readonly high: number;
  readonly low: number;
  readonly open: number;
}

/** What the venue publishes of one symbol, all of it from one walk: price, book, trades, candles. */
export class SymbolMarket {
  readonly instrument: Instrument;
  readonly walk: PointWalk;
  /** A market that was fed by hand no longer follows its walk. */
  isManual = false;
  /** A book that was fed by hand, less what our orders took of it. */
  manualBook: Ladder | null = null;
  price = 0;
  trades: PublicTrade[] = [];
  readonly #options: SymbolMarketOptions;
  readonly #series = new Map<number, CandleSeries>();
  #tradeCount = 0;
  #usual = 0.01;
  /** The book at the last price that it was asked for: drawing one is dear. */
  #ladder: { readonly price: number; readonly book: Ladder } | null = null;

  constructor(options: SymbolMarketOptions) {
    this.#options = options;
    this.instrument = options.instrument;
    this.walk = options.walk;
    for (const minutes of candleMinutes) {
      this.#series.set(minutes, new CandleSeries(minutes * 60_000, candlesKept));
    }
  }

  get symbol(): string {
    return this.instrument.symbol;
  }

  /** Takes a point over; the trade that it made, or null where nothing was traded. */
  move(point: WalkPoint): PublicTrade | null {
    const before = this.price;
    this.price = point.ticks;
    if (point.volume <= 0) return null;
    return this.trade(point.tradedAt, point.ticks, point.volume, before <= point.ticks);
  }

  trade(at: number, ticks: number, quantity: number, isBuy: boolean): PublicTrade {
    this.#tradeCount += 1;
    const side = isBuy ? "buy" : "sell";
    const trade = { number: this.#tradeCount, at, ticks, quantity, side } as const;
    this.trades.push(trade);
    if (this.trades.length > 2 * tradesKept) this.trades = this.trades.slice(-tradesKept);
    for (const series of this.#series.values()) series.add(trade);
    return trade;
  }

  /** Settles how much a usual level of the book holds, by what was traded so far. */
  settleDepth(): void {
    const volumes = (this.#series.get(1)?.kept ?? []).map(({ volume }) => volume);
    const mean = volumes.reduce((sum, volume) => sum + volume, 0) / Math.max(1, volumes.length);
    this.#usual = Math.max(1e-6, mean / 20);
    this.#ladder = null;
  }

  /** The whole book as it is published. */
  book(): Ladder {
    if (this.manualBook !== null) return this.manualBook;
    if (this.price <= 0) return { bids: [], asks: [] };
    if (this.#ladder?.price === this.price) return this.#ladder.book;
    const { seed, spread } = this.#options;
    const shape = { seed, symbol: this.symbol, usual: this.#usual, spread };
    const book = ladderAt(this.price, shape);
    this.#ladder = { price: this.price, book };
    return book;
  }

  touch(): { readonly bid: LadderLevel | null; readonly ask: LadderLevel | null } {
    const { bids, asks } = this.book();
    return { bid: bids[0] ?? null, ask: asks[0] ?? null };
  }

  /** Candles of a timeframe in minutes up to a time, oldest first; the last is not closed. */
  candles(minutes: number, time: number): readonly VenueCandle[] {
    return (this.#series.get(minutes)?.upTo(time) ?? []).slice(-candlesKept);
  }

  /** What was traded since a time that is at most some days ago, as far as is known. */
  since(time: number, now: number): DayStatistics {
    const candles = this.candles(15, now).filter(({ openedAt }) => openedAt >= time);
    const price = this.price;
    const first = candles[0];
    return {
      volume: candles.reduce((sum, { volume }) => sum + volume, 0),
      turnover: candles.reduce((sum, { turnover }) => sum + turnover, 0),
      trades: candles.reduce((sum, { trades }) => sum + trades, 0),
      high: candles.reduce((high, candle) => Math.max(high, candle.high), price),
      low: candles.reduce((low, candle) => Math.min(low, candle.low), price),
      open: first?.open ?? price,
    };
  }

  today(now: number): DayStatistics {
    return this.since(now - (now % dayMs), now);
  }

  lastDay(now: number): DayStatistics {
    return this.since(now - dayMs, now);
  }
}
