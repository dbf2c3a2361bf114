import { expect, test } from "bun:test";
import { defaultConfiguration, defaultLayer } from "./default-configuration.ts";
import { hashOf } from "./hash.ts";
import { resolveLayers } from "./resolve.ts";
import { type Branch, withLeaf } from "./tree.ts";
import { flagLayer } from "./variables.ts";

function flags(values: Readonly<Record<string, string>>): Branch {
  const all = Object.entries(values).map(([path, value]) => ({ flag: "--set", path, value }));
  const { tree, problems } = flagLayer(all);
  expect(problems).toEqual([]);
  return tree;
}

function hashWith(values: Readonly<Record<string, string>>): string {
  const result = resolveLayers([defaultLayer, flags(values)]);
  if (result.type === "problems") throw new Error(JSON.stringify(result.problems));
  return result.hash;
}

const plain = hashWith({});

test("resolveLayers() lets later layers win and remembers who set what", () => {
  const below = flags({ seed: "5", "risk.positionCap": "2" });
  const result = resolveLayers([defaultLayer, below, flags({ seed: "6" })]);
  if (result.type === "problems") throw new Error(JSON.stringify(result.problems));
  const { seed, risk } = result.configuration;
  expect({ seed, risk, level: result.origins.get("log.level") }).toEqual({
    seed: 6,
    risk: { ...defaultConfiguration.risk, positionCap: 2 },
    level: { text: "info", origin: { layer: "default" } },
  });
});

test("resolveLayers() is not misled by names that objects have of themselves", () => {
  for (const name of ["constructor", "toString", "hasOwnProperty"]) {
    const leaf = { type: "leaf", text: "1", origin: { layer: "flag", flag: "--x" } } as const;
    const result = resolveLayers([defaultLayer, withLeaf(flags({}), [name], leaf)]);
    expect(result).toMatchObject({ type: "problems", problems: [{ path: name }] });
  }
});

test.each([
  ["another way to write a time", { "market.timeframe": "60s" }],
  ["another way to write a number", { "risk.riskShare": "0.010" }],
  ["the pace", { "market.speed": "max" }],
  ["the port", { "server.port": "9000" }],
  ["the log", { "log.level": "debug" }],
  ["the template it came from", { "template.name": "scalper", "template.version": "2" }],
  ["another way to write a row", { "strategy.confluence.frameBonus": "1,1.30,1.5" }],
  ["where secrets are", { secretsFile: "/etc/novactor/secrets" }],
])("the hash stays with %s", (_, values: Record<string, string>) => {
  expect(hashWith(values)).toBe(plain);
});

test.each([
  ["the seed", { seed: "2" }],
  ["the risk", { "risk.riskShare": "0.011" }],
  ["a limit taken away", { "matching.volumeShare": "none" }],
  ["the timeframes", { "strategy.frames": "1, 5, 30" }],
  ["a strategy less", { "strategy.votes.squeeze.use": "false" }],
  ["a bonus", { "strategy.confluence.frameBonus": "1, 1.3, 1.6" }],
  ["the first candle", { "market.startAt": "2026-01-02" }],
])("the hash moves with %s", (_, values: Record<string, string>) => {
  expect(hashWith(values)).not.toBe(plain);
});

test("the hash does not depend on the order in which keys are held", () => {
  const { market, ...rest } = defaultConfiguration;
  const turned = Object.fromEntries([...Object.entries(rest).reverse(), ["market", market]]);
  expect(hashOf(turned as typeof defaultConfiguration)).toBe(plain);
});

test("the hash leaves out the market that is not in use", () => {
  const { market } = defaultConfiguration;
  const file = { symbol: "BTC/EUR", path: "/data/btc-eur.csv" };
  const unused = { ...defaultConfiguration, market: { ...market, files: [file] } };
  const used = { ...unused, market: { ...unused.market, source: "candles" as const } };
  const fewer = { ...used, market: { ...used.market, symbols: [] } };
  expect(hashOf(unused)).toBe(plain);
  expect(hashOf(fewer)).toBe(hashOf(used));
  expect(hashOf(used)).not.toBe(plain);
});
