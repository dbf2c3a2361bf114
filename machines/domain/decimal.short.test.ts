import { expect, test } from "bun:test";
import BigNumber from "bignumber.js";
import fc from "fast-check";
import {
  add,
  compare,
  decimal,
  divide,
  fromSteps,
  multiply,
  roundToStep,
  subtract,
} from "./decimal.ts";

const Exact = BigNumber.clone({ EXPONENTIAL_AT: 1e9, DECIMAL_PLACES: 40 });

/** Around the length at which arithmetic on whole steps gives way to big numbers. */
const numbers = fc
  .tuple(
    fc.bigInt(-(10n ** 17n), 10n ** 17n),
    fc.integer({ min: 0, max: 18 }),
    fc.integer({ min: 0, max: 16 }),
  )
  .map(([units, places, cut]) => {
    const whole = units / 10n ** BigInt(cut);
    return decimal(new Exact(whole.toString()).shiftedBy(-places).toFixed());
  });

const text = (value: BigNumber) => (value.isZero() ? "0" : value.toFixed());

test("sums, products and comparisons are those of big numbers, to the last digit", () => {
  fc.assert(
    fc.property(numbers, numbers, (a, b) => {
      const [one, other] = [new Exact(a), new Exact(b)];
      expect<string>(add(a, b)).toBe(text(one.plus(other)));
      expect<string>(subtract(a, b)).toBe(text(one.minus(other)));
      expect<string>(multiply(a, b)).toBe(text(one.times(other)));
      expect<number | null>(compare(a, b)).toBe(one.comparedTo(other));
    }),
    { seed: 20261121, numRuns: 20_000 },
  );
});

const modes = {
  down: BigNumber.ROUND_FLOOR,
  up: BigNumber.ROUND_CEIL,
  nearest: BigNumber.ROUND_HALF_EVEN,
};
const ways = fc.constantFrom("down" as const, "up" as const, "nearest" as const);

test("a quotient is that of big numbers, whichever way it is rounded", () => {
  const divisors = numbers.filter((each) => each !== "0");
  fc.assert(
    fc.property(numbers, divisors, fc.integer({ min: 0, max: 20 }), ways, (a, b, places, way) => {
      const Divider = Exact.clone({ DECIMAL_PLACES: places, ROUNDING_MODE: modes[way] });
      expect<string>(divide(a, b, places, way)).toBe(text(new Divider(a).div(b)));
      // Halves are rare among any numbers, and are what "nearest" is about.
      const half = divide(a, decimal(2), 40, "down");
      const cut = new Exact(half).decimalPlaces(places, modes[way]);
      expect<string>(divide(half, decimal(1), places, way)).toBe(text(cut));
    }),
    { seed: 20261121, numRuns: 20_000 },
  );
});

test("text is read as big numbers read it, however it is written", () => {
  const digits = fc.stringMatching(/^-?[0-9]{1,20}(\.[0-9]{1,20})?$/);
  fc.assert(
    fc.property(digits, (written) => {
      expect<string>(decimal(written)).toBe(text(new Exact(written)));
    }),
    { seed: 20261121, numRuns: 20_000 },
  );
});

test("rounding to a step is that of big numbers, whichever way", () => {
  const steps = fc
    .integer({ min: 0, max: 9 })
    .chain((places) =>
      fc
        .integer({ min: 1, max: 5_000 })
        .map((units) => fromSteps(units, decimal((10 ** -places).toFixed(places)))),
    );
  fc.assert(
    fc.property(numbers, steps, ways, (value, step, way) => {
      const wanted = new Exact(value).div(step).integerValue(modes[way]).times(step);
      expect<string>(roundToStep(value, step, way)).toBe(text(wanted));
    }),
    { seed: 20261121, numRuns: 20_000 },
  );
});

test("a division keeps to its own places and rounding, however many kinds there are", () => {
  const [ten, three] = [decimal(10), decimal(3)];
  expect<string>(divide(ten, three, 2, "down")).toBe("3.33");
  expect<string>(divide(ten, three, 2, "up")).toBe("3.34");
  expect<string>(divide(ten, three, 4, "down")).toBe("3.3333");
  expect<string>(divide(ten, three, 2, "down")).toBe("3.33");
});
