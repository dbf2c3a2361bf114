import { describe, expect, test } from "bun:test";
import { EquityTracker } from "./equity.ts";

function tracked(...marks: readonly (readonly [at: number, equity: number])[]): EquityTracker {
  const equity = new EquityTracker();
  for (const [at, value] of marks) equity.mark(at, value);
  return equity;
}

describe("money that came or went without a trade", () => {
  test.each([-400, 400])("is neither a loss nor a gain: %d", (amount) => {
    const equity = tracked([0, 1_000]);
    equity.shift(amount);
    equity.mark(1, 1_000 + amount);
    expect([equity.dayLoss, equity.maxDrawdown, equity.dayStart]).toEqual([0, 0, 1_000 + amount]);
    equity.mark(2, (1_000 + amount) / 2);
    expect([equity.dayLoss, equity.maxDrawdown]).toEqual([0.5, 0.5]);
  });

  test("before the first mark is part of what the day begins with", () => {
    const equity = new EquityTracker();
    equity.shift(50);
    equity.mark(0, 1_050);
    expect([equity.dayStart, equity.dayLoss]).toEqual([1_050, 0]);
  });

  test("is told once to whoever keeps the state", () => {
    const equity = tracked([0, 1_000]);
    expect(equity.takeShifted()).toBe(false);
    equity.shift(1);
    expect([equity.takeShifted(), equity.takeShifted()]).toEqual([true, false]);
  });
});

test("a bar of an earlier day that is heard late neither begins a day nor forgives what was lost", () => {
  const day = 86_400_000;
  const equity = tracked([0, 1_000], [day, 1_000], [day + 1, 900]);
  expect(equity.dayLoss).toBe(0.1);
  expect([equity.mark(day - 1, 900), equity.mark(day + 2, 900)]).toEqual([false, false]);
  expect([equity.dayLoss, equity.dayStart]).toEqual([0.1, 1_000]);
  expect(equity.mark(2 * day, 900)).toBe(true);
  expect(equity.dayLoss).toBe(0);
});

test("an account that could not be read at first loses of what it then turns out to have", () => {
  const equity = tracked([0, 0], [1, 0], [2, 1_000], [3, 900]);
  expect([equity.dayStart, equity.dayLoss]).toEqual([1_000, 0.1]);
});
