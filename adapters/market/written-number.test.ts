import { expect, test } from "bun:test";
import fc from "fast-check";
import { decimal, fromSteps } from "../../machines/domain/decimal.ts";
import { compareWritten, readWrittenNumber, writtenSteps } from "./written-number.ts";

test.each([
  ["0", { mantissa: 0, places: 0 }],
  ["0.000", { mantissa: 0, places: 0 }],
  ["1", { mantissa: 1, places: 0 }],
  ["46319.0", { mantissa: 46_319, places: 0 }],
  ["0.00005330", { mantissa: 533, places: 7 }],
  ["3e-05", { mantissa: 3, places: 5 }],
  ["5.330E-05", { mantissa: 533, places: 7 }],
  ["1.5e+3", { mantissa: 15, places: -2 }],
  ["12000", { mantissa: 12, places: -3 }],
  ["007.10", { mantissa: 71, places: 1 }],
  ["9007199254740991", { mantissa: Number.MAX_SAFE_INTEGER, places: 0 }],
])("readWrittenNumber() takes %p apart", (text, wanted) => {
  expect(readWrittenNumber(text)).toEqual(wanted);
});

test.each([
  "",
  " 1",
  "1 ",
  "-1",
  "+1",
  ".5",
  "5.",
  "1e",
  "e5",
  "1,5",
  "0x10",
  "NaN",
  "Infinity",
  "1_000",
  "1e1000",
  "1".repeat(65),
])("readWrittenNumber() refuses %p", (text) => {
  expect(readWrittenNumber(text)).toBeNull();
});

const ticks = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const places = fc.integer({ min: 0, max: 18 });

/** Digits and exponent, the way a float library would write it. */
function scientific(steps: number, tickPlaces: number): string {
  const digits = String(steps);
  const exponent = digits.length - 1 - tickPlaces;
  return `${digits[0]}.${digits.slice(1) || "0"}e${exponent < 0 ? "" : "+"}${exponent}`;
}

test("readWrittenNumber() gives back the ticks that a price was written from", () => {
  fc.assert(
    fc.property(ticks, places, fc.integer({ min: 0, max: 3 }), (steps, tickPlaces, zeros) => {
      const tick = decimal(tickPlaces === 0 ? 1 : `0.${"1".padStart(tickPlaces, "0")}`);
      const plain = fromSteps(steps, tick);
      const padded = plain.includes(".") ? plain + "0".repeat(zeros) : plain;
      for (const text of [plain, padded, scientific(steps, tickPlaces)]) {
        const read = readWrittenNumber(text);
        expect(read && writtenSteps(read.mantissa, tickPlaces - read.places)).toBe(steps);
      }
    }),
    { seed: 41, numRuns: 500 },
  );
});

test("compareWritten() orders as exact fractions do", () => {
  const written = fc.record({ mantissa: ticks, places: fc.integer({ min: -20, max: 30 }) });
  fc.assert(
    fc.property(written, written, (a, b) => {
      const scale = (value: typeof a) => BigInt(value.mantissa) * 10n ** BigInt(30 - value.places);
      const wanted = scale(a) < scale(b) ? -1 : scale(a) > scale(b) ? 1 : 0;
      expect(Math.sign(compareWritten(a, b))).toBe(wanted);
    }),
    { seed: 42, numRuns: 500 },
  );
});

test("compareWritten() tells neighbours apart that are one float", () => {
  const low = { mantissa: 9_007_199_254_740_989, places: 8 };
  const high = { mantissa: 9_007_199_254_740_991, places: 8 };
  expect([compareWritten(low, high) < 0, compareWritten(high, high)]).toEqual([true, 0]);
});
