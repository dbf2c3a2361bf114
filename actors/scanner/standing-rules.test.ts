import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  belowInWords,
  performanceOf,
  profitFactorOf,
  sessionOf,
  type Tally,
  tallyOf,
} from "./standing-rules.ts";
import { checkStanding, type StandingSettings, standingKey } from "./standing-settings.ts";
import { standingSettings } from "./testing/standings.ts";

const seed = 20_261_127;
console.log(`Properties of standing rules: seed ${seed}`);

const tally = (won: number, lost: number, trades = 10): Tally => ({ trades, wins: 1, won, lost });

test("tallyOf sums up profits and losses apart; nothing made is neither", () => {
  expect(tallyOf([0.5, -0.25, 0, -0.5, 0.25])).toEqual({
    trades: 5,
    wins: 2,
    won: 0.75,
    lost: 0.75,
  });
  expect(tallyOf([])).toEqual({ trades: 0, wins: 0, won: 0, lost: 0 });
});

test.each([
  ["won over lost", 3, 2, 1.5],
  ["0 with nothing won", 0, 2, 0],
  ["infinite with nothing lost", 2, 0, Infinity],
  ["even with neither", 0, 0, 1],
])("profitFactorOf: %s", (_name, won, lost, wanted) => {
  expect(profitFactorOf(tally(won, lost))).toBe(wanted);
});

describe("performanceOf, from 0.5 to 1.5", () => {
  test.each([
    ["least with nothing won", tally(0, 1), 0.5],
    ["half way to least at a profit factor of 0.5", tally(1, 2), 0.75],
    ["just below even", tally(0.9998, 1), 0.9999],
    ["1 at even", tally(0.3, 0.3), 1],
    ["just above even", tally(1.0002, 1), 1.0001],
    ["half way to most at a profit factor of 2", tally(2, 1), 1.25],
    ["most with nothing lost", tally(0.001, 0), 1.5],
    ["1 with neither won nor lost", tally(0, 0), 1],
    ["four decimals of what has more", tally(1, 3), 0.6667],
    ["1 with one position too few", tally(0, 1, 9), 1],
    ["most although won over lost is beyond all numbers", tally(100, Number.MIN_VALUE), 1.5],
  ])("%s", (_name, given, wanted) => {
    expect(performanceOf(given, standingSettings({ minTrades: 10, window: 20 }))).toBe(wanted);
  });

  test("bounds hold although they have more decimals than what is rounded", () => {
    const settings = standingSettings({ least: 0.33334, most: 1.99996 });
    expect(performanceOf(tally(0, 1), settings)).toBe(0.33334);
    expect(performanceOf(tally(1, 0), settings)).toBe(1.99996);
  });
});

describe("sessionOf, from 0.5 to 1.5", () => {
  const settings = standingSettings({ minSessionTrades: 10 });
  test.each([
    ["1 with one position too few", [9, 0], [100, 50], 1],
    ["counted from the smallest sample on", [10, 4], [100, 50], 0.8],
    ["1 at the rate of all", [30, 10], [90, 30], 1],
    ["just below it", [1_000, 499], [3_000, 1_500], 0.998],
    ["just above it", [1_000, 501], [3_000, 1_500], 1.002],
    ["least for one that never won", [10, 0], [100, 50], 0.5],
    ["at its lower bound", [100, 25], [1_000, 500], 0.5],
    ["just above its lower bound", [100, 26], [1_000, 500], 0.52],
    ["at its upper bound", [100, 75], [1_000, 500], 1.5],
    ["just below its upper bound", [100, 74], [1_000, 500], 1.48],
    ["most for one that wins far more often", [10, 10], [100, 20], 1.5],
    ["1 where none ever won", [10, 0], [100, 0], 1],
    ["1 before anything closed", [0, 0], [0, 0], 1],
    ["four decimals of what has more", [10, 7], [30, 18], 1.1667],
  ] as const)("%s", (_name, [trades, wins], [allTrades, allWins], wanted) => {
    expect(sessionOf({ trades, wins }, { trades: allTrades, wins: allWins }, settings)).toBe(
      wanted,
    );
  });
});

describe("belowInWords", () => {
  test.each([
    ["cuts off after four decimals", tally(1, 3), 0.8, "profit factor 0.3333"],
    ["never rounds up to the threshold", tally(0.79999, 1), 0.8, "profit factor 0.79999"],
    ["says 0 with nothing won", tally(0, 3), 0.8, "profit factor 0"],
  ])("%s", (_name, given, threshold, wanted) => {
    expect(belowInWords(given, threshold)).toBe(
      `${wanted} over its last 10 positions, below ${threshold}`,
    );
  });
});

