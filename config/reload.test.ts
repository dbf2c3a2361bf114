import { expect, test } from "bun:test";
import fc from "fast-check";
import { defaultConfiguration, defaultLayer } from "./default-configuration.ts";
import { type Key, keys } from "./keys.ts";
import { liveNotice } from "./live-schema.ts";
import { configurationChanged, planReload, refusalText } from "./reload.ts";
import { type Resolved, resolveLayers } from "./resolve.ts";
import { parametersOf, regimes, restingStrategies, strategyNames } from "./strategies.ts";
import { flagLayer } from "./variables.ts";

/** Close enough to the standard that no rule between two of them minds. */
const otherVotes = Object.fromEntries(
  strategyNames.flatMap((name) => {
    const path = `strategy.votes.${name}`;
    // Half of them stay, so that enough still vote.
    const other = restingStrategies.includes(name) ? "true" : "false";
    const use = strategyNames.indexOf(name) % 2 === 0 ? null : other;
    const parameters = parametersOf(name).map(([parameter, { standard, isWhole, most }]) => {
      const other = isWhole ? standard + 1 : Math.min(most, standard + 0.05);
      return [`${path}.${parameter}`, String(other)];
    });
    return [[`${path}.use`, use], [`${path}.weight`, "0.22"], ...parameters];
  }),
);

const otherMultipliers = Object.fromEntries(
  Object.keys(regimes).flatMap((regime) =>
    ["trend", "reversion", "breakout", "flow"].map((kind) => [
      `strategy.multipliers.${regime}.${kind}`,
      "0.33",
    ]),
  ),
);

/** Another value for each key that can be set by itself; keys with one value have none. */
const others: Readonly<Record<string, string | null>> = {
  preset: "paper-fast",
  "template.name": "scalper",
  "template.version": "3",
  mode: null,
  seed: "2",
  secretsFile: "/etc/novactor/secrets",
  "market.source": null,
  "market.timeframe": "5m",
  "market.speed": "max",
  "market.startAt": "2026-02-01",
  // Of a market that is not in use: tried below.
  "market.live.venue": null,
  "market.live.symbols": null,
  "market.live.rest": null,
  "market.live.stream": null,
  "account.venue": null,
  "account.account": "other",
  "account.rest": "http://127.0.0.1:8080",
  "account.stream": "ws://127.0.0.1:8080/auth/v2",
  // Kraken's only.
  "account.deadMansSwitch": null,
  "account.acceptNaked": "true",
  // Of real money, which is not traded: tried below.
  "live.acknowledged": null,
  "live.maxExposure": null,
  "strategy.frames": "1, 3, 12",
  "strategy.eventPriceMovePct": "0.7",
  "strategy.quarantineAfter": "4",
  "strategy.confluence.minFrames": "3",
  "strategy.confluence.minStrategies": "2",
  "strategy.confluence.minConfidence": "0.6",
  "strategy.confluence.minRewardToRisk": "1.6",
  "strategy.confluence.maxSpreadShare": "0.002",
  "strategy.confluence.maxGapShare": "0.06",
  "strategy.confluence.frameBonus": "1, 1.2, 1.4",
  "strategy.confluence.bookWeight": "0.3",
  ...otherVotes,
  "strategy.regime.adx": "15",
  "strategy.regime.trendAdx": "26",
  "strategy.regime.volatility": "21",
  "strategy.regime.usual": "90",
  "strategy.regime.low": "0.7",
  "strategy.regime.high": "1.6",
  ...otherMultipliers,
  "strategy.performance.window": "40",
  "strategy.performance.minTrades": "11",
  "strategy.performance.least": "0.6",
  "strategy.performance.most": "1.4",
  "strategy.guardrail.disableBelow": "0.6",
  "strategy.guardrail.off": "2d",
  "strategy.session.minTrades": "21",
  "strategy.session.least": "0.8",
  "strategy.session.most": "1.2",
  "risk.riskShare": "0.02",
  "risk.maxShare": "0.3",
  "risk.positionCap": "4",
  "breakers.dailyLossShare": "0.04",
  "entry.type": "market",
  "entry.patienceBars": "4",
  "entry.chase.reprices": "2",
  "entry.chase.everyBars": "2",
  "entry.chase.maxAwayShare": "0.004",
  "entry.chase.maxSpreadShare": "never",
  "entry.chase.maxSlippageShare": "0.004",
  "stop.atrPeriod": "15",
  "stop.atrMultiple": "2.5",
  "stop.targetAtrMultiple": "7",
  "stop.trailAtrMultiple": "5",
  "stop.stepAtr": "0.5",
  "coolDown.bars": "6",
  "order.maxAttempts": "4",
  "order.settle": "31s",
  "order.lookUpRetry": "2s",
  "order.fillGrace": "3s",
  "order.workingCheck": "6s",
  "order.restingCheck": "2m",
  "position.maxFailures": "4",
  "position.stopRetry": "2s",
  "position.strandedRetry": "31s",
  "position.settle": "2m",
  "position.quantity": "0.5",
  "position.protects": "false",
  "reconcile.interval": "16m",
  "reconcile.wiredInterval": "70s",
  "reconcile.retry": "6s",
  "reconcile.patience": "5",
  "reconcile.overlap": "2h",
  "matching.latency": "5ms",
  "matching.spreadTicks": "3",
  "matching.slippageTicks": "2",
  "matching.slippageShare": "0.0002",
  "matching.volumeShare": "none",
  "matching.fees.maker": "0.0011",
  "matching.fees.taker": "0.0021",
  "server.host": "127.0.0.2",
  "server.port": "8081",
  "server.proxy": "https://desk.example",
  "server.tls.cert": null,
  "server.tls.key": null,
  "server.idle": "10m",
  "log.level": "warn",
};

