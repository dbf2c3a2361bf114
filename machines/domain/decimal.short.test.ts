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

test("rounding to a step is that of big numbers, whichever way", () => {
  const steps = fc
    .integer({ min: 0, max: 9 })
    .chain((places) =>
      fc
        .integer({ min: 1, max: 5_000 })
        .map((units) => fromSteps(units, decimal((10 ** -places).toFixed(places)))),
    );
  fc.assert(
    fc.property(numbers, steps, fc.constantFrom("down", "up"), (value, step, way) => {
      const mode = way === "down" ? BigNumber.ROUND_FLOOR : BigNumber.ROUND_CEIL;
      const wanted = new Exact(value).div(step).integerValue(mode).times(step);
      expect<string>(roundToStep(value, step, way as "down")).toBe(text(wanted));
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
