/** An entry that follows the price: what is asked for at each bar, and what the venue has of it. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { decimal } from "../../machines/domain/decimal.ts";
import { actorName } from "../../machines/domain/ids.ts";
import type { OrderRole } from "../../machines/domain/order.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import { TestFolder } from "../runtime/testing/small-system.ts";
import { type ChaseSettings, chaseStep } from "./chase.ts";
import { at, config, DeskWorld, minute, rise } from "./testing/desk-world.ts";

setDefaultTimeout(60_000);

const chase: ChaseSettings = {
  ...{ reprices: 2, everyBars: 1, maxAwayShare: decimal("0.05") },
  ...{ maxSpreadShare: decimal("0.001"), maxSlippageShare: decimal("0.05") },
};
const entryName = actorName.order("paper:main/BTC/USD/1/entry");

/** A desk whose first entry rests at 100,000 ticks and is not filled, for the price goes up. */
async function entering(changed: Partial<ChaseSettings> = {}, path = ":memory:") {
  const entry = { type: "limit", patienceBars: 20, chase: { ...chase, ...changed } } as const;
  const world = await DeskWorld.started({ path, config: { ...config, entry } });
  await world.barsOf("BTC/USD", rise.slice(0, 8));
  expect(world.orders()).toEqual(["entry open"]);
  return world;
}

/** A bar far enough above the last that nothing fills below it. */
async function leap(world: DeskWorld, close: number): Promise<string | undefined> {
  const [decision] = await world.leap("BTC/USD", close);
  const facts = decision?.facts;
  return facts?.scanner === "engaged" ? facts.chase : undefined;
}

function orderRowsOf(world: DeskWorld, role: OrderRole) {
  world.desk.commit();
  const rows = world.reader.books.ordersOfPosition("paper:main/BTC/USD/1");
  return rows.filter(({ intent }) => intent.role === role);
}

const order = (world: DeskWorld) => world.snapshot(entryName)?.context as OrderContext;

describe("an entry that follows the price", () => {
  test("is moved up to the touch, so many times, and says so with each decision", async () => {
    using world = await entering();
    const said = [await leap(world, 101_000), await leap(world, 102_000)];
    expect(said).toEqual(["moved from 1000 to 1010, 1 of 2", "moved from 1010 to 1020, 2 of 2"]);
    expect([order(world).live.price, world.venue.reached]).toEqual([
      decimal(1020),
      ["submit buy limit", "amend", "amend"],
    ]);
  });

  test("is bought at market after the last move, once the limit order is over", async () => {
    using world = await entering();
    for (const close of [101_000, 102_000]) await leap(world, close);
    expect(await leap(world, 103_000)).toBe("at market after 2 moves");
    expect(world.venue.reached.slice(3, 5)).toEqual(["cancel", "submit buy market"]);
    await leap(world, 103_000);
    const [row] = orderRowsOf(world, "entry");
    expect([row?.state, row?.attempts]).toEqual(["filled", 2]);
    expect(row?.filled).toBe(row?.intent.quantity);
    expect(world.orders()).toContain("stop open");
  });

  const limits: [string, Partial<ChaseSettings>, number, string][] = [
    ["never", { maxSpreadShare: null }, 103_000, "not filled after 2 moves"],
    [
      ...(["where the market is too far", { maxSlippageShare: decimal("0.02") }, 103_000] as const),
      "not filled after 2 moves, the market is 3 % above the first price, limit 2 %",
    ],
  ];
  test.each(limits)("is given up instead: %s", async (_, changed, close, reason) => {
    using world = await entering(changed);
    for (const each of [101_000, 102_000]) await leap(world, each);
    const text = `chase given up: ${reason}`;
    expect(await leap(world, close)).toBe(text);
    const [row] = orderRowsOf(world, "entry");
    expect([row?.state, row?.reason, world.venue.reached.at(-1)]).toEqual([
      ...["canceled", text],
      "cancel",
    ]);
  });

  test("is given up where the touch is further away than it may follow", async () => {
    using world = await entering({ maxAwayShare: decimal("0.015") });
    await leap(world, 101_000);
    expect(await leap(world, 103_000)).toBe(
      "chase given up: the price is 3 % above the first, limit 1.5 %",
    );
    expect(orderRowsOf(world, "entry")[0]?.state).toBe("canceled");
  });

  test("waits the bars that it is to wait between two moves", async () => {
    using world = await entering({ everyBars: 2 });
    const said = [];
    for (const close of [101_000, 102_000, 103_000, 104_000]) said.push(await leap(world, close));
    expect(said.map((text) => text?.slice(0, 10))).toEqual([
      undefined,
      "moved from",
      undefined,
      "moved from",
    ]);
  });

  test("stays where it is while a brake is on, and goes on when that is released", async () => {
    using world = await entering();
    world.command("pause");
    expect(await leap(world, 101_000)).toStartWith('not chased: brake "pause/desk"');
    expect(world.venue.reached).toEqual(["submit buy limit"]);
    world.command("resume");
    expect(await leap(world, 102_000)).toBe("moved from 1000 to 1020, 1 of 2");
  });

  test("is not moved by a brake that comes between decision and sending", async () => {
    using world = await entering();
    world.betweenDecisionAndSending = () => world.command("pause");
    await leap(world, 101_000);
    expect([world.venue.reached, order(world).live.price]).toEqual([
      ["submit buy limit"],
      decimal(1000),
    ]);
  });

  test("with no move allowed rests until its patience is over", async () => {
    using world = await entering({ reprices: 0 });
    for (const close of [101_000, 102_000, 103_000])
      expect(await leap(world, close)).toBe(undefined);
    expect(world.venue.reached).toEqual(["submit buy limit"]);
    await world.pass(20 * minute);
    expect(orderRowsOf(world, "entry")[0]?.reason).toBe("patience");
  });
});

