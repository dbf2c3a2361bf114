/** The price moves far inside a bar: what is judged there, and what the journal keeps of it. */
import { describe, expect, test } from "bun:test";
import { type Decimal, decimal } from "../../machines/domain/decimal.ts";
import { TestFolder } from "../runtime/testing/small-system.ts";
import type { DeskConfig } from "./config.ts";
import { takeMove } from "./planes.ts";
import {
  decisionOf,
  evaluationsOf,
  inputOf,
  planeAfter,
  planeOf,
  positionOf,
  rowsOf,
  stateOf,
} from "./testing/brain-world.ts";
import { config, DeskWorld, dawn, minute, rise } from "./testing/desk-world.ts";

const btc = "BTC/USD";
const memory = ":memory:";
const hour = 60 * minute;
/** A target that can be met, a trail that a move can raise. */
const near: DeskConfig = {
  ...config,
  stop: { ...config.stop, targetAtrMultiple: 2.5, trailAtrMultiple: 2.5 },
};
const ticksOf = (price: Decimal | null | undefined): number => Math.round(Number(price) * 100);

async function worldAfter(closes: readonly number[], path = memory): Promise<DeskWorld> {
  const world = await DeskWorld.started({ path, config: near });
  await world.barsOf(btc, closes);
  await world.pass(minute / 4);
  return world;
}

/** Lets the move in, and all that follows from it. */
async function move(world: DeskWorld, price: number): Promise<void> {
  world.desk.move(btc, price);
  await world.deliver();
}
const last = (world: DeskWorld) => evaluationsOf(world, btc).at(-1) as never;

describe("a move", () => {
  test("to the target sells, one to a tick below it does not", async () => {
    using world = await worldAfter(rise);
    const target = ticksOf(positionOf(world, btc)?.targetPrice);
    await move(world, target - 1);
    expect(positionOf(world, btc)?.exitReason).toBe(null);
    await move(world, target);
    expect(positionOf(world, btc)?.exitReason).toBe("target");
    await world.barsOf(btc, [target]);
    expect(rowsOf(world)).toMatchObject([{ state: "closed", exitReason: "target" }]);
  });

  test("to the stop sells where the stop did not, one to a tick above it does not", async () => {
    using world = await worldAfter(rise);
    const stop = ticksOf(positionOf(world, btc)?.stopPrice);
    await move(world, stop + 1);
    expect([positionOf(world, btc)?.exitReason, world.orders()]).toEqual([null, ["stop open"]]);
    await move(world, stop);
    expect(positionOf(world, btc)?.exitReason).toBe("gapThroughStop");
    expect(world.orders()).toContain("stop canceled");
  });

  test("upward raises the stop by the range of its frame, and never lowers it", async () => {
    using world = await worldAfter(rise);
    const { stopPrice, targetPrice } = positionOf(world, btc) ?? {};
    const high = ticksOf(targetPrice) - 1;
    const range = planeOf(world, btc).rangeOf(0);
    const raised = Math.floor(high - near.stop.trailAtrMultiple * range);
    expect(raised - ticksOf(stopPrice)).toBeGreaterThan(near.stop.stepAtr * range);
    await move(world, high);
    const stops = [ticksOf(positionOf(world, btc)?.stopPrice)];
    await move(world, raised + 1);
    stops.push(ticksOf(positionOf(world, btc)?.stopPrice));
    expect(stops).toEqual([raised, raised]);
    const reply = await world.venue.paper.openOrders();
    expect(reply).toMatchObject({ value: [{ stopPrice: positionOf(world, btc)?.stopPrice }] });
  });

  test("watches the levels while bars stay away, and enters nothing", async () => {
    using world = await worldAfter(rise);
    await world.pass(5 * minute);
    const { stopPrice, targetPrice } = positionOf(world, btc) ?? {};
    const high = ticksOf(targetPrice) - 1;
    await move(world, high);
    expect(last(world)).toMatchObject({ code: "lateBar" });
    const range = planeOf(world, btc).rangeOf(0);
    const raised = Math.floor(high - near.stop.trailAtrMultiple * range);
    expect(raised).toBeGreaterThan(ticksOf(stopPrice));
    expect(ticksOf(positionOf(world, btc)?.stopPrice)).toBe(raised);
    await move(world, high + 1);
    expect(positionOf(world, btc)?.exitReason).toBe("target");
  });

  test("after a pause ended enters at the moved price, with its levels from there", async () => {
    using world = await DeskWorld.started({ path: memory, config: near });
    await world.barsOf(btc, rise.slice(0, 7));
    world.command("pause");
    await world.barsOf(btc, [100_000]);
    await world.pass(minute / 4);
    await move(world, 100_600);
    expect(decisionOf(last(world))).toMatchObject({
      ...{ code: "braked", gate: { name: "brake", value: "pause/desk" } },
    });
    world.command("resume");
    const range = planeOf(world, btc).rangeOf(0);
    await move(world, 100_700);
    expect(decisionOf(last(world))).toMatchObject({
      ...{ code: "trade", gate: null, symbol: btc, at: world.clock.now() },
    });
    const { entry, initialStop, targetPrice } = positionOf(world, btc) ?? {};
    expect([entry?.price, ticksOf(initialStop), ticksOf(targetPrice)]).toEqual([
      decimal("1007"),
      Math.ceil(100_700 - near.stop.atrMultiple * range),
      Math.ceil(100_700 + near.stop.targetAtrMultiple * range),
    ]);
  });

  test("is what equity is counted at until the next bar", async () => {
    using world = await worldAfter(rise);
    const [held] = world.desk.status().positions;
    const before = Number(world.desk.status().equity);
    await move(world, 102_000);
    const change = Number(world.desk.status().equity) - before;
    expect(change).toBeCloseTo(Number(held?.quantity) * -10, 6);
  });

  test("votes with what the last bar said: only the price is another", async () => {
    using world = await worldAfter(rise);
    const plane = planeOf(world, btc);
    const votes = () => plane.evaluation({ symbol: btc } as never).frames[0]?.votes;
    const before = votes();
    const [bars, range] = [plane.bars, plane.rangeOf(0)];
    await move(world, 101_234);
    expect(votes()).toEqual(before as never);
    expect([plane.bars, plane.rangeOf(0), plane.lastClose, plane.price]).toEqual([
      ...[bars, range, 103_000, 101_234],
    ]);
  });

  test("of a symbol that is not traded is refused", async () => {
    using world = await worldAfter([]);
    expect(() => world.desk.move("XRP/USD", 1)).toThrow("not traded");
  });
});

