/** Twenty symbols in one portfolio: how fast they go through the desk, and what memory that takes. */
import { runConfig } from "../../adapters/cli/run-config.ts";
import { openGenerator } from "../../adapters/cli/sources.ts";
import { runBacktest } from "../../adapters/research/backtest.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import type { BenchRow } from "./row.ts";

const startAt = Date.UTC(2025, 0, 1);
const minuteMs = 60_000;

export interface PortfolioOptions {
  readonly symbols: number;
  /** Of one-minute candles of each symbol; 525,600 are a year. */
  readonly minutes: number;
  readonly onProgress?: (candles: number, of: number) => void;
}

export interface PortfolioFigures {
  readonly candles: number;
  readonly trades: number;
  readonly seconds: number;
  /** Bytes of live objects once all is warm, and at the end. */
  readonly heap: readonly [early: number, late: number];
}

/** Runs the default strategies over generated symbols in one portfolio; candles are never all there. */
export async function runPortfolio(options: PortfolioOptions): Promise<PortfolioFigures> {
  const { symbols: count, minutes, onProgress } = options;
  const symbols = Array.from({ length: count }, (_, index) => ({
    symbol: `C${index + 1}/USD`,
    startPrice: decimal(10 + 37 * index),
    tick: decimal("0.001"),
  }));
  const { source } = openGenerator({ seed: 3, symbols, timeframeMs: minuteMs, startAt });
  const all = count * minutes;
  let early = 0;
  const result = await runBacktest({
    config: runConfig(source, 3, "none"),
    source,
    until: startAt + minutes * minuteMs,
    onProgress(candles) {
      onProgress?.(candles, all);
      if (early === 0 && candles >= all / 3) early = liveBytes();
    },
  });
  const late = liveBytes();
  const { candles, trades, elapsedMs } = result;
  return { candles, trades: trades.length, seconds: elapsedMs / 1_000, heap: [early, late] };
}

/** @param minutes less than a year is a sample, and the row says so */
export async function benchPortfolio(minutes: number): Promise<BenchRow[]> {
  const { candles, trades, seconds, heap } = await runPortfolio({
    ...{ symbols: 20, minutes, onProgress: progressTold() },
  });
  const name = `20 symbols, ${minutes} minutes of a year's 525600, ${trades} round trips`;
  const rate = candles / seconds;
  return [
    { name, value: rate, unit: "candles a second" },
    { name: "  a whole year at that rate", value: (20 * 525_600) / rate / 60, unit: "minutes" },
    { name: "  live memory after a third", value: heap[0] / 2 ** 20, unit: "MiB" },
    { name: "  live memory at the end", value: heap[1] / 2 ** 20, unit: "MiB" },
    {
      name: "  growth a candle in between",
      value: (heap[1] - heap[0]) / ((candles * 2) / 3),
      unit: "bytes",
    },
  ];
}

/** Lines on the error stream, fifty in all: how far, how fast since the last one, how much memory. */
function progressTold(): (done: number, of: number) => void {
  let last = 0;
  let lastAt = performance.now();
  return (done, of) => {
    if (done - last < of / 50 && done < of) return;
    const now = performance.now();
    const rate = Math.round((1_000 * (done - last)) / (now - lastAt));
    const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    const memory = `${mib(liveBytes())} live, ${mib(process.memoryUsage.rss())} resident`;
    console.error(`  ${done} of ${of} candles, ${rate} a second, ${memory}`);
    [last, lastAt] = [done, now];
  };
}

function liveBytes(): number {
  Bun.gc(true);
  return process.memoryUsage().heapUsed;
}
