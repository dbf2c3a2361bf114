/** Ledgers that older desks left, with a position held and an entry resting, taken over. */
import { describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { DeskWorld, minute, type WorldOptions } from "../../actors/desk/testing/desk-world.ts";
import { TestFolder } from "../../actors/runtime/testing/small-system.ts";
import { fixtures, kindsSince0, unpackLedger } from "./older-desk.ts";

const btc = "paper:main/BTC/USD/1";
const eth = "paper:main/ETH/USD/1";

async function desk(
  folder: TestFolder,
  name: string,
  options: Omit<WorldOptions, "path"> = {},
): Promise<DeskWorld> {
  return DeskWorld.started({ path: unpackLedger(name, folder.file("desk.db")), ...options });
}

const setAside = (world: DeskWorld) =>
  world.journal().filter(({ kind }) => kind === "setAside").length;

const stopOf = (world: DeskWorld, positionId: string) =>
  world.snapshot(`position:${positionId}`)?.context.stopPrice;

async function atVenue(world: DeskWorld) {
  const reply = await world.venue.paper.openOrders();
  const orders = reply.type === "confirmed" ? reply.value : [];
  return orders.map(({ symbol, side, type, quantity, stopPrice }) => ({
    symbol,
    side,
    type,
    quantity,
    stopPrice,
  }));
}

/** One position protected and one entry resting, as they were left, and both to their ends. */
async function expectTakenOver(world: DeskWorld): Promise<void> {
  const position = world.snapshot(`position:${btc}`);
  const [row, ...others] = world.desk.status().positions;
  expect([row?.positionId, row?.state, others]).toEqual([btc, "open", []]);
  expect(position?.context.quantity).toBe(row?.quantity);
  expect(await atVenue(world)).toMatchObject([
    { symbol: "BTC/USD", type: "stop", quantity: row?.quantity, stopPrice: stopOf(world, btc) },
    { symbol: "ETH/USD", type: "limit", side: "buy" },
  ]);
  expect(world.snapshot(`position:${eth}`)?.value).toBe("opening");
  expect(world.snapshot("scanner:paper:main/BTC/USD")?.context.positionId).toBe(btc);
  expect(world.snapshot("scanner:paper:main/ETH/USD")?.context.positionId).toBe(eth);
  await world.bar({ "BTC/USD": 112_000, "ETH/USD": 103_000 });
  await world.bars([118_000, 126_000]);
  const positions = world.desk.status().positions;
  expect(positions.map(({ positionId, state }) => [positionId, state])).toEqual([
    [btc, "open"],
    [eth, "open"],
  ]);
  expect(await atVenue(world)).toMatchObject([
    { type: "stop", quantity: positions[0]?.quantity, stopPrice: stopOf(world, btc) },
    { type: "stop", quantity: positions[1]?.quantity, stopPrice: stopOf(world, eth) },
  ]);
  await world.bars([80_000, 78_000]);
  await world.pass(3 * minute);
  expect([world.desk.status().positions, await atVenue(world), world.live("order")]).toEqual([
    [],
    [],
    [],
  ]);
  const rows = [...world.reader.books.eachPosition()].filter(({ bought }) => bought !== "0");
  expect(rows.map((each) => each.state)).toEqual(["closed", "closed"]);
  for (const each of rows) expect(each).toMatchObject({ quantity: "0", sold: each.bought });
}

describe("a ledger of desk version 1", () => {
  test("is taken over whole: nothing set aside, brakes and position as they were", async () => {
    using folder = new TestFolder();
    using world = await desk(folder, "desk-1");
    expect([setAside(world), world.brakes(), world.venue.reached]).toEqual([0, ["pause/desk"], []]);
    await expectTakenOver(world);
  });
});

describe("a ledger of desk version 0", () => {
  test("is migrated by this desk's steps: nothing set aside", async () => {
    using folder = new TestFolder();
    using world = await desk(folder, "desk-0", { kinds: kindsSince0() });
    expect([setAside(world), world.brakes(), world.venue.reached]).toEqual([0, ["pause/desk"], []]);
    expect(world.snapshot(`position:${btc}`)?.context.votedBy).toEqual(["trend"]);
    await expectTakenOver(world);
  });

  test("without steps is made anew from the ledger: braked, protected, sent nothing", async () => {
    using folder = new TestFolder();
    using world = await desk(folder, "desk-0");
    expect(setAside(world)).toBe(world.ledger.stateOf("setAside").size);
    expect(setAside(world)).toBeGreaterThan(10);
    expect(world.venue.reached).toEqual([]);
    const brakes = world.brakes();
    expect(brakes).toContain("pause/desk");
    expect(brakes).toContain("supervision/desk/desk");
    await expectTakenOver(world);
    const [decision] = world.decisions;
    expect(decision?.code).not.toBe("trade");
  });

  test("with a step that fails is made anew just so", async () => {
    using folder = new TestFolder();
    const kinds = kindsSince0();
    const failing = () => {
      throw new TypeError("no such field");
    };
    const order = { ...kinds.order, migrations: { 0: failing } };
    const position = { ...kinds.position, migrations: { 0: failing } };
    using world = await desk(folder, "desk-0", { kinds: { ...kinds, order, position } });
    expect(world.venue.reached).toEqual([]);
    expect(world.brakes()).toEqual(["pause/desk"]);
    await expectTakenOver(world);
  });
});

test.each(["desk-0", "desk-1"])("the stored ledger %s is small", (name) => {
  expect(statSync(`${fixtures}${name}.db.gz`).size).toBeLessThan(300_000);
});
