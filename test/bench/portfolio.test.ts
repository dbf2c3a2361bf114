import { expect, test } from "bun:test";
import { runPortfolio } from "./portfolio.ts";

test("memory does not grow with the candles of a portfolio, and its progress is told", async () => {
  const told: number[] = [];
  const { candles, heap } = await runPortfolio({
    ...{ symbols: 8, minutes: 2_500 },
    onProgress: (done) => void told.push(done),
  });
  expect(candles).toBe(20_000);
  expect([told.length, told.at(-1)]).toEqual([11, 20_000]);
  // A candle kept as an object would be some 100 bytes, a journaled turn ten times that.
  expect(heap[1] - heap[0]).toBeLessThan(12 * 2 ** 20);
});
