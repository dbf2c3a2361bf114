/**
 * The measured traps of ccxt and Bun, each twice: what happens without the cure (plain ccxt, or
 * plain fetch), and with it. If a new version heals one, the first half fails and says so.
 */
import { describe, expect, test } from "bun:test";
import binanceus from "ccxt/js/src/binanceus.js";
import { decimal } from "../../../machines/domain/decimal.ts";
import { classify } from "./classification.ts";
import { hardened } from "./hardened.ts";
import { answerSoundly, krakenOrder } from "./replies.fixture.ts";
import type { Answer } from "./scripted-server.fixture.ts";
import {
  addOrder,
  exchangeOf,
  nameOf,
  plainCoinbase,
  plainKraken,
  sound,
  stopSell,
} from "./traps.fixture.ts";
import { ecPkcs8, keysOf, limitBuy, placePath, type Stand, sent, stand } from "./venues.fixture.ts";

const { clientOrderId, symbol } = limitBuy;

describe("client ids", () => {
  test("ccxt drops coinbase's clientOrderId and sends one of its own", async () => {
    await using world = await sound("coinbase");
    await plainCoinbase(world).createOrder(symbol, "limit", "buy", 0.01, 50_000, { clientOrderId });
    expect(sent(world.server.to(placePath.coinbase)[0]).client_order_id).not.toBe(clientOrderId);
  });

  test("the adapter sends ours", async () => {
    await using world = await sound("coinbase");
    await world.venue.submit(limitBuy);
    expect(sent(world.server.to(placePath.coinbase)[0]).client_order_id).toBe(clientOrderId);
  });

  const open: Answer = { body: { error: [], result: { open: { OABC: krakenOrder } } } };

  test("ccxt asks kraken for a client id as a userref, and does not find what exists", async () => {
    await using world = await sound("kraken");
    world.server.on("/0/private/OpenOrders", open);
    const found = nameOf(plainKraken(world).fetchOrder("", symbol, { clientOrderId }));
    expect(await found).toBe("OrderNotFound");
    expect(sent(world.server.to("/0/private/QueryOrders")[0]).userref).toBe(clientOrderId);
  });

  test("the adapter finds it", async () => {
    await using world = await sound("kraken");
    world.server.on("/0/private/OpenOrders", open);
    const reply = await world.venue.lookUp(clientOrderId, symbol);
    expect(reply).toMatchObject({
      type: "confirmed",
      value: { orders: [{ venueOrderId: "OABC" }] },
    });
  });

  test("two orders under one repeated id are both told: the look-up stays unclear", async () => {
    await using world = await sound("kraken");
    world.server.on("/0/private/OpenOrders", open);
    const closed = { O1: { ...krakenOrder, status: "canceled", closetm: 1 } };
    world.server.on("/0/private/ClosedOrders", {
      body: { error: [], result: { closed, count: 1 } },
    });
    const reply = await world.venue.lookUp(clientOrderId, symbol);
    expect(reply.type === "confirmed" && reply.value.orders.length).toBe(2);
  });
});

