import { describe, expect, test } from "bun:test";
import { catalog } from "../../actors/market/indicators/catalog.ts";
import { createIndicator } from "../../actors/market/indicators/registry.ts";
import { sampleCandles } from "../../actors/market/indicators/testing/sample-candles.ts";
import { benchIndicators, heapGrowth } from "./indicators.ts";

const candles = 100_000;
const { openedAt, open, high, low, close, volume } = sampleCandles({ seed: 8, candles });
/** Two pages, for what the engine itself may take; eight bytes a candle would be 49 of them. */
const pages = 2 * 16_384;

describe("nothing is allocated per candle after warm-up", () => {
  for (const name of [...Object.keys(catalog), "vwap:20"]) {
    test(name, () => {
      const indicator = createIndicator(name);
      const growth = heapGrowth(candles, (row) => {
        indicator.update(
          openedAt[row] as number,
          open[row] as number,
          high[row] as number,
          low[row] as number,
          close[row] as number,
          volume[row] as number,
        );
      });
      expect(growth).toBeLessThanOrEqual(pages);
    });
  }

  test("an object a candle would be seen", () => {
    let kept: object = {};
    // A collection on the way can only hide objects, and in a large process one may come at any time.
    const growths = Array.from({ length: 5 }, () =>
      heapGrowth(candles, (row) => {
        kept = { row };
      }),
    );
    const growth = Math.max(...growths);
    expect(kept).toEqual({ row: candles - 1 });
    expect(growth).toBeGreaterThan(8 * candles);
  });
});

test("benchIndicators finds that all libraries compute the same, and measures each", () => {
  const rows = benchIndicators({ candles: 2_000 });
  expect(rows.filter(({ value }) => !Number.isFinite(value))).toEqual([]);
  expect(rows.slice(0, 8).map(({ name, unit }) => `${name}, ${unit}`)).toEqual([
    "seven indicators: ours, ns a candle",
    "seven indicators: ours, as plug-ins, ns a candle",
    "seven indicators: fast-technical-indicators, ns a candle",
    "seven indicators: trading-signals, ns a candle",
    "seven indicators: technicalindicators, ns a candle",
    "fastest library, times ours",
    "trading-signals, times ours",
    "technicalindicators, times ours",
  ]);
});
