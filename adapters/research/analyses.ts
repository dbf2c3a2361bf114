import {
  type Compared,
  compareSeen,
  type EntryRule,
  isSame,
  type Otherwise,
  type RoundTrip,
  type Seen,
} from "../../actors/research/mod.ts";
import type { Look } from "./looks.ts";
import { columnsOf, rowAt, type SharedCandles, sharedSource, spanOf } from "./shared-candles.ts";

export interface LookAheadReport {
  /** Where the data was cut off, Unix milliseconds. */
  readonly cuts: readonly number[];
  /** What was decided by then, compared with the run over all data. */
  readonly values: number;
  readonly differing: number;
  readonly first: readonly Otherwise[];
}

/**
 * Runs again on data that is cut off here and there: what was decided until the cut must be what the
 * run over all data decided, or it knew what came later. Cuts stand where the whole run acted, as far
 * as `cuts` go, for there a look-ahead shows first; the rest is spread evenly.
 */
export async function lookAhead(
  look: Look,
  candles: SharedCandles,
  cuts: number,
  isTelling: (seen: Seen) => boolean,
): Promise<LookAheadReport> {
  const whole = await look(sharedSource(candles));
  const moments = cutsOf(whole, candles, cuts, isTelling);
  const found: Compared[] = [];
  for (const until of moments) {
    const part = await look(sharedSource(candles, { until }));
    // A bar that closes at the cut opened before it, and was seen.
    const range = { from: Number.NEGATIVE_INFINITY, until: until + 1, tolerance: 0 };
    found.push(compareSeen(whole, part, range));
  }
  return { cuts: moments, ...summed(found) };
}

function summed(found: readonly Compared[]) {
  const total = (of: (each: Compared) => number) => found.reduce((sum, each) => sum + of(each), 0);
  return {
    values: total(({ values }) => values),
    differing: total(({ differing }) => differing),
    first: found.flatMap(({ first }) => first).slice(0, 10),
  };
}

/** So many of them, evenly from the first to the last. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, index) => {
    return items[Math.floor(((index + 0.5) * items.length) / count)] as T;
  });
}

function cutsOf(
  whole: readonly Seen[],
  candles: SharedCandles,
  cuts: number,
  isTelling: (seen: Seen) => boolean,
): number[] {
  const telling = [...new Set(whole.filter(isTelling).map(({ at }) => at))];
  const span = spanOf(candles);
  const chosen = new Set(spread(telling, cuts));
  const { from, until } = span ?? { from: 0, until: 0 };
  for (let part = 1; part <= cuts && chosen.size < cuts; part += 1) {
    chosen.add(Math.round(from + (part * (until - from)) / (cuts + 1)));
  }
  return [...chosen].sort((a, b) => a - b);
}

/** One value by its name, over all histories. */
export interface WarmUpRow {
  readonly name: string;
  /** Moments compared at which both call it warm. */
  readonly values: number;
  readonly differing: number;
  /** Of those in the last quarter of the longest of the shorter histories. */
  readonly differingAtEnd: number;
  /** Time from the beginning of a shorter history to where it differed last, milliseconds. */
  readonly settledMs: number;
}

export interface WarmUpReport {
  /** Where shorter histories began, Unix milliseconds. */
  readonly starts: readonly number[];
  readonly tolerance: number;
  /** Values that came out otherwise, the most persistent first. */
  readonly rows: readonly WarmUpRow[];
  readonly values: number;
  /** Names of the values that still differ at the end. */
  readonly endless: readonly string[];
  /** Moments of the shorter histories; 0 where none became warm. */
  readonly moments: number;
  /**
   * What the frames came to together while not all of them were warm: a desk decides as soon as
   * those that must agree are. Not among the values above.
   */
  readonly early: Pick<WarmUpRow, "values" | "differing" | "settledMs">;
}

type Tally = { -readonly [Name in keyof Omit<WarmUpRow, "name">]: number };

const emptyTally = (): Tally => ({ values: 0, differing: 0, differingAtEnd: 0, settledMs: 0 });

/**
 * Runs again on shorter histories: once it calls itself warm, a value must be what it is after the
 * longer one, within the tolerance. One that settles later says that its warm-up is too short; one
 * that differs still at the end of a long history never forgets where it began (a recursion).
 */
export async function warmUp(
  look: Look,
  candles: SharedCandles,
  { histories, tolerance }: { readonly histories: number; readonly tolerance: number },
): Promise<WarmUpReport> {
  const whole = new Map((await look(sharedSource(candles))).map((seen) => [keyOf(seen), seen]));
  const { from, until } = spanOf(candles) ?? { from: 0, until: 0 };
  const starts = Array.from({ length: histories }, (_, index) =>
    Math.round(from + ((index + 1) * (until - from)) / (2 * histories)),
  );
  const rows = new Map<string, Tally>();
  const early = emptyTally();
  let moments = 0;
  for (const start of starts) {
    const part = await look(sharedSource(candles, { from: start }));
    moments += part.length;
    const endsFrom = start === starts[0] ? until - (until - start) / 4 : until;
    for (const seen of part) {
      const longer = whole.get(keyOf(seen));
      if (!longer) continue;
      const known = { ...longer.values, ...longer.early };
      const count = (tally: Tally, name: string, value: string | number) => {
        const other = known[name];
        tally.values += 1;
        if (other !== undefined && isSame(other, value, tolerance)) return;
        tally.differing += 1;
        if (seen.at > endsFrom) tally.differingAtEnd += 1;
        tally.settledMs = Math.max(tally.settledMs, seen.at - start);
      };
      for (const [name, value] of Object.entries(seen.early ?? {})) count(early, name, value);
      for (const [name, value] of Object.entries(seen.values)) {
        const tally = rows.get(name) ?? emptyTally();
        rows.set(name, tally);
        count(tally, name, value);
      }
    }
  }
  const all = [...rows].map(([name, row]) => ({ name, ...row }));
  const found = all.filter(({ differing }) => differing > 0);
  found.sort((a, b) => b.differingAtEnd - a.differingAtEnd || b.differing - a.differing);
  const { values, differing, settledMs } = early;
  return {
    ...{ starts, tolerance, moments, rows: found, early: { values, differing, settledMs } },
    values: all.reduce((total, row) => total + row.values, 0),
    endless: found.filter(({ differingAtEnd }) => differingAtEnd > 0).map(({ name }) => name),
  };
}

const keyOf = ({ at, subject }: Seen): string => `${at}/${subject}`;

/** Entries of a run on its candles: at the last close before a position was opened, and closed. */
export function entryRules(candles: SharedCandles, trades: readonly RoundTrip[]): EntryRule[] {
  return candles.series.map((series) => {
    const columns = columnsOf(series);
    const openedAt = columns[0] as Float64Array;
    // A bar that opened at `at - length` or before has closed by then.
    const closedBy = (at: number) => rowAt(openedAt, at - series.timeframeMs + 1) - 1;
    const entries = trades
      .filter(({ symbol, closedAt }) => symbol === series.symbol && closedAt !== null)
      .map(({ openedAt: at, closedAt }) => {
        const bar = Math.max(0, closedBy(at));
        return { bar, bars: Math.max(0, closedBy(closedAt ?? at) - bar) };
      });
    return { closes: columns[4] as Float64Array, entries };
  });
}
