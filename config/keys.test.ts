import { expect, test } from "bun:test";
import { z } from "zod";
import { keyAt, keys, keysOf, namesIn, nearestKey } from "./keys.ts";

test("keys has the words and the effect of every key", () => {
  const lacking = keys.filter(
    ({ about, wanted, reason }) => about.length < 10 || wanted === "" || reason === "",
  );
  expect(lacking).toEqual([]);
  expect(keys.length).toBeGreaterThan(150);
});

test("keysOf() refuses a key without facts", () => {
  const schema = z.strictObject({ group: z.strictObject({ bare: z.string() }) });
  expect(() => keysOf(schema)).toThrow('Cannot list key "group.bare": it has no facts');
});

test("a key that sways decisions is never taken up by a mere restart", () => {
  const wrong = keys.filter(({ sways, reload }) => sways === (reload === "restart"));
  // What sways nothing may also be safe; what sways is safe or another run.
  expect(wrong.filter(({ sways }) => sways)).toEqual([]);
  expect(keys.filter(({ sways, reload }) => !sways && reload === "newLedger")).toEqual([]);
});

test("every key has a description in the schema's own form", () => {
  expect(keys.every(({ about }) => /^[A-Z%].*\.$/.test(about))).toBe(true);
});

test("variables are one per key outside of lists", () => {
  const variables = keys.flatMap(({ variable }) => (variable === null ? [] : [variable]));
  expect(new Set(variables).size).toBe(variables.length);
  expect(variables).toContain("NOVACTOR_STRATEGY__VOTES__TREND__MIN_ADX");
  expect(keyAt("market.symbols[3].tick")?.variable).toBeNull();
});

test("namesIn() lists what may stand in a section", () => {
  expect(namesIn("risk")).toEqual(["riskShare", "maxShare", "positionCap"]);
  expect(namesIn("market.files[2]")).toEqual(["symbol", "path", "timeframe"]);
});

test.each([
  ["", "sead", "seed"],
  ["risk", "riskSahre", "risk.riskShare"],
  ["", "riskShare", "risk.riskShare"],
  ["risk", "dailyLossShare", "breakers.dailyLossShare"],
  ["market.symbols[1]", "tik", "market.symbols[1].tick"],
  ["", "kraken", undefined],
])("nearestKey(%p, %p) is %p", (section, name, meant) => {
  expect(nearestKey(section, name)).toBe(meant);
});

test("keyAt() tells keys that take whole numbers alone from those that take others", () => {
  const paths = ["strategy.votes.trend.fast", "risk.riskShare", "entry.type", "strategy.frames"];
  expect(paths.map((path) => keyAt(path)?.isWhole)).toEqual([
    true,
    undefined,
    undefined,
    undefined,
  ]);
});
