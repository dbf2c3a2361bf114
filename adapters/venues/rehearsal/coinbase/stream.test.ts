import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { decimal } from "../../../../machines/domain/decimal.ts";
import type { Rehearsal } from "../mod.ts";
import {
  cancel,
  entries,
  jwt,
  limitOrder,
  marketOrder,
  ownStream,
  place,
  post,
  productId,
  StreamListener,
  type StreamMessage,
  still,
  symbol,
} from "./client.fixture.ts";

let venue: Rehearsal;

beforeAll(async () => {
  venue = await still();
  venue.control.feedPoint(symbol, decimal(60_000));
});
afterAll(async () => {
  expect(venue.control.problems).toEqual([]);
  await venue[Symbol.asyncDispose]();
});

const sequences = ({ messages }: StreamListener) =>
  messages.map(({ sequence_num }) => sequence_num);
const counted = (stream: StreamListener) => stream.messages.map((_, index) => index);
const typesOf = (messages: readonly StreamMessage[]) =>
  messages.map(({ events }) => events[0]?.type);

describe("market channels", () => {
  test("every message of a connection counts up by one, whatever its channel", async () => {
    const stream = await StreamListener.open(venue);
    for (const channel of ["level2", "ticker", "market_trades", "candles"]) {
      await stream.subscribe(channel, [productId]);
    }
    await stream.subscribe("heartbeats");
    await stream.subscribe("status");
    venue.control.feedPoint(symbol, decimal(60_001), false, 1);
    venue.control.feedPoint(symbol, decimal(60_000), false, 1);
    await stream.until(
      () => stream.of("candles").length === 3 && stream.of("heartbeats").length > 0,
    );
    expect(sequences(stream)).toEqual(counted(stream));
    for (const channel of ["ticker", "market_trades", "candles"]) {
      expect(typesOf(stream.of(channel))).toEqual(["snapshot", "update", "update"]);
    }
    stream.close();
  });

  test("a book that is kept by its updates is the venue's", async () => {
    const stream = await StreamListener.open(venue);
    await stream.subscribe("level2", [productId]);
    for (const price of ["60001.3", "59990", "59990.1", "61000", "60000"]) {
      venue.control.feedPoint(symbol, decimal(price));
    }
    await stream.until(() => stream.of("l2_data").length === 6);
    const kept = { bid: new Map<string, string>(), offer: new Map<string, string>() };
    for (const update of entries(stream, "l2_data", "updates")) {
      const { side, price_level, new_quantity } = update as Record<string, string>;
      const levels = kept[side as "bid" | "offer"];
      if (new_quantity === "0") levels.delete(price_level ?? "");
      else levels.set(price_level ?? "", new_quantity ?? "");
    }
    const fresh = await StreamListener.open(venue);
    await fresh.subscribe("level2", [productId]);
    const whole = { bid: new Map<string, string>(), offer: new Map<string, string>() };
    for (const update of entries(fresh, "l2_data", "updates")) {
      const { side, price_level, new_quantity } = update as Record<string, string>;
      whole[side as "bid" | "offer"].set(price_level ?? "", new_quantity ?? "");
    }
    const sorted = (book: typeof kept) => [[...book.bid].sort(), [...book.offer].sort()];
    expect(sorted(kept)).toEqual(sorted(whole));
    expect(whole.bid.size).toBe(100);
    for (const each of [stream, fresh]) each.close();
  });

  test("trades tell the maker's side, newest first", async () => {
    venue.control.feedPrint(symbol, decimal(60_010), decimal("0.5"));
    venue.control.feedPrint(symbol, decimal(60_005), decimal("0.25"));
    const stream = await StreamListener.open(venue);
    await stream.subscribe("market_trades", [productId]);
    const [last, before] = entries(stream, "market_trades", "trades");
    expect([last?.price, last?.size, last?.side]).toEqual(["60005", "0.25", "BUY"]);
    expect([before?.price, before?.size, before?.side]).toEqual(["60010", "0.5", "SELL"]);
    expect(Number(last?.trade_id)).toBe(Number(before?.trade_id) + 1);
    venue.control.feedPoint(symbol, decimal(60_000), true);
    stream.close();
  });

  test("a ticker ends with its subscription, and the rest goes on", async () => {
    const stream = await StreamListener.open(venue);
    await stream.subscribe("ticker", [productId, "ETH-USD"]);
    await stream.subscribe("heartbeats");
    await stream.unsubscribe("ticker", [productId]);
    venue.control.feedPoint(symbol, decimal(60_001), false, 1);
    venue.control.feedPoint("ETH/USD", decimal(3_000), false, 1);
    await stream.until(() => stream.of("ticker").length === 3);
    await stream.unsubscribe("ticker");
    await stream.unsubscribe("heartbeats");
    expect(entries(stream, "ticker", "tickers").map((each) => each.product_id)).toEqual([
      productId,
      "ETH-USD",
      "ETH-USD",
    ]);
    expect(stream.of("subscriptions").map(({ events }) => events)).toEqual([
      [{ subscriptions: { ticker: [productId, "ETH-USD"] } }],
      [{ subscriptions: { ticker: [productId, "ETH-USD"], heartbeats: ["heartbeats"] } }],
      [{ subscriptions: { ticker: ["ETH-USD"], heartbeats: ["heartbeats"] } }],
      [{ subscriptions: { heartbeats: ["heartbeats"] } }],
      [{ subscriptions: {} }],
    ]);
    stream.close();
  });

  test.each<[string, object | string, string]>([
    ["an unknown channel", { channel: "gossip" }, "channel gossip is invalid"],
    [
      "an unknown product",
      { channel: "ticker", product_ids: ["X-USD"] },
      "ProductID X-USD is invalid",
    ],
    ["no product", { channel: "ticker" }, "product_ids are required"],
    ["orders without a token", { channel: "user" }, "authentication failure"],
    [
      "anything with a token that is not good",
      { channel: "heartbeats", jwt: "a.b.c" },
      "authentication failure",
    ],
    ["something else", { type: "sing" }, "type sing is invalid"],
    ["text that is no JSON", "{", "malformed request"],
  ])("who asks for %s is refused", async (_, message, text) => {
    const stream = await StreamListener.open(venue);
    stream.send(typeof message === "string" ? message : { type: "subscribe", ...message });
    await stream.until(() => stream.messages.length > 0);
    expect(stream.messages).toEqual([{ type: "error", message: text } as never]);
    stream.close();
  });
});

