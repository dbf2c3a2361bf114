import { describe, expect, test } from "bun:test";
import { decimal } from "../../../../machines/domain/decimal.ts";
import { CcxtVenue } from "../../ccxt/mod.ts";
import type { Rehearsal } from "../mod.ts";
import {
  cancel,
  get,
  getPublic,
  limitOrder,
  marketOrder,
  ownStream,
  place,
  post,
  still,
  symbol,
} from "./client.fixture.ts";

/** Places orders of every kind while a market goes on for an hour. */
async function tradedHour(venue: Rehearsal): Promise<unknown> {
  for (let minute = 0; minute < 60; minute += 1) {
    const side = minute % 2 === 0 ? "BUY" : "SELL";
    const { body } = await getPublic(venue, "/market/products/BTC-USD");
    const limit_price = (Number(body.price) * (side === "BUY" ? 0.999 : 1.001)).toFixed(1);
    const configuration = { limit_limit_gtc: { base_size: "0.01", limit_price } };
    const named = { client_order_id: `m-${minute}` };
    await place(venue, { ...marketOrder(side, "0.01"), ...named });
    const terms = { side, client_order_id: `l-${minute}`, order_configuration: configuration };
    const id = await place(venue, limitOrder(terms));
    if (minute % 10 === 9) await cancel(venue, id);
    venue.control.advanceBy(60_000);
  }
  return venue.control.record();
}

describe("venue in lockstep", () => {
  test("the same seed and calls make the same record, and another seed another", async () => {
    const records: unknown[] = [];
    for (const seed of ["1", "1", "2"]) {
      await using venue = await still({ seed });
      records.push(await tradedHour(venue));
      expect(venue.control.problems).toEqual([]);
    }
    expect(records[0]).toEqual(records[1]);
    expect(records[0]).not.toEqual(records[2]);
  });

  test("a storm brings no order twice, and the venue stays sound", async () => {
    await using venue = await still({ seed: "storm" });
    const { control, url, apiKey, secret } = venue;
    control.feedPoint(symbol, decimal(60_000));
    const desk = new CcxtVenue({
      at: { venue: "coinbase", account: "main" },
      keys: { apiKey, secret },
      symbols: [symbol],
      urls: { rest: url },
      tier: "unlimited",
      timeoutMs: 200,
      clock: { now: () => control.now, sleep: async (ms) => control.advanceBy(ms) },
    });
    while ((await desk.instruments()).type !== "confirmed") await Bun.sleep(1);
    const stream = await ownStream(venue);
    control.setFaultLevel("storm", "20261121");
    const placed = new Map<string, string>();
    for (let number = 0; number < 60; number += 1) {
      const clientOrderId = `storm-${number}`;
      const isMarket = number % 3 === 0;
      const reply = await desk.submit({
        ...{ clientOrderId, symbol, side: number % 2 === 0 ? "buy" : "sell" },
        ...{ type: isMarket ? "market" : "limit", quantity: decimal("0.001") },
        ...{ price: isMarket ? null : decimal(number % 2 === 0 ? 50_000 : 70_000) },
        ...{ stopPrice: null, timeInForce: "gtc", postOnly: false, expiresAt: null },
      });
      if (reply.type === "confirmed") placed.set(clientOrderId, reply.value.venueOrderId);
      if (number % 4 === 1) await desk.cancel({ venueOrderId: null, clientOrderId, symbol });
      control.advanceBy(1_000);
    }
    control.setFaultLevel("none", "0");
    const { orders } = control.record();
    const ids = orders.map(({ clientOrderId }) => clientOrderId);
    expect([...new Set(ids)]).toEqual(ids);
    const known = new Map(orders.map(({ clientOrderId, orderId }) => [clientOrderId, orderId]));
    for (const [clientOrderId, orderId] of placed) expect(known.get(clientOrderId)).toBe(orderId);
    expect(placed.size).toBeGreaterThan(10);
    expect(control.thrown.length).toBeGreaterThan(20);
    expect(control.problems).toEqual([]);
    stream.close();
  }, 30_000);
});

test("the control channel sets over HTTP what only this venue has", async () => {
  await using venue = await still({ controlPort: 0 });
  venue.control.feedPoint(symbol, decimal(60_000));
  const ask = async (path: string, body: object) => {
    const response = await fetch(venue.controlUrl + path, {
      method: "POST",
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  const order = limitOrder();
  await place(venue, order);
  expect((await ask("/settings", { repeatedClientId: "refused" })).status).toBe(200);
  expect((await post(venue, "/orders", order)).body.success).toBe(false);
  expect((await ask("/settings", { repeatedClientId: "magic" })).body.error).toContain(
    "firstOrder",
  );
  const { body: key } = await ask("/keys", { algorithm: "EdDSA", permissions: ["view"] });
  const { apiKey = "", secret = "" } = key;
  expect((await get({ ...venue, apiKey, secret }, "/key_permissions")).body).toMatchObject({
    can_view: true,
    can_trade: false,
  });
});
