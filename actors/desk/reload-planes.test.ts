/** Another configuration while the desk trades: its planes, its levels, its pauses. */
import { describe, expect, test } from "bun:test";
import { actorName } from "../../machines/domain/ids.ts";
import { TestFolder } from "../runtime/testing/small-system.ts";
import type { DeskConfig } from "./config.ts";
import { ConfigurationHistory } from "./configuration-history.ts";
import {
  decisionOf,
  evaluationsOf,
  inputOf,
  planeAfter,
  planeOf,
  positionOf,
  rowsOf,
  stateOf,
  wandering,
  withOptions,
} from "./testing/brain-world.ts";
import { at, config, DeskWorld, minute, rise, symbols, type Traded } from "./testing/desk-world.ts";
import { explanations } from "./why.ts";

const [btc, eth] = symbols;
const change = { type: "configuration.changed" };

/** Another strategy beside the trend, other ranges, other frames. */
const other: DeskConfig = {
  ...config,
  strategy: {
    ...config.strategy,
    frames: [1, 2],
    votes: {
      trend: { weight: 0.2, parameters: { fast: 2, slow: 5, adx: 2, minAdx: 1 } },
      supertrend: { weight: 0.1, parameters: { period: 2, width: 1, freshBars: 10 } },
    },
    confluence: { ...config.strategy.confluence, frameBonus: [1, 1.2] },
  },
  stop: { ...config.stop, atrPeriod: 3, atrMultiple: 3, targetAtrMultiple: 50 },
};

/** Bitcoin is held and protected, an entry of ether rests. */
async function busyWorld(path = ":memory:", used = config): Promise<DeskWorld> {
  const world = await DeskWorld.started({ path, config: used });
  await world.bars(rise.slice(0, 8));
  await world.barsOf(btc, [103_000]);
  world.desk.move(eth, 100_100);
  await world.deliver();
  expect(world.orders()).toEqual(["stop open", "entry open"]);
  return world;
}
const states = (world: DeskWorld) => symbols.map((symbol) => stateOf(planeOf(world, symbol)));
/** Planes that heard every record from the first on, under one configuration. */
const fresh = (world: DeskWorld, used: DeskConfig) =>
  symbols.map((symbol) => stateOf(planeAfter(used, symbol, evaluationsOf(world, symbol))));
const reloadsOf = (world: DeskWorld) =>
  world.journal().filter(({ kind }) => kind === "configuration");
const decisionsOf = (world: DeskWorld, symbol: Traded) =>
  evaluationsOf(world, symbol).map(decisionOf);