describe("connections that say nothing", () => {
  let hasty: Rehearsal;
  beforeAll(async () => {
    // Five seconds are 25 ms, sixty to ninety 300 to 450.
    hasty = await still({ streamHaste: 200 });
  });
  afterAll(() => hasty[Symbol.asyncDispose]());

  test("who subscribes to nothing is closed, refused ones too", async () => {
    const [mute, refused] = [await StreamListener.open(hasty), await StreamListener.open(hasty)];
    refused.send({ type: "subscribe", channel: "user" });
    for (const stream of [mute, refused]) {
      await stream.until(() => stream.closed !== null);
      expect(stream.closed).toEqual([1000, "no subscription"]);
    }
  });

  test("a quiet channel is closed unless it has heartbeats", async () => {
    const quiet = await StreamListener.open(hasty);
    await quiet.subscribe("market_trades", [productId]);
    const beating = await StreamListener.open(hasty);
    await beating.subscribe("market_trades", [productId]);
    await beating.subscribe("heartbeats");
    await quiet.until(() => quiet.closed !== null);
    expect(quiet.closed).toEqual([1000, "no updates"]);
    await beating.until(() => beating.of("heartbeats").length > 0);
    expect(beating.closed).toBeNull();
    beating.close();
  });
});

describe("the user channel", () => {
  test("tells an order's whole life in sums", async () => {
    const stream = await ownStream(venue);
    const id = await place(venue, limitOrder({ client_order_id: "life" }));
    await post(venue, "/orders/edit", { order_id: id, price: "51000", size: "0.02" });
    await cancel(venue, id);
    venue.control.orderFault({ name: "partialFill", share: 0.25 });
    const terms = { base_size: "0.04", limit_price: "60500" };
    await place(venue, limitOrder({ order_configuration: { limit_limit_gtc: terms } }));
    venue.control.feedPoint(symbol, decimal(60_001), false, 10);
    await stream.until(() => stream.of("user").length === 7);
    // Whatever else there is to tell comes before the answer.
    await stream.subscribe("heartbeats");
    const told = entries(stream, "user", "orders").map((order) => [
      order.client_order_id === "life" ? "first" : "second",
      order.status,
      order.limit_price,
      order.cumulative_quantity,
      order.leaves_quantity,
      order.number_of_fills,
    ]);
    expect(told).toEqual([
      ["first", "OPEN", "50000", "0", "0.01", "0"],
      ["first", "OPEN", "51000", "0", "0.02", "0"],
      ["first", "CANCELLED", "51000", "0", "0", "0"],
      ["second", "OPEN", "60500", "0", "0.04", "0"],
      ["second", "OPEN", "60500", "0.01", "0.03", "1"],
      ["second", "FILLED", "60500", "0.04", "0", "2"],
    ]);
    expect(sequences(stream)).toEqual(counted(stream));
    venue.control.feedPoint(symbol, decimal(60_000), true);
    stream.close();
  });

  test("begins with the open orders, fifty at a time, and those of other hands", async () => {
    await using own = await still();
    own.control.feedPoint(symbol, decimal(60_000));
    const terms = { base_size: "0.0001", limit_price: "50000" };
    for (let number = 0; number < 51; number += 1) {
      await place(own, limitOrder({ order_configuration: { limit_limit_gtc: terms } }));
    }
    const foreign = own.control.placeForeign({
      ...{ symbol, side: "buy", type: "limit" },
      ...{ quantity: decimal("0.01"), price: decimal(40_000) },
    });
    const stream = await ownStream(own);
    const [first, second] = stream.of("user").map(({ events }) => events[0]?.orders as object[]);
    expect([first?.length, second?.length]).toEqual([50, 2]);
    expect(second?.at(-1)).toMatchObject({ order_id: foreign, client_order_id: "" });
    stream.close();
  });

  test("says of a stop whether it is pending", async () => {
    const stream = await ownStream(venue);
    const order_configuration = {
      stop_limit_stop_limit_gtc: {
        base_size: "0.01",
        limit_price: "54000",
        stop_price: "55000",
        stop_direction: "STOP_DIRECTION_STOP_DOWN",
      },
    };
    await place(venue, limitOrder({ side: "SELL", order_configuration }));
    venue.control.feedPoint(symbol, decimal(54_500));
    await stream.until(() => entries(stream, "user", "orders").at(-1)?.status === "FILLED");
    const told = entries(stream, "user", "orders").map((order) => [
      order.order_type,
      order.status,
      order.trigger_status,
      order.stop_price,
    ]);
    expect(told[0]).toEqual(["Stop Limit", "OPEN", "STOP_PENDING", "55000"]);
    expect(told.at(-1)).toEqual(["Stop Limit", "FILLED", "STOP_TRIGGERED", "55000"]);
    venue.control.feedPoint(symbol, decimal(60_000), true);
    stream.close();
  });

  test("tells of one product alone where that is asked for", async () => {
    const stream = await StreamListener.open(venue, "/user");
    await stream.subscribe("user", ["ETH-USD"], { jwt: jwt(venue) });
    await cancel(venue, await place(venue));
    venue.control.feedPoint("ETH/USD", decimal(3_000));
    const id = await place(venue, { ...marketOrder("BUY", "0.1"), product_id: "ETH-USD" });
    const told = () => entries(stream, "user", "orders");
    await stream.until(() => told().at(-1)?.status === "FILLED");
    expect([...new Set(told().map(({ order_id }) => order_id))]).toEqual([id]);
    stream.close();
  });
});
