import { describe, expect, test } from "bun:test";
import { MomentumStrategy } from "./momentum.ts";
import { type Bar, brief, mirrored, ofCloses, voteAfter } from "./testing/markets.ts";

const parameters = { period: 3, range: 2, minRise: 2, fast: 2, slow: 3, signal: 2 };

function vote(bars: readonly Bar[], changed: Partial<typeof parameters> = {}) {
  return voteAfter(new MomentumStrategy({ ...parameters, ...changed }), bars);
}

// The line through the last three rises by 24; the true ranges 1, 2, 4, 8, 16 average 10.6875.
const speeding = ofCloses([1000, 1001, 1003, 1007, 1015, 1031], 0);
const slowing = ofCloses([1000, 1030, 1045, 1052, 1055, 1056], 0);

describe("MomentumStrategy", () => {
  test.each([
    ["holds on a fast rise above MACD's signal line", speeding, {}, "hold 0.5614"],
    ["leaves on a fast fall below it", mirrored(speeding), {}, "leave 0.5614"],
    ["says nothing on a rise that MACD does not confirm", slowing, {}, "none"],
    ["says nothing on a rise too slow for its range", speeding, { minRise: 3 }, "none"],
    ["says nothing in a market that stands still", ofCloses(Array(20).fill(1000), 0), {}, "none"],
  ])("%s", (_name, bars, changed, wanted) => {
    expect(brief(vote(bars, changed))).toBe(wanted);
  });

  test("counts from exactly the least rise on, at half strength", () => {
    const { rise = 0, atr = 0 } = vote(speeding).numbers;
    expect([
      brief(vote(speeding, { minRise: rise / atr })),
      brief(vote(speeding, { minRise: rise / atr + 1e-9 })),
    ]).toEqual(["hold 0.5", "none"]);
  });
});
