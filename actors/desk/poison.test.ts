/** Turns that are undone: what they booked stays, what they meant is braked for, and told later. */
import { describe, expect, test } from "bun:test";
import { actorName } from "../../machines/domain/ids.ts";
import { TestFolder } from "../runtime/testing/small-system.ts";
import { deskInput } from "./config.ts";
import { config, DeskWorld, minute, rise } from "./testing/desk-world.ts";
import { boom, Fuse } from "./testing/explosive.ts";

const positionId = "paper:main/BTC/USD/1";
const entry = actorName.order(`${positionId}/entry`);
const position = actorName.position(positionId);
const { faults, restarts } = deskInput(config).supervision.order;

/** An entry of BTC/USD rests at the venue; the fuse is not lit yet. */
async function entering(path: string, fuse: Fuse): Promise<DeskWorld> {
  const world = await DeskWorld.started({ path, kinds: fuse.kinds() });
  await world.barsOf("BTC/USD", rise.slice(0, 8));
  expect(world.orders()).toEqual(["entry open"]);
  return world;
}

/** Throws on fills of the entry, so many times. */
function lightOnFills(fuse: Fuse, times: number, at = entry): void {
  let left = times;
  fuse.on = (actor, event) => {
    const isFill = event.type === "order.fill" || event.type === "order.filled";
    if (actor !== at || !isFill || left === 0) return false;
    left -= 1;
    return true;
  };
}

function fail(world: DeskWorld): void {
  world.system.turn({ kind: "test", subject: entry, payload: null }, () =>
    world.system.send(entry, boom),
  );
  world.inside.recovery.answer();
}

function failTooOften(world: DeskWorld): void {
  for (let count = 0; count <= faults; count += 1) fail(world);
}

const held = (world: DeskWorld) => world.desk.status().positions[0]?.quantity;

/** Position's actor, its row and its stop agree: all that was bought is protected. */
function expectProtected(world: DeskWorld): void {
  const { value, context } = world.snapshot(position) ?? {};
  expect(value).toBe("open");
  expect(context?.quantity).toBe(held(world));
  expect(context?.stop.live.quantity).toBe(held(world));
  expect(world.orders()).toContain("stop open");
}

describe("a fill that came with a poison turn", () => {
  test.each([
    ["the order's", entry],
    ["the position's", position],
  ])("is booked once and told in a turn of its own: %s machine threw once", async (_, at) => {
    const fuse = new Fuse();
    using world = await entering(":memory:", fuse);
    lightOnFills(fuse, 1, at);
    await world.barsOf("BTC/USD", [103_000]);
    const status = world.desk.status();
    expect([status.counts.fills, status.counts.poison]).toEqual([1, 1]);
    expect(status.brakes.map(({ brakeId }) => brakeId)).toEqual(["poison/paper:main"]);
    expect([...world.reader.books.fillsOf(`${positionId}/entry`)]).toHaveLength(1);
    expectProtected(world);
    const kinds = world.journal().map(({ kind }) => kind);
    const undone = world.journal().findIndex(({ content }) => content.undone !== undefined);
    expect(kinds.slice(undone, undone + 3)).toEqual(["report", "poison", "untold"]);
  });

  test("is told after the child was restarted, where telling it failed again", async () => {
    const fuse = new Fuse();
    using world = await entering(":memory:", fuse);
    lightOnFills(fuse, 2);
    await world.barsOf("BTC/USD", [103_000]);
    expect(world.snapshot(position)?.value).toBe("opening");
    failTooOften(world);
    expect(world.root.children[entry]?.state).toBe("waiting");
    await world.pass(2_000);
    expect(world.root.children[entry]).toMatchObject({ state: "up", faults: [] });
    expectProtected(world);
  });

  test("that no turn can tell stays in the books, its child is given up, and none is lost", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    const fuse = new Fuse();
    let bought: unknown;
    {
      using world = await entering(path, fuse);
      lightOnFills(fuse, Number.POSITIVE_INFINITY);
      await world.barsOf("BTC/USD", [103_000]);
      bought = held(world);
      for (let count = 0; count < 40; count += 1) {
        fail(world);
        await world.pass(3_000);
      }
      const { children } = world.root;
      expect(children[entry]?.state).toBe("givenUp");
      expect(children[entry]?.restarts).toHaveLength(restarts);
      expect(world.brakes()).toEqual(["poison/paper:main", `supervision/${entry}/paper:main`]);
      expect(world.desk.status().counts.fills).toBe(1);
      expect(held(world)).toBe(bought as never);
    }
    // A desk that is mended tells it at its start.
    using world = await DeskWorld.started({ path });
    await world.deliver();
    expect(held(world)).toBe(bought as never);
    expectProtected(world);
    expect(world.desk.status().counts.fills).toBe(1);
    expect(world.ledger.stateOf("untold").size).toBe(0);
  });
});

