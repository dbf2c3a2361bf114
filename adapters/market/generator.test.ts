import { expect, test } from "bun:test";
import fc from "fast-check";
import type { CandleSource } from "../../actors/market/ports.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import type { Candle } from "../../machines/domain/market.ts";
import { generatorSource } from "./generator.ts";
import type { GeneratorOptions } from "./generator-plan.ts";

const btc = { symbol: "BTC/USD", startPrice: decimal("50000"), tick: decimal("0.01") };
const eth = { symbol: "ETH/USD", startPrice: decimal("3000"), tick: decimal("0.01") };
const base: GeneratorOptions = {
  seed: 7,
  symbols: [btc, eth],
  timeframeMs: 60_000,
  startAt: 1_700_000_000_000,
};

function take(source: CandleSource, symbol: string, from: number, count: number): Candle[] {
  const cursor = source.cursor(symbol, from);
  return Array.from({ length: count }, () => cursor.next()).filter((candle) => candle !== null);
}

const isSound = (candle: Candle) =>
  [candle.open, candle.high, candle.low, candle.close].every(Number.isSafeInteger) &&
  candle.low >= 1 &&
  candle.low <= Math.min(candle.open, candle.close) &&
  candle.high >= Math.max(candle.open, candle.close) &&
  Number.isFinite(candle.volume) &&
  candle.volume > 0;

test("generatorSource() makes the market that version 1 of it stands for", () => {
  // If this fails, prices of a seed have changed: then `version` in the identity has to change too.
  const source = generatorSource({ ...base, correlation: 0.5, gapRate: 0.02 });
  const candles = [...take(source, "BTC/USD", 0, 2_000), ...take(source, "ETH/USD", 0, 2_000)];
  const text = JSON.stringify([candles, source.bookAt("BTC/USD", 100)]);
  expect(new Bun.CryptoHasher("sha256").update(text).digest("hex")).toBe(
    "4f937fa0abc60b434fc60186e165c5e1dce7156e9eaf739192da8fdac4a7a174",
  );
});

test("a symbol's candles do not depend on other symbols nor on the order of reads", () => {
  const options = { ...base, correlation: 0.6, gapRate: 0.05 };
  const alone = take(generatorSource({ ...options, symbols: [eth] }), "ETH/USD", 0, 500);
  const together = generatorSource(options);
  const [btcCursor, ethCursor] = [together.cursor("BTC/USD", 0), together.cursor("ETH/USD", 0)];
  const interleaved: (Candle | null)[] = [];
  for (let index = 0; index < 500; index += 1) {
    if (index % 3 === 0) btcCursor.next();
    if (index % 7 === 0) together.bookAt("ETH/USD", 500 - index);
    interleaved.push(ethCursor.next());
  }
  expect(interleaved).toEqual(alone);
});

test("cursor() starts at any candle as if those before had been read", () => {
  for (const gapRate of [0, 0.1]) {
    const source = generatorSource({ ...base, gapRate });
    const all = take(source, "BTC/USD", 0, 3_000);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_990 }), (from) => {
        expect(take(source, "BTC/USD", from, 10)).toEqual(all.slice(from, from + 10));
      }),
      { seed: 43, numRuns: 30 },
    );
  }
});

test("every candle is sound over 200,000 of them, opens near the last close and is on time", () => {
  const cursor = generatorSource(base).cursor("BTC/USD", 0);
  let last = 5_000_000;
  const flaws: Candle[] = [];
  for (let index = 0; index < 200_000; index += 1) {
    const candle = cursor.next();
    if (candle === null) throw new Error(`Market ended at candle ${index}`);
    const onTime = candle.openedAt === base.startAt + index * 60_000;
    const near = Math.abs(candle.open / last - 1) < 0.002;
    if (!isSound(candle) || !onTime || !near) flaws.push(candle);
    last = candle.close;
  }
  expect(flaws).toEqual([]);
});

test("every candle is sound under any options, coarse ticks and loud markets included", () => {
  const options = fc.record({
    seed: fc.string(),
    startTicks: fc.constantFrom(1, 2, 10, 5_000, 2 ** 40),
    timeframeMs: fc.constantFrom(1_000, 60_000, 86_400_000),
    dailyVolatility: fc.constantFrom(0.001, 0.04, 0.25),
    correlation: fc.constantFrom(0, 0.5, 1),
    gapRate: fc.constantFrom(0, 0.5),
    jumpRate: fc.constantFrom(0, 0.1),
  });
  fc.assert(
    fc.property(options, ({ startTicks, ...rest }) => {
      const symbols = [{ symbol: "A/B", startPrice: decimal(startTicks), tick: decimal(1) }];
      const source = generatorSource({ ...rest, symbols, startAt: 0 });
      expect(take(source, "A/B", 0, 2_000).filter((candle) => !isSound(candle))).toEqual([]);
    }),
    { seed: 44, numRuns: 40 },
  );
});

