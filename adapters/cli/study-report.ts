import {
  type Deflated,
  deflatedSharpe,
  type Objective,
  paretoFront,
  ranked,
} from "../../actors/research/mod.ts";
import { outcomeOf, type StudyTrial } from "../research/study.ts";
import { table } from "./config.ts";
import { CommandError, exitCode } from "./exit-codes.ts";

/** Measures of which less is better. */
const lessIsBetter = [
  ...["maxDrawdown", "maxDrawdownMs", "timeUnderWater", "volatility", "exposure"],
  ...["timeInMarket", "turnover", "feesPaid", "slippagePaid", "longestLosses"],
];
const moreIsBetter = [
  ...["sharpe", "sortino", "calmar", "profitFactor", "totalReturn", "annualReturn", "expectancy"],
  ...["sqn", "winRate", "averageWin", "averageLoss", "worstTrade", "bestTrade", "trades", "profit"],
];

export const usualObjectives = ["sharpe", "profitFactor", "maxDrawdown"];

/** @throws {CommandError} for a measure that no run has */
export function objectivesOf(names: readonly string[]): Objective[] {
  return (names.length === 0 ? usualObjectives : names).map((name) => {
    const isMore = moreIsBetter.includes(name);
    if (isMore || lessIsBetter.includes(name)) return { name, isMore };
    throw new CommandError(
      `Cannot search for "${name}": wanted one of ${[...moreIsBetter, ...lessIsBetter].join(", ")}`,
      exitCode.usage,
    );
  });
}

/** A row of a study's table; plain JSON, and the same for the same study. */
export interface StudyRow {
  readonly trial: number;
  readonly point: StudyTrial["point"];
  readonly state: "done" | "failed" | "refused";
  readonly scores: Readonly<Record<string, number | null>>;
  /** Whether no other trial is as good by every objective and better by one. */
  readonly pareto: boolean;
  readonly provenance: StudyTrial["key"];
  readonly ledgerHead: string | null;
  readonly error: string | null;
}

export interface StudyReport {
  readonly search: string;
  readonly seed: number;
  readonly objectives: readonly Objective[];
  /** From best to worst by the first objective. */
  readonly rows: readonly StudyRow[];
  /** The best one's Sharpe ratio corrected for the number of trials; ratios of one day. */
  readonly deflated: Deflated | null;
}

/** Puts a study's table together. */
export function studyReport(
  trials: readonly StudyTrial[],
  parts: Pick<StudyReport, "search" | "seed" | "objectives">,
): StudyReport {
  const scores = trials.map((trial) => outcomeOf(trial)?.scores ?? {});
  const front = paretoFront(scores, parts.objectives);
  const rows = trials.map((trial, index): StudyRow => {
    const { number, point, key, result } = trial;
    return {
      ...{ trial: number, point, state: result.type, scores: scores[index] ?? {} },
      ...{ pareto: front[index] ?? false, provenance: key },
      ledgerHead: outcomeOf(trial)?.ledgerHead ?? null,
      error: result.type === "done" ? null : result.error,
    };
  });
  const sorted = ranked(rows, (row) => row.scores, parts.objectives);
  return { ...parts, rows: sorted, deflated: deflatedOf(trials, sorted[0]) };
}

function deflatedOf(trials: readonly StudyTrial[], best: StudyRow | undefined): Deflated | null {
  const chosen = trials.find(({ number }) => number === best?.trial);
  if (!chosen || outcomeOf(chosen) === null) return null;
  const ratios = trials.map((trial) => outcomeOf(trial)?.moments?.sharpe ?? null);
  return deflatedSharpe(outcomeOf(chosen)?.moments ?? null, ratios);
}

/** A measure for people; what is not known is said to be. */
export function scoreText(value: number | null | undefined): string {
  return value === null || value === undefined ? "not enough data" : String(+value.toPrecision(5));
}

/** The table in the terminal, the best `top` rows. */
export function studyText(report: StudyReport, top: number): string {
  const { rows, objectives, deflated } = report;
  const paths = Object.keys(rows[0]?.point ?? {});
  const measures = [...new Set([...objectives.map(({ name }) => name), "totalReturn", "trades"])];
  const head = ["trial", ...paths.map(shortOf), ...measures, "pareto"];
  const lines = rows
    .slice(0, top)
    .map(({ trial, point, state, scores, pareto }) => [
      String(trial),
      ...paths.map((path) => point[path] ?? ""),
      ...measures.map((name) => (state === "done" ? scoreText(scores[name]) : state)),
      pareto ? "*" : "",
    ]);
  const left = rows.length > top ? `and ${rows.length - top} more trials\n` : "";
  const errors = rows.filter(({ error }) => error !== null);
  const first = errors[0];
  const wrong = first
    ? `${errors.length} trials came to nothing, trial ${first.trial}: ${first.error}\n`
    : "";
  return `${table([head, ...lines])}${left}${wrong}${deflatedText(deflated)}`;
}

const shortOf = (path: string): string => path.split(".").slice(-2).join(".");

/** What the best ratio is worth once it is known that it was chosen among many. */
export function deflatedText(deflated: Deflated | null): string {
  if (deflated === null || deflated.probability === null) {
    return "deflated Sharpe ratio of the best: not enough data\n";
  }
  const { probability, trials, expectedBest } = deflated;
  const yearly = scoreText(expectedBest * Math.sqrt(365));
  const words = probability >= 0.95 ? "skill is likely" : "chance explains it";
  return (
    `deflated Sharpe ratio of the best: ${(100 * probability).toFixed(1)} % after ${trials} trials ` +
    `(${words}: the best of as many without skill is expected to show ${yearly} a year)\n`
  );
}
