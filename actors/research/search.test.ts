import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compare, decimal } from "../../machines/domain/decimal.ts";
import { paretoFront, ranked } from "./pareto.ts";
import { gridSearch, randomSearch, type Search } from "./search.ts";
import { dimensionAt, dimensionOf, wholeDimension } from "./space.ts";

const all = (search: Search) => {
  const points = [];
  for (let point = search.ask(); point; point = search.ask()) points.push(point);
  return points;
};

describe("a space", () => {
  test.each([
    ["a.b=5..20:5", ["5", "10", "15", "20"]],
    ["a.b=0.1..0.3:0.1", ["0.1", "0.2", "0.3"]],
    ["a.b=limit,market", ["limit", "market"]],
    ["a.b=-1..1:1", ["-1", "0", "1"]],
  ])("reads %p in exact steps", (text, values) => {
    expect(dimensionOf(text)).toEqual({ path: "a.b", values });
  });

  test("reads a range without steps as its ends, and lists of a file", () => {
    expect(dimensionOf("a=0.5..2")).toEqual({
      path: "a",
      values: ["0.5", "2"],
      isContinuous: true,
    });
    expect(dimensionAt("a", ["1", "2"])).toEqual({ path: "a", values: ["1", "2"] });
  });

  test.each(["a", "=1,2", "a=", "a=1,,2", "a=5..1:1", "a=1..5:0", "a=1,1", "a=5..1"])(
    "refuses %p",
    (text) => {
      expect(() => dimensionOf(text)).toThrow("Cannot vary");
    },
  );
});

describe("a grid", () => {
  test("has every point once, the last dimension changing first", () => {
    const search = gridSearch([dimensionOf("a=1,2"), dimensionOf("b=x,y")]);
    expect(search.size).toBe(4);
    expect(all(search)).toEqual([
      { a: "1", b: "x" },
      { a: "1", b: "y" },
      { a: "2", b: "x" },
      { a: "2", b: "y" },
    ]);
  });

  test("refuses a range without steps, and more points than anyone waits for", () => {
    expect(() => gridSearch([dimensionOf("a=1..2")])).toThrow("wants a step");
    const wide = ["a", "b"].map((path) => dimensionOf(`${path}=1..1000:1`));
    expect(() => gridSearch(wide)).toThrow("Cannot try a grid of 1000000 points");
  });
});

describe("a random search", () => {
  const space = [dimensionOf("a=1..10:1"), dimensionOf("b=1..10:1")];

  test("draws different points, the same for a seed", () => {
    const points = all(randomSearch(space, 40, 3));
    expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(40);
    expect(all(randomSearch(space, 40, 3))).toEqual(points);
    expect(all(randomSearch(space, 40, 4))).not.toEqual(points);
  });

  test("of more points than there are tries each once", () => {
    const points = all(randomSearch(space, 500, 3));
    expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(100);
  });

  test("draws between the ends where a range has no steps", () => {
    const points = all(randomSearch([dimensionOf("a=0.001..0.002")], 50, 1));
    const values = points.map(({ a }) => Number(a));
    expect(values.every((each) => each >= 0.001 && each <= 0.002)).toBe(true);
    expect(new Set(values).size).toBe(50);
  });
});

describe("a draw from a range without steps", () => {
  const drawn = (text: string, seed: number) =>
    all(randomSearch([dimensionOf(text)], 20, seed)).map(({ a = "" }) => a);
  const seeds = fc.integer({ min: 0, max: 2 ** 32 });
  /** Two ends in plain digits or with an exponent, the first below the second. */
  const ends = fc
    .tuple(fc.integer({ min: -9_999, max: 9_999 }), fc.integer({ min: 1, max: 99_999 }))
    .chain(([from, width]) =>
      fc
        .integer({ min: 0, max: 12 })
        .map((places) => [`${from}e-${places}`, `${from + width}e-${places}`]),
    );

  test("is within it, in plain digits, another one each time, the same for a seed", () => {
    fc.assert(
      fc.property(ends, seeds, ([from = "", to = ""], seed) => {
        const values = drawn(`a=${from}..${to}`, seed);
        const [least, most] = dimensionOf(`a=${from}..${to}`).values.map(decimal);
        expect([Number(least), Number(most)]).toEqual([Number(from), Number(to)]);
        for (const value of values) {
          expect(value).toMatch(/^-?\d+(\.\d+)?$/);
          expect(compare(decimal(value), least ?? decimal(0))).toBeGreaterThanOrEqual(0);
          expect(compare(decimal(value), most ?? decimal(0))).toBeLessThanOrEqual(0);
        }
        expect(new Set(values).size).toBe(20);
        expect(drawn(`a=${from}..${to}`, seed)).toEqual(values);
      }),
    );
  });

  test("of 1e-7 to 9e-7 is none of the values that numbers in exponents were taken for", () => {
    for (const value of drawn("a=1e-7..9e-7", 1)) expect(value).toMatch(/^0\.000000[1-9]\d*$/);
    expect(drawn("a=0.0000001..0.0000009", 1)).toEqual(drawn("a=1e-7..9e-7", 1));
  });

  test("is a whole number where its key takes no other, and each of them once", () => {
    const width = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 10 ** 9 }));
    fc.assert(
      fc.property(fc.integer({ min: -99, max: 10 ** 6 }), width, seeds, (from, more, seed) => {
        const space = [wholeDimension(dimensionOf(`a=${from}..${from + more}`))];
        const search = randomSearch(space, 60, seed);
        const values = all(search).map(({ a }) => Number(a));
        expect(values).toHaveLength(search.size);
        expect(new Set(values).size).toBe(Math.min(60, more + 1));
        const isFit = (each: number) =>
          Number.isInteger(each) && each >= from && each <= from + more;
        expect(values.filter((each) => !isFit(each))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test("is refused where its key takes whole numbers and an end is none", () => {
    expect(() => wholeDimension(dimensionOf("a=1.5..9"))).toThrow(
      'Cannot vary "a" from 1.5 to 9: its key takes whole numbers, wanted whole ends such as 5..20',
    );
    expect(wholeDimension(dimensionOf("a=1.5,2")).values).toEqual(["1.5", "2"]);
  });
});

describe("several objectives", () => {
  const objectives = [
    { name: "sharpe", isMore: true },
    { name: "maxDrawdown", isMore: false },
  ];
  const rows = [
    { sharpe: 2, maxDrawdown: 0.2 },
    { sharpe: 1, maxDrawdown: 0.1 },
    { sharpe: 1, maxDrawdown: 0.3 },
    { sharpe: null, maxDrawdown: 0 },
    { sharpe: 2, maxDrawdown: 0.2 },
  ];

  test("mark who is beaten by nobody; the unknown is not among them", () => {
    expect(paretoFront(rows, objectives)).toEqual([true, true, false, false, true]);
  });

  test("rank by the first, then by the next, the unknown last", () => {
    const order = ranked(rows, (row) => row, objectives).map((row) => rows.indexOf(row));
    expect(order).toEqual([0, 4, 1, 2, 3]);
  });
});
