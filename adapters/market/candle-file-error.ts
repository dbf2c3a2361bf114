/** What is wrong with a candle file, and where. */
export interface CandleFileProblem {
  /** Line of the decompressed file, the header being 1; null if it is the file as a whole. */
  readonly line: number | null;
  /** For instance "has 5 columns, wanted 6". */
  readonly text: string;
  /** What makes it good, such as "sort the rows by timestamp_ms". */
  readonly cure: string;
}

/** How many problems a report lists; the rest is counted. */
export const listedProblemsMax = 10;

/**
 * A candle file that cannot be used. Not recoverable by trying again: the file or the way it was
 * asked for has to change. Nothing of a refused file is imported.
 */
export class CandleFileError extends Error {
  override readonly name = "CandleFileError";
  readonly path: string;
  /** The first of them, at most {@link listedProblemsMax}. */
  readonly problems: readonly CandleFileProblem[];
  /** How many there are in all. */
  readonly problemCount: number;

  constructor(
    path: string,
    problems: readonly CandleFileProblem[],
    problemCount = problems.length,
    options?: ErrorOptions,
  ) {
    super(messageOf(path, problems, problemCount), options);
    this.path = path;
    this.problems = problems;
    this.problemCount = problemCount;
  }
}

function messageOf(path: string, problems: readonly CandleFileProblem[], count: number): string {
  const texts = problems.map(({ line, text }) => (line === null ? text : `line ${line} ${text}`));
  const rest = count - problems.length;
  if (rest > 0) texts.push(`and ${rest} more`);
  const head = count > 1 ? `${count} problems: ` : "";
  const cures = [...new Set(problems.map(({ cure }) => cure))];
  return (
    `Cannot read candle file ${JSON.stringify(path)}: ${head}${texts.join("; ")}\n` +
    `To cure it, ${cures.join("; ")}. Nothing of it was taken`
  );
}
