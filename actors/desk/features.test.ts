/** Feature vectors of evaluations: which are kept, how many, and what a restart finds of them. */
import { describe, expect, test } from "bun:test";
import type { StateChange } from "../runtime/mod.ts";
import { TestFolder } from "../runtime/testing/small-system.ts";
import type { Counts } from "./counts.ts";
import { type FeatureRow, Features, featuresKept, featuresSpace } from "./features.ts";
import { planeRecordKinds, takeRecord } from "./planes.ts";
import {
  bitsOf,
  evaluationsOf,
  newPlane,
  planeAfter,
  planeOf,
  wandering,
  withOptions,
} from "./testing/brain-world.ts";
import { config, DeskWorld, dawn, minute, rise } from "./testing/desk-world.ts";

const btc = "BTC/USD";
/** Two frames of which both have to agree, so that there are evaluations where none does. */
const framed = {
  ...config,
  strategy: {
    ...config.strategy,
    frames: [1, 3],
    confluence: { ...config.strategy.confluence, minFrames: 2, frameBonus: [1, 1.3] },
  },
};

type Rows = ReadonlyMap<string, FeatureRow>;
const rowsIn = (world: DeskWorld): Rows => {
  world.desk.commit();
  return world.ledger.stateOf(featuresSpace) as Rows;
};

/** Rows by key, their numbers as bytes. */
const comparable = (rows: Iterable<readonly [string, FeatureRow]>) =>
  [...rows].map(([key, { values, ...row }]) => [key, { ...row, bits: bitsOf(values) }]);
const inOrder = (rows: Rows) => comparable([...rows].sort(([a], [b]) => Number(a) - Number(b)));
const numbered = (rows: readonly FeatureRow[]) =>
  comparable(rows.map((row, index) => [String(index), row] as const));

/** What a plane beside the desk has to say at each record where frames agree. */
function wantedOf(world: DeskWorld): FeatureRow[] {
  const plane = newPlane(framed, btc);
  return evaluationsOf(world, btc).flatMap((record) => {
    takeRecord(plane, record);
    const isAgreed = plane.isWarm && plane.evaluation({} as never).highestFrameMs !== null;
    if (!isAgreed) return [];
    return [{ seq: record.seq, symbol: btc, at: record.at, values: plane.features() }];
  });
}

describe("the desk's feature rows", () => {
  test("are of the evaluations where frames agreed, bars and moves, and of no other", async () => {
    using world = await DeskWorld.started({ path: ":memory:", config: framed });
    for (const [index, close] of wandering(150).entries()) {
      await world.barsOf(btc, [close]);
      if (index % 10 === 9) world.desk.move(btc, close + 7);
      await world.deliver();
    }
    const wanted = wantedOf(world);
    const kinds = evaluationsOf(world, btc).map(({ seq, kind }) => [seq, kind] as const);
    expect(inOrder(rowsIn(world))).toEqual(numbered(wanted));
    // Both kinds are kept, and not all of them are.
    expect(wanted.length).toBeLessThan(kinds.length - 10);
    const kept = new Set(wanted.map(({ seq }) => seq));
    expect(new Set(kinds.filter(([seq]) => kept.has(seq)).map(([, kind]) => kind))).toEqual(
      new Set(["bar", "move"]),
    );
    expect(world.ledger.stateOf("desk").get(featuresSpace)).toBe(wanted.length);
    const [first] = wanted;
    expect(first?.values).toHaveLength(planeOf(world, btc).featureNames.length);
  });

  test("are stored with their record by whichever commit, as its code is counted", async () => {
    using world = new DeskWorld({ path: ":memory:", config: framed });
    // Commits that a full group makes come in the middle of a bar.
    const seen: unknown[] = [];
    const wanted: unknown[] = [];
    withOptions(world, {
      reached: (point) => {
        if (point !== "commit.after") return;
        const kinds: readonly string[] = planeRecordKinds;
        const made = [...world.reader.journal.range()].filter(({ kind }) => kinds.includes(kind));
        const stored = world.ledger.stateOf("desk").get("counts") as Counts | undefined;
        const codes = Object.values(stored?.codes ?? {}).reduce((sum, count) => sum + count, 0);
        const { decisions = 0 } = stored ?? {};
        const rows = [...(world.ledger.stateOf(featuresSpace) as Rows).values()];
        seen.push([decisions, codes, rows.length]);
        const plane = newPlane(framed, btc);
        const agreed = made.filter((record) => {
          takeRecord(plane, record);
          return plane.isWarm && plane.evaluation({} as never).highestFrameMs !== null;
        });
        wanted.push([made.length, made.length, agreed.length]);
      },
    });
    await world.start();
    for (const [index, close] of wandering(1_900).entries()) {
      const openedAt = dawn + index * minute;
      world.clock.advanceTo(openedAt + minute);
      const [high, low] = [close + 10, close - 10];
      const candle = { symbol: btc, openedAt, timeframeMs: minute, open: close, high, low, close };
      world.desk.bar({ ...candle, volume: 4_000 });
    }
    expect(seen).toEqual(wanted);
    expect(seen.length).toBeGreaterThan(3);
    expect((seen.at(-1) as number[])[2]).toBeGreaterThan(20);
  });

  test("are there after a kill, and those to come follow them", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    const closes = wandering(120);
    let before: Rows;
    {
      using world = await DeskWorld.started({ path, config: framed });
      await world.barsOf(btc, closes.slice(0, 80));
      before = rowsIn(world);
    }
    using world = await DeskWorld.started({ path, config: framed });
    expect(comparable(rowsIn(world))).toEqual(comparable(before));
    await world.barsOf(btc, closes.slice(80));
    const wanted = wantedOf(world);
    expect(before.size).toBeGreaterThan(5);
    expect(wanted.length).toBeGreaterThan(before.size + 5);
    expect(inOrder(rowsIn(world))).toEqual(numbered(wanted));
  });
});

