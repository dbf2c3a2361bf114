import { drawBelow, type Stream } from "./random.ts";

/** One entry: the bar whose close it goes in at, and how many bars it is held. */
export interface HeldEntry {
  readonly bar: number;
  readonly bars: number;
}

/** One symbol's entries and the closes that they are judged by, in quote coin. */
export interface EntryRule {
  readonly closes: ArrayLike<number>;
  readonly entries: readonly HeldEntry[];
}

export interface Significance {
  readonly entries: number;
  readonly runs: number;
  /** Mean of `close at exit / close at entry - 1` over the entries, without costs. */
  readonly meanReturn: number;
  /** The same of random entries: mean and sample deviation over the runs. */
  readonly randomMean: number;
  readonly randomDeviation: number;
  /** Share of random runs that did as well: (1 + those at least as good) / (1 + runs). */
  readonly pValue: number;
  /** Whether `pValue` is at most the level asked for. */
  readonly isSignificant: boolean;
}

/** Entries below which nothing can be said. */
export const entriesLeast = 10;

function returnOf({ closes }: EntryRule, bar: number, bars: number): number {
  return (closes[bar + bars] as number) / (closes[bar] as number) - 1;
}

/**
 * Whether a rule's entries did better than as many at random on the same market, held as long: a
 * permutation test, one-sided. Random entries are drawn evenly over all bars from which their holding
 * time still ends within the data, each apart, so that they may overlap. Costs are left out: they are
 * the same for both. Null for fewer than 10 entries.
 *
 * @throws {RangeError} for an entry outside of its candles
 */
export function significanceOf(
  rules: readonly EntryRule[],
  runs: number,
  stream: Stream,
  level = 0.05,
): Significance | null {
  const count = rules.reduce((total, { entries }) => total + entries.length, 0);
  if (count < entriesLeast || runs < 1) return null;
  let total = 0;
  for (const rule of rules) {
    for (const { bar, bars } of rule.entries) {
      if (!(bar >= 0 && bars >= 0 && bar + bars < rule.closes.length)) {
        throw new RangeError(
          `Cannot judge entry at bar ${bar} held for ${bars}: there are ${rule.closes.length} bars`,
        );
      }
      total += returnOf(rule, bar, bars);
    }
  }
  const meanReturn = total / count;
  const random = Array.from({ length: runs }, () => randomMean(rules, count, stream));
  const randomOfAll = random.reduce((sum, each) => sum + each, 0) / runs;
  const squares = random.reduce((sum, each) => sum + (each - randomOfAll) ** 2, 0);
  const asGood = random.filter((each) => each >= meanReturn).length;
  const pValue = (1 + asGood) / (1 + runs);
  return {
    ...{ entries: count, runs, meanReturn, randomMean: randomOfAll, pValue },
    randomDeviation: runs > 1 ? Math.sqrt(squares / (runs - 1)) : 0,
    isSignificant: pValue <= level,
  };
}

function randomMean(rules: readonly EntryRule[], count: number, stream: Stream): number {
  let total = 0;
  for (const rule of rules) {
    for (const { bars } of rule.entries) {
      total += returnOf(rule, drawBelow(stream, rule.closes.length - bars), bars);
    }
  }
  return total / count;
}
