import { expect, test } from "bun:test";
import { aheadBy } from "./candles.ts";

const spanMs = 60_000;
const told = 1_640_995_200_000;
const real = told + 1_000 * spanMs + 5_000;
const clocks = { told, real, spanMs };

test.each([
  ["the real present is as far ahead as the clocks are apart", real, 1_000 * spanMs],
  ["nearly the real present is too", real - 50_000, 1_000 * spanMs],
  ["the venue's present is not ahead", told, 0],
  ["the venue's past is not ahead", told - 10 * spanMs, 0],
  ["a time between both is nobody's present", told + 500 * spanMs, 0],
])("a client that asks for candles up to %s", (_, end, wanted) => {
  expect(aheadBy(end, clocks)).toBe(wanted);
});

test("a venue ahead of the real time is asked in its own", () => {
  expect(aheadBy(told - 30_000, { told, real: told - 90_000, spanMs })).toBe(0);
});
