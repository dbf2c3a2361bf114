/** How strategies that lose are switched off and come back, as the desk lives through it. */
import { describe, expect, test } from "bun:test";
import { TestFolder } from "../runtime/testing/small-system.ts";
import type { DeskConfig } from "./config.ts";
import { losing, planeOf, rowsOf, swift, toldOf } from "./testing/brain-world.ts";
import { DeskWorld, dawn, minute, rise, symbols } from "./testing/desk-world.ts";

const btc = "BTC/USD";
const memory = ":memory:";
const hour = 60 * minute;
const fall = [80_000, 79_000];
const reason = "profit factor 0 over its last 2 positions, below 0.5";
const off = `strategy "trend" is off: ${reason}`;

/** Both symbols bought, and stopped out far below: two positions lost. */
async function worldOfLosses(path = memory): Promise<DeskWorld> {
  const world = await DeskWorld.started({ path, config: losing });
  await world.bars([...rise, ...fall]);
  return world;
}
const trendOf = (world: DeskWorld) =>
  world.desk.status().strategies.find(({ strategy }) => strategy === "trend");
const performanceOf = (world: DeskWorld) =>
  symbols.map((symbol) => planeOf(world, symbol).standing.performance.trend);
const weightsOf = (world: DeskWorld) =>
  symbols.map((symbol) => {
    const { frames } = planeOf(world, symbol).evaluation({ symbol } as never);
    return frames[0]?.votes.find(({ strategy }) => strategy === "trend")?.weight;
  });
const lower = rise.map((close) => close - 25_000);

describe("a strategy whose trades lose", () => {
  test("is switched off: from the next bar on it weighs nothing in any plane", async () => {
    using world = await worldOfLosses();
    const lost = rowsOf(world).map(({ exitReason, realizedPnl }) => [
      exitReason,
      Number(realizedPnl) < 0,
    ]);
    expect(lost).toEqual([
      ["stop", true],
      ["stop", true],
    ]);
    const since = Math.max(...rowsOf(world).map(({ closedAt }) => closedAt ?? 0));
    await world.bars([78_900]);
    expect([performanceOf(world), weightsOf(world)]).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(trendOf(world)).toEqual({
      ...{ strategy: "trend", trades: 2, wins: 0, profitFactor: 0, performance: 0 },
      ...{ offSince: since, offUntil: since + swift.disabledMs, reason },
    });
    const codes = (await world.bars(lower)).map(({ code }) => code);
    expect(codes).not.toContain("trade");
  });

  test("is told of in the next bar's record, and its weight in each symbol's own", async () => {
    using world = await worldOfLosses();
    await world.bars([78_900, 78_800]);
    const closed = Math.max(...rowsOf(world).map(({ closedAt }) => closedAt ?? 0));
    const [told, ...others] = toldOf(world, btc);
    const [toldToo, ...othersToo] = toldOf(world, "ETH/USD");
    expect([told, toldToo]).toMatchObject([
      { standing: { performance: { trend: 0 } }, notes: [off] },
      { standing: { performance: { trend: 0 } } },
    ]);
    // What closed inside a bar is in that bar's record: it was known before the bar.
    for (const each of [told, toldToo]) {
      const at = Number(each?.openedAt);
      expect([at < closed, at + minute >= closed]).toEqual([true, true]);
    }
    expect([toldToo?.notes, others, othersToo]).toEqual([undefined, [], []]);
  });

  test.each([
    ["before the next bar is told of in it", [], 1],
    ["after it is not told of again", [78_900], 1],
  ])("that is off when a kill comes %s", async (_, before, times) => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    {
      using world = await worldOfLosses(path);
      await world.bars(before);
      world.desk.commit();
    }
    using world = await DeskWorld.started({ path, config: losing });
    expect(trendOf(world)).toMatchObject({ trades: 2, performance: 0, reason });
    await world.bars([78_800, 78_700]);
    const notes = symbols.flatMap((symbol) =>
      toldOf(world, symbol).map((told) => told.notes ?? []),
    );
    expect(notes.flat()).toEqual(Array(times).fill(off));
    expect([performanceOf(world), weightsOf(world)]).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test("comes back when its time is over, and trades again", async () => {
    using world = await worldOfLosses();
    await world.bars([78_900]);
    const until = trendOf(world)?.offUntil ?? 0;
    await world.bars(Array(Math.ceil((until - world.clock.now()) / minute) - 1).fill(78_900));
    expect(performanceOf(world)).toEqual([0, 0]);
    await world.bars([78_900]);
    expect(performanceOf(world)).toEqual([1, 1]);
    expect(toldOf(world, btc).at(-1)).toMatchObject({
      standing: { performance: { trend: 1 } },
      notes: ['strategy "trend" is back: its time off is over, its results count anew'],
    });
    expect(trendOf(world)).toMatchObject({ trades: 0, offSince: null, offUntil: null });
    const codes = (await world.bars(lower)).map(({ code }) => code);
    expect(codes.filter((code) => code === "trade")).toHaveLength(2);
  });

  test("may still call the exit of what it called before it was off", async () => {
    using world = await DeskWorld.started({ path: memory, config: losing });
    await world.barsOf(btc, [...rise, ...fall]);
    await world.barsOf(btc, lower.slice(0, 8));
    // The second one is open when the first one of the other symbol completes the window.
    await world.bars([lower[8] as number]);
    expect(world.desk.status().positions).toHaveLength(1);
    const close = lower[8] as number;
    await world.barsOf(btc, [close + 500]);
    expect(trendOf(world)?.trades).toBe(1);
    // Switched off by a result of elsewhere: as if the other symbol had lost.
    const [row] = rowsOf(world);
    const { brain } = world.desk as unknown as {
      brain: { closed(row: unknown, votedBy: readonly string[]): void };
    };
    brain.closed({ ...row, openedAt: dawn }, ["trend"]);
    await world.barsOf(btc, [close + 400, close - 2_500, close - 3_500, close - 3_600]);
    expect(performanceOf(world)[0]).toBe(0);
    expect(rowsOf(world).at(-1)).toMatchObject({ state: "closed", exitReason: "signal" });
  });
});

describe("the command enable", () => {
  test("brings a strategy back at once, and the next record says so", async () => {
    using world = await worldOfLosses();
    await world.bars([78_900]);
    expect(world.command("enable", { target: "trend" })).toEqual({
      done: true,
      text: "enabled: it votes again, and its results count anew",
    });
    expect(trendOf(world)).toMatchObject({ trades: 0, performance: 1, offSince: null });
    await world.bars([78_800]);
    expect(performanceOf(world)).toEqual([1, 1]);
    expect(toldOf(world, btc).at(-1)).toMatchObject({
      standing: { performance: { trend: 1 } },
      notes: ['strategy "trend" is back: released by the operator, its results count anew'],
    });
  });

  test.each([
    ["that is on", "orderFlow", "one of trend"],
    ["that is unknown", "astrology", "one of trend"],
    ["that is not named", null, "one of trend"],
  ])("is refused for a strategy %s", async (_, target, wanted) => {
    using world = await worldOfLosses();
    expect(world.command("enable", { target })).toEqual({
      done: false,
      text: `Cannot enable: strategy "${target ?? ""}" is not off, wanted ${wanted}`,
    });
    expect(trendOf(world)?.performance).toBe(0);
  });

  test("is refused where all are on, and to who may only view", async () => {
    using world = await DeskWorld.started({ path: memory, config: losing });
    expect(world.command("enable", { target: "trend" }).text).toBe(
      'Cannot enable: strategy "trend" is not off, wanted none: all are on',
    );
    using off = await worldOfLosses();
    expect(off.command("enable", { target: "trend", role: "view" })).toEqual({
      done: false,
      text: 'Cannot enable: role "operate" is needed',
    });
    expect(trendOf(off)?.performance).toBe(0);
  });

  test("with a key that was used acts once, also after a kill", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    const wanted = { target: "trend", idempotencyKey: "once-and-only" };
    let answer: unknown;
    {
      using world = await worldOfLosses(path);
      answer = world.command("enable", wanted);
    }
    using world = await DeskWorld.started({ path, config: losing });
    expect(trendOf(world)).toMatchObject({ trades: 0, performance: 1 });
    await world.bars([78_900]);
    expect(performanceOf(world)).toEqual([1, 1]);
    await world.bars([...lower, 55_000, 54_000]);
    expect(trendOf(world)?.performance).toBe(0);
    expect(world.command("enable", wanted)).toEqual(answer as never);
    expect(trendOf(world)?.performance).toBe(0);
    expect(world.journal().filter(({ kind }) => kind === "command")).toHaveLength(1);
  });
});