describe("stops that become plain orders", () => {
  test("ccxt sends a kraken market order with triggerPrice as a plain market order", async () => {
    await using world = await sound("kraken");
    const parameters = { triggerPrice: 48_000 };
    await plainKraken(world).createOrder(symbol, "market", "sell", 0.01, undefined, parameters);
    const { ordertype, triggerPrice } = sent(world.server.to(addOrder)[0]);
    expect([ordertype, triggerPrice]).toEqual(["market", "48000"]);
  });

  test("the adapter sends a stop", async () => {
    await using world = await sound("kraken");
    await world.venue.submit(stopSell);
    const { ordertype, price } = sent(world.server.to(addOrder)[0]);
    expect([ordertype, price]).toEqual(["stop-loss", "48000"]);
  });

  const directionOf = (world: Stand) => {
    const { order_configuration } = sent(world.server.to(placePath.coinbase)[0]);
    const terms = Object.values(order_configuration as Record<string, unknown>)[0];
    return (terms as { stop_direction: string }).stop_direction;
  };

  test("ccxt gives a coinbase sell with triggerPrice the direction of a take-profit", async () => {
    await using world = await sound("coinbase");
    const parameters = { triggerPrice: 48_000 };
    await plainCoinbase(world).createOrder(symbol, "limit", "sell", 0.01, 47_500, parameters);
    expect(directionOf(world)).toBe("STOP_DIRECTION_STOP_UP");
  });

  test("the adapter gives it that of a stop", async () => {
    await using world = await sound("coinbase");
    await world.venue.submit(stopSell);
    expect(directionOf(world)).toBe("STOP_DIRECTION_STOP_DOWN");
  });

  test.each([
    ["a misspelt stop", { stopLosPrice: "48000" }],
    ["ccxt's dry run of other venues", { test: true }],
  ])("ccxt passes %s on to kraken in silence, as a live order", async (_name, parameters) => {
    await using world = await sound("kraken");
    await plainKraken(world).createOrder(symbol, "limit", "sell", 0.01, 50_000, parameters);
    const request = sent(world.server.to(addOrder)[0]);
    const [key = ""] = Object.keys(parameters);
    expect([request.ordertype, key in request, "validate" in request]).toEqual([
      "limit",
      true,
      false,
    ]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["a misspelt stop", { stopLosPrice: "48000" }],
    ["ccxt's dry run of other venues", { test: "true" }],
    ["an order without our id", { cl_ord_id: undefined }],
  ])("the adapter does not send %s", async (_name, parameters) => {
    await using world = await sound("kraken");
    const order = {
      ...{ pair: "XXBTZUSD", type: "sell", ordertype: "limit", volume: "1", cl_ord_id: "x" },
      ...{ oflags: "fciq", deadline: "x", ...parameters },
    };
    const error = await exchangeOf(world)
      .request("AddOrder", "private", "POST", order)
      .catch((e) => e);
    expect(classify("kraken", error)).toMatchObject({ type: "refused", code: "unsupported" });
    expect(world.server.requests).toEqual([]);
  });

  test.each([
    ["Withdraw", "private", "POST"],
    ["WalletTransfer", "private", "POST"],
    ["CancelAll", "private", "POST"],
  ])("the adapter has no way to %s", async (path, api, method) => {
    await using world = await sound("kraken");
    const request = exchangeOf(world).request(path, api, method, {});
    expect([await nameOf(request), world.server.requests.length]).toEqual(["NotSent", 0]);
  });
});

describe("quantities off the grid", () => {
  const quantity = decimal("0.0123456789");

  test("ccxt cuts them and places another order than was asked for", async () => {
    await using world = await sound("kraken");
    await plainKraken(world).createOrder(symbol, "limit", "buy", Number(quantity), 50_000);
    expect(sent(world.server.to(addOrder)[0]).volume).toBe("0.01234567");
  });

  test("the adapter sends what was asked for, and lets the venue refuse it", async () => {
    await using world = await sound("kraken");
    await world.venue.submit({ ...limitBuy, quantity });
    expect(sent(world.server.to(addOrder)[0]).volume).toBe(quantity);
  });
});

describe("binanceus", () => {
  test("ccxt makes up a client id where none is given; the adapter sends nothing then", async () => {
    await using world = await sound("binanceus");
    const api = { public: `${world.server.url}/api/v3`, private: `${world.server.url}/api/v3` };
    const plain = new binanceus({ ...keysOf.binanceus, urls: { api }, enableRateLimit: false });
    const order = {
      symbol: "BTCUSD",
      side: "BUY",
      type: "MARKET",
      quantity: "1",
      recvWindow: "5000",
    };
    await plain.request("order", "private", "POST", { ...order });
    expect(sent(world.server.to(placePath.binanceus)[0]).newClientOrderId).toStartWith("x-");
    const { server, clock } = world;
    const ours = hardened({
      ...{ venue: "binanceus", keys: keysOf.binanceus, restUrl: server.url, clock },
      timeoutMs: 5_000,
    });
    expect(await nameOf(ours.request("order", "private", "POST", order))).toBe("NotSent");
    expect(world.server.to(placePath.binanceus).length).toBe(1);
  });
});
describe("start", () => {
  test("ccxt remembers a failed load of markets for ever", async () => {
    await using world = await sound("kraken");
    const exchange = plainKraken(world);
    world.server.next("/0/public/Assets", { status: 502, body: "" });
    const first = await nameOf(exchange.loadMarkets());
    const asked = world.server.requests.length;
    const second = await nameOf(exchange.loadMarkets());
    expect([first, second, world.server.requests.length]).toEqual([
      "ExchangeNotAvailable",
      "ExchangeNotAvailable",
      asked,
    ]);
  });

  test("the adapter asks again", async () => {
    await using world = await sound("kraken");
    world.server.next("/0/public/AssetPairs", { status: 502, body: "" });
    const submit = () => world.venue.submit(limitBuy);
    expect([(await submit()).type, (await submit()).type]).toEqual(["refused", "confirmed"]);
  });

  test.each([
    ["PKCS8", ecPkcs8],
    ["literal \\n", keysOf.coinbase.secret.replaceAll("\n", "\\n")],
  ])(
    "ccxt cannot sign with a coinbase key in %s; the adapter converts it",
    async (_form, secret) => {
      await using world = await sound("coinbase");
      const order = () => plainCoinbase(world, secret).createOrder(symbol, "limit", "buy", 0.01, 1);
      const plain = await nameOf(Promise.resolve().then(order));
      expect([plain === "success" && world.server.problems.length === 0]).toEqual([false]);
      const keys = { ...keysOf.coinbase, secret };
      await using other = await stand("coinbase", { keys });
      answerSoundly("coinbase", other.server);
      const reply = await other.venue.submit(limitBuy);
      expect([reply.type, other.server.problems]).toEqual(["confirmed", []]);
    },
  );
});
