import {
  dailyReturns,
  metricsOf,
  momentsOf,
  type ReturnMoments,
} from "../../actors/research/mod.ts";
import type { RunConfig } from "../cli/run-config.ts";
import { type BacktestResult, runBacktest } from "./backtest.ts";
import { type SharedCandles, type Stretch, sharedSource } from "./shared-candles.ts";

/** One run of a study. */
export interface TrialRequest {
  readonly config: RunConfig;
  readonly stretch: Partial<Stretch>;
  /** From when on it counts, Unix milliseconds: what was before is for warming up. */
  readonly countFrom: number | null;
}

/** What came of it; each measure as `actors/research/metrics.ts` has it. */
export interface TrialOutcome {
  readonly scores: Readonly<Record<string, number | null>>;
  /** Of daily returns; null of too few. */
  readonly moments: ReturnMoments | null;
  readonly candles: number;
  readonly ledgerHead: string;
}

/** Runs a trial on its market, and measures it. */
export async function runTrial(
  candles: SharedCandles,
  { config, stretch, countFrom }: TrialRequest,
): Promise<TrialOutcome> {
  const source = sharedSource(candles, stretch);
  const result = await runBacktest({ config, source, enterFrom: countFrom });
  return outcomeOf(countFrom === null ? result : countedFrom(result, countFrom));
}

/**
 * The part of a run that counts: marks of the equity from then on, with the last one before them for
 * its opening. Nothing was entered before.
 */
function countedFrom(result: BacktestResult, at: number): BacktestResult {
  const { equity, exposure } = result;
  const found = equity.at.findIndex((each) => each > at);
  const first = found < 0 ? equity.at.length : found;
  return {
    ...result,
    equity: { at: equity.at.slice(first), value: equity.value.slice(first) },
    exposure: exposure.slice(first),
    openingEquity: equity.value[first - 1] ?? result.openingEquity,
  };
}

function outcomeOf(result: BacktestResult): TrialOutcome {
  const { equity, exposure, candles, ledgerHead, openingEquity } = result;
  const curve = { ...equity, exposure };
  const metrics = metricsOf({ ...result, curve, held: [] });
  const scores = Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, value === null ? null : Number(value)]),
  );
  const moments = momentsOf(dailyReturns(curve, openingEquity));
  return { scores, moments, candles, ledgerHead };
}
