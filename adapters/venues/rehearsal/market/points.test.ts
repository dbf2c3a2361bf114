import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Candle } from "../../../../machines/domain/market.ts";
import { CandleSeries } from "./candle-series.ts";
import { PointWalk, type WalkPoint } from "./points.ts";

const seed = 20_260_102;
const minuteMs = 60_000;

const anyCandle = fc
  .record({
    open: fc.integer({ min: 100, max: 10_000 }),
    close: fc.integer({ min: 100, max: 10_000 }),
    up: fc.nat(500),
    down: fc.nat(99),
    volume: fc.integer({ min: 4, max: 1e12 }).map((lots) => lots / 1e8),
  })
  .map(({ open, close, up, down, volume }) => ({
    open,
    close,
    high: Math.max(open, close) + up,
    low: Math.min(open, close) - down,
    volume,
  }));

function walkOf(shapes: readonly Omit<Candle, "symbol" | "openedAt" | "timeframeMs">[]) {
  const candles = shapes.map((shape, index) => ({
    ...shape,
    symbol: "A/B",
    openedAt: index * minuteMs,
    timeframeMs: minuteMs,
  }));
  const left = [...candles];
  return { candles, walk: new PointWalk({ next: () => left.shift() ?? null }) };
}

test(`PointWalk's trades make the very candles, whenever it is looked at (seed ${seed})`, () => {
  const shapes = fc.array(anyCandle, { minLength: 1, maxLength: 6 });
  const looks = fc.array(fc.nat(6 * minuteMs), { maxLength: 40 });
  fc.assert(
    fc.property(shapes, looks, (made, times) => {
      const { candles, walk } = walkOf(made);
      const series = new CandleSeries(minuteMs, 720);
      let number = 0;
      const trade = (point: WalkPoint | null) => {
        if (point === null || point.volume <= 0) return;
        number += 1;
        const { tradedAt: at, ticks, volume: quantity } = point;
        series.add({ number, at, ticks, quantity, side: "buy" });
      };
      for (const time of [...times].sort((a, b) => a - b)) {
        while ((walk.next?.at ?? Number.POSITIVE_INFINITY) <= time) trade(walk.take());
        trade(walk.between(time));
      }
      while (walk.next !== null) trade(walk.take());
      const told = series.kept.map(({ open, high, low, close, volume }) => ({
        open,
        high,
        low,
        close,
        volume: volume.toFixed(8),
      }));
      const wanted = candles.map(({ open, high, low, close, volume }) => ({
        open,
        high,
        low,
        close,
        volume: volume.toFixed(8),
      }));
      expect(told).toEqual(wanted);
    }),
    { seed, numRuns: 200 },
  );
});

test("CandleSeries fills quiet times in flat, and keeps no more than it is told", () => {
  const series = new CandleSeries(minuteMs, 10);
  series.add({ number: 1, at: 0, ticks: 50, quantity: 1, side: "buy" });
  const quiet = series.upTo(3 * minuteMs).slice(1);
  expect(quiet.map(({ openedAt, open, close, volume }) => [openedAt, open, close, volume])).toEqual(
    [
      [minuteMs, 50, 50, 0],
      [2 * minuteMs, 50, 50, 0],
      [3 * minuteMs, 50, 50, 0],
    ],
  );
  expect(series.upTo(1_000_000 * minuteMs).length).toBeLessThanOrEqual(10 + 65);
});
