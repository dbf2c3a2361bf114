/** A desk whose stored actors are another desk's, or garbage: it starts, and says what it lost. */
import { describe, expect, test } from "bun:test";
import { compare, zero } from "../../machines/domain/decimal.ts";
import { actorName } from "../../machines/domain/ids.ts";
import type { StoredActor } from "../runtime/mod.ts";
import { TestFolder } from "../runtime/testing/small-system.ts";
import { bendActors, garbage, newer, unreadable } from "./testing/bend-ledger.ts";
import { at, DeskWorld, rise } from "./testing/desk-world.ts";
import {
  after,
  balancesOf,
  entering,
  expectEndsWell,
  expectProtected,
  holding,
  type Prepare,
  position,
  scanner,
  setAside,
  stop,
  stopAtVenue,
} from "./testing/upgraded-desk.ts";

const breaker = actorName.breaker("dailyLoss/desk");

test("a breaker that cannot be restored brakes the desk, until the operator has looked", async () => {
  using folder = new TestFolder();
  using world = await after(folder, holding, [breaker], newer);
  expect([world.brakes(), world.snapshot(breaker)?.value]).toEqual([
    [`supervision/${breaker}/desk`],
    "closed",
  ]);
  expect(world.desk.status().brakes[0]?.reason).toContain("could not be restored");
  await expectProtected(world);
  world.command("release", { target: `supervision/${breaker}/desk` });
  expect(world.brakes()).toEqual([]);
});

test.each([actorName.account(at), actorName.reconciler(at), actorName.feed("BTC/USD")])(
  "%s is made anew, and the desk trades on",
  async (name) => {
    using folder = new TestFolder();
    const prepare: Prepare = async (world) => {
      await world.barsOf("BTC/USD", rise.slice(0, 7));
    };
    using world = await after(folder, prepare, [name], unreadable);
    expect([setAside(world), world.brakes(), world.desk.status().state]).toEqual([
      [name],
      [],
      "running",
    ]);
    expect((await world.barsOf("BTC/USD", [100_000]))[0]?.code).toBe("trade");
  },
);

describe("a root that cannot be restored", () => {
  const braked: Prepare = async (world) => {
    await holding(world);
    world.command("hold", { target: "paper:main/ETH/USD", reason: "delisted" });
    world.desk.observe({ type: "vital", rule: "lowDisk", isGood: false, text: "full" });
  };

  test("and is readable keeps its brakes; all others go on, and the desk is braked", async () => {
    using folder = new TestFolder();
    let before: unknown[] = [];
    const prepare: Prepare = async (world) => {
      await braked(world);
      before = [...world.desk.status().brakes];
    };
    using world = await after(folder, prepare, ["desk"], newer);
    const { brakes } = world.desk.status();
    expect(brakes.slice(0, 2)).toEqual(before as never);
    expect(brakes.slice(2).map(({ brakeId }) => brakeId)).toEqual(["supervision/desk/desk"]);
    await expectProtected(world);
    world.desk.observe({ type: "vital", rule: "lowDisk", isGood: true, text: "well" });
    expect(world.brakes()).toEqual(["hold/paper:main/ETH/USD", "supervision/desk/desk"]);
    await expectEndsWell(world);
  });

  test("and is not readable is braked as a whole, whatever brakes were on", async () => {
    using folder = new TestFolder();
    using world = await after(folder, braked, ["desk"], unreadable);
    expect(world.brakes()).toEqual(["supervision/desk/desk"]);
    await expectProtected(world);
    expect(await world.bars([115_000])).toMatchObject([{ code: "inPosition" }, {}]);
    await expectEndsWell(world);
  });

  test("takes no timer of the others with it", async () => {
    using folder = new TestFolder();
    const timers = (world: DeskWorld) =>
      [...world.desk.actors()]
        .filter(([name]) => name.startsWith("order") || name.startsWith("position"))
        .flatMap(([name]) => world.system.timers.of(name));
    let before: unknown;
    const prepare: Prepare = async (world) => {
      await entering(world);
      before = timers(world);
    };
    using world = await after(folder, prepare, ["desk"], unreadable);
    expect(timers(world)).toEqual(before as never);
    expect(world.venue.reached).toEqual([]);
  });
});

describe.each(garbage)("a snapshot that is %s", (_, change) => {
  const all: Prepare = async (world) => {
    await world.bars([...rise, 106_000]);
  };

  test("of every actor at once is no crash loop: the desk starts, twice, and protects", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    let names: string[] = [];
    {
      using world = await DeskWorld.started({ path });
      await all(world);
      world.desk.commit();
      names = world.ledger.load().actors.map(({ name }: StoredActor) => name);
    }
    bendActors(path, names, change);
    for (let start = 1; start <= 2; start += 1) {
      using world = await DeskWorld.started({ path });
      await world.deliver();
      const { brakes, positions, counts, state } = world.desk.status();
      expect([positions.length, counts.poison, state]).toEqual([2, 0, "braked"]);
      expect(brakes.map(({ brakeId }) => brakeId)).toContain("supervision/desk/desk");
      expect(positions.map((each) => each.state)).toEqual(["open", "open"]);
      const scanners = world.live("scanner").map((name) => world.snapshot(name)?.value);
      expect(scanners).toEqual(["engaged", "engaged"]);
      const stops = await stopAtVenue(world);
      expect(stops.map(({ quantity }) => quantity)).toEqual(positions.map((each) => each.quantity));
      expect(new Set(setAside(world)).size).toBe(names.length);
      expect(setAside(world).length).toBe(names.length);
    }
  });

  test("of an actor that this desk does not know is put away, once", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    const strange = ["vault:gold", "order:paper:main/BTC/USD/77/entry", "feed:DOGE/USD"];
    {
      using world = await DeskWorld.started({ path });
      await all(world);
      const actors = strange.map((name) =>
        change({
          ...{ name, kind: name.split(":")[0] ?? "", version: 1, timers: [], seq: 1 },
          snapshot: { status: "active", value: "x", context: {}, children: {} },
        }),
      );
      world.ledger.commit({
        records: [],
        actors,
        archived: [],
        revived: [],
        ledger: [],
        state: [],
      });
    }
    {
      using world = await DeskWorld.started({ path });
      expect(setAside(world).sort()).toEqual([...strange].sort());
      expect(world.brakes().sort()).toEqual(
        strange.map((name) => `supervision/${name}/desk`).sort(),
      );
      for (const target of world.brakes()) world.command("release", { target });
    }
    using world = await DeskWorld.started({ path });
    expect([setAside(world).length, world.brakes()]).toEqual([strange.length, []]);
  });
});

test("what was set aside is kept for a look, under its name", async () => {
  using folder = new TestFolder();
  using world = await after(folder, holding, [position], unreadable);
  const kept = [...world.ledger.stateOf("setAside").values()] as StoredActor[];
  expect(kept).toMatchObject([{ name: position, snapshot: "\u0000" }]);
});

test("totals of the books are as they were, whatever was made anew", async () => {
  using folder = new TestFolder();
  const names = [position, stop, scanner, "desk"];
  using world = await after(folder, holding, names, unreadable);
  await expectEndsWell(world);
  const value = await balancesOf(world);
  for (const { coin, total } of value) {
    const ours = world.desk.books.balancesOf(at).get(coin) ?? zero;
    expect(compare(ours, total)).toBe(0);
  }
});
