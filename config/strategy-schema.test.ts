import { expect, test } from "bun:test";
import fc from "fast-check";
import { createStrategy, FramePlane, strategyNames } from "../actors/scanner/mod.ts";
import { defaultLayer } from "./default-configuration.ts";
import { type Resolution, resolveLayers } from "./resolve.ts";
import { runSettingsOf } from "./run-settings.ts";
import { parametersOf } from "./strategies.ts";
import { flagLayer } from "./variables.ts";

type Values = Readonly<Record<string, string>>;

function resolution(values: Values): Resolution {
  const flags = Object.entries(values).map(([path, value]) => ({ flag: "--set", path, value }));
  const { tree, problems } = flagLayer(flags);
  expect(problems).toEqual([]);
  return resolveLayers([defaultLayer, tree]);
}

function problemPaths(values: Values): string[] {
  const result = resolution(values);
  return result.type === "ok" ? [] : result.problems.map(({ path }) => path);
}

/** Values from the ends and the middle of each parameter's bounds. */
const parameters = fc.record(
  Object.fromEntries(
    strategyNames.flatMap((name) =>
      parametersOf(name).map(([parameter, { least, most, standard }]) => [
        `strategy.votes.${name}.${parameter}`,
        fc.constantFrom(least, standard, most).map(String),
      ]),
    ),
  ),
);

test("a strategy's values are accepted exactly where the strategy takes them", () => {
  fc.assert(
    fc.property(parameters, (values) => {
      const refused = problemPaths(values);
      for (const name of strategyNames) {
        const start = `strategy.votes.${name}.`;
        const set = parametersOf(name).map(([parameter]) => [
          parameter,
          Number(values[start + parameter]),
        ]);
        const create = () => createStrategy(name, Object.fromEntries(set));
        if (refused.some((path) => path.startsWith(start))) expect(create).toThrow(RangeError);
        else expect(create).not.toThrow();
      }
    }),
    { seed: 51, numRuns: 60 },
  );
});

const judging = fc.record({
  "strategy.frames": fc.constantFrom("standard", "1", "1, 5", "1, 2, 3, 4, 5, 1440"),
  "strategy.confluence.frameBonus": fc.constantFrom(
    "1, 1.3, 1.5",
    "10",
    "1, 1",
    "1, 1, 1, 1, 1, 1",
  ),
  "strategy.confluence.minFrames": fc.constantFrom("1", "2", "3", "6"),
  "strategy.confluence.minStrategies": fc.constantFrom("1", "3", "11"),
  "strategy.confluence.minConfidence": fc.constantFrom("0.0001", "1"),
  "strategy.confluence.minRewardToRisk": fc.constantFrom("0", "1.99", "2"),
  "strategy.regime.low": fc.constantFrom("0.0001", "0.75", "10"),
  "strategy.regime.high": fc.constantFrom("0.0001", "0.75", "10"),
  "strategy.multipliers.rangeLow.trend": fc.constantFrom("0", "5"),
  "strategy.votes.keltner.use": fc.constantFrom("true", "false"),
  "strategy.votes.breakout.weight": fc.constantFrom("0.0001", "1"),
});

test("what is accepted makes a plane", () => {
  let made = 0;
  fc.assert(
    fc.property(judging, (values) => {
      const result = resolution(values);
      if (result.type === "problems") return;
      const { strategy, stop } = runSettingsOf(result.configuration);
      const { frames, votes, confluence, regime, multipliers, quarantineAfter } = strategy;
      const plane = new FramePlane({
        symbol: "BTC/USD",
        baseMs: 60_000,
        atrPeriod: stop.atrPeriod,
        strategies: () =>
          strategyNames.flatMap((name) => {
            const vote = votes[name];
            return vote === undefined ? [] : [createStrategy(name, vote.parameters)];
          }),
        weights: Object.fromEntries(
          Object.entries(votes).map(([name, vote]) => [name, vote?.weight ?? Number.NaN]),
        ),
        costShare: 0.004,
        onFailure: ({ strategy: failed }) => {
          throw new Error(failed);
        },
        ...(frames === null ? {} : { frames: frames.map((multiple) => multiple * 60_000) }),
        confluence: {
          ...confluence,
          stopAtr: stop.atrMultiple,
          targetAtr: stop.targetAtrMultiple,
        },
        regime,
        multipliers,
        quarantineAfter,
      });
      expect(plane.warmup).toBeGreaterThan(0);
      made += 1;
    }),
    { seed: 52, numRuns: 2_000 },
  );
  expect(made).toBeGreaterThan(20);
});

test.each<readonly [name: string, values: Values, refused: readonly string[]]>([
  ["as many frames as there are may have to agree", { "strategy.confluence.minFrames": "3" }, []],
  [
    "no more frames than there are may have to agree",
    { "strategy.confluence.minFrames": "4" },
    ["strategy.confluence.minFrames"],
  ],
  [
    "a single frame is a market like any other",
    {
      "strategy.frames": "1",
      "strategy.confluence.frameBonus": "1",
      "strategy.confluence.minFrames": "1",
    },
    [],
  ],
  [
    "the target is farther than is asked for",
    { "strategy.confluence.minRewardToRisk": "1.999" },
    [],
  ],
  [
    "the target is not just as far as is asked for: costs come on top",
    { "strategy.confluence.minRewardToRisk": "2" },
    ["stop.targetAtrMultiple"],
  ],
  [
    "as many strategies as vote may have to agree",
    { "strategy.votes.orderFlow.use": "false", "strategy.confluence.minStrategies": "10" },
    [],
  ],
  [
    "no more strategies than vote may have to agree",
    { "strategy.votes.orderFlow.use": "false", "strategy.confluence.minStrategies": "11" },
    ["strategy.confluence.minStrategies"],
  ],
  ["results may count once the window is full", { "strategy.performance.minTrades": "30" }, []],
  [
    "results that never count are refused",
    { "strategy.performance.minTrades": "31" },
    ["strategy.performance.minTrades"],
  ],
  ["low volatility is below high", { "strategy.regime.low": "1.4" }, ["strategy.regime.low"]],
  [
    "a weight is more than nothing",
    { "strategy.votes.trend.weight": "0" },
    ["strategy.votes.trend.weight"],
  ],
])("%s", (_, values, refused) => {
  expect(problemPaths(values)).toEqual([...refused]);
});

test("runSettingsOf() leaves out who does not vote, and turns percents into shares", () => {
  const result = resolution({
    "strategy.votes.keltner.use": "false",
    "strategy.votes.trend.fast": "10",
    "strategy.frames": "1, 4, 16",
    "strategy.eventPriceMovePct": "0.25",
    "strategy.guardrail.off": "6h",
  });
  if (result.type === "problems") throw new Error(JSON.stringify(result.problems));
  const { frames, votes, eventPriceMove, standing } = runSettingsOf(result.configuration).strategy;
  expect({ frames, eventPriceMove, names: Object.keys(votes), trend: votes.trend }).toEqual({
    frames: [1, 4, 16],
    eventPriceMove: 0.0025,
    names: strategyNames.filter((name) => !["keltner", "smaCross"].includes(name)),
    trend: { weight: 0.15, parameters: { fast: 10, slow: 36, adx: 14, minAdx: 20 } },
  });
  expect(standing.disabledMs).toBe(21_600_000);
});
