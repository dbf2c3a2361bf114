import type { Span } from "../research/spans.ts";
import { minuteText } from "./times.ts";

const listedMost = 5;

/** Stretches of a span in which no candle opens. */
export function gapsIn(
  openedAt: Iterable<number>,
  [from, until]: Span,
  timeframeMs: number,
): Span[] {
  const gaps: Span[] = [];
  let expected = from;
  for (const at of openedAt) {
    if (at < from || at >= until) continue;
    if (at > expected) gaps.push([expected, at]);
    expected = at + timeframeMs;
  }
  return expected < until ? [...gaps, [expected, until]] : gaps;
}

/** The gaps in words, the first ones by name; empty of none. */
export function gapLines(gaps: readonly Span[], timeframeMs: number): string[] {
  if (gaps.length === 0) return [];
  const missing = gaps.reduce((sum, [from, until]) => sum + (until - from) / timeframeMs, 0);
  const listed = gaps.slice(0, listedMost).map(([from, until]) => {
    const count = (until - from) / timeframeMs;
    return `    ${minuteText(from)} to ${minuteText(until)}: ${count.toLocaleString("en-US")}`;
  });
  const rest = gaps.length - listed.length;
  return [
    `  ${missing.toLocaleString("en-US")} candles missing in ${gaps.length} gaps`,
    ...listed,
    ...(rest > 0 ? [`    and ${rest} more`] : []),
  ];
}
