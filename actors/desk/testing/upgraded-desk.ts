/** A desk that lived, was killed, and finds its actors as another desk would have left them. */
import { expect } from "bun:test";
import { compare } from "../../../machines/domain/decimal.ts";
import { actorName } from "../../../machines/domain/ids.ts";
import type { TestFolder } from "../../runtime/testing/small-system.ts";
import { bendActors, type Change } from "./bend-ledger.ts";
import { at, DeskWorld, minute, rise } from "./desk-world.ts";

export const first = "paper:main/BTC/USD/1";
export const entry = actorName.order(`${first}/entry`);
export const stop = actorName.order(`${first}/stop-1`);
export const position = actorName.position(first);
export const scanner = actorName.scanner(at, "BTC/USD");

export type Prepare = (world: DeskWorld) => Promise<void> | void;

/** BTC/USD only, so that what is looked at is all there is. */
export const entering: Prepare = async (world) => {
  await world.barsOf("BTC/USD", rise.slice(0, 8));
};
/** Bought, its stop raised a few times. */
export const holding: Prepare = async (world) => {
  await world.barsOf("BTC/USD", [...rise, 106_000, 110_000, 114_000, 114_000, 115_000]);
  const { stopPrice, initialStop } = world.snapshot(position)?.context ?? {};
  expect(compare(stopPrice, initialStop)).toBe(1);
};

/** A desk that lived, was killed, and finds some of its actors bent. */
export async function after(
  folder: TestFolder,
  prepare: Prepare,
  names: readonly string[],
  change: Change,
  begin: Prepare = () => {},
): Promise<DeskWorld> {
  const path = folder.file("desk.db");
  {
    using world = await DeskWorld.started({ path });
    await prepare(world);
    world.desk.commit();
  }
  bendActors(path, names, change);
  const world = new DeskWorld({ path });
  await begin(world);
  await world.start();
  await world.deliver();
  return world;
}

export const setAside = (world: DeskWorld) =>
  world
    .journal()
    .filter(({ kind }) => kind === "setAside")
    .map(({ subject }) => subject);

export const balancesOf = async (world: DeskWorld) => {
  const reply = await world.venue.paper.balances();
  return reply.type === "confirmed" ? reply.value : [];
};

export const stopAtVenue = async (world: DeskWorld) => {
  const reply = await world.venue.paper.openOrders();
  const orders = reply.type === "confirmed" ? reply.value : [];
  return orders
    .filter(({ type }) => type === "stop")
    .map(({ stopPrice, quantity }) => ({
      stopPrice,
      quantity,
    }));
};

/** What is held is what its actor believes, and one stop rests for all of it. */
export async function expectProtected(world: DeskWorld): Promise<void> {
  const { value, context } = world.snapshot(position) ?? {};
  const [row] = world.desk.status().positions;
  const quantity = row?.quantity;
  expect({ value, quantity: context?.quantity as unknown }).toEqual({ value: "open", quantity });
  expect(await stopAtVenue(world)).toEqual([
    { stopPrice: context?.stopPrice, quantity: quantity as never },
  ]);
}

/** Falls through the stop: sold, with nothing left over and nothing sold twice. */
export async function expectEndsWell(world: DeskWorld): Promise<void> {
  await world.barsOf("BTC/USD", [95_000, 90_000, 90_000, 90_000]);
  await world.pass(3 * minute);
  expect(world.desk.status().positions).toEqual([]);
  const [row] = [...world.reader.books.eachPosition()];
  expect(row).toMatchObject({ state: "closed", quantity: "0", sold: row?.bought });
  expect([world.live("position"), world.live("order"), await stopAtVenue(world)]).toEqual([
    [],
    [],
    [],
  ]);
  const value = await balancesOf(world);
  expect(value.find(({ coin }) => coin === "BTC")?.total ?? "0").toBe("0");
}
