import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { decimal } from "../../../../machines/domain/decimal.ts";
import { type RawAnswer, RawPost } from "../client.fixture.ts";
import { canStrike, type FaultName, faultNames, type Rehearsal } from "../mod.ts";
import {
  cancel,
  get,
  getPublic,
  jwt,
  limitOrder,
  marketOrder,
  ownStream,
  place,
  post,
  productId,
  StreamListener,
  signed,
  still,
  symbol,
} from "./client.fixture.ts";

let venue: Rehearsal;

beforeEach(async () => {
  venue = await still();
  venue.control.feedPoint(symbol, decimal(60_000));
});
afterEach(async () => {
  expect(venue.control.problems).toEqual([]);
  await venue[Symbol.asyncDispose]();
});

const orders = () => venue.control.record().orders;
const posted = (terms: object = {}) =>
  new RawPost(venue, signed(venue, "POST", "/api/v3/brokerage/orders", limitOrder(terms)));
const html = (status: number) => ({ end: "whole", status, body: expect.stringMatching(/^<html>/) });
const whole = (status: number, text: string) => ({
  end: "whole",
  status,
  body: expect.stringContaining(text),
});
const reset = { end: "reset", status: null, body: "" };

/** What the client sees of Create Order, and whether the order is there. */
const ended: readonly [FaultName, object, placed: boolean][] = [
  ["refuse", whole(200, '"success":false'), false],
  ["dropBeforeAcceptance", reset, false],
  ["acceptThenReset", reset, true],
  ["acceptThenBadGateway", html(502), true],
  ["acceptThenEmpty", { end: "whole", status: 200, body: "" }, true],
  ["acceptThenCutJson", whole(200, '{"success":true'), true],
  ["acceptThenCutBody", { end: "ended", status: 200, body: expect.stringMatching(/^\{/) }, true],
  ["emptyResult", { end: "whole", status: 200, body: "{}" }, true],
  ["slow", whole(200, '"success":true'), true],
  ["tooManyRequests", html(429), false],
  ["banned", html(418), false],
  ["status500", html(500), false],
  ["status503", html(503), false],
  ["status520", html(520), true],
  ["status523", html(523), false],
  ["status524", html(524), true],
  // There are no nonces: a token that was right is refused.
  ["invalidNonce", whole(401, "Unauthorized"), false],
  ["maintenance", whole(503, "UNAVAILABLE"), false],
];
const others: readonly FaultName[] = [
  "acceptLate",
  "hangInHeaders",
  "hangInBody",
  "staleRead",
  "partialFill",
  "fillRacesCancel",
  "fillAfterCancel",
];
const streamed: readonly FaultName[] = [
  "duplicateMessage",
  "reorderMessages",
  "delayMessage",
  "loseMessage",
  "sequenceGap",
  "silence",
  "disconnect",
];
/** What this venue has nothing for: its books have no checksum. */
const meaningless: readonly FaultName[] = ["wrongChecksum"];

test("every fault of the registry is shown here, or strikes nothing here", () => {
  const shown = [...ended.map(([name]) => name), ...others, ...streamed, ...meaningless];
  expect(shown.sort()).toEqual([...faultNames].sort());
  const channels = ["user", "l2_data", "market_trades", "ticker", "candles", "status"];
  for (const channel of channels) {
    expect(canStrike("wrongChecksum", "stream", channel)).toBe(false);
    expect(canStrike("sequenceGap", "stream", channel)).toBe(true);
  }
  expect(canStrike("fillRacesCancel", "cancel", "CancelOrders")).toBe(true);
});

describe("faults of requests", () => {
  test.each(ended)("%s does to an order what its name says", async (name, answer, placed) => {
    venue.control.orderFault({ name, on: ["submit"], delayMs: 20 });
    expect(await posted().settled()).toEqual(answer as RawAnswer);
    expect(orders()).toHaveLength(placed ? 1 : 0);
    expect(venue.control.thrown).toMatchObject([{ name, on: "submit", target: "CreateOrder" }]);
    await place(venue);
  });

  test("acceptThenCutJson leaves the JSON open", async () => {
    venue.control.orderFault({ name: "acceptThenCutJson" });
    const { body } = await posted().settled();
    expect(() => JSON.parse(body)).toThrow(SyntaxError);
  });

  test.each(["hangInHeaders", "hangInBody"] as const)(
    "%s never ends, the order is there",
    async (name) => {
      venue.control.orderFault({ name, on: ["submit"] });
      const request = posted();
      while (orders().length === 0) await getPublic(venue, "/time");
      await getPublic(venue, "/time");
      const { end, status, body } = request.now;
      expect([end, status]).toEqual(["open", name === "hangInBody" ? 200 : null]);
      expect(body).toMatch(name === "hangInBody" ? /^\{.*[^}]$/ : /^$/);
      request.close();
    },
  );

  test.each([
    ["INSUFFICIENT_FUND", 200],
    ["INTERNAL", 500],
    ["Unauthorized", 401],
  ])("refuse says %s with status %d", async (text, status) => {
    venue.control.orderFault({ name: "refuse", text });
    expect(await posted().settled()).toEqual(whole(status, text) as RawAnswer);
  });

  test("it strikes only what it is ordered on, in the words of each", async () => {
    const id = await place(venue);
    venue.control.orderFault({ name: "refuse", on: ["cancel"], text: "DUPLICATE_CANCEL_REQUEST" });
    venue.control.orderFault({
      name: "refuse",
      on: ["amend"],
      text: "ORDER_IS_ALREADY_BEING_REPLACED",
    });
    venue.control.orderFault({ name: "status503", on: ["read"], target: "ListOrders" });
    venue.control.orderFault({ name: "refuse", on: ["read"], target: "ListAccounts" });
    expect(await get(venue, "/key_permissions")).toMatchObject({ status: 200 });
    expect((await get(venue, "/orders/historical/batch")).status).toBe(503);
    expect((await get(venue, "/accounts")).body.error).toBe("PERMISSION_DENIED");
    expect(await cancel(venue, id)).toEqual([
      { success: false, failure_reason: "DUPLICATE_CANCEL_REQUEST", order_id: id },
    ]);
    expect(
      (await post(venue, "/orders/edit", { order_id: id, price: "51000" })).body,
    ).toMatchObject({
      success: false,
      errors: [{ edit_failure_reason: "ORDER_IS_ALREADY_BEING_REPLACED" }],
    });
    expect(orders()[0]).toMatchObject({ state: "open", price: "50000" });
    expect(venue.control.pendingFaults).toEqual([]);
  });

  test("acceptLate places the order later, and never once its token is over", async () => {
    for (const delayMs of [3_000, 121_000]) {
      venue.control.orderFault({ name: "acceptLate", delayMs });
      expect(await posted().settled()).toEqual(reset as RawAnswer);
    }
    expect(orders()).toHaveLength(0);
    venue.control.advanceBy(3_000);
    expect(orders()).toHaveLength(1);
    venue.control.advanceBy(300_000);
    expect(orders()).toHaveLength(1);
  });

  test("staleRead answers as things stood", async () => {
    await place(venue);
    venue.control.advanceBy(2_000);
    venue.control.orderFault({ name: "staleRead", delayMs: 3_000, target: "ListOrders" });
    const counts: number[] = [];
    for (let read = 0; read < 2; read += 1) {
      const { body } = await get(venue, "/orders/historical/batch");
      counts.push((body.orders as unknown[]).length);
    }
    expect(counts).toEqual([0, 1]);
  });

  test("partialFill leaves a part for the next point", async () => {
    venue.control.orderFault({ name: "partialFill", share: 0.3 });
    const terms = { base_size: "0.01", limit_price: "61000" };
    await place(venue, limitOrder({ order_configuration: { limit_limit_gtc: terms } }));
    expect(orders()[0]).toMatchObject({ state: "partial", filled: "0.003" });
    venue.control.feedPoint(symbol, decimal(60_001), false, 10);
    expect(orders()[0]).toMatchObject({ state: "filled", filled: "0.01" });
  });

  test("partialFill of a market order ends the rest of it", async () => {
    venue.control.orderFault({ name: "partialFill", share: 0.3 });
    const id = await place(venue, marketOrder("BUY", "0.01"));
    const { body } = await get(venue, `/orders/historical/${id}`);
    expect(body.order).toMatchObject({ status: "CANCELLED", filled_size: "0.003" });
  });

  test.each([
    [1, "ORDER_IS_FULLY_FILLED", { state: "filled", filled: "0.01" }],
    [0.4, "UNKNOWN_CANCEL_FAILURE_REASON", { state: "canceled", filled: "0.004" }],
  ])("fillRacesCancel fills %d of it first", async (share, reason, order) => {
    const id = await place(venue);
    venue.control.orderFault({ name: "fillRacesCancel", share });
    expect((await cancel(venue, id)).map((each) => each.failure_reason)).toEqual([reason]);
    expect(orders()[0]).toMatchObject(order);
  });

  test("fillAfterCancel confirms the cancel, and fills later", async () => {
    const id = await place(venue);
    venue.control.orderFault({ name: "fillAfterCancel", share: 0.5 });
    expect(await cancel(venue, id)).toMatchObject([{ success: true }]);
    expect(orders()[0]?.state).toBe("open");
    venue.control.advanceBy(1_000);
    expect(orders()[0]).toMatchObject({ state: "canceled", filled: "0.005" });
  });
});

describe("faults of streams", () => {
  /** Four messages of the user channel, the fault befalling the first of them. */
  async function struckBy(name: FaultName, delayMs = 10): Promise<StreamListener> {
    const stream = await ownStream(venue);
    venue.control.orderFault({ name, target: "user", delayMs });
    for (let number = 0; number < 2; number += 1) await cancel(venue, await place(venue));
    return stream;
  }

  // The first two are the snapshot and the confirmation.
  test.each<[FaultName, number[]]>([
    ["duplicateMessage", [0, 1, 2, 2, 3, 4, 5]],
    ["reorderMessages", [0, 1, 3, 2, 4, 5]],
    ["delayMessage", [0, 1, 2, 3, 4, 5]],
    ["loseMessage", [0, 1, 3, 4, 5]],
    ["sequenceGap", [0, 1, 3, 4, 5, 6]],
  ])("%s shows in the sequence", async (name, wanted) => {
    const stream = await struckBy(name);
    await stream.until(() => stream.messages.length === wanted.length);
    expect(stream.messages.map(({ sequence_num }) => sequence_num)).toEqual(wanted);
    stream.close();
  });

  test("silence leaves the connection open, and nothing comes any more", async () => {
    const stream = await struckBy("silence");
    stream.send({ type: "subscribe", channel: "heartbeats" });
    const other = await ownStream(venue);
    expect([stream.closed, venue.control.streams]).toEqual([null, ["/user", "/user"]]);
    expect(stream.messages.map(({ channel }) => channel)).toEqual(["user", "subscriptions"]);
    other.close();
  });

  test("a silent connection is not even closed for saying nothing", async () => {
    await using hasty = await still({ streamHaste: 1_000 });
    const silent = await StreamListener.open(hasty);
    hasty.control.closeStreams("silence");
    const other = await StreamListener.open(hasty);
    await other.until(() => other.closed !== null);
    expect(silent.closed).toBeNull();
  });

  test("disconnect resets it, and a new one can be opened", async () => {
    const stream = await struckBy("disconnect");
    await stream.until(() => stream.closed !== null);
    expect(stream.closed?.[0]).toBe(1006);
    (await ownStream(venue)).close();
  });

  test("streams of one path are ended alone", async () => {
    const [own, open] = [await ownStream(venue), await StreamListener.open(venue)];
    expect(venue.control.closeStreams("reset", "/")).toBe(1);
    await open.until(() => open.closed !== null);
    await own.subscribe("ticker", [productId], { jwt: jwt(venue) });
    expect(own.closed).toBeNull();
    own.close();
  });
});

describe("faults of the venue", () => {
  test("a restart resets sockets; orders and tokens stay good", async () => {
    const stream = await ownStream(venue);
    const id = await place(venue);
    await venue.control.restart();
    await stream.until(() => stream.closed !== null);
    const next = await ownStream(venue);
    expect(next.of("user")[0]?.events).toMatchObject([{ orders: [{ order_id: id }] }]);
    next.close();
  });

  test("a skewed clock tells another time, and dates orders by it", async () => {
    const now = venue.control.now;
    venue.control.setClockSkew(90_000);
    const { body } = await getPublic(venue, "/time");
    expect(body.epochMillis).toBe(String(now + 90_000));
    venue.control.setClockSkew(30_000);
    const key = { uri: "POST api.coinbase.com/api/v3/brokerage/orders" };
    const nbf = Math.floor(Date.now() / 1_000);
    const token = jwt(venue, { ...key, nbf, exp: nbf + 120 });
    const response = await fetch(`${venue.url}/api/v3/brokerage/orders`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(limitOrder()),
    });
    const { success_response } = (await response.json()) as {
      success_response: { order_id: string };
    };
    const { body: read } = await get(venue, `/orders/historical/${success_response.order_id}`);
    expect(read.order).toMatchObject({
      created_time: `${new Date(now + 30_000).toISOString().slice(0, -1)}000Z`,
    });
  });
});
