import { expect, test } from "bun:test";
import fc from "fast-check";
import { defaultConfiguration, defaultLayer } from "./default-configuration.ts";
import { type Key, keys } from "./keys.ts";
import { configurationChanged, planReload, refusalText } from "./reload.ts";
import { type Resolved, resolveLayers } from "./resolve.ts";
import { flagLayer } from "./variables.ts";

/** Another value for each key that can be set by itself; keys with one value have none. */
const others: Readonly<Record<string, string | null>> = {
  preset: "paper-fast",
  mode: null,
  seed: "2",
  secretsFile: "/etc/novactor/secrets",
  "market.source": null,
  "market.timeframe": "5m",
  "market.speed": "max",
  "market.startAt": "2026-02-01",
  "account.venue": null,
  "account.account": "other",
  "strategy.use": "trend",
  "strategy.trend.fast": "11",
  "strategy.trend.slow": "40",
  "strategy.trend.adx": "15",
  "strategy.trend.minAdx": "21",
  "strategy.meanReversion.period": "21",
  "strategy.meanReversion.width": "2.5",
  "strategy.meanReversion.rsi": "15",
  "strategy.meanReversion.oversold": "26",
  "strategy.meanReversion.overbought": "76",
  "risk.riskShare": "0.02",
  "risk.maxShare": "0.3",
  "risk.positionCap": "4",
  "breakers.dailyLossShare": "0.04",
  "entry.type": "market",
  "entry.patienceBars": "4",
  "stop.atrPeriod": "15",
  "stop.atrMultiple": "2.5",
  "stop.trailAtrMultiple": "5",
  "stop.stepAtr": "0.5",
  "coolDown.bars": "6",
  "order.maxAttempts": "4",
  "order.settle": "31s",
  "order.lookUpRetry": "2s",
  "order.fillGrace": "3s",
  "order.workingCheck": "6s",
  "position.maxFailures": "4",
  "position.strandedRetry": "31s",
  "position.settle": "2m",
  "reconcile.interval": "16m",
  "reconcile.retry": "6s",
  "reconcile.patience": "5",
  "reconcile.overlap": "2h",
  "matching.latency": "5ms",
  "matching.slippageTicks": "2",
  "matching.slippageShare": "0.0002",
  "matching.volumeShare": "none",
  "matching.fees.maker": "0.0011",
  "matching.fees.taker": "0.0021",
  "server.port": "8081",
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