const single = keys.filter(({ variable }) => variable !== null);

function resolved(values: Readonly<Record<string, string>>): Resolved {
  const flags = Object.entries(values).map(([path, value]) => ({ flag: "--set", path, value }));
  const result = resolveLayers([defaultLayer, flagLayer(flags).tree]);
  if (result.type === "problems") throw new Error(JSON.stringify(result.problems));
  return result;
}

test("every key is tried with another value", () => {
  expect(Object.keys(others)).toEqual(single.map(({ path }) => path));
});

const changeable = single.flatMap((key): [string, Key, string][] => {
  const other = others[key.path];
  return other == null ? [] : [[key.path, key, other]];
});

test.each(changeable)("planReload() does with %s what its facts say", (path, key, other) => {
  const next = resolved({ [path]: other });
  const plan = planReload(defaultConfiguration, next.configuration);
  if (key.reload === "safe") {
    expect(plan.refuse).toEqual([]);
    expect(plan.apply.map((each) => each.path)).toEqual([path]);
    expect(plan.configuration).toEqual(next.configuration);
    expect(plan.hash).toBe(next.hash);
  } else {
    const { reason, reload: needs } = key;
    expect(plan.apply).toEqual([]);
    expect(plan.refuse).toMatchObject([{ path, needs, reason }]);
    expect(plan.configuration).toBe(defaultConfiguration);
  }
});

test.each([
  ["market.live.venue", "coinbase", "newLedger"],
  ["market.live.symbols", "ETH/USD", "newLedger"],
  ["market.live.rest", "http://127.0.0.1:8080", "restart"],
  ["market.live.stream", "ws://127.0.0.1:8080/v2", "restart"],
] as const)("planReload() of a live market refuses %s", (path, other, needs) => {
  const live = { "market.source": "live" };
  const { configuration } = resolved(live);
  const plan = planReload(configuration, resolved({ ...live, [path]: other }).configuration);
  expect(plan.apply).toEqual([]);
  expect(plan.refuse).toMatchObject([{ path, needs }]);
  // Under another market it is not in use.
  expect(planReload(defaultConfiguration, resolved({ [path]: other }).configuration)).toMatchObject(
    {
      apply: [],
      refuse: [],
    },
  );
});

