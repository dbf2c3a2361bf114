import type { Stateful } from "./state.ts";

/** Candles as columns, oldest first: row i of each array is candle i. Units as in `CandleRing`. */
export interface CandleColumns {
  /** Unix milliseconds. */
  readonly openedAt: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/**
 * The last `capacity` closed candles of one symbol and timeframe. Prices are whole ticks, so that
 * equal prices compare equal; times are Unix milliseconds; volume is as the source has it. Older
 * candles are overwritten, and counted in `evicted`. Pushing and reading allocate nothing.
 */
export class CandleRing implements Stateful {
  readonly key: string;
  readonly capacity: number;
  /** How many candles were ever pushed. */
  pushed = 0;
  // Storage, not in time order: read it through `row(ago)`.
  readonly openedAt: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  private head = 0;

  constructor(capacity: number) {
    this.key = `ring:${capacity}`;
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > 1_000_000) {
      throw new RangeError(
        `Cannot create candle ring: capacity is ${capacity}, ` +
          "wanted a whole number from 1 to 1000000",
      );
    }
    this.capacity = capacity;
    this.openedAt = new Float64Array(capacity);
    this.open = new Float64Array(capacity);
    this.high = new Float64Array(capacity);
    this.low = new Float64Array(capacity);
    this.close = new Float64Array(capacity);
    this.volume = new Float64Array(capacity);
  }

  /** How many candles it holds now. */
  get length(): number {
    return Math.min(this.pushed, this.capacity);
  }

  /** How many candles have been overwritten by later ones. */
  get evicted(): number {
    return this.pushed - this.length;
  }

  push(
    openedAt: number,
    open: number,
    high: number,
    low: number,
    close: number,
    volume: number,
  ): void {
    const head = this.head;
    this.openedAt[head] = openedAt;
    this.open[head] = open;
    this.high[head] = high;
    this.low[head] = low;
    this.close[head] = close;
    this.volume[head] = volume;
    this.head = head + 1 === this.capacity ? 0 : head + 1;
    this.pushed += 1;
  }

  /**
   * Where in the columns the candle of `ago` candles before the newest is: `close[row(0)]` is the
   * last close.
   * @throws {RangeError} where there is no such candle
   */
  row(ago: number): number {
    if (!(ago >= 0 && ago < this.length)) {
      throw new RangeError(
        `Cannot read candle ${ago} before the newest: the ring holds ${this.length}`,
      );
    }
    const row = this.head - 1 - ago;
    return row < 0 ? row + this.capacity : row;
  }

  /** A copy of what it holds, oldest first: for charts and whole-series work, not for bars. */
  columns(): CandleColumns {
    return {
      openedAt: this.inOrder(this.openedAt),
      open: this.inOrder(this.open),
      high: this.inOrder(this.high),
      low: this.inOrder(this.low),
      close: this.inOrder(this.close),
      volume: this.inOrder(this.volume),
    };
  }

  private inOrder(column: Float64Array): Float64Array {
    if (this.pushed <= this.capacity) return column.slice(0, this.pushed);
    const ordered = new Float64Array(this.capacity);
    ordered.set(column.subarray(this.head), 0);
    ordered.set(column.subarray(0, this.head), this.capacity - this.head);
    return ordered;
  }
}
