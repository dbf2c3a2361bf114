/** What each venue says of an order, from every source, and what is read of it. */
import { describe, expect, test } from "bun:test";
import type { CcxtVenueId } from "./assumptions.ts";
import {
  answerSoundly,
  binanceOrder,
  binanceTrade,
  coinbaseFill,
  coinbaseOrder,
  krakenOrder,
  krakenTrade,
} from "./replies.fixture.ts";
import type { Answer } from "./scripted-server.fixture.ts";
import { limitBuy, type Stand, sent, stand } from "./venues.fixture.ts";

const { clientOrderId, symbol } = limitBuy;
const kraken = (result: unknown): Answer => ({ body: { error: [], result } });

async function sound(id: CcxtVenueId): Promise<Stand> {
  const world = await stand(id);
  answerSoundly(id, world.server);
  return world;
}

const order = {
  clientOrderId,
  symbol,
  side: "buy",
  type: "limit",
  quantity: "0.01",
  price: "50000.1",
  stopPrice: null,
  reason: null,
} as const;
const fill = {
  clientOrderId,
  symbol,
  side: "buy",
  price: "50000.1",
  quantity: "0.01",
  liquidity: "maker",
  at: 1_700_000_001_500,
} as const;

describe("lookUp", () => {
  test.each<[CcxtVenueId]>([["kraken"], ["coinbase"], ["binanceus"]])(
    "at %s finds nothing when every source says so",
    async (id) => {
      await using world = await sound(id);
      const body = { code: -2013, msg: "Order does not exist." };
      if (id === "binanceus") world.server.on("/api/v3/order", { status: 400, body });
      const reply = await world.venue.lookUp(clientOrderId, symbol);
      expect(reply).toEqual({ type: "confirmed", value: { orders: [], fills: [] } } as never);
    },
  );

  test("at kraken reads open, then closed, then the trades of what it found", async () => {
    await using world = await sound("kraken");
    const closed = {
      ...krakenOrder,
      status: "closed",
      closetm: 1_700_000_002.5,
      vol_exec: "0.01000000",
      trades: ["T1"],
    };
    world.server.on("/0/private/ClosedOrders", kraken({ closed: { OABC: closed }, count: 1 }));
    world.server.on("/0/private/QueryOrders", kraken({ OABC: closed }));
    const everyTrade = { consolidate_taker: "false" };
    const reply = await world.venue.lookUp(clientOrderId, symbol);
    const times = { createdAt: 1_700_000_000_123, updatedAt: 1_700_000_002_500 };
    expect(reply).toEqual({
      type: "confirmed",
      value: {
        orders: [{ ...order, venueOrderId: "OABC", state: "filled", filled: "0.01", ...times }],
        fills: [{ ...fill, tradeId: "T1", venueOrderId: "OABC", fee: "1.25", feeCoin: "USD" }],
      },
    } as never);
    expect(world.server.requests.slice(1).map((each) => [each.path, sent(each)])).toEqual([
      ["/0/private/OpenOrders", { cl_ord_id: clientOrderId }],
      ["/0/private/ClosedOrders", { cl_ord_id: clientOrderId, ofs: "0", ...everyTrade }],
      ["/0/private/QueryOrders", { txid: "OABC", trades: "true", ...everyTrade }],
      ["/0/private/QueryTrades", { txid: "T1" }],
    ]);
  });

  test.each<[CcxtVenueId, string, string, string]>([
    [
      "coinbase",
      "/api/v3/brokerage/orders",
      "/api/v3/brokerage/orders/historical/batch",
      "2023-11-14T22:03:20.000Z",
    ],
    ["binanceus", "/api/v3/order", "/api/v3/allOrders", "1699999400000"],
  ])("at %s lists from ten minutes before the order was sent", async (id, place, list, start) => {
    await using world = await sound(id);
    world.server.next(place, { fault: "reset" });
    await world.venue.submit(limitBuy);
    await world.venue.lookUp(clientOrderId, symbol);
    const [query] = world.server.to(list).map((request) => request.query);
    expect(query?.get("start_date") ?? query?.get("startTime")).toBe(start);
  });

  test("refused by one source is unknown: no evidence of anything", async () => {
    await using world = await sound("kraken");
    world.server.on("/0/private/ClosedOrders", { body: { error: ["EGeneral:Permission denied"] } });
    const cause = "EGeneral:Permission denied";
    expect(await world.venue.lookUp(clientOrderId, symbol)).toEqual({ type: "unknown", cause });
  });

  test.each([["QueryOrders"], ["QueryTrades"]])(
    "at kraken is unknown when %s fails to tell the trades of what it found",
    async (name) => {
      await using world = await sound("kraken");
      const filled = { ...krakenOrder, vol_exec: "0.01000000", trades: ["T1"] };
      world.server.on("/0/private/OpenOrders", kraken({ open: { OABC: filled } }));
      world.server.on("/0/private/QueryOrders", kraken({ OABC: filled }));
      world.server.on(`/0/private/${name}`, { status: 502, body: "" });
      expect((await world.venue.lookUp(clientOrderId, symbol)).type).toBe("unknown");
    },
  );

  test("at kraken takes the trades from the history where the order does not list them", async () => {
    await using world = await sound("kraken");
    const filled = { ...krakenOrder, vol_exec: "0.01000000" };
    world.server.on("/0/private/OpenOrders", kraken({ open: { OABC: filled } }));
    const trades = { T1: krakenTrade, T2: { ...krakenTrade, ordertxid: "OTHER" } };
    world.server.on("/0/private/TradesHistory", kraken({ trades, count: 2 }));
    const reply = await world.venue.lookUp(clientOrderId, symbol);
    const ids = reply.type === "confirmed" && reply.value.fills.map(({ tradeId }) => tradeId);
    expect(ids).toEqual(["T1"]);
  });

  test("at kraken an order that closes between the two reads is seen as closed", async () => {
    await using world = await sound("kraken");
    const closed = { ...krakenOrder, status: "canceled", closetm: 1_700_000_002, reason: "User" };
    world.server.on("/0/private/OpenOrders", kraken({ open: { OABC: krakenOrder } }));
    world.server.on("/0/private/ClosedOrders", kraken({ closed: { OABC: closed }, count: 1 }));
    const reply = await world.venue.lookUp(clientOrderId, symbol);
    const states = reply.type === "confirmed" && reply.value.orders.map(({ state }) => state);
    expect(states).toEqual(["canceled"]);
  });

  test("at kraken reads closed orders to their last page", async () => {
    await using world = await sound("kraken");
    const closed = { ...krakenOrder, status: "canceled", closetm: 1_700_000_002 };
    world.server.next(
      "/0/private/ClosedOrders",
      kraken({ closed: { O1: closed }, count: 2 }),
      kraken({ closed: { O2: closed }, count: 2 }),
    );
    const reply = await world.venue.lookUp(clientOrderId, symbol);
    const ids = reply.type === "confirmed" && reply.value.orders.map((each) => each.venueOrderId);
    expect(ids).toEqual(["O1", "O2"]);
    const offsets = world.server.to("/0/private/ClosedOrders").map((each) => sent(each).ofs);
    expect(offsets).toEqual(["0", "1"]);
  });

  test("at coinbase pages through the list until the id is found, and asks for its fills", async () => {
    await using world = await sound("coinbase");
    const path = "/api/v3/brokerage/orders/historical/batch";
    const filled = { ...coinbaseOrder, status: "FILLED", filled_size: "0.01" };
    world.server.next(
      path,
      {
        body: { orders: [{ ...coinbaseOrder, client_order_id: "x" }], has_next: true, cursor: "c" },
      },
      {
        body: {
          orders: [{ ...filled, last_fill_time: "2023-11-14T22:13:21.5Z" }],
          has_next: false,
        },
      },
    );
    world.server.on("/api/v3/brokerage/orders/historical/fills", {
      body: { fills: [coinbaseFill], cursor: "" },
    });
    const reply = await world.venue.lookUp(clientOrderId, symbol);
    const times = { createdAt: 1_700_000_000_123, updatedAt: 1_700_000_001_500 };
    expect(reply).toEqual({
      type: "confirmed",
      value: {
        orders: [{ ...order, venueOrderId: "OABC", state: "filled", filled: "0.01", ...times }],
        fills: [{ ...fill, tradeId: "T1", venueOrderId: "OABC", fee: "1.25", feeCoin: "USD" }],
      },
    } as never);
    expect(world.server.to(path).map(({ query }) => query.toString())).toEqual([
      "limit=250&product_ids=BTC-USD",
      "limit=250&product_ids=BTC-USD&cursor=c",
    ]);
  });

  test("at binanceus asks by the id and in the list, and for its trades", async () => {
    await using world = await sound("binanceus");
    const filled = { ...binanceOrder, status: "FILLED", executedQty: "0.01000000" };
    world.server.on("/api/v3/order", { body: filled });
    world.server.on("/api/v3/allOrders", {
      body: [{ ...binanceOrder, orderId: 8, clientOrderId: "x" }],
    });
    world.server.on("/api/v3/myTrades", { body: [binanceTrade] });
    const reply = await world.venue.lookUp(clientOrderId, symbol);
    const times = { createdAt: 1_700_000_000_123, updatedAt: 1_700_000_000_123 };
    const fees = { fee: "0.00001", feeCoin: "BNB" };
    expect(reply).toEqual({
      type: "confirmed",
      value: {
        orders: [{ ...order, venueOrderId: "7", state: "filled", filled: "0.01", ...times }],
        fills: [{ ...fill, tradeId: "BTCUSD:56", venueOrderId: "7", ...fees }],
      },
    } as never);
  });

  test("at binanceus a full list of others' orders proves nothing of an id it does not hold", async () => {
    await using world = await sound("binanceus");
    world.server.on("/api/v3/order", {
      status: 400,
      body: { code: -2013, msg: "Order does not exist." },
    });
    const orders = Array.from({ length: 1000 }, (_, index) => ({
      ...binanceOrder,
      orderId: index,
      clientOrderId: `x${index}`,
    }));
    world.server.next("/api/v3/allOrders", { body: orders }).on("/api/v3/allOrders", { body: [] });
    expect((await world.venue.lookUp(clientOrderId, symbol)).type).toBe("unknown");
  });
});

