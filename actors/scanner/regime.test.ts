import { describe, expect, test } from "bun:test";
import { restoreState, saveState } from "../market/mod.ts";
import { Regime, regimeNames, regimeOf, regimeStandard } from "./regime.ts";
import { type Bar, ofCloses, repeated, sampleBars } from "./strategies/testing/markets.ts";

const settings = { ...regimeStandard, trendAdx: 25, low: 0.75, high: 1.5 };

describe("regimeOf", () => {
  test.each([
    ["trends at the bound", 25, 1, "trendMid"],
    ["ranges just below it", 24.999, 1, "rangeMid"],
    ["is low at the lower bound", 10, 0.75, "rangeLow"],
    ["is mid just above it", 10, 0.751, "rangeMid"],
    ["is mid just below the upper bound", 30, 1.499, "trendMid"],
    ["is high at it", 30, 1.5, "trendHigh"],
    ["is high in a range too", 10, 3, "rangeHigh"],
    ["is low in a trend too", 30, 0, "trendLow"],
    ["is unknown without ADX", Number.NaN, 1, "unknown"],
    ["is unknown without volatility", 30, Number.NaN, "unknown"],
  ])("%s", (_name, adx, relative, wanted) => {
    expect(regimeNames[regimeOf(adx, relative, settings)]).toBe(wanted as "unknown");
  });
});

function after(bars: readonly Bar[]): Regime {
  const regime = new Regime({ ...settings, adx: 5, volatility: 5, usual: 20 });
  for (const [open, high, low, close] of bars) regime.update(open, high, low, close);
  return regime;
}

const climb = ofCloses(Array.from({ length: 40 }, (_, row) => 10_000 + 10 * row));
const wave = Array.from({ length: 40 }, (_, row): Bar => {
  const level = 10_000 + 10 * (row % 2);
  return [level, level + 2, level - 2, level, 1];
});
const wide: Bar = [10_010, 10_210, 9_810, 10_010, 1];
const narrow: Bar = [10_000, 10_001, 9_999, 10_000, 1];

describe("Regime", () => {
  test.each([
    ["a steady climb trends", climb, "trendMid"],
    ["to and fro is a range", wave, "rangeMid"],
    ["bars wider than usual are high volatility", [...wave, ...repeated(5, wide)], "rangeHigh"],
    ["bars narrower than usual are low volatility", [...wave, ...repeated(8, narrow)], "rangeLow"],
    [
      "a market that never moved is as volatile as usual",
      repeated(40, [9, 9, 9, 9, 0]),
      "rangeMid",
    ],
    ["it is not known before its warm-up", climb.slice(0, 23), "unknown"],
    ["and known from then on", climb.slice(0, 24), "trendMid"],
  ])("%s", (_name, bars, wanted) => {
    expect(after(bars).name).toBe(wanted as "unknown");
  });

  test("its warm-up is the mean's and the volatility's together", () => {
    expect(after([]).warmup).toBe(24);
  });

  test("saved in mid-stream and restored, it goes on bit for bit", () => {
    const [original, restored] = [new Regime(), new Regime()];
    const bars = sampleBars(3, 500);
    const feed = (regime: Regime, [open, high, low, close]: Bar) =>
      regime.update(open, high, low, close);
    for (const bar of bars.slice(0, 190)) feed(original, bar);
    restoreState(restored, saveState(original));
    for (const bar of bars.slice(190)) for (const regime of [original, restored]) feed(regime, bar);
    expect([...saveState(restored).values]).toEqual([...saveState(original).values]);
  });

  test("refuses bounds in the wrong order", () => {
    expect(() => new Regime({ ...settings, low: 1.5, high: 1.5 })).toThrow(
      "Cannot create regime: trendAdx is 25, low 1.5 and high 1.5",
    );
  });
});
