/** A stretch of time, Unix milliseconds: from the first to before the second. */
export type Span = readonly [from: number, until: number];

/** The spans in order, those that touch joined. */
export function joinedSpans(spans: readonly Span[]): Span[] {
  const joined: [number, number][] = [];
  for (const [from, until] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], until);
    else if (until > from) joined.push([from, until]);
  }
  return joined;
}

/** What of a span none of the others covers, in order. */
export function uncovered([from, until]: Span, covered: readonly Span[]): Span[] {
  const left: Span[] = [];
  let at = from;
  for (const [start, end] of joinedSpans(covered)) {
    if (end <= at || start >= until) continue;
    if (start > at) left.push([at, start]);
    at = end;
  }
  return at < until ? [...left, [at, until]] : left;
}
