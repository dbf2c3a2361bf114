/** A backtest end to end with the real machines, its ledger in memory, and where its time goes. */
import { join } from "node:path";
import type { CandleSource } from "../../actors/market/ports.ts";
import { confluenceStandard, createStrategy, FramePlane } from "../../actors/scanner/mod.ts";
import { runConfig } from "../../adapters/cli/run-config.ts";
import { openGenerator } from "../../adapters/cli/sources.ts";
import { startConfiguration } from "../../adapters/cli/start-configuration.ts";
import { type BacktestResult, runBacktest } from "../../adapters/research/backtest.ts";
import { crossSettings } from "../../adapters/research/reference-cross.ts";
import { sampledSource } from "../../adapters/research/sampled-source.ts";
import { pricesOf } from "../../adapters/simulation/candle-timeline.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import type { BenchRow } from "./row.ts";

/** One generated symbol of so many one-minute candles, in memory. */
export function crossSource(candles: number): CandleSource {
  const symbol = { symbol: "BTC/USD", startPrice: decimal(64_000), tick: decimal("0.1") };
  const startAt = Date.UTC(2026, 0, 1);
  const { source } = openGenerator({ seed: 7, symbols: [symbol], timeframeMs: 60_000, startAt });
  return sampledSource(source, candles);
}

/** Trades the cross: market orders at the next open, fee 0.1 %, a size that money lasts for. */
export function runCross(source: CandleSource, fast = 10, slow = 30): Promise<BacktestResult> {
  const { settings } = startConfiguration({ set: crossSettings(fast, slow, "0.01", "0.001") });
  return runBacktest({ config: runConfig(source, 1, "none", settings), source });
}

/** The sides of the sweep: 40 pairs, the fast one always below the slow one. */
const fasts = [5, 8, 10, 12, 15, 18, 20, 25];
const slows = [30, 40, 60, 90, 120];

export async function benchResearch({ candles }: { candles: number }): Promise<BenchRow[]> {
  const source = crossSource(candles);
  const planeUs = planeTime(source);
  const timelineUs = timelineTime(source);
  // So long means hardly ever cross: what is left is the desk's time for a bar that comes to nothing.
  const quiet = await runCross(source, 999, 1_999);
  const cpu = process.cpuUsage();
  const run = await runCross(source);
  const { user, system } = process.cpuUsage(cpu);
  const trips = run.trades.length;
  const barUs = (1_000 * quiet.elapsedMs) / candles;
  const tripUs = (1_000 * run.elapsedMs - barUs * candles) / trips;
  const rate = (1_000 * run.candles) / run.elapsedMs;
  const share = (microseconds: number) => (microseconds * 100) / (1_000 * run.elapsedMs);
  return [
    {
      name: `cross of means, ${trips} round trips`,
      value: rate,
      unit: "candles a second",
      least: 100_000,
    },
    {
      name: "  by the processor's time alone",
      value: (1e6 * candles) / (user + system),
      unit: "candles a second",
    },
    { name: "  timeline and paper venue, a candle", value: timelineUs, unit: "µs" },
    { name: "  data plane, a candle", value: planeUs, unit: "µs" },
    {
      name: "  turn, gates, equity and the rest, a candle",
      value: barUs - planeUs - timelineUs,
      unit: "µs",
    },
    { name: "  two orders through all machines, a round trip", value: tripUs, unit: "µs" },
    { name: "  share of round trips in the whole", value: share(tripUs * trips), unit: "%" },
    { name: "  memory in use at the end", value: process.memoryUsage.rss() / 2 ** 20, unit: "MiB" },
    await sweep(Math.min(candles, 25_000)),
    await coldStart(candles),
  ];
}

async function sweep(candles: number): Promise<BenchRow> {
  const source = crossSource(candles);
  const started = performance.now();
  for (const fast of fasts) for (const slow of slows) await runCross(source, fast, slow);
  const pairs = fasts.length * slows.length;
  const value = (1_000 * pairs) / (performance.now() - started);
  const name = `sweep of ${pairs} pairs over ${candles} candles, one core`;
  return { name, value, unit: "evaluations a second" };
}

/** A new process, from its start to a report on its standard output. */
async function coldStart(candles: number): Promise<BenchRow> {
  const script = join(import.meta.dir, "research-child.ts");
  const started = performance.now();
  const child = Bun.spawn([process.execPath, script, String(candles)], { stdout: "pipe" });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0 || text === "") {
    throw new Error(`Cannot measure cold start: the process ended with ${child.exitCode}`);
  }
  const value = (performance.now() - started) / 1_000;
  return { name: `cold start to report, ${candles} candles`, value, unit: "s" };
}

/** Microseconds of a candle in the data plane of the cross alone. */
function planeTime(source: CandleSource): number {
  const plane = new FramePlane({
    ...{ symbol: "BTC/USD", baseMs: 60_000, atrPeriod: 14, frames: [60_000], costShare: 0.002 },
    strategies: () => [createStrategy("smaCross")],
    confluence: { ...confluenceStandard, minFrames: 1, minStrategies: 1, frameBonus: [1] },
    onFailure: ({ error }) => {
      throw error;
    },
  });
  const cursor = source.cursor("BTC/USD", 0);
  const started = performance.now();
  for (let candle = cursor.next(); candle; candle = cursor.next()) plane.update(candle);
  return (1_000 * (performance.now() - started)) / (source.length ?? 1);
}

/** Microseconds of a candle on its way as four points, nobody listening. */
function timelineTime(source: CandleSource): number {
  const at = { venue: "paper", account: "main" };
  let seen = 0;
  const venue = {
    ...{ at, takeReport: () => null, due: () => null, advance: async () => {} },
    point: () => {
      seen += 1;
    },
  };
  const timeline = pricesOf(source, new Map());
  const started = performance.now();
  while (timeline.nextAt() !== null) timeline.step(venue);
  return (1_000 * (performance.now() - started)) / Math.max(1, seen / 4);
}
