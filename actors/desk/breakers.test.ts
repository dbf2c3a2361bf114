import { describe, expect, test } from "bun:test";
import { decimal } from "../../machines/domain/decimal.ts";
import { TestFolder } from "../runtime/testing/small-system.ts";
import { at, config, DeskWorld, dawn, minute, rise } from "./testing/desk-world.ts";

const memory = { path: ":memory:" };
const day = 1_440 * minute;
const stateOf = (world: DeskWorld, breaker: string) => world.snapshot(`breaker:${breaker}`)?.value;
const lossBrake = "breaker/dailyLoss/desk";
const failuresBrake = "breaker/repeatedFailures/paper:main";
const staleBrake = "breaker/staleData/paper:main/ETH/USD";

/** Half of all there is in each position: a fall of a tenth costs twice the day's limit. */
const bold = {
  ...config,
  risk: { ...config.risk, riskShare: decimal("0.9"), maxShare: decimal("0.45") },
};

async function afterFall(path: string): Promise<DeskWorld> {
  const world = await DeskWorld.started({ path, config: bold });
  await world.bars([...rise, 90_000, 89_000]);
  return world;
}

describe("the breaker of the daily loss", () => {
  test("opens when the day's first equity lost its share, and says how much", async () => {
    using world = await afterFall(memory.path);
    const [brake] = world.desk.status().brakes;
    expect([world.brakes(), stateOf(world, "dailyLoss/desk")]).toEqual([[lossBrake], "open"]);
    expect(brake).toMatchObject({ scope: "desk", releasedBy: "the next day, UTC" });
    expect(brake?.reason).toMatch(/^lost \d+\.\d\d % of the day's first equity, limit 5\.00 %$/);
  });

  test("stays open for the day, whatever it brings", async () => {
    using world = await afterFall(memory.path);
    await world.bars([...rise, 120_000]);
    expect(world.brakes()).toContain(lossBrake);
  });

  test("tries again the next day, and closes after a day without a trip", async () => {
    using world = await afterFall(memory.path);
    await world.passTo(dawn + day);
    await world.bars([89_000]);
    expect([world.brakes(), stateOf(world, "dailyLoss/desk")]).toEqual([[], "halfOpen"]);
    await world.passTo(dawn + 2 * day);
    await world.bars([89_000]);
    expect(stateOf(world, "dailyLoss/desk")).toBe("closed");
  });

  test("outlives a kill, and keeps its rule", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    {
      using world = await afterFall(path);
      world.desk.commit();
    }
    using world = await DeskWorld.started({ path, config: bold });
    expect(world.brakes()).toEqual([lossBrake]);
    await world.passTo(dawn + day);
    await world.bars([89_000]);
    expect(world.brakes()).toEqual([]);
  });
});

describe("the breaker of stale data", () => {
  const flat = Array(7).fill(96_000) as number[];

  test("stops the symbol whose bars stay away, while the others trade", async () => {
    using world = await DeskWorld.started(memory);
    await world.bars(rise.slice(0, 5));
    const codes = await world.barsOf("BTC/USD", flat.slice(0, 5));
    expect([world.brakes(), codes.length]).toEqual([[], 5]);
    await world.barsOf("BTC/USD", flat.slice(0, 1));
    expect(world.desk.status().brakes).toMatchObject([
      { brakeId: staleBrake, reason: "no bar of ETH/USD for 6 of its bars" },
    ]);
    const decisions = await world.barsOf(
      "BTC/USD",
      [95, 94, 97, 101, 105].map((x) => x * 1_000),
    );
    expect(decisions.map(({ code }) => code)).toContain("trade");
  });

  test("is released by the first bar that comes again", async () => {
    using world = await DeskWorld.started(memory);
    await world.bars([100_000]);
    await world.barsOf("BTC/USD", flat);
    expect(world.brakes()).toEqual([staleBrake]);
    await world.barsOf("ETH/USD", [100_000]);
    expect([world.brakes(), stateOf(world, "staleData/paper:main/ETH/USD")]).toEqual([
      [],
      "closed",
    ]);
  });

  test("of a symbol that never had a bar is not meant", async () => {
    using world = await DeskWorld.started(memory);
    await world.barsOf("BTC/USD", flat);
    expect(world.brakes()).toEqual([]);
  });
});

