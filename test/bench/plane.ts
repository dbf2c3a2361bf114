/**
 * The data plane of one symbol: all strategies on three frames, one candle after the other. What a
 * candle costs, whether it allocates, and whether the cost of many grows faster than their number.
 */

import { sampleCandles } from "../../actors/market/indicators/testing/sample-candles.ts";
import {
  type BookReading,
  createStrategy,
  FramePlane,
  strategyNames,
} from "../../actors/scanner/mod.ts";
import type { Candle } from "../../machines/domain/market.ts";
import { heapGrowth } from "./indicators.ts";
import type { BenchRow } from "./row.ts";

const baseMs = 60_000;

/** A book that leans now to one side, now to the other, so that order flow takes part. */
const reading: { -readonly [Name in keyof BookReading]: number } = {
  imbalance: 0,
  lean: 0,
  pressure: 0,
  spreadShare: 0.0001,
  suspicion: 0,
  score: 0.5,
};

function readingAt(row: number): BookReading {
  const side = row % 64 < 32 ? 1 : -1;
  reading.imbalance = 0.5 * side;
  reading.lean = 0.3 * side;
  reading.pressure = 0.2 * side;
  return reading;
}

function createPlane(): FramePlane {
  return new FramePlane({
    symbol: "BTC/USD",
    baseMs,
    atrPeriod: 14,
    strategies: () => strategyNames.map((name) => createStrategy(name)),
    costShare: 0.004,
    onFailure: ({ strategy, error }) => {
      throw new Error(`Cannot measure plane: strategy "${strategy}" failed`, { cause: error });
    },
  });
}

/** One candle object, changed in place: what is measured is the plane. */
type Feed = (plane: FramePlane, row: number) => void;

function feedOf(candles: number): Feed {
  const { openedAt, open, high, low, close, volume } = sampleCandles({ seed: 41, candles });
  const candle: { -readonly [Name in keyof Candle]: Candle[Name] } = {
    symbol: "BTC/USD",
    timeframeMs: baseMs,
    openedAt: 0,
    open: 0,
    high: 0,
    low: 0,
    close: 0,
    volume: 0,
  };
  const span = candles * baseMs;
  const startedAt = openedAt[0] as number;
  return (plane, row) => {
    const at = row % candles;
    // Time goes on where the rows begin anew.
    candle.openedAt = startedAt + Math.floor(row / candles) * span + at * baseMs;
    candle.open = open[at] as number;
    candle.high = high[at] as number;
    candle.low = low[at] as number;
    candle.close = close[at] as number;
    candle.volume = volume[at] as number;
    plane.update(candle, readingAt(row));
  };
}

/** Nanoseconds of this thread alone: what else the machine does is not the plane's cost. */
function threadTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) * 1_000;
}

/** Nanoseconds for all candles on a new plane, the mean over so many planes. */
function timeOf(feed: Feed, candles: number, planes = 1): number {
  const all = Array.from({ length: planes }, createPlane);
  const start = threadTime();
  for (const plane of all) for (let row = 0; row < candles; row++) feed(plane, row);
  return (threadTime() - start) / planes;
}

/** All rows; `candles` is the larger run, the smaller is a tenth of it. */
export function benchPlane({ candles }: { readonly candles: number }): BenchRow[] {
  const rounds = 5;
  const feed = feedOf(candles);
  const few = Math.floor(candles / 10);
  let least = Number.POSITIVE_INFINITY;
  let leastOfFew = Number.POSITIVE_INFINITY;
  timeOf(feed, candles);
  for (let round = 0; round < rounds; round++) {
    leastOfFew = Math.min(leastOfFew, timeOf(feed, few, 10));
    least = Math.min(least, timeOf(feed, candles));
  }
  const plane = createPlane();
  let row = 0;
  const growth = heapGrowth(candles, () => feed(plane, row++));
  const name = `plane: ${strategyNames.length} strategies on 3 frames`;
  return [
    { name, value: least / candles, unit: "ns a candle" },
    { name, value: (1e9 * candles) / least, unit: "candles a second" },
    { name, value: growth / candles, unit: "bytes a candle", most: 0.1 },
    {
      name: `plane: ${candles} candles over ${few}`,
      value: least / leastOfFew,
      unit: "ratio of times",
      most: 11,
    },
  ];
}
