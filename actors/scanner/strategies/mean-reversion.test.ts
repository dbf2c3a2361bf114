import { describe, expect, test } from "bun:test";
import { MeanReversionStrategy } from "./mean-reversion.ts";
import { type Bar, brief, mirrored, ofCloses, voteAfter } from "./testing/markets.ts";

const parameters = { period: 5, width: 1.5, rsi: 3, oversold: 30, overbought: 70 };

function vote(bars: readonly Bar[], changed: Partial<typeof parameters> = {}) {
  return voteAfter(new MeanReversionStrategy({ ...parameters, ...changed }), bars);
}

const plunge = ofCloses([1000, 1002, 1000, 1002, 1000, 1001, 980]);

describe("MeanReversionStrategy", () => {
  test.each([
    ["holds below the lower band when oversold", plunge, {}, "hold 0.7686"],
    ["leaves above the upper band when overbought", mirrored(plunge), {}, "leave 0.7686"],
    ["says nothing below the band when not oversold", plunge, { oversold: 1 }, "none"],
    ["says nothing inside the bands though oversold", plunge, { width: 2.5 }, "none"],
    [
      "says nothing above the band when not overbought",
      mirrored(plunge),
      { overbought: 99 },
      "none",
    ],
    [
      "does not read the 0 of a flat market as oversold",
      ofCloses(Array(20).fill(1000), 0),
      {},
      "none",
    ],
  ])("%s", (_name, bars, changed, wanted) => {
    expect(brief(vote(bars, changed))).toBe(wanted);
  });

  test("a market that rests after a fall is not oversold once its bands have no width", () => {
    const rest = [...plunge, ...ofCloses(Array(6).fill(980), 0)];
    const { direction, numbers } = vote(rest);
    expect([direction, numbers.upper, numbers.lower]).toEqual([0, 980, 980]);
  });

  test("oversold and overbought begin exactly at their bounds", () => {
    const rsi = vote(plunge).numbers.rsi as number;
    const high = vote(mirrored(plunge)).numbers.rsi as number;
    expect([
      vote(plunge, { oversold: rsi }).direction,
      vote(plunge, { oversold: rsi - 1e-9 }).direction,
      vote(mirrored(plunge), { overbought: high }).direction,
      vote(mirrored(plunge), { overbought: high + 1e-9 }).direction,
    ]).toEqual([1, 0, -1, 0]);
  });

  test("the band counts just below the close's distance, not just above it", () => {
    const { middle = 0, lower = 0 } = vote(plunge).numbers;
    const width = (1.5 * (middle - 980)) / (middle - lower);
    expect([
      vote(plunge, { width: width - 1e-9 }).direction,
      vote(plunge, { width: width + 1e-9 }).direction,
    ]).toEqual([1, 0]);
  });
});
