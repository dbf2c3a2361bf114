import { describe, expect, test } from "bun:test";
import {
  annualReturn,
  buyAndHold,
  calmar,
  dailyReturns,
  deviation,
  drawdowns,
  sharpe,
  sortino,
  totalReturn,
  volatility,
} from "./metrics.ts";
import type { EquityCurve } from "./ports.ts";

const dayMs = 86_400_000;

function curveOf(values: readonly number[], stepMs = dayMs): EquityCurve {
  const at = Float64Array.from(values, (_, index) => (index + 1) * stepMs);
  return { at, value: Float64Array.from(values), exposure: new Float64Array(values.length) };
}

const percent = (values: readonly number[]) => values.map((each) => each / 100);

/** Daily series of empyrical's tests (Quantopian), with the values that these assert. */
const mixed = percent([0, 1, 10, -4, 2, 3, 2, 1, -10]);
const falling = percent([0, -6, -7, -1, -9, -2, -6, -8, -5]);
const stocks = { perYear: 252, least: 2 };

describe("metrics of a curve by published values (empyrical)", () => {
  test("sharpe() with sample deviation and 252 days", () => {
    // There the first return is none, and is left out.
    expect(sharpe(mixed.slice(1), stocks)).toBeCloseTo(1.7238613961706866, 12);
    expect(sharpe(falling, stocks)).toBeCloseTo(-24.406808633910085, 10);
  });

  test("sortino() with the downside over all returns", () => {
    expect(sortino(mixed.slice(1), stocks)).toBeCloseTo(2.605531251673693, 12);
    expect(sortino(falling, stocks)).toBeCloseTo(-13.532743075043401, 11);
  });

  test("annualReturn(), drawdowns() and calmar()", () => {
    let worth = 1;
    const values = mixed.map((each) => {
      worth *= 1 + each;
      return worth;
    });
    const annual = annualReturn(totalReturn(1, values.at(-1) ?? 1), mixed.length, stocks);
    expect(annual).toBeCloseTo(1.9135925373194231, 12);
    const { most } = drawdowns(curveOf(values), 1);
    expect(most).toBeCloseTo(0.1, 12);
    expect(calmar(annual, most)).toBeCloseTo(19.135925373194233, 10);
  });
});

describe("metrics of a curve by hand", () => {
  test("totalReturn() and buyAndHold() are shares", () => {
    expect(totalReturn(100, 125)).toBe(0.25);
    const rose = { firstOpen: 10, lastClose: 15 };
    const fell = { firstOpen: 8, lastClose: 6 };
    expect(buyAndHold([rose, fell])).toBe(0.125);
    expect(buyAndHold([])).toBeNull();
  });

  test("deviation() divides by one less than there are", () => {
    expect(deviation([2, 4, 6])).toBe(2);
    expect(deviation([2])).toBeNaN();
  });

  test("annualReturn() raises to 365 days, from 28 days on", () => {
    expect(annualReturn(0.1, 73)).toBeCloseTo(1.1 ** 5 - 1, 12);
    expect(annualReturn(0.1, 27.9)).toBeNull();
    expect(annualReturn(-1, 100)).toBe(-1);
  });

  test("volatility() is the sample deviation times the root of 365", () => {
    expect(volatility([0.02, 0.04, 0.06], { least: 3 })).toBeCloseTo(0.02 * Math.sqrt(365), 12);
  });

  test("dailyReturns() takes the last mark of each UTC day, quiet days as 0", () => {
    const at = Float64Array.of(dayMs / 2, dayMs, 1.5 * dayMs, 4 * dayMs);
    const value = Float64Array.of(90, 110, 121, 242);
    const returns = dailyReturns({ at, value, exposure: new Float64Array(4) }, 100);
    expect(returns.map((each) => Math.round(each * 1e9) / 1e9)).toEqual([0.1, 0.1, 0, 1]);
    expect(dailyReturns(curveOf([]), 100)).toEqual([]);
  });

  test("drawdowns() tells depth, length and time below a peak", () => {
    // Peak 120 at 2, back at 6; then 130 at 7, never reached again.
    const { most, longestMs, underWater } = drawdowns(
      curveOf([100, 120, 90, 100, 119, 120, 130, 127]),
      100,
    );
    expect(most).toBe(0.25);
    expect(longestMs).toBe(4 * dayMs);
    expect(underWater).toBeCloseTo(3 / 7, 12);
  });

  test("drawdowns() counts one that is still on at the end, and one below the opening", () => {
    const stillDown = drawdowns(curveOf([100, 50, 60, 70]), 100);
    expect(stillDown).toEqual({ most: 0.5, longestMs: 3 * dayMs, underWater: 2 / 3 });
    expect(drawdowns(curveOf([80, 80]), 100)).toEqual({
      most: 1 - 80 / 100,
      longestMs: dayMs,
      underWater: 1,
    });
    expect(drawdowns(curveOf([]), 100)).toEqual({ most: 0, longestMs: 0, underWater: 0 });
  });

  test("ratios of too few returns, or of returns that do not vary, are null", () => {
    const few = mixed;
    expect([sharpe(few), sortino(few), volatility(few)]).toEqual([null, null, null]);
    const flat = new Array<number>(40).fill(0.01);
    expect([sharpe(flat), sortino(flat)]).toEqual([null, null]);
    expect([calmar(null, 0.1), calmar(0.5, 0)]).toEqual([null, null]);
  });
});