describe("a restart that waits", () => {
  test("comes at its time after the process was killed and started again", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    const fuse = new Fuse();
    let deadline: number;
    {
      using world = await entering(path, fuse);
      failTooOften(world);
      world.desk.commit();
      deadline = world.system.timers.of("desk")[0]?.deadline ?? 0;
      expect(deadline).toBeGreaterThan(world.clock.now());
    }
    using world = await DeskWorld.started({ path, kinds: fuse.kinds() });
    expect(world.system.timers.of("desk")).toMatchObject([{ id: `restart/${entry}`, deadline }]);
    const before = world.snapshot(entry)?.value;
    await world.passTo(deadline - 1);
    expect(world.root.children[entry]?.state).toBe("waiting");
    await world.passTo(deadline);
    expect(world.root.children[entry]).toMatchObject({ state: "up", restarts: [deadline] });
    expect(world.snapshot(entry)?.value).toEqual(before as never);
    expect(world.venue.reached).toEqual([]);
  });
});

describe("an order that is restarted while the venue may hold it", () => {
  test("is looked up, never sent again", async () => {
    const fuse = new Fuse();
    using world = await DeskWorld.started({ path: ":memory:", kinds: fuse.kinds() });
    await world.barsOf("BTC/USD", rise.slice(0, 7));
    // It has reached the venue and its answer is lost; it fails until it is restarted.
    world.venue.bends.submit = "unheard";
    world.venue.bends.read = "lost";
    await world.barsOf("BTC/USD", [100_000]);
    expect(world.snapshot(entry)?.hasTag("unknown")).toBe(true);
    failTooOften(world);
    await world.pass(2_000);
    expect(world.root.children[entry]?.restarts).toHaveLength(1);
    expect(world.snapshot(entry)?.hasTag("unknown")).toBe(true);
    world.venue.bends.read = "none";
    await world.pass(minute);
    expect(world.venue.reached).toEqual(["submit buy limit"]);
    expect(world.orders()).toEqual(["entry open"]);
  });
});

describe("a root that cannot even set the brake", () => {
  test("is braked all the same, after a restart too, until it can", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    const fuse = new Fuse();
    {
      using world = await DeskWorld.started({ path, kinds: fuse.kinds() });
      await world.barsOf("BTC/USD", rise.slice(0, 7));
      fuse.on = (actor, event) => actor === "desk" && event.type === "brake.on";
      world.command("pause");
      expect(world.brakes()).toEqual(["poison/paper:main"]);
      const [decision] = await world.barsOf("BTC/USD", [100_000]);
      // The gateway holds what the decision let through.
      expect([decision?.code, world.venue.reached, world.orders()]).toEqual([
        "trade",
        [],
        ["entry denied"],
      ]);
      world.desk.commit();
    }
    {
      using world = await DeskWorld.started({ path, kinds: fuse.kinds() });
      expect([world.brakes(), world.root.brakes]).toEqual([["poison/paper:main"], []]);
    }
    fuse.on = () => false;
    using world = await DeskWorld.started({ path, kinds: fuse.kinds() });
    expect(world.root.brakes.map(({ brakeId }) => brakeId)).toEqual(["poison/paper:main"]);
    world.command("release", { target: "poison/paper:main" });
    expect(world.brakes()).toEqual([]);
  });
});

test("code of the desk that throws in a turn is undone, and no child is blamed for it", async () => {
  using world = await DeskWorld.started({ path: ":memory:" });
  world.system.turn({ kind: "test", subject: "BTC/USD", payload: null }, () => {
    throw new TypeError("Cannot read price");
  });
  world.inside.recovery.answer();
  expect(world.desk.status().brakes).toMatchObject([
    {
      brakeId: "poison/paper:main",
      reason: 'turn "test" of "BTC/USD" was undone: TypeError: Cannot read price',
    },
  ]);
  expect(world.root.children).toEqual({});
});
