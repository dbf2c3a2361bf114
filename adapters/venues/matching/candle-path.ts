import type { Candle } from "../../../machines/domain/market.ts";

/** The market moves to a price. */
export interface MarketPoint {
  /** Unix milliseconds. */
  readonly at: number;
  /** Whole ticks. */
  readonly ticks: number;
  /** Jumped to: no price between the last point and this one was traded. */
  readonly gap: boolean;
  /** Base coin traded on the way here; null where it is not known. */
  readonly volume: number | null;
}

/** How many points a candle is fed as. */
export const pointsPerCandle = 4;

/**
 * Point `index` (0 to 3) of the path that a candle stands for: open when it opens, low after a
 * third, high after two, close at its end. The low comes first because the desk is long only: a
 * stop is met before a target. Each point brings a quarter of the volume.
 *
 * @param time when, if not at that time; Unix milliseconds
 */
export function candlePoint(candle: Candle, index: number, time?: number): MarketPoint {
  const at = time ?? candle.openedAt + Math.floor((candle.timeframeMs * index) / 3);
  const volume = candle.volume / pointsPerCandle;
  if (index === 0) return { at, ticks: candle.open, gap: true, volume };
  const ticks = index === 1 ? candle.low : index === 2 ? candle.high : candle.close;
  return { at, ticks, gap: false, volume };
}

/** All four points of a candle's path, in order. */
export function candlePath(candle: Candle): readonly MarketPoint[] {
  return [0, 1, 2, 3].map((index) => candlePoint(candle, index));
}
