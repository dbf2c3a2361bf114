import type { CandleCursor } from "../../../../actors/market/ports.ts";
import type { Candle } from "../../../../machines/domain/market.ts";
import { candlePoint, type MarketPoint, pointsPerCandle } from "../../matching/mod.ts";

/** Between two points the price is told this often at most, milliseconds. */
const betweenMs = 250;

/** A point of the walk, and the candle's time that its trade counts in. */
export interface WalkPoint extends MarketPoint {
  /** When the trade that it stands for happened: a close belongs to the candle that it ends. */
  readonly tradedAt: number;
  readonly volume: number;
}

/**
 * The walk of one symbol: each candle as open, low, high, close, the same points that a paper run
 * of the same candles is matched against. In between, the price lies on a straight line. Where
 * nothing was traded there is no trade, even if the price of the source moved.
 */
export class PointWalk {
  readonly #cursor: CandleCursor;
  #candle: Candle | null;
  #index = 0;
  #last: WalkPoint | null = null;
  /** Volume of the stretch under way that was traded before its end. */
  #traded = 0;
  #betweenAt = Number.NEGATIVE_INFINITY;

  constructor(cursor: CandleCursor) {
    this.#cursor = cursor;
    this.#candle = cursor.next();
  }

  /** The next point, or null after the last candle. */
  get next(): WalkPoint | null {
    const candle = this.#candle;
    if (candle === null) return null;
    const point = candlePoint(candle, this.#index);
    const volume = Math.max(0, roundedLot(volumeOf(candle, this.#index) - this.#traded));
    const isClose = this.#index === pointsPerCandle - 1;
    return { ...point, volume, tradedAt: isClose ? point.at - 1 : point.at };
  }

  /** Goes on to the next point. */
  take(): WalkPoint | null {
    const point = this.next;
    if (point === null) return null;
    this.#last = point;
    this.#betweenAt = point.at;
    this.#traded = 0;
    this.#index += 1;
    if (this.#index === pointsPerCandle) {
      this.#index = 0;
      this.#candle = this.#cursor.next();
    }
    return point;
  }

  /** Where the line between two points stands at a time; null near a point or over a gap. */
  between(time: number): WalkPoint | null {
    const next = this.next;
    const last = this.#last;
    if (next === null || last === null || next.gap) return null;
    if (time < this.#betweenAt + betweenMs || time >= next.at) return null;
    this.#betweenAt = time;
    const part = (time - last.at) / (next.at - last.at);
    const ticks = Math.round(last.ticks + (next.ticks - last.ticks) * part);
    const whole = volumeOf(this.#candle as Candle, this.#index);
    // Rounded down, so that something is left for the point itself: its price is to be traded.
    const traded = Math.floor(whole * part * 1e8 - 1e-3) / 1e8;
    const volume = Math.max(0, roundedLot(traded - this.#traded));
    this.#traded = roundedLot(this.#traded + volume);
    return { at: time, ticks, gap: false, volume, tradedAt: time };
  }
}

function roundedLot(value: number): number {
  return Math.round(value * 1e8) / 1e8;
}

/** A quarter of the candle's volume; the last one has what rounding left. */
function volumeOf({ volume }: Candle, index: number): number {
  const quarter = Math.floor((volume / pointsPerCandle) * 1e8) / 1e8;
  if (index < pointsPerCandle - 1) return quarter;
  return roundedLot(volume - quarter * (pointsPerCandle - 1));
}
