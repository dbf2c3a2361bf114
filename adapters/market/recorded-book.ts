import { BookSide, type BookSideLevel } from "./book-side.ts";

/** A price in whole ticks and the size shown there, base coin. */
export type RecordedLevel = BookSideLevel;

export interface DepthChange {
  readonly firstId: number;
  readonly lastId: number;
  /** Absolute sizes; "0" for a level that is gone. */
  readonly bids: readonly RecordedLevel[];
  readonly asks: readonly RecordedLevel[];
}

export interface Touches {
  readonly updateId: number;
  readonly bid: RecordedLevel;
  readonly ask: RecordedLevel;
}

/** What became of a book's updates. */
export interface BookStatistics {
  depthUpdates: number;
  tickers: number;
  /** Updates that came after a newer one and were dropped. */
  staleDepth: number;
  staleTickers: number;
  /** Depth that came after a ticker newer than it; the ticker's touches were kept. */
  overtakenDepth: number;
  /** Breaks in the chain of update ids. */
  gaps: number;
  /** Times that an update left the best bid at or above the best ask, and the book was dropped. */
  crossings: number;
  /** Times that the book became whole again after a gap or a crossing. */
  resyncs: number;
  /** Touches compared between depth and ticker, and those that differed. */
  touchChecks: number;
  touchDifferences: number;
  /** Levels far from the touch that were dropped to bound the memory. */
  levelsDropped: number;
}

/**
 * An order book rebuilt from a stream of changed levels (Binance `depth`, chained by `U` and `u`)
 * and one of touches (`bookTicker`), as they were received. A recording holds no snapshot, so:
 *
 * - Nothing is known at first, or after a gap in the chain. The first ticker newer than the last
 *   depth makes the book valid at its touches; levels behind them are known once they change, so a
 *   book may be thinner than the venue's was, never thicker.
 * - All sizes are absolute. A ticker is mostly ahead of the depth: it sets its touches and removes
 *   what stands before them. Depth restates every level changed since the last one; where a newer
 *   ticker was received before it, that ticker's touches are set again.
 * - Depth at or before the last one, and tickers older than the last depth or ticker, are dropped.
 * - A book that an update leaves crossed is dropped and begun anew. Every drop is counted.
 */
export class RecordedBook {
  readonly statistics: BookStatistics = {
    depthUpdates: 0,
    tickers: 0,
    staleDepth: 0,
    staleTickers: 0,
    overtakenDepth: 0,
    gaps: 0,
    crossings: 0,
    resyncs: 0,
    touchChecks: 0,
    touchDifferences: 0,
    levelsDropped: 0,
  };
  readonly #bids = new BookSide<RecordedLevel>(1);
  readonly #asks = new BookSide<RecordedLevel>(-1);
  #depthId: number | null = null;
  #touches: Touches | null = null;
  #wasLost = false;

  /** Whether it can be told; empty and not to be traded on otherwise. */
  get isValid(): boolean {
    return this.#touches !== null;
  }

  /** The best `count` levels of each side, best first; none of a book that is not valid. */
  top(count: number): { readonly bids: RecordedLevel[]; readonly asks: RecordedLevel[] } {
    if (!this.isValid) return { bids: [], asks: [] };
    return { bids: this.#bids.top(count), asks: this.#asks.top(count) };
  }

  /** Whether the book that can be told is another one now, or is none any more. */
  depth(change: DepthChange): boolean {
    const { statistics } = this;
    const wasValid = this.isValid;
    statistics.depthUpdates += 1;
    if (this.#depthId !== null && change.lastId <= this.#depthId) {
      statistics.staleDepth += 1;
      return false;
    }
    if (this.#depthId !== null && change.firstId > this.#depthId + 1) {
      statistics.gaps += 1;
      this.#lose();
    }
    this.#depthId = change.lastId;
    for (const level of change.bids) this.#bids.set(level);
    for (const level of change.asks) this.#asks.set(level);
    statistics.levelsDropped = this.#bids.dropped + this.#asks.dropped;
    if (this.#touches !== null) this.#meetTouches(this.#touches, change.lastId);
    return wasValid || this.isValid;
  }

  /** Whether the book that can be told is another one now, or is none any more. */
  ticker(touches: Touches): boolean {
    const { statistics } = this;
    const wasValid = this.isValid;
    statistics.tickers += 1;
    const last = Math.max(this.#depthId ?? -1, this.#touches?.updateId ?? -1);
    if (touches.updateId <= last) {
      statistics.staleTickers += 1;
      return false;
    }
    if (touches.bid.ticks >= touches.ask.ticks) {
      statistics.crossings += 1;
      this.#lose();
      return wasValid;
    }
    if (!wasValid && this.#wasLost) statistics.resyncs += 1;
    this.#touches = touches;
    this.#bids.setBest(touches.bid);
    this.#asks.setBest(touches.ask);
    return true;
  }

  /** After depth up to `depthId`: puts newer touches back, or compares with older ones. */
  #meetTouches(touches: Touches, depthId: number): void {
    const { statistics } = this;
    if (touches.updateId > depthId) {
      statistics.overtakenDepth += 1;
      this.#bids.setBest(touches.bid);
      this.#asks.setBest(touches.ask);
      return;
    }
    const bid = this.#bids.best;
    const ask = this.#asks.best;
    statistics.touchChecks += 1;
    if (!isSame(bid, touches.bid) || !isSame(ask, touches.ask)) statistics.touchDifferences += 1;
    if (bid === null || ask === null || bid.ticks < ask.ticks) return;
    statistics.crossings += 1;
    this.#lose();
  }

  #lose(): void {
    this.#bids.clear();
    this.#asks.clear();
    this.#touches = null;
    this.#wasLost = true;
  }
}

function isSame(a: RecordedLevel | null, b: RecordedLevel): boolean {
  return a !== null && a.ticks === b.ticks && a.quantity === b.quantity;
}
