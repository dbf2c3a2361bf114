import { describe, expect, test } from "bun:test";
import {
  averageLoss,
  averageWin,
  expectancy,
  longestStreaks,
  profitFactor,
  sqn,
  turnover,
  winRate,
} from "./trade-metrics.ts";

const profits = [10, -5, 20, 0, -15, -5, 30, 10, -5, 10];

describe("metrics of trades", () => {
  test("winRate() counts a trade of exactly 0 as no win", () => {
    expect(winRate(profits)).toBe(0.5);
  });

  test("averageWin() and averageLoss() leave out trades of exactly 0", () => {
    expect([averageWin(profits), averageLoss(profits)]).toEqual([16, -7.5]);
    expect([averageWin([-1, 0]), averageLoss([1, 0])]).toEqual([null, null]);
  });

  test("profitFactor() is what was won over what was lost", () => {
    expect(profitFactor(profits)).toBe(80 / 30);
    expect(profitFactor(new Array<number>(10).fill(1))).toBeNull();
  });

  test("expectancy() is the mean profit", () => {
    expect(expectancy(profits)).toBe(5);
  });

  test("sqn() is the root of the number times mean over sample deviation", () => {
    // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, sample deviation the root of 32 / 7.
    expect(sqn([2, 4, 4, 4, 5, 5, 7, 9], 2)).toBeCloseTo(
      (Math.sqrt(8) * 5) / Math.sqrt(32 / 7),
      12,
    );
    expect(sqn(new Array<number>(40).fill(1))).toBeNull();
  });

  test("longestStreaks() are ended by the other kind and by a 0", () => {
    expect(longestStreaks([1, 1, 0, 1, -1, -2, -3, 4])).toEqual({ wins: 2, losses: 3 });
    expect(longestStreaks([])).toEqual({ wins: 0, losses: 0 });
  });

  test("turnover() is half of what was bought and sold over the mean equity", () => {
    expect(turnover(400, 100)).toBe(2);
    expect(turnover(400, null)).toBeNull();
  });

  test("too few trades give no number", () => {
    const few = profits.slice(0, 9);
    const all = [winRate(few), profitFactor(few), expectancy(few), sqn(profits)];
    expect(all).toEqual([null, null, null, null]);
  });
});
