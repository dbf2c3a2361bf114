import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  absolute,
  add,
  compare,
  type Decimal,
  decimal,
  decimalPlaces,
  divide,
  fromFloat,
  fromSteps,
  isDecimal,
  isNegative,
  isPositive,
  isZero,
  maximum,
  minimum,
  multiply,
  negate,
  type Rounding,
  roundToPlaces,
  roundToStep,
  subtract,
  sum,
  toNumber,
  zero,
} from "./decimal.ts";

const runs = { seed: 20_261_123, numRuns: 1_000 };
const canonicalForm = /^(0|-?(0|[1-9]\d*)(\.\d*[1-9])?)$/;

/** `digits` over ten to the `places`: what a bigint can check. */
const scaled = fc.record({
  digits: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
  places: fc.nat(18),
});

function textOf({ digits, places }: { digits: bigint; places: number }): string {
  const sign = digits < 0n ? "-" : "";
  const all = (digits < 0n ? -digits : digits).toString().padStart(places + 1, "0");
  const point = all.length - places;
  return places === 0 ? `${sign}${all}` : `${sign}${all.slice(0, point)}.${all.slice(point)}`;
}

const anyDecimal = scaled.map((each) => decimal(textOf(each)));
const roundings: Rounding[] = ["down", "up", "nearest"];

describe("reading", () => {
  test.each([
    ["0", "0"],
    ["-0", "0"],
    ["-0.000", "0"],
    ["007", "7"],
    ["1.50", "1.5"],
    ["0.00000001", "0.00000001"],
    ["-12.500", "-12.5"],
    ["100000000000000000000000000000000", "100000000000000000000000000000000"],
    ["0.0000000000000000000000000001", "0.0000000000000000000000000001"],
  ])("%s is %s", (text, wanted) => {
    expect<string>(decimal(text)).toBe(wanted);
  });

  test.each([
    [""],
    [" 1"],
    ["1 "],
    ["+1"],
    [".5"],
    ["5."],
    ["1e5"],
    ["NaN"],
    ["Infinity"],
    ["1,5"],
    ["0x1"],
    ["--1"],
    ["1.2.3"],
    ["1\n"],
  ])("%j is refused", (text) => {
    expect(isDecimal(text)).toBe(false);
    expect(() => decimal(text)).toThrow(RangeError);
  });

  test.each([[0.1], [Number.NaN], [Number.POSITIVE_INFINITY], [2 ** 53]])(
    "the number %p is refused, for it may not be what was meant",
    (value) => {
      expect(() => decimal(value)).toThrow(RangeError);
    },
  );

  test("takes safe integers and bigints as they are", () => {
    expect([decimal(-5), decimal(2 ** 53 - 1), decimal(10n ** 20n)]).toEqual([
      decimal("-5"),
      decimal("9007199254740991"),
      decimal("100000000000000000000"),
    ]);
  });

  test("gives every value one canonical form", () => {
    fc.assert(
      fc.property(scaled, fc.nat(5), (each, zeros) => {
        const text = textOf(each);
        const padded = text.includes(".") ? text + "0".repeat(zeros) : text;
        expect(decimal(padded)).toMatch(canonicalForm);
        expect(decimal(padded)).toBe(decimal(text));
      }),
      runs,
    );
  });
});

describe("arithmetic", () => {
  test("adds, subtracts and multiplies exactly, as bigints do", () => {
    fc.assert(
      fc.property(scaled, scaled, (a, b) => {
        const places = Math.max(a.places, b.places);
        const whole = ({ digits, places: own }: typeof a) => digits * 10n ** BigInt(places - own);
        const [x, y] = [decimal(textOf(a)), decimal(textOf(b))];
        expect([add(x, y), subtract(x, y), multiply(x, y)]).toEqual([
          decimal(textOf({ digits: whole(a) + whole(b), places })),
          decimal(textOf({ digits: whole(a) - whole(b), places })),
          decimal(textOf({ digits: a.digits * b.digits, places: a.places + b.places })),
        ]);
      }),
      runs,
    );
  });

  test("takes back what it added", () => {
    fc.assert(
      fc.property(anyDecimal, anyDecimal, (a, b) => {
        expect(subtract(add(a, b), b)).toBe(a);
        expect(negate(negate(a))).toBe(a);
        expect(add(a, negate(a))).toBe(zero);
      }),
      runs,
    );
  });

  test("sums in any order alike", () => {
    fc.assert(
      fc.property(fc.array(anyDecimal, { maxLength: 8 }), (values) => {
        expect(sum(values)).toBe(sum([...values].reverse()));
        expect(sum(values)).toBe(values.reduce(add, zero));
      }),
      runs,
    );
  });

  test.each([
    ["1", "3", 4, "down", "0.3333"],
    ["1", "3", 4, "up", "0.3334"],
    ["-1", "3", 4, "down", "-0.3334"],
    ["-1", "3", 4, "up", "-0.3333"],
    ["1", "8", 2, "nearest", "0.12"],
    ["3", "8", 2, "nearest", "0.38"],
    ["10", "4", 0, "nearest", "2"],
    ["10", "4", 5, "down", "2.5"],
  ] as const)("%s / %s to %d places %s is %s", (a, b, places, rounding, wanted) => {
    expect<string>(divide(decimal(a), decimal(b), places, rounding)).toBe(wanted);
  });

  test("does not divide by zero", () => {
    expect(() => divide(decimal(1), zero, 2, "down")).toThrow("Cannot divide 1 by zero");
  });
});