describe("the breaker of repeated failures", () => {
  /** How long so many readings in vain take: the pauses double, up to a minute. */
  function inVainMs(readings: number): number {
    const pauses = Array.from({ length: readings - 1 }, (_, done) =>
      Math.min(minute, config.reconcile.retryMs * 2 ** done),
    );
    return pauses.reduce((sum, each) => sum + each, 0);
  }

  /** So many readings of the account that fail. */
  async function failing(readings: number): Promise<DeskWorld> {
    const world = await DeskWorld.started(memory);
    world.venue.bends.read = "lost";
    await world.pass(config.reconcile.intervalMs + inVainMs(readings));
    return world;
  }

  test("opens with the tenth, not before", async () => {
    using nine = await failing(9);
    expect(nine.brakes()).toEqual([]);
    using ten = await failing(10);
    expect(ten.desk.status().brakes).toMatchObject([
      {
        brakeId: failuresBrake,
        scope: "paper:main",
        reason:
          "10 failures within a short time, the last: readAccount: balances: no reply in time",
      },
    ]);
  });

  test("cools off, tries, and opens again on the next failure", async () => {
    using world = await failing(10);
    await world.pass(15 * minute - 1);
    expect(world.snapshot("breaker:repeatedFailures/paper:main")?.context.trips).toBe(1);
    // It is half open for no longer than until the reading that is due at the same time.
    await world.pass(1);
    expect(world.desk.status().brakes).toMatchObject([
      {
        brakeId: failuresBrake,
        reason: "failed again on trial: readAccount: balances: no reply in time",
      },
    ]);
    expect(world.snapshot("breaker:repeatedFailures/paper:main")?.context.trips).toBe(2);
  });

  test("closes when it tried for as long without a failure", async () => {
    using world = await failing(10);
    world.venue.bends.read = "none";
    await world.pass(15 * minute);
    expect([world.brakes(), stateOf(world, "repeatedFailures/paper:main")]).toEqual([
      [],
      "halfOpen",
    ]);
    await world.pass(15 * minute);
    expect(stateOf(world, "repeatedFailures/paper:main")).toBe("closed");
  });

  test("counts refused and unanswered requests of orders", async () => {
    using world = await DeskWorld.started(memory);
    world.venue.bends.submit = "insufficientFunds";
    await world.bars(rise.slice(0, 8));
    const breaker = world.snapshot("breaker:repeatedFailures/paper:main");
    expect(breaker?.context.failed).toHaveLength(2);
  });

  test("does not count that a venue has no amends", async () => {
    using world = await DeskWorld.started(memory);
    world.venue.bends.amend = "unsupported";
    await world.bars([...rise, 110_000, 116_000, 122_000]);
    const stops = world.venue.reached.filter((each) => each === "submit sell stop");
    expect(stops.length).toBeGreaterThan(1);
    expect(world.snapshot("breaker:repeatedFailures/paper:main")?.context.failed).toEqual([]);
  });

  test("outlives a kill in the middle of its cooling, with its deadline", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    {
      using world = await DeskWorld.started({ path });
      world.venue.bends.read = "lost";
      await world.pass(config.reconcile.intervalMs + inVainMs(10));
      world.desk.commit();
    }
    using world = await DeskWorld.started({ path });
    expect(world.brakes()).toEqual([failuresBrake]);
    await world.pass(15 * minute - 1);
    expect(world.brakes()).toEqual([failuresBrake]);
    await world.pass(1);
    expect(world.brakes()).toEqual([]);
  });
});

describe.each(["eventLoopLag", "lowDisk"] as const)("the breaker of %s", (rule) => {
  const bad = { type: "vital", rule, isGood: false, text: "worse than it may be" } as const;
  const good = { ...bad, isGood: true, text: "well again" } as const;

  test("brakes the desk on a journaled input, and lets go on another", async () => {
    using world = await DeskWorld.started(memory);
    world.desk.observe(bad);
    expect(world.desk.status().brakes).toMatchObject([
      { brakeId: `breaker/${rule}/desk`, scope: "desk", reason: "worse than it may be" },
    ]);
    world.desk.observe(good);
    expect([world.brakes(), stateOf(world, `${rule}/desk`)]).toEqual([[], "closed"]);
    const vitals = world.journal().filter(({ kind }) => kind === "vital");
    expect(vitals.map(({ subject, content }) => [subject, content.input])).toEqual([
      [rule, bad],
      [rule, good],
    ]);
  });

  test("told twice is set once, and good news of none changes nothing", async () => {
    using world = await DeskWorld.started(memory);
    world.desk.observe(good);
    expect(stateOf(world, `${rule}/desk`)).toBe("closed");
    world.desk.observe(bad);
    world.desk.observe(bad);
    expect(world.brakes()).toHaveLength(1);
  });

  test("outlives a kill", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    {
      using world = await DeskWorld.started({ path });
      world.desk.observe(bad);
    }
    using world = await DeskWorld.started({ path });
    expect(world.desk.isBraked(`breaker/${rule}/desk`)).toBe(true);
    world.desk.observe(good);
    expect(world.brakes()).toEqual([]);
  });
});

test("the emergency file brakes while it is there, and is a journaled input", async () => {
  using world = await DeskWorld.started(memory);
  const file = { type: "emergencyFile", path: "desk.db.halt" } as const;
  world.desk.observe({ ...file, isThere: true });
  expect(world.desk.status().brakes).toMatchObject([
    { brakeId: "file/desk", reason: 'the emergency file "desk.db.halt" is there' },
  ]);
  world.desk.observe({ ...file, isThere: false });
  expect(world.brakes()).toEqual([]);
  expect(world.journal().filter(({ kind }) => kind === "vital")).toHaveLength(2);
});