describe("submit", () => {
  test.each<[CcxtVenueId, string]>([
    ["kraken", "/0/private/AddOrder"],
    ["coinbase", "/api/v3/brokerage/orders"],
    ["binanceus", "/api/v3/order"],
  ])("at %s is unknown after HTTP 523, whatever the body says", async (id, path) => {
    await using world = await sound(id);
    await world.venue.submit(limitBuy);
    const { body } = world.server.standing(path) as { body: unknown };
    world.server.on(path, { status: 523, body });
    expect((await world.venue.submit(limitBuy)).type).toBe("unknown");
  });

  test("at coinbase is refused where the reason stands outside of an error", async () => {
    await using world = await sound("coinbase");
    const body = { success: false, failure_reason: "INSUFFICIENT_FUND", order_id: "" };
    world.server.on("/api/v3/brokerage/orders", { body });
    expect(await world.venue.submit(limitBuy)).toMatchObject({ code: "insufficientFunds" });
  });

  test.each<[CcxtVenueId, string]>([
    ["kraken", "OABC"],
    ["coinbase", "OABC"],
    ["binanceus", "7"],
  ])("at %s is confirmed with the venue's id", async (id, venueOrderId) => {
    await using world = await sound(id);
    const reply = await world.venue.submit(limitBuy);
    expect(reply).toMatchObject({
      type: "confirmed",
      value: { ...order, venueOrderId, state: "open", filled: "0" },
    });
  });
});
