import { describe, expect, test } from "bun:test";
import type { CandleColumns } from "../ring.ts";
import { batch } from "./batch.ts";
import { catalog } from "./catalog.ts";
import { createIndicator } from "./registry.ts";
import * as naive from "./testing/naive.ts";
import { sampleCandles } from "./testing/sample-candles.ts";

/** The lines of a specification by their plain definitions, in the order of the real ones. */
type Definition = (columns: CandleColumns) => readonly (readonly number[])[];

const definitions: Readonly<Record<string, Definition>> = {
  "sma:20": ({ close }) => [naive.windows(close, 20, naive.mean)],
  "sma:1": ({ close }) => [naive.windows(close, 1, naive.mean)],
  "ema:20": ({ close }) => [naive.exponential(close, 20)],
  "ema:1": ({ close }) => [naive.exponential(close, 1)],
  "wma:20": ({ close }) => [
    naive.windows(close, 20, (window) =>
      window.reduce((total, value, index) => total + (value * (index + 1)) / 210, 0),
    ),
  ],
  "wma:1": ({ close }) => [naive.windows(close, 1, naive.mean)],
  "rsi:14": ({ close }) => [naive.rsi(close, 14)],
  "atr:14": (columns) => [naive.wilder(naive.trueRanges(columns), 14)],
  "adx:14": (columns) => Object.values(naive.adx(columns, 14)),
  "adx:2": (columns) => Object.values(naive.adx(columns, 2)),
  "bollinger:20:2": ({ close }) => {
    const reach = naive.windows(close, 20, naive.deviation).map((value) => 2 * value);
    return Object.values(naive.bands(naive.windows(close, 20, naive.mean), reach));
  },
  "keltner:20:10:2": (columns) => {
    const reach = naive.wilder(naive.trueRanges(columns), 10).map((value) => 2 * value);
    return Object.values(naive.bands(naive.exponential(columns.close, 20), reach));
  },
  "keltner:5:10:1.5": (columns) => {
    const reach = naive.wilder(naive.trueRanges(columns), 10).map((value) => 1.5 * value);
    return Object.values(naive.bands(naive.exponential(columns.close, 5), reach));
  },
  "donchian:20": ({ high, low }) => {
    const [upper, lower] = [naive.highest(high, 20), naive.lowest(low, 20)];
    return [upper, naive.middle(upper, lower), lower];
  },
  "macd:12:26:9": ({ close }) => Object.values(naive.macd(close, 12, 26, 9)),
  "macd:2:3:1": ({ close }) => Object.values(naive.macd(close, 2, 3, 1)),
  "stochastic:14:3:3": (columns) => Object.values(naive.stochastic(columns, 14, 3, 3)),
  "stochastic:5:1:1": (columns) => Object.values(naive.stochastic(columns, 5, 1, 1)),
  "cci:20": (columns) => [
    naive.windows(naive.typicalPrices(columns), 20, (window) => {
      const level = naive.mean(window);
      const spread = naive.mean(window.map((price) => Math.abs(price - level)));
      // A flat window has no exact mean in thirds of a tick.
      return spread < 1e-6 ? 0 : ((window.at(-1) ?? 0) - level) / (0.015 * spread);
    }),
  ],
  "mfi:14": (columns) => [naive.moneyFlow(columns, 14)],
  obv: ({ close, volume }) => {
    let total = volume[0] ?? 0;
    return [
      Array.from(close, (price, row) => {
        if (row > 0) total += Math.sign(price - naive.at(close, row - 1)) * naive.at(volume, row);
        return total;
      }),
    ];
  },
  "roc:10": ({ close }) => [
    Array.from(close, (price, row) => (100 * price) / naive.at(close, row - 10) - 100),
  ],
  "williamsR:14": ({ high, low, close }) => {
    const [upper, lower] = [naive.highest(high, 14), naive.lowest(low, 14)];
    return [
      upper.map((top, row) => {
        const width = top - naive.at(lower, row);
        return width === 0 ? 0 : (-100 * (top - naive.at(close, row))) / width;
      }),
    ];
  },
  "sar:0.02:0.2": (columns) => [naive.parabolic(columns, 0.02, 0.2)],
  "sar:0.3:0.1": (columns) => [naive.parabolic(columns, 0.3, 0.1)],
  "supertrend:10:3": (columns) =>
    Object.values(naive.supertrend(columns, naive.wilder(naive.trueRanges(columns), 10), 3)),
  "ichimoku:9:26:52": (columns) => Object.values(naive.ichimoku(columns, [9, 26, 52])),
  "ichimoku:2:3:11": (columns) => Object.values(naive.ichimoku(columns, [2, 3, 11])),
  "squeeze:20:2:1.5": (columns) => Object.values(naive.squeeze(columns, 20, 2, 1.5)),
  "squeeze:2:2:1.5": (columns) => Object.values(naive.squeeze(columns, 2, 2, 1.5)),
  "stddev:20": ({ close }) => [naive.windows(close, 20, naive.deviation)],
  "linregSlope:14": ({ close }) => [
    naive.windows(close, 14, (window) => naive.leastSquares(window).slope),
  ],
  "garmanKlass:20": (columns) => [naive.garmanKlass(columns, 20)],
  vwap: (columns) => {
    const day = (row: number) => Math.floor(naive.at(columns.openedAt, row) / 86_400_000);
    return [
      naive.volumeMean(columns, (row) => {
        let first = row;
        while (first > 0 && day(first - 1) === day(row)) first -= 1;
        return first;
      }),
    ];
  },
  "vwap:20": (columns) => [naive.volumeMean(columns, (row) => row - 19)],
  "aroon:14": ({ high, low }) => [
    naive.aroon(low, 14, (best, value) => best < value),
    naive.aroon(high, 14, (best, value) => best > value),
  ],
};

