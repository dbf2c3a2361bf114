/** Strategy books side by side: each its own lane of a symbol, all under the limits of one desk. */
import { describe, expect, test } from "bun:test";
import { decimal, divide } from "../../machines/domain/decimal.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import { TestFolder } from "../runtime/testing/small-system.ts";
import { type DeskConfig, lanesOf } from "./config.ts";
import { DeskWorld, rise, config as single } from "./testing/desk-world.ts";

const gates = { minStrategies: 1, minConfidence: 1e-9 };

/** Two books that vote alike, one with three times the capital of the other. */
const config: DeskConfig = {
  ...single,
  books: [
    { name: "large", capital: decimal("0.6"), votes: ["trend"], confluence: gates },
    { name: "small", capital: decimal("0.2"), votes: ["trend"], confluence: gates },
  ],
  risk: { ...single.risk, positionCap: 4 },
};

const lanes = ["BTC/USD~large", "BTC/USD~small"];
const later = [104, 105].map((close) => close * 1_000);

const rows = (world: DeskWorld): PositionRow[] =>
  [...world.reader.books.eachPosition()].sort((a, b) => a.positionId.localeCompare(b.positionId));

async function holding(path: string, used = config): Promise<DeskWorld> {
  const world = await DeskWorld.started({ path, config: used });
  await world.barsOf("BTC/USD", [...rise, ...later]);
  return world;
}

test("lanesOf() is a lane a symbol and book, and the first book leads", () => {
  expect(lanesOf(config).map(({ lane, leads, capital }) => [lane, leads, capital])).toEqual([
    ["BTC/USD~large", true, "0.6"],
    ["BTC/USD~small", false, "0.2"],
    ["ETH/USD~large", true, "0.6"],
    ["ETH/USD~small", false, "0.2"],
  ] as never);
  expect(lanesOf(single).map(({ lane, capital }) => [lane, capital])).toEqual([
    ["BTC/USD", "1"],
    ["ETH/USD", "1"],
  ] as never);
});

describe("two books on one symbol", () => {
  test("decide each for itself on every bar, and record it", async () => {
    using world = await holding(":memory:");
    const decided = world.decisions.map(({ symbol }) => symbol);
    expect(decided).toEqual(decided.map((_, index) => lanes[index % 2] ?? ""));
    const bars = world.journal().filter(({ kind }) => kind === "bar");
    expect(bars.map(({ subject }) => subject)).toEqual(decided);
    expect(world.desk.status().counts).toMatchObject({
      candles: decided.length / 2,
      decisions: decided.length,
    });
  });

  test("hold a position each, sized by their capital, each with a stop of its own", async () => {
    using world = await holding(":memory:");
    const held = rows(world);
    expect(held.map(({ positionId }) => positionId)).toEqual([
      "paper:main/BTC/USD~large/1",
      "paper:main/BTC/USD~small/1",
    ]);
    const [large, small] = held.map(({ bought }) => bought);
    const ratio = Number(divide(large ?? decimal(0), small ?? decimal(1), 6, "down"));
    expect(ratio).toBeGreaterThan(2.9);
    expect(ratio).toBeLessThan(3.1);
    const reply = await world.venue.paper.openOrders();
    const stops = reply.type === "confirmed" ? reply.value : [];
    expect(stops.map(({ type, quantity }) => [type, quantity]).sort()).toEqual(
      held.map(({ quantity }) => ["stop", quantity]).sort() as never,
    );
  });

  test("share the cap on open positions", async () => {
    const capped = { ...config, risk: { ...config.risk, positionCap: 1 } };
    using world = await holding(":memory:", capped);
    expect(rows(world)).toHaveLength(1);
    const stopped = world.decisions.filter(({ code }) => code === "positionCap");
    expect(stopped.map(({ symbol }) => symbol)).toContain("BTC/USD~small");
  });

  test("are one account: its equity counts each coin once", async () => {
    using world = await holding(":memory:");
    const balances = world.desk.books.balancesOf({ venue: "paper", account: "main" });
    const [usd, btc] = ["USD", "BTC"].map((coin) => Number(balances.get(coin)));
    const expected = (usd ?? 0) + (btc ?? 0) * 1_050;
    expect(Number(world.desk.status().equity)).toBeCloseTo(expected, 6);
  });

  test("are held by a hold of the symbol, and by one of no other", async () => {
    using world = await DeskWorld.started({ path: ":memory:", config });
    await world.barsOf("BTC/USD", rise.slice(0, 8));
    expect(world.command("hold", { target: "paper:main/BTC/USD" }).done).toBe(true);
    await world.deliver();
    expect(world.orders()).toEqual(["entry canceled", "entry canceled"]);
  });

  test("go on after a kill as if nothing had happened", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    const [first, rest] = [rise.slice(0, 7), [...rise.slice(7), ...later, 80_000]];
    {
      using world = await DeskWorld.started({ path, config });
      await world.barsOf("BTC/USD", first);
      world.desk.commit();
    }
    using resumed = await DeskWorld.started({ path, config });
    await resumed.barsOf("BTC/USD", rest);
    using whole = await DeskWorld.started({ path: folder.file("whole.db"), config });
    await whole.barsOf("BTC/USD", [...first, ...rest]);
    expect(rows(whole).length).toBeGreaterThan(1);
    expect(rows(resumed)).toEqual(rows(whole));
    expect(resumed.decisions).toEqual(whole.decisions.slice(first.length * 2));
  });
});