test("planReload() takes up a part that is sound by itself", () => {
  const some = fc.subarray(
    changeable.map(([path, { reload }, value]) => ({ path, reload, value })),
  );
  fc.assert(
    fc.property(some, some, (before, after) => {
      const valuesOf = (list: typeof after) =>
        Object.fromEntries(list.map(({ path, value }) => [path, value]));
      const current = resolved(valuesOf(before));
      const plan = planReload(current.configuration, resolved(valuesOf(after)).configuration);
      const kept = before.filter(({ reload }) => reload !== "safe");
      const taken = after.filter(({ reload }) => reload === "safe");
      const wanted = resolved({ ...valuesOf(kept), ...valuesOf(taken) });
      expect(plan.configuration).toEqual(wanted.configuration);
      expect(plan.hash).toBe(wanted.hash);
    }),
    { seed: 77, numRuns: 100 },
  );
});

test("planReload() takes up a row as one value", () => {
  const next = resolved({
    "strategy.frames": "1, 4",
    "strategy.confluence.frameBonus": "1, 1.5",
    "strategy.votes.squeeze.use": "false",
  });
  const plan = planReload(defaultConfiguration, next.configuration);
  expect(plan.apply).toEqual([
    { path: "strategy.frames", from: "standard", to: "1, 4" },
    { path: "strategy.confluence.frameBonus", from: "1, 1.3, 1.5", to: "1, 1.5" },
    { path: "strategy.votes.squeeze.use", from: true, to: false },
  ]);
  expect(plan.configuration).toEqual(next.configuration);
  expect(plan.hash).not.toBe(resolved({}).hash);
});

test("planReload() sees symbols that come and go", () => {
  const { market } = defaultConfiguration;
  const next = { ...defaultConfiguration, market: { ...market, symbols: market.symbols.slice(1) } };
  const { apply, refuse } = planReload(defaultConfiguration, next);
  expect(apply).toEqual([]);
  expect(refuse.at(-1)).toMatchObject({ path: "market.symbols[4].tick", to: null });
});

test("configurationChanged() holds what changed, what did not, and the hash of the whole", () => {
  const next = resolved({ seed: "2", "risk.positionCap": "4" });
  const plan = planReload(defaultConfiguration, next.configuration);
  expect(configurationChanged(plan)).toEqual({
    type: "configuration.changed",
    changes: [{ path: "risk.positionCap", from: defaultConfiguration.risk.positionCap, to: 4 }],
    refused: [
      {
        path: "seed",
        from: 1,
        to: 2,
        needs: "newLedger",
        reason: "every draw of the run was made from it",
      },
    ],
    hash: resolved({ "risk.positionCap": "4" }).hash,
  });
  expect(plan.refuse.map(refusalText)).toEqual([
    "Cannot change seed from 1 to 2 now: every draw of the run was made from it; it takes a new ledger",
  ]);
});

test("configurationChanged() is null where nothing changed", () => {
  expect(
    configurationChanged(planReload(defaultConfiguration, resolved({}).configuration)),
  ).toBeNull();
});

test("planReload() of live trading takes up another cap, and no other notice", () => {
  const addresses = { "account.rest": "none", "account.stream": "none" };
  const live = { mode: "live", "market.source": "live", "account.venue": "kraken", ...addresses };
  const other = { ...live, "live.maxExposure": "70", "live.acknowledged": liveNotice };
  const plan = planReload(resolved(live).configuration, resolved(other).configuration);
  expect(plan.apply).toEqual([{ path: "live.maxExposure", from: "50", to: "70" }]);
  expect(plan.refuse).toMatchObject([{ path: "live.acknowledged", needs: "restart" }]);
  expect(plan.hash).not.toBe(resolved(live).hash);
  const [paper, capped] = [resolved({}), resolved({ "live.maxExposure": "70" })];
  expect(capped.hash).toBe(paper.hash);
});
