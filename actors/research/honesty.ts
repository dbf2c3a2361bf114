/** Whether a run knew only what it could: comparisons of runs over shorter histories. */

/** What was decided, or computed, at one moment on one subject. */
export interface Seen {
  /** Unix milliseconds. */
  readonly at: number;
  readonly subject: string;
  /** By name: text is compared as it is, numbers within the tolerance. */
  readonly values: Readonly<Record<string, string | number>>;
  /** What is known to come out otherwise after a longer history, and is used nevertheless. */
  readonly early?: Readonly<Record<string, number>>;
}

/** A value that came out otherwise. */
export interface Otherwise {
  readonly at: number;
  readonly subject: string;
  readonly name: string;
  /** Of the run over all data; null where it has none. */
  readonly whole: string | number | null;
  /** Of the run over less. */
  readonly part: string | number | null;
}

export interface Compared {
  /** Values that both were asked for. */
  readonly values: number;
  readonly differing: number;
  /** The earliest of them, at most ten. */
  readonly first: readonly Otherwise[];
}

const shownMost = 10;

const keyOf = ({ at, subject }: Seen): string => `${at}/${subject}`;

/** Whether two values are the same; numbers may differ by `tolerance` as a share of the larger. */
export function isSame(a: string | number, b: string | number, tolerance: number): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (typeof a !== "number" || typeof b !== "number") return false;
  return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b), 1e-12);
}

/**
 * Compares what two runs saw at the moments from `from` until `until` (exclusive): that of the whole
 * run with that of a part of its data. Numbers may differ by `tolerance` as a share of the larger.
 */
export function compareSeen(
  whole: readonly Seen[],
  part: readonly Seen[],
  { from, until, tolerance }: { from: number; until: number; tolerance: number },
): Compared {
  const isAsked = ({ at }: Seen) => at >= from && at < until;
  const parts = new Map(part.filter(isAsked).map((seen) => [keyOf(seen), seen]));
  const found: Otherwise[] = [];
  let values = 0;
  const compare = (seen: Seen, a: Seen["values"], b: Seen["values"]) => {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
      values += 1;
      const [one = null, other = null] = [a[name], b[name]];
      if (one !== null && other !== null && isSame(one, other, tolerance)) continue;
      found.push({ at: seen.at, subject: seen.subject, name, whole: one, part: other });
    }
  };
  for (const seen of whole.filter(isAsked)) {
    const other = parts.get(keyOf(seen));
    parts.delete(keyOf(seen));
    compare(seen, seen.values, other?.values ?? {});
  }
  for (const seen of parts.values()) compare(seen, {}, seen.values);
  found.sort((a, b) => a.at - b.at);
  return { values, differing: found.length, first: found.slice(0, shownMost) };
}