describe("Features", () => {
  /** A plane in the midst of a rise, where its frame agrees. */
  async function agreeingPlane(of = config) {
    using world = await DeskWorld.started({ path: ":memory:" });
    await world.barsOf(btc, rise);
    return planeAfter(of, btc, evaluationsOf(world, btc));
  }
  const stored = new Map<string, FeatureRow | number>();
  const store = (changes: readonly StateChange[]) => {
    for (const { space, key, value } of changes) stored.set(`${space} ${key}`, value as FeatureRow);
  };

  test("keeps so many and no more: the oldest go, also over a restart", async () => {
    const plane = await agreeingPlane();
    const first = new Features();
    const most = featuresKept + 3;
    for (let seq = 1; seq <= most; seq += 1) {
      first.note(seq, btc, seq * 60_000, plane);
      if (seq % 4_999 === 0) store(first.changes());
    }
    store(first.changes());
    const again = new Features();
    again.restore(first.count);
    again.note(most + 1, btc, 7, plane);
    store(again.changes());
    expect([first.count, again.count, first.changes()]).toEqual([most, most + 1, []]);
    expect(stored.get(`desk ${featuresSpace}`)).toBe(most + 1);
    const rows = [...stored].filter(([key]) => key.startsWith(`${featuresSpace} `));
    const seqs = rows.map(([, row]) => (row as FeatureRow).seq);
    expect(rows).toHaveLength(featuresKept);
    expect([seqs.slice(0, 5), Math.min(...seqs)]).toEqual([
      [featuresKept + 1, featuresKept + 2, featuresKept + 3, featuresKept + 4, 5],
      5,
    ]);
  });

  test("notes nothing of a plane that is cold, or whose frames disagree", async () => {
    const features = new Features();
    features.note(1, btc, 1, newPlane(config, btc));
    // Its trend speaks, another of its strategies has not heard enough.
    const orderFlow = {
      weight: 0.1,
      parameters: { smoothing: 40, threshold: 0.2, maxSuspicion: 0.5 },
    };
    const votes = { ...config.strategy.votes, orderFlow };
    const cold = await agreeingPlane({ ...config, strategy: { ...config.strategy, votes } });
    expect([cold.isWarm, cold.leaning]).toEqual([false, 1]);
    features.note(1, btc, 1, cold);
    const plane = await agreeingPlane();
    const close = { symbol: btc, openedAt: plane.lastClosedAt, timeframeMs: 60_000, volume: 1 };
    // Flat for so long that no cross is fresh.
    for (let bar = 0; bar < 12; bar += 1) {
      const openedAt = close.openedAt + bar * close.timeframeMs;
      plane.update({
        ...close,
        openedAt,
        open: 103_000,
        high: 103_000,
        low: 103_000,
        close: 103_000,
      });
    }
    expect([plane.isWarm, plane.leaning]).toEqual([true, 0]);
    features.note(2, btc, 2, plane);
    expect([features.count, features.changes()]).toEqual([0, []]);
  });
});