describe("by the book", () => {
  /** What is said of a book that stands so many ticks from a first price of 100,000. */
  async function saidBy(bid: number, ask: number, count = 0) {
    using world = await entering();
    const context = { ...order(world), repriced: { count, at: 0 } };
    const [{ instrument } = {}] = config.symbols;
    if (!instrument) throw new Error("Cannot chase: no symbol");
    const touch = { bid, ask, spreadShare: (2 * (ask - bid)) / (ask + bid) };
    const at = world.clock.now();
    const moment = { at, barMs: minute, touch, instrument, stopped: () => null };
    return chaseStep(chase, context, moment);
  }

  test("the best bid is the touch", async () => {
    expect((await saidBy(100_500, 100_900))?.event).toMatchObject({ price: decimal(1005) });
    expect(await saidBy(100_000, 101_000)).toBeNull();
    expect(await saidBy(99_000, 101_000)).toBeNull();
  });

  test("a spread that is too wide gives the rest up", async () => {
    expect(await saidBy(100_500, 100_900, 2)).toMatchObject({
      event: { type: "order.cancel" },
      text: "chase given up: not filled after 2 moves, spread 0.397 %, limit 0.1 %",
    });
    expect((await saidBy(100_500, 100_550, 2))?.event).toMatchObject({ price: null });
  });

  test("the first price of an entry is the best bid of the bar's book", async () => {
    const entry = { type: "limit", patienceBars: 20, chase } as const;
    using world = await DeskWorld.started({ path: ":memory:", config: { ...config, entry } });
    const book = { imbalance: 0, lean: 0, pressure: 0, suspicion: 0, score: 0.5 };
    world.readBook = (close) => ({ ...book, spreadShare: 4e-4, bid: close - 20, ask: close + 20 });
    await world.barsOf("BTC/USD", rise.slice(0, 8));
    expect(order(world).live.price).toBe(decimal("999.8"));
  });
});

describe("where the venue has no amend", () => {
  test("it is ended and placed anew, one order at a time", async () => {
    using world = await entering();
    world.venue.bends.amend = "unsupported";
    for (const close of [101_000, 102_000]) await leap(world, close);
    expect(world.venue.reached).toEqual([
      ...["submit buy limit", "cancel", "submit buy limit", "cancel", "submit buy limit"],
    ]);
    expect(order(world).attempts.map(({ price }) => price)).toEqual(
      ["1000", "1010", "1020"].map((price) => decimal(price)),
    );
    const open = await world.venue.openOrders();
    expect(open.type === "confirmed" && open.value.length).toBe(1);
  });

  test.each(["by a report", "by a reading"])(
    "one that was replaced and lives on is told of, %s, and the present one stays",
    async (way) => {
      using world = await entering();
      world.venue.bends.amend = "unsupported";
      await leap(world, 101_000);
      const [former] = order(world).former ?? [];
      const found = await world.venue.lookUp(former?.clientOrderId ?? "", "BTC/USD");
      const [old] = found.type === "confirmed" ? found.value.orders : [];
      if (!old) throw new Error("Cannot find the order that was replaced");
      const alive = { ...old, state: "open" as const, updatedAt: world.clock.now() + 1 };
      const before = world.desk.status().alarms;
      if (way === "by a report") world.desk.report(at, { type: "order", order: alive });
      else {
        const open = await world.venue.openOrders();
        const orders = open.type === "confirmed" ? open.value : [];
        world.venue.openOrders = async () => ({ type: "confirmed", value: [...orders, alive] });
        await world.pass(16 * minute);
      }
      const { alarms, lastAlarm } = world.desk.status();
      expect([alarms > before, lastAlarm?.includes("but was proved replaced")]).toEqual([
        true,
        true,
      ]);
      expect([order(world).live.price, world.orders()]).toEqual([decimal(1010), ["entry open"]]);
    },
  );

  test("a cancel of unknown fate keeps the next order back until it is looked up", async () => {
    using world = await entering();
    world.venue.bends.amend = "unsupported";
    world.venue.bends.cancel = "unheard";
    world.venue.meanwhile = (request) => {
      if (request === "cancel") world.venue.bends.read = "lost";
    };
    await leap(world, 101_000);
    expect(world.venue.reached).toEqual(["submit buy limit", "cancel"]);
    world.venue.bends.read = "none";
    await world.pass(30_000);
    expect(world.venue.reached).toEqual(["submit buy limit", "cancel", "submit buy limit"]);
    expect(world.orders()).toEqual(["entry open"]);
  });

  test("a kill while it is replaced leaves one order, at the new price", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    {
      using world = await entering({}, path);
      world.venue.bends.amend = "unsupported";
      world.venue.bends.cancel = "unheard";
      world.venue.meanwhile = (request) => {
        if (request === "cancel") world.venue.bends.read = "lost";
      };
      await leap(world, 101_000);
      world.desk.commit();
    }
    const entry = { type: "limit", patienceBars: 20, chase } as const;
    using world = await DeskWorld.started({ path, config: { ...config, entry } });
    await world.pass(30_000);
    const open = await world.venue.openOrders();
    expect(open.type === "confirmed" && open.value.map(({ price }) => price)).toEqual([
      decimal(1010),
    ]);
    expect([world.orders(), world.brakes()]).toEqual([["entry open"], []]);
  });
});
