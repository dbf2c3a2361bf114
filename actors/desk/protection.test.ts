/** A desk whose venue does not take the protective stop: what it shows, and what it does. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { positionOf, rowsOf } from "./testing/brain-world.ts";
import { DeskWorld, rise } from "./testing/desk-world.ts";

setDefaultTimeout(60_000);

const btc = "BTC/USD";
const states = (world: DeskWorld) => world.desk.status().positions.map(({ state }) => state);

/** Bought, while the venue refuses whatever is placed. */
async function refusedWorld(refusal: "marketClosed" | "belowMinimum"): Promise<DeskWorld> {
  const world = await DeskWorld.started({ path: ":memory:" });
  await world.barsOf(btc, rise.slice(0, 8));
  expect(world.orders()).toEqual(["entry open"]);
  world.venue.bends.submit = refusal;
  world.venue.meanwhile = (request) => {
    if (request === "submit") asked += 1;
  };
  asked = 0;
  const point = { at: world.clock.now() + 1, ticks: 99_900, gap: false, volume: 1_000_000 };
  await world.passTo(point.at);
  world.venue.paper.point(btc, point);
  await world.deliver();
  return world;
}
let asked = 0;

describe("a stop that the venue does not take for now", () => {
  test("leaves a position that is shown as unprotected, and is placed when it is taken", async () => {
    using world = await refusedWorld("marketClosed");
    expect([states(world), asked]).toEqual([["unprotected"], 1]);
    world.venue.bends.submit = "none";
    await world.pass(999);
    expect([states(world), asked]).toEqual([["unprotected"], 1]);
    await world.pass(1);
    expect([states(world), world.orders()]).toEqual([
      ["open"],
      ["entry filled", "stop rejected", "stop open"],
    ]);
  });

  test("is given up after as many tries as are allowed, seconds apart: the position is sold", async () => {
    using world = await refusedWorld("marketClosed");
    await world.pass(1_000);
    expect([states(world), asked]).toEqual([["unprotected"], 2]);
    world.venue.meanwhile = (request) => {
      if (request === "submit" && asked++ === 3) world.venue.bends.submit = "none";
    };
    await world.pass(2_000);
    expect(world.venue.reached.at(-1)).toBe("submit sell market");
    await world.barsOf(btc, [99_000]);
    expect(rowsOf(world).map((row) => [row.state, row.exitReason])).toEqual([
      ["closed", "protectionFailed"],
    ]);
  });

  test("leaves a level that is watched: a close below it sells at market", async () => {
    using world = await refusedWorld("marketClosed");
    world.venue.bends.submit = "none";
    const { stopPrice } = positionOf(world, btc) ?? {};
    world.desk.move(btc, Math.floor(Number(stopPrice) * 100) - 1);
    await world.deliver();
    expect(world.venue.reached.at(-1)).toBe("submit sell market");
    expect(positionOf(world, btc)?.exitReason).toBe("gapThroughStop");
  });
});

describe("a position that the venue calls too small for a stop, and that is not small", () => {
  test("is not left without one: the stop is tried again, then it is sold", async () => {
    using world = await refusedWorld("belowMinimum");
    expect(states(world)).toEqual(["unprotected"]);
  });
});
