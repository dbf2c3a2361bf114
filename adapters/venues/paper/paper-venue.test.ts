import { expect, test } from "bun:test";
import { decimal } from "../../../machines/domain/decimal.ts";
import { instrument, keep, opening, order, symbol, ticks } from "../matching/scenario.fixture.ts";
import { PaperVenue } from "./paper-venue.ts";

function paper(): { venue: PaperVenue; clock: { time: number; now(): number } } {
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
