import { describe, expect, test } from "bun:test";
import { drawdownOf, monteCarlo, quantilesOf } from "./monte-carlo.ts";
import { seededStream, shuffle } from "./random.ts";

describe("Monte-Carlo over the order of trades", () => {
  // Ten wins of 10 and ten losses of 5 on 100.
  const profits = Array.from({ length: 20 }, (_, index) => (index < 10 ? 10 : -5));

  test("measures a drawdown by its peak", () => {
    expect(drawdownOf([10, -22, 5], 100)).toBeCloseTo(22 / 110, 12);
    expect(drawdownOf([1, 2, 3], 100)).toBe(0);
  });

  test("stays between the best and the worst order there is", () => {
    const report = monteCarlo(profits, 100, 500, seededStream(1));
    // All losses at the end: 50 of 200; at the beginning: 50 of 100.
    expect(report?.drawdown).toBe(0.25);
    expect(report?.shuffled.most).toBeLessThanOrEqual(0.5);
    expect(report?.shuffled.least).toBeGreaterThan(0);
    expect(report?.shuffled.p05).toBeLessThanOrEqual(report?.shuffled.p95 ?? 0);
    expect(report?.drawn.totalReturn.p50).toBeCloseTo(0.5, 0);
    expect(report?.atLeastAsDeep).toBeLessThan(0.2);
  });

  test("is the same for the same seed, and another for another", () => {
    const of = (seed: number) => monteCarlo(profits, 100, 50, seededStream(seed));
    expect(of(3)).toEqual(of(3));
    expect(of(3)).not.toEqual(of(4));
  });

  test("says nothing of fewer than ten trades", () => {
    expect(monteCarlo(profits.slice(0, 9), 100, 10, seededStream(1))).toBeNull();
  });
});

test("quantiles are values that came up, by nearest rank", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(quantilesOf(values)).toEqual({ least: 1, p05: 5, p50: 50, p95: 95, p99: 99, most: 100 });
  expect(quantilesOf([])).toBeNull();
});

test("a shuffle keeps what it shuffles, and every order comes up alike", () => {
  const stream = seededStream(5);
  const seen = new Map<string, number>();
  for (let run = 0; run < 6_000; run += 1) {
    const order = shuffle([1, 2, 3], stream).join("");
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  expect([...seen.keys()].sort()).toEqual(["123", "132", "213", "231", "312", "321"]);
  for (const count of seen.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});
