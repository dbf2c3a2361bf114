import type { Assignment, Search } from "../../actors/research/mod.ts";
import type { TrialKey, TrialStore } from "../store/trials.ts";
import { codeVersion, configHashOf, dataHashOf } from "./provenance.ts";
import type { SharedCandles } from "./shared-candles.ts";
import type { TrialOutcome, TrialRequest } from "./trial.ts";
import { TrialPool, type TrialResult } from "./trial-pool.ts";

/** A trial of a study with where it comes from. */
export interface StudyTrial {
  /** From 1, in the order in which the search asked for it. */
  readonly number: number;
  readonly point: Assignment;
  /** Null where its values make no configuration. */
  readonly key: TrialKey | null;
  readonly result: TrialResult | { readonly type: "refused"; readonly error: string };
}

export interface StudyOptions {
  readonly search: Search;
  /** What a point is run as; a text says why its values make no configuration. */
  readonly requestOf: (point: Assignment) => TrialRequest | string;
  readonly candles: SharedCandles;
  readonly store: TrialStore;
  readonly pool: TrialPool;
  /** Trials under way at a time. */
  readonly workers: number;
  /** Told of each trial that is over; `isKnown` where it was not run but found in the store. */
  readonly onTrial?: (trial: StudyTrial, isKnown: boolean) => void;
}

/** What came of the trial, or null where it has no outcome. */
export function outcomeOf({ result }: StudyTrial): TrialOutcome | null {
  return result.type === "done" ? result.outcome : null;
}

/** Opens as many threads as are asked for, over candles that all of them read. */
export function openPool(candles: SharedCandles, workers: number): TrialPool {
  return new TrialPool(candles, workers);
}

/**
 * Runs a study: each trial is kept as soon as it is over, and one that the store has is not run
 * again, so the same study goes on where it was cut off and comes to the same table.
 *
 * @throws where a thread breaks down; what finished until then is kept
 */
export async function runStudy(options: StudyOptions): Promise<StudyTrial[]> {
  const { search, workers, onTrial } = options;
  const trials: StudyTrial[] = [];
  let asked = 0;
  const work = async (): Promise<void> => {
    for (let point = search.ask(); point; point = search.ask()) {
      asked += 1;
      const number = asked;
      const { trial, isKnown } = await tried(options, number, point);
      trials.push(trial);
      search.tell(point, outcomeOf(trial)?.scores ?? null);
      onTrial?.(trial, isKnown);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return trials.sort((a, b) => a.number - b.number);
}

async function tried(
  { requestOf, candles, store, pool }: StudyOptions,
  number: number,
  point: Assignment,
): Promise<{ readonly trial: StudyTrial; readonly isKnown: boolean }> {
  const request = requestOf(point);
  if (typeof request === "string") {
    const result = { type: "refused", error: request } as const;
    return { trial: { number, point, key: null, result }, isKnown: false };
  }
  const key = {
    configHash: configHashOf(request),
    dataHash: dataHashOf(candles, request),
    codeVersion: codeVersion(),
  };
  const known = store.find(key);
  if (known) {
    const result = { type: "done", outcome: known.result as TrialOutcome } as const;
    return { trial: { number, point, key, result }, isKnown: true };
  }
  const result = await pool.run(request);
  if (result.type === "done") {
    store.keep({ ...key, point, result: result.outcome, finishedAt: Date.now() });
  }
  return { trial: { number, point, key, result }, isKnown: false };
}