test("a price at the floor of one tick stays above nothing and comes back", () => {
  const symbols = [{ symbol: "A/B", startPrice: decimal(3), tick: decimal(1) }];
  const source = generatorSource({ ...base, symbols, timeframeMs: 86_400_000, startAt: 0 });
  const closes = take(source, "A/B", 0, 5_000).map(({ close }) => close);
  const floor = closes.indexOf(1);
  expect(floor).toBeGreaterThan(0);
  expect(Math.min(...closes)).toBe(1);
  expect(Math.max(...closes.slice(floor))).toBeGreaterThan(2);
});

test("gapRate is the share of missing candles, in runs", () => {
  const candles = take(generatorSource({ ...base, gapRate: 0.05 }), "BTC/USD", 0, 50_000);
  const gaps = candles.slice(1).flatMap((candle, index) => {
    const missing = (candle.openedAt - (candles[index]?.openedAt ?? 0)) / 60_000 - 1;
    return missing > 0 ? [missing] : [];
  });
  const missing = gaps.reduce((sum, gap) => sum + gap, 0);
  expect(Math.abs(missing / (missing + candles.length) - 0.05)).toBeLessThan(0.005);
  expect(Math.abs(missing / gaps.length - 3)).toBeLessThan(0.3);
});

test("identity tells markets apart and holds the defaults taken", () => {
  expect(generatorSource({ ...base, symbols: [btc] }).identity).toEqual({
    kind: "generator",
    version: 1,
    seed: "7",
    timeframeMs: 60_000,
    startAt: 1_700_000_000_000,
    dailyVolatility: 0.04,
    correlation: 0,
    gapRate: 0,
    jumpRate: 0.0005,
    bookLevels: 20,
    "BTC/USD startPrice": "50000",
    "BTC/USD tick": "0.01",
    "BTC/USD dailyTurnover": 10_000_000,
  });
});

test("generatorSource() says what it is and that it has no end", () => {
  const { description, length, symbols } = generatorSource(base);
  expect({ description, length, symbols }).toEqual({
    description: "Generated market, no real prices: seed 7, candles of 60000 ms, BTC/USD, ETH/USD",
    length: null,
    symbols: [btc, eth].map(({ symbol, tick }) => ({ symbol, timeframeMs: 60_000, tick })),
  });
});

test.each<[string, Partial<GeneratorOptions>, string]>([
  ["no symbol", { symbols: [] }, "without symbols: wanted at least one"],
  ["a symbol twice", { symbols: [btc, btc] }, "with BTC/USD twice: wanted it once"],
  ["a symbol out of form", { symbols: [{ ...btc, symbol: "btc" }] }, 'Cannot read symbol "btc"'],
  ["price zero", { symbols: [{ ...btc, startPrice: decimal(0) }] }, "wanted both above 0"],
  ["tick zero", { symbols: [{ ...btc, tick: decimal(0) }] }, "wanted both above 0"],
  ["a price off its tick", { symbols: [{ ...btc, startPrice: decimal("0.015") }] }, "whole number"],
  [
    "too fine a tick",
    { symbols: [{ ...btc, tick: decimal("0.00000001") }] },
    "at most 1099511627776",
  ],
  ["a turnover of 0", { symbols: [{ ...btc, dailyTurnover: 0 }] }, "dailyTurnover 0"],
  ["a timeframe below a second", { timeframeMs: 999 }, "timeframeMs 999: wanted a whole number"],
  ["a start between milliseconds", { startAt: 0.5 }, "startAt 0.5: wanted a whole number"],
  ["a correlation above 1", { correlation: 1.1 }, "correlation 1.1: wanted a number from 0 to 1"],
  ["a gap rate above a half", { gapRate: 0.6 }, "gapRate 0.6: wanted a number from 0 to 0.5"],
  ["a jump rate of NaN", { jumpRate: Number.NaN }, "jumpRate NaN: wanted a number"],
  ["no volatility", { dailyVolatility: 0 }, "dailyVolatility 0: wanted a number"],
  ["half a book level", { bookLevels: 1.5 }, "bookLevels 1.5: wanted a whole number"],
])("generatorSource() refuses %s", (_, options, text) => {
  expect(() => generatorSource({ ...base, ...options })).toThrow(text);
});

test("generatorSource() refuses reads of unknown symbols and of no candle", () => {
  const source = generatorSource(base);
  expect(() => source.cursor("XRP/USD", 0)).toThrow('"XRP/USD": wanted one of BTC/USD, ETH/USD');
  expect(() => source.cursor("BTC/USD", -1)).toThrow("candle number -1: wanted a whole number");
  expect(() => source.bookAt("BTC/USD", 0.5)).toThrow("candle number 0.5: wanted a whole number");
});

test("a cursor refuses to go on beyond the calendar", () => {
  const cursor = generatorSource({ ...base, startAt: 8.64e15 }).cursor("BTC/USD", 0);
  expect(cursor.next()?.openedAt).toBe(8.64e15);
  expect(() => cursor.next()).toThrow("Cannot generate candle 1 of BTC/USD");
});
