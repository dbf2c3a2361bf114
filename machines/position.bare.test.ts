import { describe, expect, test } from "bun:test";
import { decimal, zero } from "./domain/decimal.ts";
import { latest, raised, worldOf } from "./position-scenes.fixture.ts";

/** Without a stop, part of it bought. */
function bareWorld() {
  const world = worldOf({}, zero, true);
  world.open(latest(world, "entry"));
  world.fill(latest(world, "entry"), 4);
  return world;
}

describe("a position that is to go without a stop", () => {
  test("holds what it bought and asks for no stop", () => {
    const world = bareWorld();
    expect([world.state, world.sells.length, world.held]).toEqual(["bare", 0, decimal("0.4")]);
    expect(
      ["unprotected", "watched"].map((tag) => world.stepper.snapshot.hasTag(tag as "watched")),
    ).toEqual([true, false]);
  });

  test("minds no level, and calls none illegal", () => {
    const world = bareWorld();
    world.tell(raised);
    world.tell({ type: "level.crossed" });
    expect([world.state, world.context.illegal, world.orders.length]).toEqual(["bare", 0, 1]);
  });

  test("is sold by its signal once the rest of its entry is cancelled", () => {
    const world = bareWorld();
    world.want("signal");
    expect([world.state, latest(world, "entry").isCancelWanted]).toEqual(["switching", true]);
    world.end(latest(world, "entry"), "canceled");
    world.open(latest(world, "exit"));
    world.fill(latest(world, "exit"), 10);
    world.end(latest(world, "exit"), "filled");
    expect([world.state, world.context.exitReason]).toEqual(["closed", "signal"]);
  });
});
