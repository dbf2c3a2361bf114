import type { Stretch } from "./shared-candles.ts";

/** One step of a walk: what is searched on, and what then follows. Unix milliseconds. */
export interface Window {
  readonly train: Stretch;
  readonly test: Stretch;
}

export interface WalkOptions {
  readonly trainMs: number;
  readonly testMs: number;
  /** Whether every training begins where the data does, and grows; else it keeps its length. */
  readonly isAnchored: boolean;
}

/**
 * The windows of a walk forward: tests follow each other without a gap or an overlap, each after its
 * training. The last test may be shorter, but not than half.
 *
 * @throws {RangeError} where the data is too short for one
 */
export function windowsOf(
  span: Stretch,
  { trainMs, testMs, isAnchored }: WalkOptions,
): readonly Window[] {
  const windows: Window[] = [];
  for (let from = span.from + trainMs; ; from += testMs) {
    const until = Math.min(from + testMs, span.until);
    if (until - from < testMs / 2) break;
    const train = { from: isAnchored ? span.from : from - trainMs, until: from };
    windows.push({ train, test: { from, until } });
  }
  if (windows.length > 0) return windows;
  const days = (ms: number) => `${+(ms / 86_400_000).toFixed(2)} days`;
  throw new RangeError(
    `Cannot walk over ${days(span.until - span.from)}: wanted ${days(trainMs)} to train and at ` +
      `least half of ${days(testMs)} to test`,
  );
}
