import { expect, test } from "bun:test";
import { benchPlane } from "./plane.ts";

test("benchPlane measures time, rate, growth and linearity, and a candle allocates nothing", () => {
  const rows = benchPlane({ candles: 20_000 });
  expect(rows.map(({ name, unit }) => `${name}, ${unit}`)).toEqual([
    "plane: 12 strategies on 3 frames, ns a candle",
    "plane: 12 strategies on 3 frames, candles a second",
    "plane: 12 strategies on 3 frames, bytes a candle",
    "plane: 20000 candles over 2000, ratio of times",
  ]);
  expect(rows.filter(({ value }) => !Number.isFinite(value))).toEqual([]);
  // Two pages of 16 KiB, which the engine may take for itself; an object a candle would be 16.
  expect(rows[2]?.value).toBeLessThanOrEqual((2 * 16_384) / 20_000);
});
