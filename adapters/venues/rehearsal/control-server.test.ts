import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { decimal } from "../../../machines/domain/decimal.ts";
import { call, still } from "./client.fixture.ts";
import type { Rehearsal } from "./mod.ts";

const symbol = "BTC/USD";
let venue: Rehearsal;

beforeAll(async () => {
  venue = await still({ controlPort: 0 });
});
afterAll(() => venue[Symbol.asyncDispose]());

async function ask(method: string, path: string, body?: unknown) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(venue.controlUrl + path, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const limit = { pair: "XBTUSD", type: "buy", ordertype: "limit", price: "50000", volume: "0.01" };

describe("control channel over HTTP", () => {
  test("orders a fault, and tells what was thrown", async () => {
    expect((await ask("POST", "/faults", { name: "maintenance", on: ["read"] })).status).toBe(200);
    expect((await ask("GET", "/faults")).body.pending).toMatchObject([{ name: "maintenance" }]);
    expect((await call(venue, "Balance")).error).toEqual(["EService:Unavailable"]);
    expect((await ask("GET", "/faults/thrown")).body).toMatchObject([
      { name: "maintenance", on: "read", target: "Balance", by: "order" },
    ] as unknown as Record<string, unknown>);
    await ask("POST", "/faults", { name: "maintenance" });
    await ask("DELETE", "/faults");
    expect((await call(venue, "Balance")).error).toEqual([]);
    await ask("POST", "/faults/rates", { level: "none", seed: 3 });
  });

  test("moves time and market", async () => {
    const { body } = await ask("GET", "/time");
    const now = Number(body.now);
    expect((await ask("POST", "/time", { byMs: 500 })).body).toEqual({ now: now + 500 });
    expect((await ask("POST", "/time", { to: now + 900 })).body).toEqual({ now: now + 900 });
    await ask("POST", "/market/point", { symbol, price: "61000.5" });
    await ask("POST", "/market/print", { symbol, price: 61_001, quantity: "0.5" });
    const book = {
      symbol,
      bids: [["60999", "1"]],
      asks: [
        ["61002", "0.004"],
        ["61003", "1"],
      ],
    };
    await ask("POST", "/market/book", book);
    await call(venue, "AddOrder", { ...limit, ordertype: "market" });
    const { trades } = venue.control.record();
    expect(trades.map(({ price, quantity }) => [price, quantity])).toEqual([
      ["61002", "0.004"],
      ["61003", "0.006"],
    ] as unknown as (typeof trades)[number]["price"][][]);
    await ask("POST", "/market/follow", { symbol });
  });

  test("a book that was fed is met once: what was taken of it is gone", async () => {
    const levels = { bids: [["60000", "1"]], asks: [["60001", "0.01"]] };
    await ask("POST", "/market/book", { symbol, ...levels });
    const order = { ...limit, price: "60001" };
    await call(venue, "AddOrder", { ...order, volume: "0.006" });
    await call(venue, "AddOrder", { ...order, volume: "0.006" });
    const [first, second] = venue.control.record().orders.slice(-2);
    expect([first?.filled, second?.filled]).toEqual([decimal("0.006"), decimal("0.004")]);
    await call(venue, "CancelAll");
  });

  test("somebody else deposits, places and cancels", async () => {
    const before = Number((await call(venue, "Balance")).result.ZUSD);
    const moved = await ask("POST", "/transfers", { coin: "USD", amount: "-1000" });
    expect(moved.status).toBe(200);
    expect(Number((await call(venue, "Balance")).result.ZUSD)).toBe(before - 1_000);
    const foreign = { symbol, side: "sell", type: "limit", quantity: "0.1", price: "90000" };
    const { orderId } = (await ask("POST", "/orders", foreign)).body;
    const { open } = (await call(venue, "OpenOrders")).result as { open: object };
    expect(Object.keys(open)).toEqual([String(orderId)]);
    await ask("POST", "/orders/cancel", { orderId });
    expect(venue.control.record().orders.at(-1)).toMatchObject({
      state: "canceled",
      origin: "foreign",
      clientOrderId: null,
    });
  });

  test("sets the venue, makes keys, restarts", async () => {
    const settings = { status: "online", readLagMs: 0, clockSkewMs: 0, limits: { rest: false } };
    expect((await ask("POST", "/settings", settings)).status).toBe(200);
    const { body } = await ask("POST", "/keys", { permissions: ["query-funds"] });
    expect(Object.keys(body).sort()).toEqual(["apiKey", "secret"]);
    expect((await ask("POST", "/restart", {})).status).toBe(200);
    expect((await ask("POST", "/streams/close", { how: "reset" })).body).toEqual({ closed: 0 });
    expect((await ask("GET", "/streams")).body).toEqual([] as never);
    expect((await ask("GET", "/problems")).body).toEqual([] as never);
  });

  test("tells requests and the record", async () => {
    await call(venue, "Balance");
    const requests = (await ask("GET", "/requests")).body as unknown as { name: string }[];
    expect(requests.at(-1)?.name).toBe("Balance");
    const record = (await ask("GET", "/record")).body;
    expect(record).toEqual(JSON.parse(JSON.stringify(venue.control.record())));
  });

  test.each([
    ["a fault that is not known", "POST", "/faults", { name: "flood" }, 400],
    ["a fault where it makes no sense", "POST", "/faults", { name: "silence", on: ["read"] }, 400],
    ["a field that is not known", "POST", "/restart", { down: 1 }, 400],
    ["a time that is past", "POST", "/time", { to: 1 }, 400],
    ["an unknown symbol", "POST", "/market/point", { symbol: "A/B", price: 1 }, 400],
    ["a price off the grid", "POST", "/market/point", { symbol, price: "1.05" }, 400],
    ["more than there is", "POST", "/transfers", { coin: "USD", amount: "-1e9" }, 400],
    ["a withdrawal too large", "POST", "/transfers", { coin: "USD", amount: "-9000000" }, 400],
    ["an order that is not there", "POST", "/orders/cancel", { orderId: "O" }, 400],
    ["an unknown route", "GET", "/weather", undefined, 404],
  ])("%s is refused with a reason", async (_, method, path, body, status) => {
    const answer = await ask(method, path, body);
    expect(answer.status).toBe(status);
    expect(String(answer.body.error)).not.toBe("");
  });
});
