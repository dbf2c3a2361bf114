/** What live trading may hold at most: in the gates of a decision, and at the moment of sending. */
import { describe, expect, test } from "bun:test";
import {
  add,
  compare,
  type Decimal,
  decimal,
  multiply,
  zero,
} from "../../machines/domain/decimal.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { DeskConfig } from "./config.ts";
import { config, DeskWorld, minute, rise } from "./testing/desk-world.ts";

const path = ":memory:";

function cappedAt(cap: number | string): DeskConfig {
  return { ...config, risk: { ...config.risk, exposureCap: decimal(cap) } };
}

/** What each entry that was sent would cost at its price, quote coin. */
function costs(world: DeskWorld): Decimal[] {
  return [...world.desk.actors()].flatMap(([name, snapshot]) => {
    if (!name.startsWith("order:")) return [];
    const { intent } = snapshot.context as OrderContext;
    if (intent.role !== "entry" || intent.price === null) return [];
    return [multiply(intent.quantity, intent.price)];
  });
}

const submits = (world: DeskWorld) =>
  world.venue.reached.filter((each) => each.startsWith("submit buy")).length;

describe("a cap on exposure", () => {
  test("sizes the first entry down to it, and closes the gate for the next one", async () => {
    using world = await DeskWorld.started({ path, config: cappedAt(50) });
    await world.bars(rise.slice(0, 8));
    const [cost = zero, ...others] = costs(world);
    expect([compare(cost, decimal(50)), compare(cost, decimal(45))]).toEqual([-1, 1]);
    expect(others).toEqual([]);
    const [stopped] = world.decisions.filter(({ code }) => code === "exposureCap");
    expect(stopped).toMatchObject({
      symbol: "ETH/USD",
      outcome: "noTrade",
      gate: { name: "exposure", value: cost, limit: "50" },
      facts: { exposure: cost },
    });
  });

  test("counts what positions have cost once entries are filled", async () => {
    using world = await DeskWorld.started({ path, config: cappedAt(50) });
    await world.bars(rise);
    const [row] = [...world.desk.books.openPositions()];
    expect(row?.symbol).toBe("BTC/USD");
    await world.bars([104_000, 105_000]);
    const last = world.decisions.filter(({ code }) => code === "exposureCap").at(-1);
    expect(last?.facts).toMatchObject({ exposure: row?.cost ?? "none" });
    expect(submits(world)).toBe(1);
  });

  test("that is lowered after a decision keeps its entry in the process", async () => {
    using world = await DeskWorld.started({ path, config: cappedAt(50) });
    const change = [{ path: "live.maxExposure", from: "50", to: "0.01" }];
    world.betweenDecisionAndSending = () => {
      if (world.live("order").length > 0) world.desk.reconfigure(cappedAt("0.01"), change, "{}");
    };
    await world.bars(rise.slice(0, 8));
    expect(world.decisions.some(({ code }) => code === "trade")).toBe(true);
    expect(submits(world)).toBe(0);
    const denied = world
      .journal()
      .map(({ content }) => JSON.stringify(content))
      .filter((text) => text.includes("submit.denied"));
    expect(denied.join()).toContain("above the cap of 0.01");
  });

  test("counts what a claimed buy of somebody else may still cost", async () => {
    using world = await DeskWorld.started({ path, config: cappedAt(1_000) });
    const placed = await world.venue.paper.submit({
      ...{ clientOrderId: "by-hand", symbol: "BTC/USD", side: "buy", type: "limit" },
      ...{ quantity: decimal("0.8"), price: decimal(900), stopPrice: null },
      ...{ timeInForce: "gtc", postOnly: false, expiresAt: null },
    });
    if (placed.type !== "confirmed") throw new Error(`Cannot place: ${JSON.stringify(placed)}`);
    await world.pass(config.reconcile.intervalMs + minute);
    const claimed = world.command("claim", { target: placed.value.venueOrderId });
    expect(claimed).toMatchObject({ done: true });
    await world.bars(rise.slice(0, 8));
    const [cost = zero, ...others] = costs(world);
    expect([compare(cost, decimal(280)), compare(cost, decimal(200))]).toEqual([-1, 1]);
    expect(others).toEqual([]);
    const [stopped] = world.decisions.filter(({ code }) => code === "exposureCap");
    expect(stopped?.facts).toMatchObject({ exposure: add(cost, decimal(720)) });
  });

  test("is not looked at where there is none", async () => {
    using world = await DeskWorld.started({ path });
    await world.bars(rise.slice(0, 8));
    expect(costs(world)).toHaveLength(2);
    expect(JSON.stringify(world.decisions)).not.toContain("exposure");
  });
});
