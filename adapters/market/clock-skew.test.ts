import { expect, test } from "bun:test";
import { ClockSkew } from "./clock-skew.ts";

function skewOf(aheads: readonly number[]): ClockSkew {
  const skew = new ClockSkew();
  for (const ahead of aheads) skew.add(1_700_000_000_000 + ahead, 1_700_000_000_000);
  return skew;
}

const cases: readonly (readonly [string, readonly number[], number | null, number | null])[] = [
  ["is not known before the first message", [], null, null],
  ["of one message is that message's", [1270], 1270, 1270],
  ["is rounded up, so that nothing comes before it was sent", [1270.25], 1271, 1271],
  ["is that of the fastest, not of the usual message", [1260, 1261, 1262, 1270, 1255], 1270, 1261],
  ["can be negative: the receiver's clock is ahead", [-40, -30, -35], -30, -35],
  [
    "ignores one message in a thousand that carries a wrong time",
    [...Array(999).fill(1270), 1_000_000],
    1270,
    1270,
  ],
  [
    "keeps its bounds when the first time is the wrong one",
    [-80_000, ...Array(2_000).fill(1270)],
    -20_000,
    -20_000,
  ],
];

test.each(cases)("ClockSkew %s", (_name, aheads, skewMs, medianMs) => {
  const skew = skewOf(aheads);
  expect({ skewMs: skew.skewMs, medianMs: skew.medianMs }).toEqual({ skewMs, medianMs });
});