describe("a reload of what planes are made of", () => {
  test("makes them anew and warm at once, as if they had always been so", async () => {
    using world = await busyWorld();
    const before = states(world);
    world.desk.reconfigure(other, change, "other");
    expect(world.desk.isWarm).toBe(true);
    expect(states(world)).toEqual(fresh(world, other));
    expect(states(world)).not.toEqual(before);
    await world.bars([104_000, 103_500, 104_200]);
    world.desk.move(btc, 104_900);
    expect(states(world)).toEqual(fresh(world, other));
  });

  test("leaves what is held and what works as it is, and goes on managing it", async () => {
    using world = await busyWorld();
    const before = symbols.map((symbol) => positionOf(world, symbol));
    const reached = [...world.venue.reached];
    world.desk.reconfigure(other, change, "other");
    await world.deliver();
    expect(symbols.map((symbol) => positionOf(world, symbol))).toEqual(before);
    expect([world.orders(), world.venue.reached]).toEqual([["stop open", "entry open"], reached]);
    // The entry fills and is protected; the stop of the other is raised.
    await world.bars([99_900, 103_000, 112_000, 121_000, 122_000]);
    expect(world.orders()).toEqual(["stop open", "stop open"]);
    const raised = Number(positionOf(world, btc)?.stopPrice);
    expect(raised).toBeGreaterThan(Number(before[0]?.stopPrice));
  });

  test("leaves a record of it, with the first record that the planes heard", async () => {
    using world = await busyWorld();
    const [first] = evaluationsOf(world, btc);
    world.desk.reconfigure(other, change, "other");
    const { strategy, stop, risk } = other;
    expect(reloadsOf(world).map(({ content }) => content.input)).toEqual([
      JSON.parse(JSON.stringify({ change, strategy, stop, risk, planesFrom: first?.seq })),
    ]);
    expect(world.ledger.stateOf("desk").get("config")).toBe("other");
  });

  test("is durable when it returns: a kill finds the new planes, and they go on", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    const later = [104_000, 103_500, 104_200, 101_000, 99_000, 98_000, 99_500, 101_500, 103_000];
    using unbroken = await busyWorld();
    unbroken.desk.reconfigure(other, change, "other");
    await unbroken.bars(later);
    {
      using world = await busyWorld(path);
      world.desk.reconfigure(other, change, "other");
    }
    for (const part of [later.slice(0, 4), later.slice(4)]) {
      using world = await DeskWorld.started({ path, config: other });
      await world.bars(part);
      world.desk.commit();
    }
    using world = await DeskWorld.started({ path, config: other });
    expect(states(world)).toEqual(states(unbroken));
    expect(states(world)).toEqual(fresh(world, other));
    expect(reloadsOf(world)).toHaveLength(1);
    const codes = symbols.map((symbol) => decisionsOf(world, symbol).map(({ code }) => code));
    expect(codes).toEqual(
      symbols.map((symbol) => decisionsOf(unbroken, symbol).map(({ code }) => code)),
    );
  });

  test("and of another one soon after are each told of once, also by a later start", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    let before: unknown;
    {
      using world = await busyWorld(path);
      world.desk.reconfigure(other, change, "other");
      world.desk.reconfigure(config, change, "first again");
      before = states(world);
    }
    using world = await DeskWorld.started({ path });
    expect([states(world), reloadsOf(world).length]).toEqual([before as never, 2]);
  });

  test("of standings alone keeps the planes, and counts results anew", async () => {
    using world = await busyWorld();
    const { standing } = config.strategy;
    const stricter = {
      ...config,
      strategy: { ...config.strategy, standing: { ...standing, window: standing.window + 1 } },
    };
    const plane = planeOf(world, btc);
    world.desk.reconfigure(stricter, change, "stricter");
    expect(planeOf(world, btc)).toBe(plane);
    expect(reloadsOf(world)[0]?.content.input).not.toHaveProperty("planesFrom");
  });

  test("takes weights back to 1 with the results that they came from", async () => {
    const { standing } = config.strategy;
    const swift = { ...standing, minTrades: 1, window: 2, disableBelow: 0 };
    const weighed = { ...config, strategy: { ...config.strategy, standing: swift } };
    using world = await DeskWorld.started({ path: ":memory:", config: weighed });
    await world.bars([...rise, 80_000, 79_000, 78_900]);
    const performance = () => planeOf(world, btc).standing.performance;
    expect(performance()).toEqual({ trend: swift.least });
    world.desk.reconfigure(
      { ...other, strategy: { ...other.strategy, standing: swift } },
      change,
      "other",
    );
    await world.bars([78_800]);
    expect(performance()).toEqual({ trend: 1, supertrend: 1 });
    expect(evaluationsOf(world, btc).map(inputOf).at(-1)?.standing).toEqual({
      performance: { trend: 1 },
    });
  });

  /** The stop of a position that the longer frame called, before and after a rise under other rules. */
  async function trailedUnder(strategy: DeskConfig["strategy"]): Promise<[number, number]> {
    using world = await DeskWorld.started({ path: ":memory:", config: other });
    const closes = wandering(400, 45);
    let index = 0;
    for (; index < closes.length && (positionOf(world, btc)?.stopFrame ?? 0) < 1; index += 1) {
      await world.barsOf(btc, [closes[index] as number]);
    }
    const close = closes[index - 1] as number;
    await world.barsOf(btc, [close - 20, close + 100]);
    const held = positionOf(world, btc);
    expect([held?.stopFrame, Number(held?.quantity) > 0]).toEqual([1, true]);
    world.desk.reconfigure({ ...other, strategy }, change, "frames");
    const factors = [1.03, 1.05, 1.07, 1.08, 1.081, 1.082, 1.083, 1.084];
    await world.barsOf(
      btc,
      factors.map((factor) => Math.round(close * factor)),
    );
    const now = positionOf(world, btc);
    expect(now?.positionId).toBe(held?.positionId as string);
    return [Number(held?.stopPrice), Number(now?.stopPrice)];
  }

  test("of as many frames goes on trailing a position that a longer one called", async () => {
    const [before, after] = await trailedUnder({ ...other.strategy, eventPriceMove: 0.01 });
    expect(after).toBeGreaterThan(before);
  });

  test("to fewer frames goes on trailing it by one that is left", async () => {
    const { confluence } = config.strategy;
    const [before, after] = await trailedUnder({ ...other.strategy, frames: [1], confluence });
    expect(after).toBeGreaterThan(before);
  });
});

test("a reload of how far a stop trails holds from the next bar on, and keeps the planes", async () => {
  using world = await busyWorld();
  const plane = planeOf(world, btc);
  const before = Number(positionOf(world, btc)?.stopPrice);
  const tight = { ...config, stop: { ...config.stop, trailAtrMultiple: 1 } };
  world.desk.reconfigure(tight, change, "tight");
  await world.barsOf(btc, [104_000]);
  const raised = Math.floor(104_000 - plane.rangeOf(0));
  expect(planeOf(world, btc)).toBe(plane);
  expect(Math.round(Number(positionOf(world, btc)?.stopPrice) * 100)).toBe(raised);
  expect(raised).toBeGreaterThan(before * 100);
});

