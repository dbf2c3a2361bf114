/**
 * A study on two threads against the same study on one: whole desks over candles that the threads
 * share, from the threads' start to the last trial, each one kept on disk as it finishes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gridSearch } from "../../actors/research/mod.ts";
import { runConfig } from "../../adapters/cli/run-config.ts";
import { usualGenerator } from "../../adapters/cli/sources.ts";
import {
  type SharedCandles,
  shareCandles,
  sharedSource,
} from "../../adapters/research/shared-candles.ts";
import { openPool, runStudy } from "../../adapters/research/study.ts";
import { TrialStore } from "../../adapters/store/trials.ts";
import { defaults, generatedMarket } from "../../config/defaults.ts";
import type { BenchRow } from "./row.ts";

export interface OptimizeBench {
  readonly trials: number;
  /** Minutes of the generated market of five symbols that each trial runs over. */
  readonly minutes: number;
}

async function secondsFor(
  candles: SharedCandles,
  file: string,
  { trials, workers }: { readonly trials: number; readonly workers: number },
): Promise<number> {
  using store = new TrialStore(file);
  using pool = openPool(candles, workers);
  const values = Array.from({ length: trials }, (_, index) => String(index + 1));
  const began = performance.now();
  const found = await runStudy({
    ...{ candles, store, pool, workers },
    search: gridSearch([{ path: "coolDown.bars", values }]),
    requestOf: (point) => {
      const settings = { ...defaults, coolDownBars: Number(point["coolDown.bars"]) };
      const config = runConfig(sharedSource(candles), 1, "none", settings);
      return { config, stretch: {}, countFrom: null };
    },
  });
  const failed = found.find(({ result }) => result.type !== "done");
  if (failed) throw new Error(`Cannot measure: trial ${failed.number} came to nothing`);
  return (performance.now() - began) / 1_000;
}

/** Trials a second on one thread and on two. */
export async function benchOptimize({ trials, minutes }: OptimizeBench): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "novactor-bench-"));
  try {
    const until = generatedMarket.startAt + minutes * 60_000;
    const candles = shareCandles(usualGenerator(1).source, { until });
    const of = (workers: number) =>
      secondsFor(candles, join(folder, `${workers}.db`), { trials, workers });
    const one = await of(1);
    const two = await of(2);
    return [
      { name: "trials on one thread", value: trials / one, unit: "trials/s" },
      { name: "trials on two threads", value: trials / two, unit: "trials/s" },
      { name: "two threads against one", value: one / two, unit: "times", least: 1.7 },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
