import { describe, expect, test } from "bun:test";
import { latest, protectedWorld, raised, runs, worldOf } from "./position-scenes.fixture.ts";
import type { PositionWorld } from "./position-world.fixture.ts";

describe("from every state, a wanted exit leads to closed", () => {
  const states: [string, () => PositionWorld][] = [
    ["opening", () => worldOf()],
    [
      "protecting",
      () => {
        const world = worldOf();
        world.open(latest(world, "entry"));
        world.fill(latest(world, "entry"), 4);
        return world;
      },
    ],
    ["open", () => protectedWorld()],
    [
      "unprotected",
      () => {
        const world = worldOf();
        world.open(latest(world, "entry"));
        world.fill(latest(world, "entry"), 10);
        world.end(latest(world, "stop"), "rejected", "marketClosed");
        return world;
      },
    ],
    [
      "unprotectable",
      () => {
        const world = worldOf();
        world.open(latest(world, "entry"));
        world.fill(latest(world, "entry"), 10);
        world.end(latest(world, "stop"), "rejected", "belowMinimum");
        return world;
      },
    ],
    [
      "replacing",
      () => {
        const world = protectedWorld({ amends: 1 });
        world.tell(raised);
        world.answerAmend(latest(world, "stop"));
        return world;
      },
    ],
    [
      "switching",
      () => {
        const world = protectedWorld();
        world.tell({ type: "level.crossed" });
        return world;
      },
    ],
    [
      "closing.working",
      () => {
        const world = protectedWorld();
        world.tell({ type: "level.crossed" });
        world.end(latest(world, "stop"), "canceled");
        return world;
      },
    ],
    [
      "closing.stranded",
      () => {
        const world = protectedWorld();
        world.tell({ type: "level.crossed" });
        world.end(latest(world, "stop"), "canceled");
        for (let exit = 0; exit < 3; exit++) world.end(latest(world, "exit"), "rejected");
        return world;
      },
    ],
  ];
  test.each(states)("%s", (state, build) => {
    const world = build();
    expect(world.state).toBe(state);
    world.want("flatten");
    runs(world);
    expect([world.state, world.held, world.closed]).toEqual(["settled", "0", 1]);
  });
});
