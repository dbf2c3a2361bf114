/** Small markets for tests: bars written by hand, and what a strategy says after them. */
import type { Vote } from "../../../../machines/domain/market.ts";
import { sampleCandles } from "../../../market/indicators/testing/sample-candles.ts";
import type { Strategy } from "../../strategy.ts";
import type { BookReading } from "../book-reading.ts";

/** Whole ticks, and volume in base coin. */
export type Bar = readonly [open: number, high: number, low: number, close: number, volume: number];

/** Bars of these closes: each opens at the last close and reaches `reach` ticks beyond its body. */
export function ofCloses(closes: readonly number[], reach = 1, volume = 1): Bar[] {
  return closes.map((close, row) => {
    const open = closes[row - 1] ?? close;
    return [open, Math.max(open, close) + reach, Math.min(open, close) - reach, close, volume];
  });
}

/** High, low and close of each bar; the open is the last close, kept inside the bar. */
export function ofRanges(
  ranges: readonly (readonly [high: number, low: number, close: number])[],
): Bar[] {
  return ranges.map(([high, low, close], row) => {
    const open = Math.min(high, Math.max(low, ranges[row - 1]?.[2] ?? close));
    return [open, high, low, close, 1];
  });
}

export function repeated(count: number, bar: Bar): Bar[] {
  return Array.from({ length: count }, () => bar);
}

/** The market seen in a mirror at `level`: what rose falls. */
export function mirrored(bars: readonly Bar[], level = 1_000): Bar[] {
  return bars.map(([open, high, low, close, volume]) => [
    2 * level - open,
    2 * level - low,
    2 * level - high,
    2 * level - close,
    volume,
  ]);
}

export function scaled(bars: readonly Bar[], factor: number): Bar[] {
  return bars.map(([open, high, low, close, volume]) => [
    open * factor,
    high * factor,
    low * factor,
    close * factor,
    volume,
  ]);
}

/** A random walk with jumps, pauses and flat stretches. */
export function sampleBars(seed: number, count: number, startTicks = 50_000): Bar[] {
  const { open, high, low, close, volume } = sampleCandles({ seed, candles: count, startTicks });
  return Array.from({ length: count }, (_, row) => [
    open[row] as number,
    high[row] as number,
    low[row] as number,
    close[row] as number,
    volume[row] as number,
  ]);
}

/** A book that leans to one side for a while, then to the other, and is missing now and then. */
export function sampleReading(row: number): BookReading | null {
  if (row % 97 > 90) return null;
  const side = row % 40 < 20 ? 1 : -1;
  return {
    imbalance: 0.6 * side,
    lean: 0.4 * side,
    pressure: ((row % 7) - 3) / 10,
    spreadShare: 0.0002,
    suspicion: row % 53 === 0 ? 0.6 : 0.1,
    score: 0.5 + 0.2 * side,
  };
}

/** Feeds the bars, and gives the vote after the last. */
export function voteAfter(strategy: Strategy, bars: readonly Bar[]): Vote {
  for (const bar of bars) strategy.update(...bar);
  return strategy.vote();
}

/** Direction after each bar. */
export function directionsOver(strategy: Strategy, bars: readonly Bar[]): number[] {
  return bars.map((bar) => {
    strategy.update(...bar);
    return strategy.direction;
  });
}

/** Direction and strength, for tables. */
export function brief({ direction, strength }: Vote): string {
  const words = direction > 0 ? "hold" : direction < 0 ? "leave" : "none";
  return direction === 0 ? words : `${words} ${Number(strength.toFixed(4))}`;
}
