import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { CandleColumns } from "../ring.ts";
import { batch } from "./batch.ts";
import { catalog, type IndicatorInstance } from "./catalog.ts";
import { createIndicator } from "./registry.ts";
import { sampleCandles } from "./testing/sample-candles.ts";

const seed = 20_241_121;
console.log(`Properties of indicators: seed ${seed}`);

const names = [...Object.keys(catalog), "vwap:20"];

/** Markets from a seed: from a handful of ticks, where all is ties, to 1e9 of them. */
const market = fc
  .record({
    seed: fc.integer(),
    candles: fc.integer({ min: 1, max: 400 }),
    startTicks: fc.constantFrom(20, 300, 5_000, 4_000_000, 1_000_000_000),
    volatility: fc.constantFrom(0, 0.0005, 0.01, 0.1),
  })
  .map(sampleCandles);

/** Checks each market against each indicator, 100 markets an indicator. */
function forEachMarket(name: string, check: (columns: CandleColumns) => void): void {
  test(name, () => {
    fc.assert(fc.property(market, check), { seed, numRuns: 100 });
  });
}

function outputsOf(
  name: string,
  columns: CandleColumns,
): { instance: IndicatorInstance; outputs: Float64Array[] } {
  const instance = createIndicator(name);
  return { instance, outputs: batch(instance, columns) };
}

function scaled(columns: CandleColumns, factor: number): CandleColumns {
  const by = (column: Float64Array) => column.map((price) => price * factor);
  const { openedAt, open, high, low, close, volume } = columns;
  return { openedAt, open: by(open), high: by(high), low: by(low), close: by(close), volume };
}

describe("streaming", () => {
  for (const name of names) {
    forEachMarket(`${name} bar by bar equals batch bit for bit`, (columns) => {
      const { outputs } = outputsOf(name, columns);
      const stream = createIndicator(name);
      for (let row = 0; row < columns.close.length; row++) {
        stream.update(
          columns.openedAt[row] as number,
          columns.open[row] as number,
          columns.high[row] as number,
          columns.low[row] as number,
          columns.close[row] as number,
          columns.volume[row] as number,
        );
        const streamed = stream.lines.map((line) => line.read());
        expect(streamed).toEqual(outputs.map((output) => output[row] as number));
      }
    });
  }
});

describe("warm-up", () => {
  for (const name of names) {
    forEachMarket(`${name} is undefined before its warm-up and finite from then on`, (columns) => {
      const { instance, outputs } = outputsOf(name, columns);
      for (const [index, { name: line, warmup }] of instance.lines.entries()) {
        const output = outputs[index] as Float64Array;
        const wrong = output.findIndex((value, row) =>
          row + 1 < warmup ? !Number.isNaN(value) : !Number.isFinite(value),
        );
        expect({ line, wrong }).toEqual({ line, wrong: -1 });
      }
      expect(Math.max(...instance.lines.map((line) => line.warmup))).toBe(instance.warmup);
    });
  }
});

describe("scale", () => {
  for (const name of names) {
    forEachMarket(`${name} follows a tick ten times finer`, (columns) => {
      const { instance, outputs } = outputsOf(name, columns);
      const { outputs: finer } = outputsOf(name, scaled(columns, 10));
      const largest = columns.close.reduce((most, price) => Math.max(most, price), 0);
      for (const [index, { name: line, scale }] of instance.lines.entries()) {
        const factor = scale === "price" ? 10 : 1;
        const unit = scale === "price" ? 1e-10 * largest : 1e-7;
        const wrong = (outputs[index] as Float64Array).findIndex((value, row) => {
          const other = (finer[index] as Float64Array)[row] as number;
          return Math.abs(other / factor - value) > 1e-9 * Math.abs(value) + unit;
        });
        expect({ line, wrong }).toEqual({ line, wrong: -1 });
      }
    });
  }
});

describe("bounds", () => {
  const bounded: Readonly<Record<string, readonly [number, number]>> = {
    rsi: [0, 100],
    adx: [0, 100],
    stochastic: [0, 100],
    mfi: [0, 100],
    aroon: [0, 100],
    williamsR: [-100, 0],
    roc: [-100, Number.POSITIVE_INFINITY],
    atr: [0, Number.POSITIVE_INFINITY],
    stddev: [0, Number.POSITIVE_INFINITY],
    garmanKlass: [0, Number.POSITIVE_INFINITY],
  };
  // Wilder's means of what is bounded may round by a few units in the last place.
  const slack = 1e-12;
  for (const [name, [least, most]] of Object.entries(bounded)) {
    forEachMarket(`${name} stays within ${least} and ${most}`, (columns) => {
      for (const output of outputsOf(name, columns).outputs) {
        expect(output.filter((value) => value < least - slack || value > most + slack)).toEqual(
          new Float64Array(),
        );
      }
    });
  }

  for (const name of ["sma", "ema", "wma", "donchian", "vwap", "vwap:20"]) {
    forEachMarket(`${name} stays within the prices seen`, (columns) => {
      const top = columns.high.reduce((most, price) => Math.max(most, price), 0);
      const bottom = columns.low.reduce((least, price) => Math.min(least, price), top);
      for (const output of outputsOf(name, columns).outputs) {
        const outside = output.filter(
          (value) => value > top * (1 + slack) || value < bottom * (1 - slack),
        );
        expect(outside).toEqual(new Float64Array());
      }
    });
  }

  for (const name of ["bollinger", "keltner", "donchian"]) {
    forEachMarket(`${name} has its lines in order`, (columns) => {
      const [upper, middle, lower] = outputsOf(name, columns).outputs as [
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      const disorder = middle.findIndex(
        (value, row) => value > (upper[row] as number) || value < (lower[row] as number),
      );
      expect(disorder).toBe(-1);
    });
  }
});

describe("a market that stands still", () => {
  const flat = sampleCandles({ seed: 3, candles: 12_000, volatility: 0 });
  const price = flat.close[0] as number;

  test("means are the price and deviations 0, to the bit", () => {
    const last = (name: string) => outputsOf(name, flat).outputs.map((output) => output.at(-1));
    expect({
      sma: last("sma"),
      ema: last("ema"),
      wma: last("wma"),
      bollinger: last("bollinger"),
      stddev: last("stddev"),
      slope: last("linregSlope"),
    }).toEqual({
      sma: [price],
      ema: [price],
      wma: [price],
      bollinger: [price, price, price],
      stddev: [0],
      slope: [0],
    });
  });

  test("sums that decay without end after a last move never make DI or RSI noise", () => {
    const moved = { ...flat, high: flat.high.slice(), close: flat.close.slice() };
    moved.high[40] = price + 7;
    moved.close[40] = price + 5;
    const rows = [...outputsOf("adx", moved).outputs, ...outputsOf("rsi", moved).outputs];
    const [, plusDi, minusDi, rsi] = rows.map((output) => output.at(-1));
    expect({ plusDi, minusDi, rsi }).toEqual({ plusDi: 0, minusDi: 0, rsi: 0 });
  });
});
