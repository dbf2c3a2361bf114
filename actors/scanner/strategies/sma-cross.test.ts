import { expect, test } from "bun:test";
import fc from "fast-check";
import { createStrategy } from "./catalog.ts";

function directionsOf(closes: readonly number[], fast: number, slow: number): number[] {
  const strategy = createStrategy("smaCross", { fast, slow });
  return closes.map((close) => {
    strategy.update(close, close, close, close, 1);
    return strategy.direction;
  });
}

test("it speaks at the bar of the cross and at no other", () => {
  expect(directionsOf([5, 4, 3, 2, 9, 9, 9, 1, 1, 1], 1, 3)).toEqual([
    0, 0, 0, 0, 1, 0, 0, -1, 0, 0,
  ]);
});

test("means that touch and part on the same side have not crossed", () => {
  expect(directionsOf([1, 2, 3, 2, 3, 4], 1, 2)).toEqual([0, 0, 0, -1, 1, 0]);
  // From above to equal, and above again; then from above to equal, and below.
  expect(directionsOf([1, 2, 2, 3, 3, 2], 1, 2)).toEqual([0, 0, 0, 0, 0, -1]);
});

test("it says what exact sums of the closes say, however large they are", () => {
  const closes = fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 12, maxLength: 60 });
  fc.assert(
    fc.property(closes, (prices) => {
      const sum = (end: number, bars: number) =>
        prices.slice(end - bars, end).reduce((total, price) => total + BigInt(price), 0n);
      let side = 0n;
      const wanted = prices.map((_, index) => {
        if (index < 6) return 0;
        const difference = sum(index + 1, 3) * 7n - sum(index + 1, 7) * 3n;
        const now = difference > 0n ? 1n : difference < 0n ? -1n : side;
        const crossed = side !== 0n && now !== side;
        side = now;
        return crossed ? Number(now) : 0;
      });
      expect(directionsOf(prices, 3, 7)).toEqual(wanted);
    }),
    { seed: 20261121, numRuns: 300 },
  );
});

test("a fast mean that is not shorter is refused", () => {
  expect(() => createStrategy("smaCross", { fast: 30, slow: 30 })).toThrow(
    "Cannot create cross of means strategy: fast is 30, wanted below 30",
  );
});
