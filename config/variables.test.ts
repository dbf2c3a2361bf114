import { expect, test } from "bun:test";
import { leavesOf } from "./tree.ts";
import { environmentLayer, flagLayer } from "./variables.ts";

test("environmentLayer() sets keys and leaves all else alone", () => {
  const { tree, problems } = environmentLayer({
    NOVACTOR_RISK__POSITION_CAP: "2",
    NOVACTOR_SEED: "",
    NOVACTOR_SECRET_KRAKEN_KEY: "canary-3f9d1c77",
    NOVACTOR_DB: "elsewhere.db",
    HOME: "/root",
    NOVACTOR_LOG__LEVEL: undefined,
  });
  const texts = [...leavesOf(tree)].map(([path, { text }]) => [path, text]);
  expect({ texts, problems }).toEqual({
    texts: [
      ["risk.positionCap", "2"],
      ["seed", ""],
    ],
    problems: [],
  });
});

test.each([
  ["NOVACTOR_RISK__POSITON_CAP", "NOVACTOR_RISK__POSITION_CAP"],
  ["NOVACTOR_RISK_POSITION_CAP", "NOVACTOR_RISK__POSITION_CAP"],
  ["NOVACTOR_SEEDS", "NOVACTOR_SEED"],
  ["NOVACTOR_ENTIRELY_ELSE", undefined],
])("environmentLayer() refuses %s and names the nearest", (name, close) => {
  const { problems } = environmentLayer({ [name]: "canary-3f9d1c77" });
  expect(problems.map(({ path, nearest }) => [path, nearest])).toEqual([[name, close]]);
  expect(JSON.stringify(problems)).not.toContain("canary");
});

test("environmentLayer() says where secrets belong", () => {
  const { problems } = environmentLayer({ NOVACTOR_KRAKEN_TOKEN: "canary-3f9d1c77" });
  expect(problems[0]?.wanted).toStartWith("secrets only from the environment");
});

test.each([
  ["a misspelled key", "risk.postionCap", "is not a key", "risk.positionCap"],
  ["a group", "risk", "is a group of keys", undefined],
  ["a list", "market.files", "is a list or in one", undefined],
  ["a list at the top", "books", "is a list or in one", undefined],
  ["an item of a list", "market.symbols[0].tick", "is a list or in one", undefined],
])("flagLayer() refuses %s", (_, path, state, close) => {
  const { problems } = flagLayer([{ flag: "--set", path, value: "1" }]);
  expect(problems.map((each) => [each.state, each.nearest])).toEqual([[state, close]]);
});

test("flagLayer() lets the last flag of a path win", () => {
  const { tree } = flagLayer([
    { flag: "--set seed", path: "seed", value: "1" },
    { flag: "--seed", path: "seed", value: "2" },
  ]);
  expect([...leavesOf(tree)]).toEqual([
    ["seed", { type: "leaf", text: "2", origin: { layer: "flag", flag: "--seed" } }],
  ]);
});
