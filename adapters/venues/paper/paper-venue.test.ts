import { describe, expect, test } from "bun:test";
import { decimal } from "../../../machines/domain/decimal.ts";
import { instrument, keep, opening, order, symbol, ticks } from "../matching/scenario.fixture.ts";
import { PaperVenue, type PaperVenueOptions } from "./paper-venue.ts";

function paper(options: Partial<PaperVenueOptions> = {}): {
  venue: PaperVenue;
  clock: { time: number; now(): number };
} {
  const clock = {
    time: 1_000,
    now() {
      return this.time;
    },
  };
  const venue = new PaperVenue({
    at: { venue: "paper", account: "main" },
    clock,
    instruments: [instrument],
    balances: opening,
    settings: { slippageTicks: 0, volumeShare: null },
    ...options,
  });
  return { venue, clock };
}

test("PaperVenue answers at the time of its clock, and tells fills as reports", async () => {
  const { venue, clock } = paper();
  venue.point(symbol, { at: 1_000, ticks: ticks(100), gap: true, volume: null });
  const reply = await venue.submit(order("buy", "limit", "1", { price: "95" }));
  expect(reply).toMatchObject({
    type: "confirmed",
    value: { venueOrderId: "O1", state: "open", createdAt: 1_000 },
  });
  clock.time = 2_000;
  venue.point(symbol, { at: 2_000, ticks: ticks(94), gap: false, volume: null });
  expect([venue.takeReport(), venue.takeReport(), venue.takeReport(), venue.takeReport()]).toEqual([
    { type: "order", order: expect.objectContaining({ state: "open" }) },
    { type: "fill", fill: expect.objectContaining({ tradeId: "T1", at: 2_000, price: "95" }) },
    { type: "order", order: expect.objectContaining({ state: "filled", filled: "1" }) },
    null,
  ]);
});

test("PaperVenue finds an order right after submit, and none that it refused", async () => {
  const { venue } = paper();
  await venue.submit(order("buy", "limit", "1", { id: "taken", price: "95" }));
  await venue.submit(order("buy", "limit", "1", { id: "refused", price: "95.2" }));
  const found = await Promise.all(["taken", "refused"].map((id) => venue.lookUp(id, symbol)));
  const elsewhere = await venue.lookUp("taken", "ETH/USD");
  expect(
    [...found, elsewhere].map((reply) => reply.type === "confirmed" && reply.value.orders.length),
  ).toEqual([1, 0, 0]);
  expect(venue.assumptions).toEqual({ latestAcceptMs: 0, readLagMs: 0, amends: true });
});

test("PaperVenue restored from its space's rows is the venue that it was", async () => {
  const { venue } = paper();
  const rows = new Map<string, unknown>();
  venue.point(symbol, { at: 1_000, ticks: ticks(100), gap: true, volume: null });
  await venue.submit(order("sell", "stop", "1", { stop: "95" }));
  const changes = venue.changes();
  expect(new Set(changes.map(({ space }) => space))).toEqual(new Set(["venue/paper:main"]));
  expect(venue.changes()).toEqual([]);
  keep(rows, changes);
  const { venue: copy } = paper();
  copy.restore(rows);
  for (const each of [venue, copy]) {
    each.point(symbol, { at: 2_000, ticks: ticks(90), gap: false, volume: null });
  }
  expect(await copy.fillsSince(0)).toEqual(await venue.fillsSince(0));
  expect(await copy.balances()).toEqual(await venue.balances());
  expect(copy.changes()).toEqual(venue.changes());
});

test("PaperVenue without rows to restore keeps its opening balances, and writes them", async () => {
  const { venue } = paper();
  venue.restore(new Map());
  expect(venue.changes().map(({ key, value }) => [key, value])).toEqual([
    ["balances/BTC", { total: decimal("10"), held: decimal("0") }],
    ["balances/USD", { total: decimal("10000"), held: decimal("0") }],
  ]);
});

describe("PaperVenue that meets the known book", () => {
  const level = (price: number, quantity: string) => ({
    ticks: ticks(price),
    quantity: decimal(quantity),
  });
  const bids = [level(99, "1")];
  const asks = [level(100, "1"), level(101, "1"), level(102, "5")];
  const fillsOf = (venue: PaperVenue) => {
    const found: unknown[] = [];
    for (let report = venue.takeReport(); report; report = venue.takeReport()) {
      if (report.type === "fill") found.push([report.fill.price, report.fill.quantity]);
    }
    return found;
  };
  const market = (quantity: string, id: string) => order("buy", "market", quantity, { id });

  test("fills a market order from it, and the next from what that left", async () => {
    const { venue, clock } = paper({ meetsKnownBook: true });
    venue.book(symbol, { at: 1_000, bids, asks });
    clock.time = 5_000;
    await venue.submit(market("1.5", "a"));
    expect([venue.due(), fillsOf(venue)]).toEqual([5_000, []]);
    venue.advance(5_000);
    expect([venue.due(), fillsOf(venue)]).toEqual([
      null,
      [
        ["100", "1"],
        ["101", "0.5"],
      ],
    ]);
    await venue.submit(market("1", "b"));
    venue.advance(5_000);
    expect(fillsOf(venue)).toEqual([
      ["101", "0.5"],
      ["102", "0.5"],
    ]);
    // A book that is told anew has its size again.
    venue.book(symbol, { at: 6_000, bids, asks });
    clock.time = 6_000;
    await venue.submit(market("1", "c"));
    venue.advance(6_000);
    expect(fillsOf(venue)).toEqual([["100", "1"]]);
  });

  test("lets an order take its time to get there", async () => {
    const settings = { slippageTicks: 0, volumeShare: null, latencyMs: 40 };
    const { venue, clock } = paper({ meetsKnownBook: true, settings });
    venue.book(symbol, { at: 1_000, bids, asks });
    await venue.submit(market("1", "a"));
    expect(venue.due()).toBe(1_040);
    venue.advance(1_039);
    expect(fillsOf(venue)).toEqual([]);
    clock.time = 1_040;
    venue.advance(1_040);
    expect(fillsOf(venue)).toEqual([["100", "1"]]);
  });

  test("lets an order that was changed meet it too", async () => {
    const { venue } = paper({ meetsKnownBook: true });
    venue.book(symbol, { at: 1_000, bids, asks });
    await venue.submit(order("buy", "limit", "1", { id: "a", price: "98" }));
    venue.advance(1_000);
    expect(fillsOf(venue)).toEqual([]);
    await venue.amend({
      ...{ venueOrderId: "O1", clientOrderId: "a", symbol },
      ...{ quantity: decimal("1"), price: decimal("100"), stopPrice: null },
    });
    venue.advance(1_000);
    expect(fillsOf(venue)).toEqual([["100", "1"]]);
  });

  test("waits where no book is known", async () => {
    const { venue } = paper({ meetsKnownBook: true });
    venue.point(symbol, { at: 900, ticks: ticks(100), gap: true, volume: null });
    await venue.submit(market("1", "a"));
    venue.advance(1_000);
    expect(fillsOf(venue)).toEqual([]);
  });
});

test("PaperVenue of a run that can be read again waits for the next book", async () => {
  const { venue } = paper();
  const levels = [{ ticks: ticks(100), quantity: decimal("5") }];
  venue.book(symbol, { at: 1_000, bids: [], asks: levels });
  await venue.submit(order("buy", "market", "1"));
  expect(venue.due()).toBe(null);
  venue.advance(2_000);
  expect(await venue.fillsSince(0)).toEqual({ type: "confirmed", value: [] });
});