test("a move is judged by the hour in which it came, not by that of the bar before it", async () => {
  using world = await worldAfter(rise);
  const plane = planeAfter(near, btc, evaluationsOf(world, btc));
  const session = () => plane.features()[plane.featureNames.indexOf("session")];
  const standing = { sessions: { 5: 0.75, 6: 1.25 } };
  takeMove(plane, dawn + 5 * hour, { price: 103_100, standing });
  const first = session();
  takeMove(plane, dawn + 7 * hour - 1, { price: 103_100 });
  expect([first, session()]).toEqual([0.75, 1.25]);
});

describe("a move's record", () => {
  test("holds the price alone, and makes the same plane again after a kill", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    let before: ReturnType<typeof stateOf>;
    {
      using world = await worldAfter(rise, path);
      await move(world, 104_321);
      expect(last(world)).toMatchObject({ kind: "move", subject: btc });
      expect(inputOf(last(world))).toEqual({ price: 104_321 });
      before = stateOf(planeOf(world, btc));
      const again = planeAfter(near, btc, evaluationsOf(world, btc));
      expect(stateOf(again)).toEqual(before);
    }
    using world = await DeskWorld.started({ path, config: near });
    expect(stateOf(planeOf(world, btc))).toEqual(before);
    expect(planeOf(world, btc).price).toBe(104_321);
  });

  test("that was not committed is as if the move had never been", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    let before: ReturnType<typeof stateOf>;
    {
      using world = await worldAfter(rise, path);
      world.desk.commit();
      before = stateOf(planeOf(world, btc));
      world.desk.move(btc, 103_700);
    }
    using world = await DeskWorld.started({ path, config: near });
    expect(stateOf(planeOf(world, btc))).toEqual(before);
    expect(evaluationsOf(world, btc).filter(({ kind }) => kind === "move")).toEqual([]);
  });
});