describe("the multiplier of an hour", () => {
  const hourly: DeskConfig = {
    ...losing,
    strategy: {
      ...losing.strategy,
      standing: { ...swift, disableBelow: 0, minTrades: 2, window: 30, minSessionTrades: 2 },
    },
    stop: { ...losing.stop, targetAtrMultiple: 2 },
  };

  test("is in the record when it changes, and sways an entry of that hour alone", async () => {
    using world = await DeskWorld.started({ path: memory, config: hourly });
    await world.bars([...rise, ...fall]);
    expect(
      toldOf(world, btc).filter(({ standing }) => JSON.stringify(standing)?.includes("sess")),
    ).toEqual([]);
    await world.passTo(dawn + hour);
    await world.bars([...lower.slice(0, 8), 78_000, 90_000, 90_000]);
    const byTime = rowsOf(world).sort((a, b) => a.openedAt - b.openedAt);
    const rows = byTime.map(({ openedAt, realizedPnl }) => [
      Math.floor(openedAt / hour) % 24,
      Number(realizedPnl) > 0,
    ]);
    expect(rows).toEqual([
      [0, false],
      [0, false],
      [1, true],
      [1, true],
    ]);
    const { sessionLeast, sessionMost } = swift;
    const told = toldOf(world, btc).at(-1) as { standing: { sessions: unknown } };
    // None of hour 0 won, all of hour 1: twice what all hours come to.
    expect(told.standing.sessions).toEqual({ "0": sessionLeast, "1": sessionMost });
    for (const symbol of symbols) {
      const { sessions } = planeOf(world, symbol).standing;
      expect([sessions[0], sessions[1], sessions[2]]).toEqual([sessionLeast, sessionMost, 1]);
    }
  });
});

test("results of a configuration do not come back with it after a start under another", async () => {
  using folder = new TestFolder();
  const path = folder.file("desk.db");
  {
    using world = await worldOfLosses(path);
    expect(trendOf(world)?.trades).toBe(2);
  }
  const standing = { ...losing.strategy.standing, window: 3 };
  const other = { ...losing, strategy: { ...losing.strategy, standing } };
  {
    using world = await DeskWorld.started({ path, config: other });
    expect(trendOf(world)?.trades).toBe(0);
    world.desk.commit();
  }
  using world = await DeskWorld.started({ path, config: losing });
  expect(trendOf(world)).toMatchObject({ trades: 0, offSince: null });
});