/** Large and fine ticks, low prices full of ties, and a market that hardly ever moves. */
const markets = {
  "prices of millions of ticks": sampleCandles({ seed: 11, candles: 1_500 }),
  "prices of 5,000 ticks with ties": sampleCandles({ seed: 12, candles: 1_500, startTicks: 5_000 }),
  "ticks of 1e-8 at 1e5 a coin": sampleCandles({ seed: 13, candles: 1_500, startTicks: 1e13 }),
  "a market that stands still": sampleCandles({
    seed: 14,
    candles: 1_500,
    startTicks: 300,
    volatility: 0.002,
  }),
};

/** The rows where the two differ by more than 1e-9, relatively, or of the largest near zero. */
function differences(wanted: readonly number[], actual: Float64Array): string[] {
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0);
  return wanted.flatMap((value, row) => {
    const computed = actual[row] ?? Number.POSITIVE_INFINITY;
    if (Number.isNaN(value) && Number.isNaN(computed)) return [];
    const allowed = 1e-9 * Math.max(Math.abs(value), 1e-3 * largest);
    return Math.abs(computed - value) <= allowed
      ? []
      : [`row ${row}: ${computed}, wanted ${value}`];
  });
}

test("every indicator of the catalog has a plain definition to be compared with", () => {
  const compared = new Set(Object.keys(definitions).map((key) => key.split(":")[0]));
  expect([...compared].sort()).toEqual(Object.keys(catalog).sort());
});

for (const [market, columns] of Object.entries(markets)) {
  describe(market, () => {
    for (const [key, definition] of Object.entries(definitions)) {
      test(`${key} agrees with its plain definition to 1e-9`, () => {
        const indicator = createIndicator(key);
        const outputs = batch(indicator, columns);
        const wanted = definition(columns);
        expect(outputs.length).toBe(wanted.length);
        for (const [index, output] of outputs.entries()) {
          expect(differences(wanted[index] ?? [], output)).toEqual([]);
        }
      });
    }
  });
}
