/** How strategies stand over a whole run, held against its closed positions and its kills. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { TestFolder } from "../runtime/testing/small-system.ts";
import { Standing } from "../scanner/mod.ts";
import type { DeskConfig } from "./config.ts";
import {
  decisionOf,
  evaluationsOf,
  inputOf,
  losing,
  planeAfter,
  planeOf,
  rowsOf,
  stateOf,
  swift,
  toldOf,
  wandering,
  withOptions,
} from "./testing/brain-world.ts";
import { DeskWorld, dawn, minute } from "./testing/desk-world.ts";

// A bound on hanging, not on how fast a machine is.
setDefaultTimeout(120_000);

const btc = "BTC/USD";

describe("standings over a whole run", () => {
  const short: DeskConfig = {
    ...losing,
    strategy: {
      ...losing.strategy,
      standing: {
        ...swift,
        ...{ window: 3, minTrades: 1, disableBelow: 3, disabledMs: 40 * minute },
        minSessionTrades: 2,
      },
    },
    stop: { ...losing.stop, targetAtrMultiple: 4, atrMultiple: 2 },
  };
  const closes = wandering(400, 25);

  /** Drives bars of one symbol from where the journal is; each whole bar at one point of its end. */
  async function drive(world: DeskWorld, count: number): Promise<void> {
    let open = closes[0] as number;
    for (let index = 0; index < count; index += 1) {
      const openedAt = dawn + index * minute;
      const close = closes[index] as number;
      const [high, low] = [Math.max(open, close) + 10, Math.min(open, close) - 10];
      const candle = { symbol: btc, openedAt, timeframeMs: minute, open, high, low, close };
      open = close;
      if (openedAt < planeOf(world, btc).lastClosedAt) continue;
      await world.passTo(openedAt + minute);
      const point = { at: openedAt + minute, ticks: close, gap: false, volume: 4_000 };
      world.venue.paper.point(btc, point);
      await world.deliver();
      world.desk.bar({ ...candle, volume: 4_000 });
      await world.deliver();
    }
    world.desk.commit();
  }

  const recordsOf = (world: DeskWorld) =>
    evaluationsOf(world, btc).map((record) => ({
      ...{ at: record.at, input: inputOf(record), decision: decisionOf(record) },
    }));

  test("follow from its closed positions alone, each counted once", async () => {
    using world = await DeskWorld.started({ path: ":memory:", config: short });
    await drive(world, closes.length);
    const records = evaluationsOf(world, btc);
    const own = new Standing(short.strategy.standing, Object.keys(short.strategy.votes));
    const rows = rowsOf(world).filter(({ state }) => state === "closed");
    const byClosing = rows.sort((a, b) => (a.closedAt ?? 0) - (b.closedAt ?? 0));
    const offs: string[] = [];
    for (const record of records) {
      const { openedAt = 0 } = inputOf(record) as { openedAt?: number };
      while ((byClosing[0]?.closedAt ?? Infinity) <= openedAt + minute) {
        const row = byClosing.shift();
        if (!row) break;
        const profitShare = Number(row.realizedPnl) / Number(row.boughtFor);
        const result = { votedBy: ["trend"], profitShare, openedAt: row.openedAt };
        const changes = own.closed({ ...result, closedAt: row.closedAt ?? 0 });
        offs.push(...changes.map(({ type }) => type));
      }
      offs.push(...own.at(openedAt + minute).map(({ type }) => type));
    }
    expect(world.desk.status().strategies).toEqual([...own.view()]);
    expect(offs).toContain("disabled");
    expect(offs).toContain("back");
    const notes = toldOf(world, btc).flatMap((each) => (each.notes ?? []) as string[]);
    const types = notes.map((note): string => (note.includes("is off") ? "disabled" : "back"));
    expect(types).toEqual(offs);
    expect(own.differencesFrom(planeOf(world, btc).standing)).toBe(null);
    expect(stateOf(planeAfter(short, btc, records))).toEqual(stateOf(planeOf(world, btc)));
  });

  test("are the same for a desk killed over and over, before its commits and after them", async () => {
    using folder = new TestFolder();
    let commits = 0;
    let wanted: unknown;
    let status: unknown;
    {
      using world = new DeskWorld({ path: folder.file("whole.db"), config: short });
      withOptions(world, {
        reached: (point) => {
          if (point === "commit.after") commits += 1;
        },
      });
      await world.start();
      await drive(world, closes.length);
      wanted = recordsOf(world);
      status = world.desk.status().strategies;
    }
    expect(JSON.stringify(wanted).match(/"notes"/g)?.length).toBeGreaterThan(3);
    expect(commits).toBeGreaterThan(50);
    for (const point of ["commit.before", "commit.after"] as const) {
      // Each life ends some commits after it began, not always as many, until one is through.
      const path = folder.file(`${point}.db`);
      let lives = 0;
      for (let isOver = false; !isOver; lives += 1) {
        isOver = await live(path, point, 7 + (lives % 5));
      }
      using world = await DeskWorld.started({ path, config: short });
      expect(lives).toBeGreaterThan(commits / 12);
      expect(recordsOf(world)).toEqual(wanted as never);
      expect(world.desk.status().strategies).toEqual(status as never);
    }
  });

  /** One life, which ends in a kill at its n-th commit. Whether it came to the end of the bars. */
  async function live(path: string, where: string, commits: number): Promise<boolean> {
    using world = new DeskWorld({ path, config: short });
    let left = commits;
    withOptions(world, {
      reached: (point) => {
        if (point === where) left -= 1;
        if (left === 0) throw new RangeError("killed");
      },
    });
    try {
      await world.start();
      await drive(world, closes.length);
      return true;
    } catch (error) {
      if (!(error instanceof RangeError) || error.message !== "killed") throw error;
      return false;
    }
  }
});
