/** Orders, positions and scanners whose snapshot no machine takes: made anew from the ledger. */
import { describe, expect, test } from "bun:test";
import { TestFolder } from "../runtime/testing/small-system.ts";
import { bendActors, newer, unreadable } from "./testing/bend-ledger.ts";
import { DeskWorld, minute, rise } from "./testing/desk-world.ts";
import { Fuse } from "./testing/explosive.ts";
import {
  after,
  entering,
  entry,
  expectEndsWell,
  expectProtected,
  first,
  holding,
  type Prepare,
  position,
  scanner,
  setAside,
  stop,
  stopAtVenue,
} from "./testing/upgraded-desk.ts";

const changes = [
  ["newer", newer],
  ["unreadable", unreadable],
] as const;

describe.each(changes)("an order whose snapshot is %s", (_, change) => {
  test("and that rests as an entry is looked up, never sent again, and fills", async () => {
    using folder = new TestFolder();
    using world = await after(folder, entering, [entry], change);
    expect([setAside(world), world.venue.reached, world.orders(), world.brakes()]).toEqual([
      [entry],
      [],
      ["entry open"],
      [],
    ]);
    expect(world.desk.status().lastAlarm).toStartWith(`${entry}: Cannot restore snapshot`);
    await world.barsOf("BTC/USD", [103_000]);
    await expectProtected(world);
    await expectEndsWell(world);
  });

  test("and that is a stop is looked up; it stays as tight as it was raised", async () => {
    using folder = new TestFolder();
    let before: unknown;
    const prepare: Prepare = async (world) => {
      await holding(world);
      before = await stopAtVenue(world);
    };
    using world = await after(folder, prepare, [stop], change);
    expect(world.venue.reached).toEqual([]);
    expect(await stopAtVenue(world)).toEqual(before as never);
    await expectProtected(world);
    await world.barsOf("BTC/USD", [120_000, 128_000]);
    await expectProtected(world);
    await expectEndsWell(world);
  });

  const sentIntoTheVoid: Prepare = async (world) => {
    await world.barsOf("BTC/USD", rise.slice(0, 7));
    world.venue.bends.submit = "lost";
    world.venue.bends.read = "lost";
    await world.barsOf("BTC/USD", [100_000]);
    expect(world.snapshot(entry)?.hasTag("unknown")).toBe(true);
  };

  test("and that is a stop of another size than it began with is found all the same", async () => {
    using folder = new TestFolder();
    const prepare: Prepare = async (world) => {
      await entering(world);
      await world.pass(1_000);
      const point = { at: world.clock.now(), ticks: 100_000, gap: false, volume: 8 };
      world.venue.paper.point("BTC/USD", point);
      await world.deliver();
      expect(world.orders()).toEqual(["entry partial", "stop open"]);
      await world.barsOf("BTC/USD", [103_000]);
      expect(world.reader.books.order(`${first}/stop-1`)?.intent.quantity).toBe("2" as never);
      expect((await stopAtVenue(world))[0]?.quantity).not.toBe("2" as never);
    };
    using world = await after(folder, prepare, [stop], change);
    expect([world.venue.reached, world.snapshot(stop)?.hasTag("unknown")]).toEqual([[], false]);
    await expectProtected(world);
    await expectEndsWell(world);
  });

  test("and whose first sending was lost stays unknown without proof", async () => {
    using folder = new TestFolder();
    using world = await after(folder, sentIntoTheVoid, [entry], change, (world) => {
      world.venue.bends.read = "lost";
    });
    await world.pass(minute);
    expect([world.venue.reached, world.snapshot(entry)?.hasTag("unknown")]).toEqual([[], true]);
  });

  test("and whose first sending was lost is sent again after proof, once", async () => {
    using folder = new TestFolder();
    using world = await after(folder, sentIntoTheVoid, [entry], change);
    expect(world.venue.reached).toEqual(["submit buy limit"]);
    expect(world.reader.books.attemptsOf(`${first}/entry`).map(({ number }) => number)).toEqual([
      1, 2,
    ]);
  });

  test("and whose sending arrived unheard is found, not sent twice", async () => {
    using folder = new TestFolder();
    const prepare: Prepare = async (world) => {
      await world.barsOf("BTC/USD", rise.slice(0, 7));
      world.venue.bends.submit = "unheard";
      world.venue.bends.read = "lost";
      world.venue.keepsReports = true;
      await world.barsOf("BTC/USD", [100_000]);
    };
    using world = await after(folder, prepare, [entry], change);
    expect([world.venue.reached, world.orders()]).toEqual([[], ["entry open"]]);
  });

  test("and that has ended is not taken up again", async () => {
    using folder = new TestFolder();
    const prepare: Prepare = async (world) => {
      await world.barsOf("BTC/USD", rise.slice(0, 7));
      world.venue.bends.submit = "insufficientFunds";
      await world.barsOf("BTC/USD", [100_000]);
      expect(world.orders()).toEqual(["entry rejected"]);
    };
    using world = await after(folder, prepare, [entry], change, (world) => {
      world.venue.bends.read = "lost";
    });
    expect([world.venue.reached, world.orders()]).toEqual([[], ["entry rejected"]]);
    expect(world.snapshot(entry)?.hasTag("unknown")).toBe(false);
    await world.pass(3 * minute);
    expect([world.venue.reached, world.live("order")]).toEqual([[], []]);
  });

  test("and that was being cancelled is cancelled", async () => {
    using folder = new TestFolder();
    const prepare: Prepare = async (world) => {
      await entering(world);
      world.venue.bends.cancel = "lost";
      world.venue.bends.read = "lost";
      world.command("flatten");
      await world.deliver();
      expect(world.snapshot(entry)?.hasTag("unknown")).toBe(true);
    };
    using world = await after(folder, prepare, [entry], newer);
    await world.pass(3 * minute);
    expect([world.live("order"), world.live("position")]).toEqual([[], []]);
    expect(world.venue.reached).toEqual(["cancel"]);
  });
});

