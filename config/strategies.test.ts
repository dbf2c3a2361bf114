import { expect, test } from "bun:test";
import { defaultFrames } from "../actors/market/mod.ts";
import {
  confluenceStandard,
  createStrategy,
  strategyNames as namesOfScanner,
  regimeMultipliersStandard,
  regimeStandard,
  strategyCatalog,
} from "../actors/scanner/mod.ts";
import { defaults } from "./defaults.ts";
import { keys, namesIn } from "./keys.ts";
import {
  parametersOf,
  restingStrategies,
  standardFrames,
  strategies,
  strategyNames,
} from "./strategies.ts";

test("strategies are those of the scanner's catalog, in its order", () => {
  expect([...strategyNames]).toEqual([...namesOfScanner]);
});

test.each(namesOfScanner.map((name) => [name]))("%s is declared as the scanner does", (name) => {
  expect({ ...strategies[name] } as object).toEqual({
    weight: createStrategy(name).weight,
    parameters: strategyCatalog[name].rules,
  });
  expect(parametersOf(name).map(([parameter]) => parameter)).toEqual(
    Object.keys(strategyCatalog[name].rules),
  );
});

test.each(namesOfScanner.map((name) => [name]))("every parameter of %s is a key", (name) => {
  const wanted = Object.entries(strategyCatalog[name].rules);
  const path = `strategy.votes.${name}`;
  expect(namesIn(path)).toEqual(["use", "weight", ...wanted.map(([parameter]) => parameter)]);
  for (const [parameter, { least, most, isWhole, meaning }] of wanted) {
    const known = keys.find((each) => each.path === `${path}.${parameter}`);
    const kind = isWhole ? "a whole number" : "a number";
    expect(known?.about).toBe(meaning);
    expect(known?.wanted).toStartWith(`${kind} from ${least} to ${most}`);
  }
});

test("every key of the strategies can be changed while the desk runs", () => {
  const kept = keys.filter(({ path, reload }) => path.startsWith("strategy.") && reload !== "safe");
  expect(kept).toEqual([]);
});

test("the standard frames are as many as the scanner's", () => {
  expect([1_000, 60_000, 3_600_000].map((baseMs) => defaultFrames(baseMs).length)).toEqual(
    Array(3).fill(standardFrames),
  );
});

test("without a configuration everything is as the scanner has it for standard", () => {
  const { stopAtr, targetAtr, ...confluence } = confluenceStandard;
  const voting = namesOfScanner.filter((name) => !restingStrategies.includes(name));
  const votes = voting.map((name) => {
    const rules = Object.entries(strategyCatalog[name].rules);
    const parameters = Object.fromEntries(rules.map(([key, { standard }]) => [key, standard]));
    return [name, { weight: createStrategy(name).weight, parameters }];
  });
  expect(defaults.strategy as object).toEqual({
    frames: null,
    votes: Object.fromEntries(votes),
    confluence,
    regime: regimeStandard,
    multipliers: regimeMultipliersStandard,
    eventPriceMove: 0.005,
    quarantineAfter: 3,
    standing: {
      window: 30,
      minTrades: 10,
      least: 0.5,
      most: 1.5,
      disableBelow: 0.5,
      disabledMs: 86_400_000,
      minSessionTrades: 20,
      sessionLeast: 0.7,
      sessionMost: 1.3,
    },
  });
  const { atrMultiple, targetAtrMultiple } = defaults.stop;
  expect({ atrMultiple, targetAtrMultiple }).toEqual({
    atrMultiple: stopAtr,
    targetAtrMultiple: targetAtr,
  });
});