describe("properties", () => {
  const shares = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { maxLength: 40 });
  const settings = fc
    .record({
      least: fc.double({ min: 0.0001, max: 1, noNaN: true }),
      most: fc.double({ min: 1, max: 2, noNaN: true }),
      minTrades: fc.integer({ min: 1, max: 5 }),
    })
    .map(standingSettings);

  test("performance is within its bounds, and 1 at a profit factor of 1", () => {
    const property = fc.property(shares, settings, (results, given) => {
      const value = performanceOf(tallyOf(results), given);
      expect(value).toBeGreaterThanOrEqual(given.least);
      expect(value).toBeLessThanOrEqual(given.most);
      const even = tallyOf(results.flatMap((share) => [share, -share]));
      if (even.won === even.lost) expect(performanceOf(even, given)).toBe(1);
    });
    fc.assert(property, { seed, numRuns: 1_000 });
  });

  test("performance never falls by a better result, nor rises by a worse", () => {
    const better = fc.double({ min: 0, max: 100, noNaN: true });
    const property = fc.property(
      shares,
      fc.nat(),
      better,
      settings,
      (results, place, more, given) => {
        const index = place % Math.max(1, results.length);
        const improved = results.map((share, at) => (at === index ? share + more : share));
        const [before, after] = [results, improved].map((each) => tallyOf(each));
        const least = performanceOf(before as Tally, given);
        // Nothing at all made counts as even, wherever that comes from.
        if (after?.won === 0 && after.lost === 0) return;
        if (before?.won === 0 && before.lost === 0) return;
        expect(performanceOf(after as Tally, given)).toBeGreaterThanOrEqual(least);
      },
    );
    fc.assert(property, { seed, numRuns: 1_000 });
  });

  test("performance has no jump: close profit factors give close values", () => {
    const factor = fc.double({ min: 0.001, max: 1_000, noNaN: true });
    const property = fc.property(factor, settings, (won, given) => {
      const [one, other] = [won, won * 1.0001].map((each) => performanceOf(tally(each, 1), given));
      // The slope is at most 1 in f and 1 / f; two roundings of half a grain each come on top.
      expect(Math.abs((one as number) - (other as number))).toBeLessThan(0.000_201);
    });
    fc.assert(property, { seed, numRuns: 1_000 });
  });

  test("session rises with the wins of the hour, and is within its bounds", () => {
    const counts = fc.tuple(fc.nat(500), fc.nat(500), fc.nat(500), fc.nat(500));
    const property = fc.property(counts, ([wins, losses, otherWins, otherLosses]) => {
      const given = standingSettings();
      const trades = wins + losses + 1;
      const all = trades + otherWins + otherLosses;
      const at = (won: number) =>
        sessionOf({ trades, wins: won }, { trades: all, wins: won + otherWins }, given);
      const [before, after] = [at(wins), at(wins + 1)];
      expect(after).toBeGreaterThanOrEqual(before);
      expect(before).toBeGreaterThanOrEqual(given.sessionLeast);
      expect(after).toBeLessThanOrEqual(given.sessionMost);
    });
    fc.assert(property, { seed, numRuns: 1_000 });
  });
});

describe("checkStanding", () => {
  const valid: readonly Partial<StandingSettings>[] = [
    { window: 1, minTrades: 1 },
    { window: 10_000, minTrades: 10_000 },
    { least: 0.0001, most: 1, sessionLeast: 1, sessionMost: 2 },
    { disableBelow: 0, disabledMs: 1, minSessionTrades: 1 },
  ];
  test.each(valid)("takes %j", (given) => {
    expect(() => checkStanding(standingSettings(given))).not.toThrow();
  });

  const invalid: readonly [Partial<StandingSettings>, string][] = [
    [{ window: 0 }, "window is 0, wanted a whole number from 1 to 10000"],
    [{ window: 10_001 }, "window is 10001, wanted a whole number from 1 to 10000"],
    [{ window: 2.5 }, "window is 2.5, wanted a whole number from 1 to 10000"],
    [{ minTrades: 0 }, "minTrades is 0, wanted a whole number from 1 to window"],
    [{ window: 20, minTrades: 21 }, "minTrades is 21, wanted a whole number from 1 to window"],
    [{ least: 0 }, "least is 0, wanted from 0.0001 to 1"],
    [{ least: 1.01 }, "least is 1.01, wanted from 0.0001 to 1"],
    [{ most: 0.99 }, "most is 0.99, wanted from 1 to 2"],
    [{ most: 2.01 }, "most is 2.01, wanted from 1 to 2"],
    [{ disableBelow: -0.1 }, "disableBelow is -0.1, wanted 0 or more"],
    [{ disableBelow: Number.NaN }, "disableBelow is NaN, wanted 0 or more"],
    [{ disableBelow: Infinity }, "disableBelow is Infinity, wanted 0 or more"],
    [{ disabledMs: 0 }, "disabledMs is 0, wanted a whole number from 1 to 9007199254740991"],
    [{ minSessionTrades: 0 }, "minSessionTrades is 0, wanted a whole number from 1"],
    [{ sessionLeast: 0 }, "sessionLeast is 0, wanted from 0.0001 to 1"],
    [{ sessionMost: 2.1 }, "sessionMost is 2.1, wanted from 1 to 2"],
  ];
  test.each(invalid)("refuses %j", (given, wanted) => {
    expect(() => checkStanding(standingSettings(given))).toThrow(
      `Cannot weigh strategies by results: ${wanted}`,
    );
  });

  test("standingKey is the same in another order of writing, and another for another value", () => {
    const settings = standingSettings();
    const reversed = Object.fromEntries(Object.entries(settings).toReversed());
    expect(standingKey(reversed as unknown as StandingSettings)).toBe(standingKey(settings));
    for (const [name, value] of Object.entries(settings)) {
      expect(standingKey({ ...settings, [name]: value + 1 })).not.toBe(standingKey(settings));
    }
  });
});