describe("the cold-start gate", () => {
  test("of a venue that cannot be read stays closed: no entry is decided", async () => {
    // One reading in vain, not as many as would open a breaker.
    const patient = { ...config, reconcile: { ...config.reconcile, retryMs: 60 * minute } };
    using world = new DeskWorld({ ...memory, config: patient });
    world.venue.bends.read = "lost";
    await world.start();
    const { state, accounts } = world.desk.status();
    const unreadable = { times: 1, cause: "balances: no reply in time" };
    expect([state, accounts.map((each) => each.unreadable)]).toEqual(["reconciling", [unreadable]]);
    const codes = (await world.bars(rise)).map(({ code }) => code);
    expect([codes.includes("notReconciled"), codes.includes("trade")]).toEqual([true, false]);
    expect(world.venue.reached).toEqual([]);
  });

  test("opens with the first reading that matches", async () => {
    using world = new DeskWorld(memory);
    world.venue.bends.read = "lost";
    await world.start();
    world.venue.bends.read = "none";
    await world.pass(config.reconcile.retryMs);
    expect(world.desk.status().state).toBe("running");
    expect((await world.bars(rise)).map(({ code }) => code)).toContain("trade");
  });

  test("closes again at each start, and keeps an entry that was decided before it", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    {
      using world = await DeskWorld.started({ path });
      await world.bars(rise.slice(0, 7));
    }
    using world = new DeskWorld({ path });
    world.venue.bends.read = "lost";
    await world.start();
    expect(world.desk.status().state).toBe("reconciling");
    expect((await world.bars([100_000, 103_000])).map(({ code }) => code)).not.toContain("trade");
  });

  test("closed between a decision and its sending keeps the entry in the process", async () => {
    using world = await DeskWorld.started(memory);
    await world.bars(rise.slice(0, 7));
    world.betweenDecisionAndSending = () => {
      world.system.turn({ kind: "test", subject: "desk", payload: null }, () =>
        world.system.send("account:paper:main", { type: "account.restarted" }),
      );
    };
    await world.barsOf("BTC/USD", [100_000]);
    expect([world.venue.reached, world.orders()]).toEqual([[], ["entry denied"]]);
  });
});

describe("the breaker of a symbol's live stream", () => {
  const live = { ...config, isLive: true } as const;
  const of = { type: "stream", at, symbol: "BTC/USD" } as const;
  const silent = { ...of, isFresh: false, text: "its order book is not heard any more" } as const;
  const fresh = { ...of, isFresh: true, text: "its order book is heard again" } as const;
  const brake = "breaker/staleStream/paper:main/BTC/USD";

  test("keeps entries of that symbol out until it is heard again, and of no other", async () => {
    using world = await DeskWorld.started({ ...memory, config: live });
    world.desk.observe(silent);
    expect(world.desk.status().brakes).toMatchObject([
      { brakeId: brake, scope: "paper:main/BTC/USD", reason: silent.text },
    ]);
    const codes = (await world.bars(rise)).map(({ symbol, code }) => `${symbol} ${code}`);
    expect(codes).toContain("BTC/USD braked");
    expect(codes).toContain("ETH/USD trade");
    expect(codes).not.toContain("BTC/USD trade");
    world.desk.observe(fresh);
    expect([world.brakes(), stateOf(world, "staleStream/paper:main/BTC/USD")]).toEqual([
      [],
      "closed",
    ]);
  });

  test("outlives a kill", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    {
      using world = await DeskWorld.started({ path, config: live });
      world.desk.observe(silent);
    }
    using world = await DeskWorld.started({ path, config: live });
    expect(world.brakes()).toEqual([brake]);
  });

  test("is not there where prices come from files", async () => {
    using world = await DeskWorld.started(memory);
    expect(stateOf(world, "staleStream/paper:main/BTC/USD")).toBeUndefined();
  });
});

describe("the breaker of an account's own stream", () => {
  const wired = { ...config, mode: "rehearsal" } as const;
  const of = { type: "account", at } as const;
  const brake = "breaker/accountStream/paper:main";
  const reads = (world: DeskWorld) =>
    world.journal().filter(({ content }) => {
      const { input } = content as { input?: { effect?: string } };
      return input?.effect === "readAccount";
    }).length;

  test("stops entries while it is cut, and has the account read when it stands again", async () => {
    using world = await DeskWorld.started({ ...memory, config: wired });
    world.desk.observe({ ...of, link: "cut", text: "its stream is down: reset" });
    expect(world.desk.status().brakes).toMatchObject([
      { brakeId: brake, scope: "paper:main", reason: "its stream is down: reset" },
    ]);
    const before = reads(world);
    world.desk.observe({ ...of, link: "stands", text: "its stream stands" });
    await world.deliver();
    expect([world.brakes(), reads(world)]).toEqual([[], before + 1]);
  });

  test("that missed something has the account read, and stops nothing", async () => {
    using world = await DeskWorld.started({ ...memory, config: wired });
    const before = reads(world);
    world.desk.observe({ ...of, link: "doubtful", text: "a hole in its sequence" });
    await world.deliver();
    expect([world.brakes(), reads(world)]).toEqual([[], before + 1]);
  });
});
