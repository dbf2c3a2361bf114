import { type Origin, originText } from "./tree.ts";

/** One thing that is wrong with a configuration, and what to do about it. */
export interface Problem {
  /** `risk.riskShare`; empty if it is the file as a whole. */
  readonly path: string;
  /** As written; null where there is none, or where it must not be shown. */
  readonly value: string | null;
  /** What is, after the path: `is "1%"`, `is not a key`. */
  readonly state: string;
  /** What is allowed, to follow "wanted". */
  readonly wanted: string;
  readonly origin: Origin;
  /** A known key or a value that was perhaps meant. */
  readonly nearest?: string;
  /** What the key is for, in plain words. */
  readonly about?: string;
}

/** The problem as one line, without its place. */
export function problemText({ path, state, wanted, nearest, origin }: Problem): string {
  const whole = "line" in origin && origin.line > 0 ? "the line" : "the file";
  const meant = nearest === undefined ? "" : `; perhaps ${nearest} was meant`;
  return `${path === "" ? whole : path} ${state}, wanted ${wanted}${meant}`;
}

/** As many as a person reads; the rest is counted. */
const shownMax = 20;

/** Problems for the operator: each with its place, what is wrong, what is allowed, what it is for. */
export function problemsText(title: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.slice(0, shownMax).flatMap((problem) => {
    const about = problem.about === undefined ? [] : [`    (${problem.about})`];
    return [`  ${originText(problem.origin)}`, `    ${problemText(problem)}`, ...about];
  });
  if (problems.length > shownMax) lines.push(`  and ${problems.length - shownMax} more`);
  return [`${title}: ${count}`, ...lines, ""].join("\n");
}
