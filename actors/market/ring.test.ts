import { describe, expect, test } from "bun:test";
import { CandleRing } from "./ring.ts";

function ringOf(capacity: number, candles: number): CandleRing {
  const ring = new CandleRing(capacity);
  for (let index = 0; index < candles; index++) {
    ring.push(index * 60_000, index, index + 2, index - 1, index + 1, index / 2);
  }
  return ring;
}

describe("CandleRing", () => {
  const cases = [
    { name: "is empty at first", pushed: 0, length: 0, evicted: 0, closes: [] },
    { name: "holds what was pushed", pushed: 2, length: 2, evicted: 0, closes: [1, 2] },
    { name: "holds as many as fit", pushed: 3, length: 3, evicted: 0, closes: [1, 2, 3] },
    { name: "overwrites the oldest", pushed: 8, length: 3, evicted: 5, closes: [6, 7, 8] },
  ];
  for (const { name, pushed, length, evicted, closes } of cases) {
    test(name, () => {
      const ring = ringOf(3, pushed);
      const read = closes.map((_, ago) => ring.close[ring.row(ago)] as number).reverse();
      expect({ pushed: ring.pushed, length: ring.length, evicted: ring.evicted, read }).toEqual({
        pushed,
        length,
        evicted,
        read: closes,
      });
      expect([...ring.columns().close]).toEqual(closes);
    });
  }

  test("columns are in order of time, each in its place", () => {
    expect(ringOf(2, 5).columns()).toEqual({
      openedAt: Float64Array.of(180_000, 240_000),
      open: Float64Array.of(3, 4),
      high: Float64Array.of(5, 6),
      low: Float64Array.of(2, 3),
      close: Float64Array.of(4, 5),
      volume: Float64Array.of(1.5, 2),
    });
  });

  test("a candle that it does not hold cannot be read", () => {
    for (const ago of [2, -1, Number.NaN]) {
      expect(() => ringOf(3, 2).row(ago)).toThrow(
        `Cannot read candle ${ago} before the newest: the ring holds 2`,
      );
    }
  });

  test("a capacity that is not a sensible whole number is refused", () => {
    for (const capacity of [0, -1, 1.5, Number.NaN, 1_000_001]) {
      expect(() => new CandleRing(capacity)).toThrow(
        `Cannot create candle ring: capacity is ${capacity}`,
      );
    }
  });
});
