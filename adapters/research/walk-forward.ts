import {
  type Assignment,
  type Deflated,
  deflatedSharpe,
  type Objective,
  ranked,
  type Search,
} from "../../actors/research/mod.ts";
import type { RunConfig } from "../cli/run-config.ts";
import type { TrialStore } from "../store/trials.ts";
import type { SharedCandles, Stretch } from "./shared-candles.ts";
import { outcomeOf, runStudy, type StudyTrial } from "./study.ts";
import type { TrialOutcome, TrialRequest } from "./trial.ts";
import type { TrialPool } from "./trial-pool.ts";
import type { Window } from "./windows.ts";

/** One window: what was best in training, and how it did on what followed. */
export interface WalkStep extends Window {
  /** Null where no trial of the training came to a result. */
  readonly best: {
    readonly trial: number;
    readonly point: Assignment;
    readonly inSample: TrialOutcome["scores"];
    readonly outOfSample: TrialOutcome["scores"] | null;
    /** The training's Sharpe ratio, corrected for its number of trials. */
    readonly deflated: Deflated;
    readonly provenance: {
      readonly inSample: StudyTrial["key"];
      readonly outOfSample: StudyTrial["key"];
    };
  } | null;
  /** Trials of the training with a result. */
  readonly trials: number;
}

export interface WalkForwardOptions {
  readonly windows: readonly Window[];
  /** A new search for each window: all of them try the same points, or draw the same way. */
  readonly search: () => Search;
  readonly objectives: readonly Objective[];
  readonly configOf: (point: Assignment) => RunConfig | string;
  /** Before each stretch that counts, for indicators to warm up on, where there is data. */
  readonly warmUpMs: number;
  readonly candles: SharedCandles;
  readonly store: TrialStore;
  readonly pool: TrialPool;
  readonly workers: number;
  readonly onTrial?: (isKnown: boolean) => void;
}

/**
 * Walks forward: searches each training window, then runs the best one by the first objective on the
 * test window after it, which no search has seen. Nothing is entered while a window warms up.
 */
export async function walkForward(options: WalkForwardOptions): Promise<WalkStep[]> {
  const steps: WalkStep[] = [];
  for (const window of options.windows) steps.push(await walkStep(options, window));
  return steps;
}

async function walkStep(options: WalkForwardOptions, window: Window): Promise<WalkStep> {
  const trained = await study(options, options.search(), window.train);
  const done = trained.filter((trial) => outcomeOf(trial) !== null);
  const scoresOf = (trial: StudyTrial) => outcomeOf(trial)?.scores ?? {};
  const [best] = ranked(done, scoresOf, options.objectives);
  if (!best) return { ...window, best: null, trials: 0 };
  const [tested] = await study(options, only(best.point), window.test);
  const ratios = done.map((trial) => outcomeOf(trial)?.moments?.sharpe ?? null);
  return {
    ...window,
    trials: done.length,
    best: {
      trial: best.number,
      point: best.point,
      inSample: scoresOf(best),
      outOfSample: tested ? (outcomeOf(tested)?.scores ?? null) : null,
      deflated: deflatedSharpe(outcomeOf(best)?.moments ?? null, ratios),
      provenance: { inSample: best.key, outOfSample: tested?.key ?? null },
    },
  };
}

function only(point: Assignment): Search {
  let rest: Assignment | null = point;
  return {
    size: 1,
    ask() {
      const asked = rest;
      rest = null;
      return asked;
    },
    tell: () => {},
  };
}

function study(
  options: WalkForwardOptions,
  search: Search,
  counted: Stretch,
): Promise<StudyTrial[]> {
  const { candles, store, pool, workers, warmUpMs, configOf, onTrial } = options;
  const requestOf = (point: Assignment): TrialRequest | string => {
    const config = configOf(point);
    if (typeof config === "string") return config;
    const stretch = { from: counted.from - warmUpMs, until: counted.until };
    return { config, stretch, countFrom: counted.from };
  };
  return runStudy({
    ...{ search, requestOf, candles, store, pool, workers },
    onTrial: (_trial, isKnown) => onTrial?.(isKnown),
  });
}
