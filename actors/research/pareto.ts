/** What a study is after: the name of a measure, and whether more of it is better. */
export interface Objective {
  readonly name: string;
  readonly isMore: boolean;
}

type Scores = Readonly<Record<string, number | null>>;

/** Above 0 where `a` is better by the objective; what is not known is worse than anything known. */
export function betterBy({ name, isMore }: Objective, a: Scores, b: Scores): number {
  const [one = null, other = null] = [a[name], b[name]];
  if (one === null || other === null) return (one === null ? 0 : 1) - (other === null ? 0 : 1);
  return isMore ? one - other : other - one;
}

/**
 * Which of them no other one beats: as good by every objective and better by one (the Pareto front).
 * A row with an unknown objective is never on it.
 */
export function paretoFront(rows: readonly Scores[], objectives: readonly Objective[]): boolean[] {
  const isKnown = rows.map((row) => objectives.every(({ name }) => (row[name] ?? null) !== null));
  const beats = (a: Scores, b: Scores) => {
    const by = objectives.map((objective) => betterBy(objective, a, b));
    return by.every((each) => each >= 0) && by.some((each) => each > 0);
  };
  return rows.map(
    (row, index) =>
      isKnown[index] === true &&
      !rows.some((other, place) => isKnown[place] === true && beats(other, row)),
  );
}

/** Rows from best to worst by the first objective, ties by the next ones, then as they came. */
export function ranked<T>(
  rows: readonly T[],
  scoresOf: (row: T) => Scores,
  objectives: readonly Objective[],
): T[] {
  return rows.toSorted((a, b) => {
    for (const objective of objectives) {
      const better = betterBy(objective, scoresOf(b), scoresOf(a));
      if (better !== 0) return better;
    }
    return 0;
  });
}
