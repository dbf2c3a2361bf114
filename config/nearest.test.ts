import { expect, test } from "bun:test";
import { nearest } from "./nearest.ts";

const known = ["riskShare", "maxShare", "positionCap"];

test.each([
  ["a letter too few", "riskShar", "riskShare"],
  ["two letters swapped", "riskSahre", "riskShare"],
  ["another case", "POSITIONCAP", "positionCap"],
  ["a plural", "positionCaps", "positionCap"],
  ["another word", "leverage", undefined],
  ["nothing", "", undefined],
  ["a text too long to compare", "riskShare".repeat(10), undefined],
])("nearest() answers %s", (_, name, meant) => {
  expect(nearest(name, known)).toBe(meant);
});

test("nearest() takes the first of equals", () => {
  expect(nearest("b", ["a", "c"])).toBe("a");
});
