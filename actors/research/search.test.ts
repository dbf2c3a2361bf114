import { describe, expect, test } from "bun:test";
import { paretoFront, ranked } from "./pareto.ts";
import { gridSearch, randomSearch, type Search } from "./search.ts";
import { dimensionAt, dimensionOf } from "./space.ts";

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
