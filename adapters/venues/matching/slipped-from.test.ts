import { expect, test } from "bun:test";
import fc from "fast-check";
import { slippedFrom } from "./fill-rules.ts";

test("slippedFrom() finds a price that slips to what was paid, off by a tick of rounding at most", () => {
  const settings = fc.record({
    slippageTicks: fc.integer({ min: 0, max: 50 }),
    slippageShare: fc.constantFrom(0, 0.0001, 0.0005, 0.01),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e8 }), settings, (ticks, set) => {
      const slip = (at: number) => set.slippageTicks + Math.ceil(at * set.slippageShare);
      expect(slippedFrom("buy", ticks + slip(ticks), set)).toBe(ticks);
      const sold = ticks - slip(ticks);
      if (sold < 1) return;
      const found = slippedFrom("sell", sold, set);
      expect(found - slip(found)).toBe(sold);
      expect(Math.abs(found - ticks)).toBeLessThanOrEqual(1);
    }),
    { seed: 20261121, numRuns: 2_000 },
  );
});
