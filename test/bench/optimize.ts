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

interface Cost {
  /** By the clock on the wall. */
  readonly seconds: number;
  /** Of all processors together. */
  readonly processorSeconds: number;
}

async function costOf(
  candles: SharedCandles,
  file: string,
  { trials, workers }: { readonly trials: number; readonly workers: number },
): Promise<Cost> {
  using store = new TrialStore(file);
  using pool = openPool(candles, workers);
  const values = Array.from({ length: trials }, (_, index) => String(index + 1));
  const [began, used] = [performance.now(), process.cpuUsage()];
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
  const { user, system } = process.cpuUsage(used);
  return {
    seconds: (performance.now() - began) / 1_000,
    processorSeconds: (user + system) / 1_000_000,
  };
}

/**
 * Trials a second on one thread and on two. Each thread compiles the desk anew, some 3 s of the
 * processor's time beside its first trials: trials too few or too short measure that. By processor
 * time is what two cores of their own would come to at most; it holds on a busy machine too.
 */
export async function benchOptimize({ trials, minutes }: OptimizeBench): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "novactor-bench-"));
  try {
    const until = generatedMarket.startAt + minutes * 60_000;
    const candles = shareCandles(usualGenerator(1).source, { until });
    const of = (workers: number) =>
      costOf(candles, join(folder, `${workers}.db`), { trials, workers });
    const one = await of(1);
    const two = await of(2);
    return [
      { name: "trials on one thread", value: trials / one.seconds, unit: "trials/s" },
      { name: "trials on two threads", value: trials / two.seconds, unit: "trials/s" },
      {
        name: "two threads against one",
        value: one.seconds / two.seconds,
        unit: "times",
        least: 1.7,
      },
      {
        name: "  by the processor's time, at most",
        value: (2 * one.processorSeconds) / two.processorSeconds,
        unit: "times",
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