describe("a reload of the pause", () => {
  const bars = 4;
  const paused = { ...config, coolDownBars: bars };

  /** Bars that it stays in its pause after a fall sold what it held. */
  async function pauseOf(world: DeskWorld): Promise<number> {
    const scanner = () => world.snapshot(actorName.scanner(at, btc))?.value;
    await world.barsOf(btc, [80_000]);
    while (scanner() === "engaged") await world.barsOf(btc, [79_000]);
    const [{ closedAt } = { closedAt: null }] = rowsOf(world);
    expect(scanner()).toBe("coolingDown");
    const until = world.desk.nextDeadline() ?? 0;
    for (let passed = 0; passed < 100 && scanner() === "coolingDown"; passed += 1) {
      await world.passTo(Math.max(until, world.desk.nextDeadline() ?? 0));
    }
    return (world.clock.now() - (closedAt ?? 0)) / minute;
  }

  test("counts for the next one, also after a kill", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    {
      using world = await DeskWorld.started({ path });
      await world.barsOf(btc, rise);
      world.desk.reconfigure(paused, change, "paused");
    }
    using world = await DeskWorld.started({ path, config: paused });
    expect(await pauseOf(world)).toBe(bars);
  });

  test("does nothing to the planes", async () => {
    using world = await busyWorld();
    const before = states(world);
    world.desk.reconfigure(paused, change, "paused");
    expect([states(world), reloadsOf(world)[0]?.content.input]).toEqual([
      before,
      expect.not.objectContaining({ planesFrom: expect.anything() }),
    ]);
  });
});

describe("a configuration taken up at the start", () => {
  const taken = { change, text: "taken" };

  test("leaves the record of a reload, and comes to the same as one", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    {
      using world = await busyWorld(path);
      world.desk.commit();
    }
    using world = withOptions(new DeskWorld({ path, config: other }), { taken });
    await world.start();
    using reloaded = await busyWorld();
    reloaded.desk.reconfigure(other, change, "taken");
    const [record] = reloadsOf(reloaded);
    const { planesFrom: _, ...wanted } = (record?.content.input ?? {}) as { planesFrom?: number };
    expect(reloadsOf(world).map(({ content }) => content.input)).toMatchObject([wanted]);
    expect(world.ledger.stateOf("desk").get("config")).toBe("taken");
    expect([world.desk.isWarm, states(world)]).toEqual([true, states(reloaded)]);
    const later = [99_900, 103_000, 112_000, 121_000];
    await world.bars(later);
    await reloaded.bars(later);
    expect(states(world)).toEqual(states(reloaded));
    expect(symbols.map((symbol) => positionOf(world, symbol)?.stopPrice)).toEqual(
      symbols.map((symbol) => positionOf(reloaded, symbol)?.stopPrice),
    );
  });

  test("names the first record that planes heard in place of those that were kept", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    {
      using world = await busyWorld(path);
      // A reload keeps the planes that it makes.
      world.desk.reconfigure(other, change, "other");
    }
    using world = withOptions(new DeskWorld({ path }), { taken });
    await world.start();
    const [first] = evaluationsOf(world, btc);
    const heardFrom = reloadsOf(world).map(({ content }) => content.input);
    expect(heardFrom).toMatchObject([{ planesFrom: first?.seq }, { planesFrom: first?.seq }]);
    expect(states(world)).toEqual(fresh(world, config));
  });

  // So early that no plane was checkpointed: they hear all of the journal, and nobody says so.
  test("says which records the new planes heard, so that decisions come out again", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    {
      using world = await busyWorld(path);
      world.desk.commit();
    }
    using world = withOptions(new DeskWorld({ path, config: other }), { taken });
    await world.start();
    await world.bars(wandering(60));
    world.desk.commit();
    const journal = [...world.reader.journal.range()];
    const reloads = journal.filter(({ kind }) => kind === "configuration");
    const history = new ConfigurationHistory(config, reloads);
    const seqs = new Set(evaluationsOf(world, btc).map(({ seq }) => seq));
    const found = [...explanations(journal, seqs, { symbol: btc, history })];
    expect(found).toHaveLength(seqs.size);
    expect(found.filter(({ isSame }) => !isSame)).toEqual([]);
  });

  test("is taken up once: the next start without it goes on with the same planes", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    {
      using world = await busyWorld(path);
      world.desk.commit();
    }
    let before: unknown;
    {
      using world = withOptions(new DeskWorld({ path, config: other }), { taken });
      await world.start();
      before = states(world);
    }
    using world = await DeskWorld.started({ path, config: other });
    expect([states(world), reloadsOf(world).length]).toEqual([before as never, 1]);
  });
});