describe("comparing", () => {
  test("agrees with the sign of the difference, minimum and maximum", () => {
    fc.assert(
      fc.property(anyDecimal, anyDecimal, (a, b) => {
        const difference = subtract(a, b);
        const sign = isZero(difference) ? 0 : isNegative(difference) ? -1 : 1;
        expect(compare(a, b)).toBe(sign);
        expect(compare(b, a)).toBe(sign === 0 ? 0 : sign === 1 ? -1 : 1);
        expect(compare(a, b) === 0).toBe(a === b);
        expect([minimum(a, b), maximum(a, b)]).toEqual(sign <= 0 ? [a, b] : [b, a]);
        expect([isNegative(a), isZero(a), isPositive(a)].filter(Boolean)).toEqual([true]);
        expect(absolute(a)).toBe(maximum(a, negate(a)));
      }),
      runs,
    );
  });
});

describe("rounding to a step", () => {
  test.each([
    ["1.29", "0.1", "1.2", "1.3", "1.3"],
    ["1.25", "0.1", "1.2", "1.3", "1.2"],
    ["1.35", "0.1", "1.3", "1.4", "1.4"],
    ["1.2", "0.1", "1.2", "1.2", "1.2"],
    ["-1.29", "0.1", "-1.3", "-1.2", "-1.3"],
    ["0.04", "0.1", "0", "0.1", "0"],
    ["-0.04", "0.1", "-0.1", "0", "0"],
    ["101", "25", "100", "125", "100"],
    ["0.123456789", "0.00000001", "0.12345678", "0.12345679", "0.12345679"],
    ["7", "0.3", "6.9", "7.2", "6.9"],
  ])("%s by %s is %s down, %s up and %s to the nearest", (value, step, down, up, nearest) => {
    const rounded = roundings.map((each) => roundToStep(decimal(value), decimal(step), each));
    expect<string[]>(rounded).toEqual([down, up, nearest]);
  });

  test.each([["0"], ["-0.1"]])("refuses the step %s", (step) => {
    expect(() => roundToStep(decimal(1), decimal(step), "down")).toThrow(RangeError);
  });

  const steps = fc
    .record({ digits: fc.bigInt({ min: 1n, max: 1_000n }), places: fc.nat(10) })
    .map((each) => decimal(textOf(each)));
  const values = fc
    .record({ digits: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), places: fc.nat(12) })
    .map((each) => decimal(textOf(each)));

  test("never passes its bound, leaves less than a step, and rounds once", () => {
    fc.assert(
      fc.property(values, steps, (value, step) => {
        const down = roundToStep(value, step, "down");
        const up = roundToStep(value, step, "up");
        const nearest = roundToStep(value, step, "nearest");
        expect(compare(down, value)).toBeLessThanOrEqual(0);
        expect(compare(up, value)).toBeGreaterThanOrEqual(0);
        expect(compare(subtract(value, down), step)).toBe(-1);
        expect(compare(subtract(up, value), step)).toBe(-1);
        expect([down, up]).toContain(nearest);
        for (const each of roundings) {
          expect(roundToStep(down, step, each)).toBe(down);
          expect(roundToStep(up, step, each)).toBe(up);
        }
      }),
      runs,
    );
  });

  test("gives whole steps, which can be counted back", () => {
    fc.assert(
      fc.property(fc.integer(), steps, (count, step) => {
        const value = fromSteps(count, step);
        expect(divide(value, step, 0, "nearest")).toBe(decimal(count));
        expect(roundToStep(value, step, "down")).toBe(value);
      }),
      runs,
    );
  });
});

describe("rounding to places", () => {
  test.each([
    ["1.005", 2, "1", "1.01", "1"],
    ["1.015", 2, "1.01", "1.02", "1.02"],
    ["-1.005", 2, "-1.01", "-1", "-1"],
    ["5", 2, "5", "5", "5"],
  ] as const)("%s to %d is %s down, %s up, %s nearest", (value, places, down, up, nearest) => {
    const rounded = roundings.map((each) => roundToPlaces(decimal(value), places, each));
    expect<string[]>(rounded).toEqual([down, up, nearest]);
  });

  test("leaves no more places than asked", () => {
    fc.assert(
      fc.property(anyDecimal, fc.nat(10), fc.constantFrom(...roundings), (value, places, how) => {
        expect(decimalPlaces(roundToPlaces(value, places, how))).toBeLessThanOrEqual(places);
      }),
      runs,
    );
  });
});

describe("floats", () => {
  test.each([
    [0.1 + 0.2, 8, "0.3"],
    [1e-7, 8, "0.0000001"],
    [-0, 2, "0"],
    [1e21, 0, "1000000000000000000000"],
  ])("%p to %d places is %s", (value, places, wanted) => {
    expect<string>(fromFloat(value, places)).toBe(wanted);
  });

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY]])(
    "%p is refused",
    (value) => {
      expect(() => fromFloat(value, 2)).toThrow(RangeError);
    },
  );

  test("read back as the same float", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), (value) => {
        // A float's shortest text has at most 17 digits, and these lie above 1e-17.
        const kept: Decimal = fromFloat(value, 340);
        expect(toNumber(kept) === value).toBe(true);
      }),
      runs,
    );
  });
});
