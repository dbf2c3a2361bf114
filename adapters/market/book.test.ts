import { expect, test } from "bun:test";
import fc from "fast-check";
import { decimal } from "../../machines/domain/decimal.ts";
import type { BookLevel } from "./book.ts";
import { generatorSource } from "./generator.ts";

const market = (startPrice: string, tick: string, bookLevels = 20) =>
  generatorSource({
    seed: "books",
    symbols: [{ symbol: "A/B", startPrice: decimal(startPrice), tick: decimal(tick) }],
    timeframeMs: 60_000,
    startAt: 60_000,
    gapRate: 0.1,
    bookLevels,
  });

const risesStrictly = (prices: readonly number[]) =>
  prices.every((price, at) => at === 0 || price > (prices[at - 1] ?? Number.NaN));

const isLevel = ([ticks, quantity]: BookLevel) =>
  Number.isSafeInteger(ticks) && ticks >= 1 && Number.isFinite(quantity) && quantity > 0;

test("bookAt() gives a sound book whose touch is the candle's close", () => {
  for (const source of [market("50000", "0.01"), market("30", "1"), market("1", "1")]) {
    const cursor = source.cursor("A/B", 0);
    for (let index = 0; index < 1_000; index += 1) {
      const candle = cursor.next();
      const { at, bids, asks } = source.bookAt("A/B", index);
      const [bid, ask] = [bids[0]?.[0] ?? Number.NaN, asks[0]?.[0] ?? Number.NaN];
      const close = candle?.close ?? 0;
      expect({
        at,
        touches: bid === close || ask === close,
        apart: bid < ask,
        bidsFall: risesStrictly(bids.map(([ticks]) => ticks).reverse()),
        asksRise: risesStrictly(asks.map(([ticks]) => ticks)),
        sound: [...bids, ...asks].every(isLevel),
        askLevels: asks.length,
      }).toEqual({
        at: (candle?.openedAt ?? 0) + 60_000,
        touches: true,
        apart: true,
        bidsFall: true,
        asksRise: true,
        sound: true,
        askLevels: 20,
      });
    }
  }
});

test("bookAt() gives the same book in whatever order it is asked", () => {
  const upwards = market("50000", "0.01");
  const wanted = Array.from({ length: 300 }, (_, index) => upwards.bookAt("A/B", index));
  const source = market("50000", "0.01");
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 299 }), (index) => {
      expect(source.bookAt("A/B", index)).toEqual(wanted[index] ?? { at: 0, bids: [], asks: [] });
    }),
    { seed: 45, numRuns: 60 },
  );
});

test("bookAt() leaves at least one bid at the floor", () => {
  const source = market("1", "1");
  const depths = Array.from({ length: 500 }, (_, at) => source.bookAt("A/B", at).bids.length);
  expect([Math.min(...depths) >= 1, Math.min(...depths) < 20]).toEqual([true, true]);
});

test("bookAt() has the levels asked for, and both touches are the close by turns", () => {
  const source = market("50000", "0.01", 5);
  const cursor = source.cursor("A/B", 0);
  let bought = 0;
  for (let index = 0; index < 1_000; index += 1) {
    const { bids, asks } = source.bookAt("A/B", index);
    expect([bids.length, asks.length]).toEqual([5, 5]);
    if (asks[0]?.[0] === cursor.next()?.close) bought += 1;
  }
  expect(Math.abs(bought - 500)).toBeLessThan(60);
});

test("bookAt() is thinner and wider after a wide candle", () => {
  const source = market("50000", "0.01");
  const cursor = source.cursor("A/B", 0);
  const seen = Array.from({ length: 3_000 }, (_, index) => {
    const candle = cursor.next();
    const { bids, asks } = source.bookAt("A/B", index);
    return {
      width: candle === null ? 0 : (candle.high - candle.low) / candle.close,
      spread: (asks[0]?.[0] ?? 0) - (bids[0]?.[0] ?? 0),
      depth: bids.reduce((sum, [, quantity]) => sum + quantity, 0),
    };
  }).sort((a, b) => a.width - b.width);
  const mean = (part: typeof seen, key: "spread" | "depth") =>
    part.reduce((sum, each) => sum + each[key], 0) / part.length;
  const [quiet, loud] = [seen.slice(0, 500), seen.slice(-500)];
  expect(mean(loud, "spread")).toBeGreaterThan(1.5 * mean(quiet, "spread"));
  expect(mean(loud, "depth")).toBeLessThan(0.95 * mean(quiet, "depth"));
});
