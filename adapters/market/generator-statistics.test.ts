import { expect, test } from "bun:test";
import { decimal } from "../../machines/domain/decimal.ts";
import type { Candle } from "../../machines/domain/market.ts";
import { generatorSource } from "./generator.ts";
import type { GeneratorOptions } from "./generator-plan.ts";

const seed = 20_260_101;
console.log(`Generated markets under test: seed ${seed}`);

const count = 100_000;

function candlesOf(options: Partial<GeneratorOptions>, symbol = "BTC/USD"): Candle[] {
  const source = generatorSource({
    seed,
    symbols: [
      { symbol: "BTC/USD", startPrice: decimal("50000"), tick: decimal("0.01") },
      { symbol: "ETH/USD", startPrice: decimal("3000"), tick: decimal("0.01") },
    ],
    timeframeMs: 60_000,
    startAt: 0,
    ...options,
  });
  const cursor = source.cursor(symbol, 0);
  return Array.from({ length: count }, () => cursor.next()).filter((candle) => candle !== null);
}

const returnsOf = (candles: readonly Candle[], step = 1): number[] => {
  const returns: number[] = [];
  for (let at = step; at < candles.length; at += step) {
    returns.push(Math.log((candles[at]?.close ?? 0) / (candles[at - step]?.close ?? 0)));
  }
  return returns;
};

const meanOf = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return meanOf(values.map((value) => (value - mean) ** 2));
}

function correlationOf(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  const products = a.map((value, at) => (value - meanA) * ((b[at] ?? 0) - meanB));
  return meanOf(products) / Math.sqrt(varianceOf(a) * varianceOf(b));
}

const autocorrelationOf = (values: readonly number[], lag: number) =>
  correlationOf(values.slice(lag), values.slice(0, -lag));

const market = candlesOf({});
const returns = returnsOf(market);
const sizes = returns.map(Math.abs);

test("volatility clusters: sizes of returns remember, returns do not", () => {
  for (const lag of [1, 10, 50]) {
    expect(autocorrelationOf(sizes, lag)).toBeGreaterThan(0.1);
    expect(Math.abs(autocorrelationOf(returns, lag))).toBeLessThan(0.03);
  }
});

test("volatility of a normal day is about what was asked for", () => {
  const daily = Math.sqrt(varianceOf(returnsOf(candlesOf({ jumpRate: 0 }))) * 1_440);
  expect(daily).toBeGreaterThan(0.03);
  expect(daily).toBeLessThan(0.06);
});

test("trends last: moves over 300 candles are wider than chance makes them", () => {
  const ratio = varianceOf(returnsOf(market, 300)) / (300 * varianceOf(returns));
  expect(ratio).toBeGreaterThan(1.3);
});

test("jumps occur at their rate, and none at a rate of 0", () => {
  // A jump is 8 to 20 normal deviations; without one, a return beyond 7 is a rare wild candle.
  const normal = 0.04 / Math.sqrt(1_440);
  const large = (values: readonly number[]) =>
    values.filter((value) => Math.abs(value) > 12 * normal).length;
  const [without, often] = [{ jumpRate: 0 }, { jumpRate: 0.005 }].map((options) =>
    large(returnsOf(candlesOf(options))),
  );
  // Two thirds of 500 jumps are above 12 deviations, wild noise aside.
  expect((often ?? 0) - (without ?? 0)).toBeGreaterThan(250);
  expect(large(returns)).toBeGreaterThan(without ?? 0);
  expect(without).toBeLessThan(10);
});

test("volume goes with volatility", () => {
  const volumes = market.slice(1).map(({ volume }) => Math.log(volume));
  expect(correlationOf(volumes, sizes)).toBeGreaterThan(0.3);
});

test("prices keep within a factor of ten of their start", () => {
  const closes = market.map(({ close }) => close / 5_000_000);
  expect(closes.reduce((a, b) => Math.min(a, b))).toBeGreaterThan(0.1);
  expect(closes.reduce((a, b) => Math.max(a, b))).toBeLessThan(10);
});

test("correlation moves the measured correlation of two symbols", () => {
  const measured = [0, 0.5, 1].map((correlation) =>
    correlationOf(
      returnsOf(candlesOf({ correlation })),
      returnsOf(candlesOf({ correlation }, "ETH/USD")),
    ),
  );
  const [none = 0, half = 0, full = 0] = measured;
  expect(Math.abs(none)).toBeLessThan(0.03);
  expect(Math.abs(half - 0.4)).toBeLessThan(0.1);
  expect(full).toBeGreaterThan(0.7);
});
