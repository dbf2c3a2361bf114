/** Sound replies to reads, and what is read of them. */
import { describe, expect, test } from "bun:test";
import type { CcxtVenueId } from "./assumptions.ts";
import {
  answerSoundly,
  binanceTrade,
  coinbaseFill,
  krakenOrder,
  krakenTrade,
} from "./replies.fixture.ts";
import type { Answer } from "./scripted-server.fixture.ts";
import { krakenPair, limitBuy, type Stand, sent, stand } from "./venues.fixture.ts";

const { clientOrderId } = limitBuy;
const kraken = (result: unknown): Answer => ({ body: { error: [], result } });

async function sound(id: CcxtVenueId): Promise<Stand> {
  const world = await stand(id);
  answerSoundly(id, world.server);
  return world;
}

describe("reads", () => {
  test("fillsSince at kraken reads every page, and the client ids from the orders", async () => {
    await using world = await sound("kraken");
    world.server.next(
      "/0/private/TradesHistory",
      kraken({ trades: { T2: { ...krakenTrade, time: 1_700_000_003 } }, count: 3 }),
      kraken({ trades: { T1: krakenTrade, T0: { ...krakenTrade, time: 1 } }, count: 3 }),
    );
    const reply = await world.venue.fillsSince(1_700_000_000_000);
    const ids =
      reply.type === "confirmed" && reply.value.map((each) => [each.tradeId, each.clientOrderId]);
    expect(ids).toEqual([
      ["T1", clientOrderId],
      ["T2", clientOrderId],
    ]);
    expect(world.server.to("/0/private/TradesHistory").map(sent)).toEqual([
      { start: "1699999999.999", ofs: "0", consolidate_taker: "false" },
      { start: "1699999999.999", ofs: "1", consolidate_taker: "false" },
    ]);
  });

  test("fillsSince at coinbase reads every page, and the client ids from the orders", async () => {
    await using world = await sound("coinbase");
    const path = "/api/v3/brokerage/orders/historical/fills";
    world.server.next(
      path,
      { body: { fills: [{ ...coinbaseFill, trade_id: "T2" }], cursor: "c" } },
      {
        body: {
          fills: [coinbaseFill, { ...coinbaseFill, trade_id: "T3", trade_type: "REVERSAL" }],
          cursor: "",
        },
      },
    );
    const reply = await world.venue.fillsSince(1_700_000_000_000);
    const ids =
      reply.type === "confirmed" && reply.value.map((each) => [each.tradeId, each.clientOrderId]);
    expect(ids).toEqual([
      ["T1", clientOrderId],
      ["T2", clientOrderId],
    ]);
  });

  test("fillsSince at binanceus reads every page of every symbol", async () => {
    await using world = await sound("binanceus");
    const page = Array.from({ length: 1000 }, (_, index) => ({ ...binanceTrade, id: index }));
    world.server.next(
      "/api/v3/myTrades",
      { body: page },
      { body: [{ ...binanceTrade, id: 1000 }] },
    );
    const reply = await world.venue.fillsSince(1_700_000_000_000);
    expect(reply.type === "confirmed" && reply.value.length).toBe(1001);
    const [first, second] = world.server.to("/api/v3/myTrades").map(sent);
    expect([first, second]).toEqual([
      { symbol: "BTCUSD", startTime: "1700000000000", limit: "1000", recvWindow: "5000" },
      { symbol: "BTCUSD", fromId: "1000", limit: "1000", recvWindow: "5000" },
    ]);
  });

  test.each<[CcxtVenueId, string]>([
    ["kraken", "1.5"],
    ["coinbase", "1.5"],
    ["binanceus", "1.50000001"],
  ])("balances at %s tell the whole and what is locked", async (id, total) => {
    await using world = await sound(id);
    const reply = await world.venue.balances();
    const value = [{ coin: "BTC", total, held: "0.5" }];
    expect(reply).toEqual({ type: "confirmed", value } as never);
  });

  test("openOrders at kraken tell foreign orders too, whatever they are", async () => {
    await using world = await sound("kraken");
    const { cl_ord_id: _ours, ...foreign } = krakenOrder;
    const descr = { ...krakenOrder.descr, ordertype: "trailing-stop", price: "+5.0000%" };
    const open = {
      O1: { ...foreign, descr },
      O2: { ...foreign, descr: { ...krakenOrder.descr, pair: "OLDUSD" } },
    };
    world.server.on("/0/private/OpenOrders", kraken({ open }));
    const reply = await world.venue.openOrders();
    const rows =
      reply.type === "confirmed" &&
      reply.value.map((each) => [each.symbol, each.type, each.price, each.clientOrderId]);
    expect(rows).toEqual([
      ["BTC/USD", "stop", null, null],
      ["OLDUSD", "limit", "50000.1", null],
    ]);
  });

  test.each<[CcxtVenueId, Record<string, unknown>]>([
    [
      "kraken",
      {
        ...{ tick: "0.1", lot: "0.00000001", minQuantity: "0.00005", minNotional: "0.5" },
        ...{ makerFee: "0.0025", takerFee: "0.004" },
      },
    ],
    [
      "coinbase",
      {
        ...{ tick: "0.01", lot: "0.00000001", minQuantity: "0.00000001", minNotional: "1" },
        ...{ makerFee: "0.004", takerFee: "0.006" },
      },
    ],
    [
      "binanceus",
      {
        ...{ tick: "0.01", lot: "0.00001", minQuantity: "0.00001", minNotional: "1" },
        ...{ makerFee: "0.001", takerFee: "0.002" },
      },
    ],
  ])("instruments at %s carry the venue's rules", async (venue, rules) => {
    await using world = await sound(venue);
    const names = { venue, symbol: "BTC/USD", base: "BTC", quote: "USD" };
    expect(await world.venue.instruments()).toEqual({
      type: "confirmed",
      value: [{ ...names, ...rules }],
    } as never);
    expect(await world.venue.marketStates()).toEqual({
      type: "confirmed",
      value: [{ symbol: "BTC/USD", state: "online" }],
    });
  });

  test("a symbol that the venue does not list is named", async () => {
    await using world = await stand("kraken", { symbols: ["BTC/USD", "NOPE/USD"] });
    expect(await world.venue.instruments()).toEqual({
      type: "refused",
      code: "unsupported",
      text: 'Cannot trade "NOPE/USD" at kraken: the venue does not list it',
    });
  });

  test("markets that failed to load are asked for again", async () => {
    await using world = await stand("kraken");
    world.server.next("/0/public/AssetPairs", { status: 502, body: "" });
    const first = await world.venue.instruments();
    const second = await world.venue.instruments();
    expect([first.type, second.type]).toEqual(["unknown", "confirmed"]);
  });

  test("a pair in cancel-only mode is told as such", async () => {
    await using world = await stand("kraken");
    const result = { XXBTZUSD: { ...krakenPair, status: "cancel_only" } };
    world.server.on("/0/public/AssetPairs", kraken(result));
    expect(await world.venue.marketStates()).toMatchObject({ value: [{ state: "cancelOnly" }] });
  });
});