describe.each(changes)("a position whose snapshot is %s", (_, change) => {
  test("is protected by the stop that rests, as tight as it was, and closes in the end", async () => {
    using folder = new TestFolder();
    let before: unknown;
    const prepare: Prepare = async (world) => {
      await holding(world);
      before = await stopAtVenue(world);
    };
    using world = await after(folder, prepare, [position], change);
    expect([setAside(world), world.venue.reached, world.brakes()]).toEqual([[position], [], []]);
    expect(await stopAtVenue(world)).toEqual(before as never);
    await expectProtected(world);
    await world.barsOf("BTC/USD", [120_000, 128_000]);
    await expectProtected(world);
    await expectEndsWell(world);
  });

  test("with its orders' too is the same", async () => {
    using folder = new TestFolder();
    let before: unknown;
    const prepare: Prepare = async (world) => {
      await holding(world);
      before = await stopAtVenue(world);
    };
    using world = await after(folder, prepare, [position, stop], change);
    expect(await stopAtVenue(world)).toEqual(before as never);
    await expectProtected(world);
    await expectEndsWell(world);
  });

  test("and that has bought nothing yet waits for its entry, and protects what it brings", async () => {
    using folder = new TestFolder();
    using world = await after(folder, entering, [position], change);
    expect([world.snapshot(position)?.value, world.brakes()]).toEqual(["opening", []]);
    await world.barsOf("BTC/USD", [103_000]);
    if (change === newer) await expectProtected(world);
    await expectEndsWell(world);
  });

  test("and that was being sold is sold on: the exit that is out is not sent twice", async () => {
    using folder = new TestFolder();
    const prepare: Prepare = async (world) => {
      await holding(world);
      world.command("flatten");
      world.venue.meanwhile = (request) => {
        // From the exit on nothing is heard.
        if (request !== "submit") return;
        world.venue.bends.submit = "unheard";
        world.venue.bends.read = "lost";
        world.venue.keepsReports = true;
      };
      await world.deliver();
      expect(world.venue.reached.at(-1)).toBe("submit sell market");
    };
    using world = await after(folder, prepare, [position], change);
    expect(world.snapshot(position)?.value).toEqual({ closing: "working" });
    await world.barsOf("BTC/USD", [114_000, 114_000]);
    expect(world.venue.reached).toEqual([]);
    expect(world.desk.status().positions).toEqual([]);
  });

  test("and that is over stays over", async () => {
    using folder = new TestFolder();
    const prepare: Prepare = async (world) => {
      await holding(world);
      world.command("flatten");
      await world.deliver();
      await world.pass(1_000);
      const point = { at: world.clock.now(), ticks: 114_000, gap: false, volume: 4_000 };
      world.venue.paper.point("BTC/USD", point);
      await world.deliver();
      expect(world.snapshot(position)?.hasTag("over")).toBe(true);
    };
    using world = await after(folder, prepare, [position], change);
    expect([world.snapshot(position)?.value, world.venue.reached]).toEqual(["closed", []]);
    const { trades } = world.desk.status().counts;
    await world.pass(3 * minute);
    expect([trades, world.desk.status().counts.trades, world.live("position")]).toEqual([1, 1, []]);
  });
});

test.each(changes)(
  "a position made anew, %s, counts a fill that is yet to be told once",
  async (_, change) => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    {
      const fuse = new Fuse();
      using world = await DeskWorld.started({ path, kinds: fuse.kinds() });
      await entering(world);
      fuse.on = (actor, { type }) => actor === entry && type === "order.fill";
      await world.barsOf("BTC/USD", [103_000]);
      expect([world.snapshot(position)?.value, world.ledger.stateOf("untold").size]).toEqual([
        "opening",
        1,
      ]);
      world.desk.commit();
    }
    bendActors(path, [position], change);
    using world = await DeskWorld.started({ path });
    await world.deliver();
    await expectProtected(world);
    expect(world.ledger.stateOf("untold").size).toBe(0);
    await expectEndsWell(world);
  },
);

describe.each(changes)("a scanner whose snapshot is %s", (_, change) => {
  test("is engaged with the position that is open, and numbers on", async () => {
    using folder = new TestFolder();
    using world = await after(folder, holding, [scanner], change);
    expect(world.snapshot(scanner)).toMatchObject({
      value: "engaged",
      context: { opened: 1, positionId: first },
    });
    await expectEndsWell(world);
    expect(world.snapshot(scanner)?.value).toBe("coolingDown");
    await world.pass(20 * minute);
    await world.barsOf("BTC/USD", rise);
    expect(world.snapshot(scanner)?.context).toMatchObject({ opened: 2 });
  });

  test("is engaged with one that has bought nothing yet: no second one is opened", async () => {
    using folder = new TestFolder();
    using world = await after(folder, entering, [scanner], change);
    expect(world.snapshot(scanner)).toMatchObject({
      value: "engaged",
      context: { opened: 1, positionId: first },
    });
    expect((await world.barsOf("BTC/USD", [103_000]))[0]?.code).toBe("inPosition");
  });
});
