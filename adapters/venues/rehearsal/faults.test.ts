import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { decimal } from "../../../machines/domain/decimal.ts";
import {
  call,
  ownStream,
  publicCall,
  type RawAnswer,
  RawPost,
  StreamListener,
  signed,
  still,
} from "./client.fixture.ts";
import {
  type FaultName,
  faultLevels,
  faultNames,
  faultRegistry,
  faultScopes,
  type Rehearsal,
} from "./mod.ts";

const symbol = "BTC/USD";
const limit = { pair: "XBTUSD", type: "buy", ordertype: "limit", price: "50000", volume: "0.01" };

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
const html = (status: number) => ({ end: "whole", status, body: expect.stringMatching(/^<html>/) });
const error = (text: string) => ({
  end: "whole",
  status: 200,
  body: JSON.stringify({ error: [text] }),
});
const reset = { end: "reset", status: null, body: "" };

/** What the client sees of AddOrder, and whether the order is there. */
const ended: readonly [FaultName, object, placed: boolean][] = [
  ["refuse", error("EOrder:Insufficient funds"), false],
  ["dropBeforeAcceptance", reset, false],
  ["acceptThenReset", reset, true],
  ["acceptThenBadGateway", html(502), true],
  ["acceptThenEmpty", { end: "whole", status: 200, body: "" }, true],
  [
    "acceptThenCutJson",
    { end: "whole", status: 200, body: expect.stringMatching(/^\{.*[^}]$/) },
    true,
  ],
  ["acceptThenCutBody", { end: "ended", status: 200, body: expect.stringMatching(/^\{/) }, true],
  ["emptyResult", { end: "whole", status: 200, body: '{"error":[],"result":{}}' }, true],
  ["slow", { end: "whole", status: 200, body: expect.stringContaining("txid") }, true],
  ["tooManyRequests", html(429), false],
  ["banned", html(418), false],
  ["status500", html(500), false],
  ["status503", html(503), false],
  ["status520", html(520), true],
  ["status523", html(523), false],
  ["status524", html(524), true],
  ["invalidNonce", error("EAPI:Invalid nonce"), false],
  ["maintenance", error("EService:Unavailable"), false],
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
  "wrongChecksum",
  "silence",
  "disconnect",
];

test("every fault of the registry is shown here", () => {
  const shown = [...ended.map(([name]) => name), ...others, ...streamed];
  expect(shown.sort()).toEqual([...faultNames].sort());
});

describe("faults of requests", () => {
  test.each(ended)("%s does to an order what its name says", async (name, answer, placed) => {
    venue.control.orderFault({ name, on: ["submit"], delayMs: 20 });
    const struck = await new RawPost(venue, signed(venue, "AddOrder", limit)).settled();
    expect(struck).toEqual(answer as RawAnswer);
    expect(orders()).toHaveLength(placed ? 1 : 0);
    expect(venue.control.thrown).toMatchObject([{ name, on: "submit", target: "AddOrder" }]);
    expect((await call(venue, "AddOrder", limit)).error).toEqual([]);
  });

  test.each(["hangInHeaders", "hangInBody"] as const)(
    "%s never ends, the order is there",
    async (name) => {
      venue.control.orderFault({ name, on: ["submit"] });
      const post = new RawPost(venue, signed(venue, "AddOrder", limit));
      while (orders().length === 0) await publicCall(venue, "Time");
      await publicCall(venue, "Time");
      const { end, status, body } = post.now;
      expect([end, status]).toEqual(["open", name === "hangInBody" ? 200 : null]);
      expect(body).toMatch(name === "hangInBody" ? /^\{.*[^}]$/ : /^$/);
      post.close();
    },
  );

  test("an order can say that a struck request is not carried out, and how often", async () => {
    venue.control.orderFault({ name: "status524", count: 2, accepts: false });
    for (const status of [524, 524, 200]) {
      const answer = await new RawPost(venue, signed(venue, "AddOrder", limit)).settled();
      expect(answer.status).toBe(status);
    }
    expect(orders()).toHaveLength(1);
  });

  test("it strikes only what it is ordered on", async () => {
    venue.control.orderFault({ name: "refuse", on: ["cancel"], text: "EGeneral:Internal error" });
    venue.control.orderFault({ name: "status503", on: ["read"], target: "OpenOrders" });
    expect((await call(venue, "AddOrder", limit)).error).toEqual([]);
    expect((await call(venue, "Balance")).error).toEqual([]);
    const open = await new RawPost(venue, signed(venue, "OpenOrders")).settled();
    expect(open.status).toBe(503);
    expect((await call(venue, "CancelAll")).error).toEqual(["EGeneral:Internal error"]);
    expect(orders()[0]?.state).toBe("open");
    expect(venue.control.pendingFaults).toEqual([]);
  });

  test("acceptLate places the order later, and not beyond its deadline", async () => {
    const deadline = new Date(venue.control.now + 2_000).toISOString();
    for (const fields of [limit, { ...limit, deadline }]) {
      venue.control.orderFault({ name: "acceptLate", delayMs: 3_000 });
      expect(await new RawPost(venue, signed(venue, "AddOrder", fields)).settled()).toEqual(
        reset as RawAnswer,
      );
    }
    await call(venue, "Balance");
    expect(orders()).toHaveLength(0);
    venue.control.advanceBy(3_000);
    expect(orders()).toHaveLength(1);
  });

  test("staleRead answers as things stood", async () => {
    await call(venue, "AddOrder", limit);
    venue.control.advanceBy(2_000);
    venue.control.orderFault({ name: "staleRead", delayMs: 3_000, target: "OpenOrders" });
    const counts: number[] = [];
    for (let read = 0; read < 2; read += 1) {
      const { result } = await call(venue, "OpenOrders");
      counts.push(Object.keys(result.open as object).length);
    }
    expect(counts).toEqual([0, 1]);
  });

  test("partialFill leaves a part for the next point", async () => {
    venue.control.orderFault({ name: "partialFill", share: 0.3 });
    await call(venue, "AddOrder", { ...limit, ordertype: "market" });
    expect(orders()[0]).toMatchObject({ state: "partial", filled: "0.003" });
    venue.control.feedPoint(symbol, decimal(60_001), false, 10);
    expect(orders()[0]).toMatchObject({ state: "filled", filled: "0.01" });
  });

  test.each([
    [1, "EOrder:Unknown order", { state: "filled", filled: "0.01" }],
    [0.4, undefined, { state: "canceled", filled: "0.004" }],
  ])("fillRacesCancel fills %d of it first", async (share, text, order) => {
    await call(venue, "AddOrder", limit);
    venue.control.orderFault({ name: "fillRacesCancel", share });
    const { error: errors } = await call(venue, "CancelAll");
    expect(errors).toEqual(text === undefined ? [] : [text]);
    expect(orders()[0]).toMatchObject(order);
  });

  test("fillAfterCancel confirms the cancel, and fills later", async () => {
    await call(venue, "AddOrder", limit);
    venue.control.orderFault({ name: "fillAfterCancel", share: 0.5 });
    expect((await call(venue, "CancelAll")).result).toEqual({ count: 1 });
    expect(orders()[0]?.state).toBe("open");
    venue.control.advanceBy(1_000);
    expect(orders()[0]).toMatchObject({ state: "canceled", filled: "0.005" });
  });
});

describe("faults of streams", () => {
  const sequences = (stream: StreamListener) =>
    stream.of("executions").map(({ sequence }) => sequence);

  /** Four executions, the fault befalling the first of them. */
  async function struckBy(name: FaultName, delayMs = 10): Promise<StreamListener> {
    const stream = await ownStream(venue, "executions");
    await stream.until(() => stream.of("executions").length === 1);
    venue.control.orderFault({ name, target: "executions", delayMs });
    await call(venue, "AddOrder", limit);
    await call(venue, "CancelAll");
    await call(venue, "AddOrder", limit);
    return stream;
  }

  test.each<[FaultName, number[]]>([
    ["duplicateMessage", [1, 2, 2, 3, 4, 5, 6]],
    ["reorderMessages", [1, 3, 2, 4, 5, 6]],
    ["delayMessage", [1, 2, 3, 4, 5, 6]],
    ["loseMessage", [1, 3, 4, 5, 6]],
    ["sequenceGap", [1, 3, 4, 5, 6, 7]],
  ])("%s shows in the sequence", async (name, wanted) => {
    const stream = await struckBy(name);
    await stream.until(() => stream.of("executions").length === wanted.length);
    expect(sequences(stream)).toEqual(wanted);
    stream.close();
  });

  test("wrongChecksum is sent with one book and not with the next", async () => {
    const stream = await StreamListener.open(venue, "/v2");
    const params = { channel: "book", symbol: [symbol] };
    venue.control.orderFault({ name: "wrongChecksum" });
    await stream.ask("subscribe", params);
    await stream.ask("unsubscribe", params);
    await stream.ask("subscribe", params);
    await stream.until(() => stream.of("book").length === 2);
    const [wrong, right] = stream.of("book") as { data: { checksum: number }[] }[];
    expect(wrong?.data[0]?.checksum).not.toBe(right?.data[0]?.checksum);
    expect({ ...wrong?.data[0], checksum: 0 }).toEqual({ ...right?.data[0], checksum: 0 });
    stream.close();
  });

  test("silence leaves the connection open, and nothing comes any more", async () => {
    const stream = await struckBy("silence");
    stream.send("ping");
    const other = await ownStream(venue, "executions");
    await other.ask("ping");
    const heard = stream.messages.filter(
      ({ channel }) => channel !== "status" && channel !== "heartbeat",
    );
    expect([stream.closed, venue.control.streams.length]).toEqual([null, 2]);
    expect(heard.map(({ method, sequence }) => method ?? sequence)).toEqual(["subscribe", 1]);
    other.close();
  });

  test("disconnect resets it, and a new one can be opened", async () => {
    const stream = await struckBy("disconnect");
    await stream.until(() => stream.closed !== null);
    expect(stream.closed).toBe(1006);
    const next = await ownStream(venue, "executions");
    await next.until(() => next.of("executions").length > 0);
    next.close();
  });

  test("an order over the stream is struck like any other", async () => {
    const stream = await ownStream(venue);
    const { result } = await call(venue, "GetWebSocketsToken");
    const params = {
      order_type: "limit",
      side: "buy",
      symbol,
      order_qty: 0.01,
      limit_price: 50_000,
      token: result.token,
    };
    venue.control.orderFault({ name: "refuse", on: ["submit"], text: "EOrder:Invalid order" });
    expect((await stream.ask("add_order", params)).error).toBe("EOrder:Invalid order");
    venue.control.orderFault({ name: "hangInHeaders", on: ["submit"] });
    const unanswered = stream.send("add_order", params);
    expect((await stream.ask("add_order", params)).success).toBe(true);
    expect(stream.messages.some(({ req_id }) => req_id === unanswered)).toBe(false);
    expect(orders()).toHaveLength(2);
    venue.control.orderFault({ name: "acceptThenReset", on: ["submit"] });
    stream.send("add_order", params);
    await stream.until(() => stream.closed !== null);
    expect(orders()).toHaveLength(3);
  });
});

describe("faults of the venue", () => {
  test("a restart resets sockets and forgets tokens; orders stay", async () => {
    const stream = await ownStream(venue, "executions");
    await call(venue, "AddOrder", limit);
    const { result } = await call(venue, "GetWebSocketsToken");
    await venue.control.restart();
    await stream.until(() => stream.closed !== null);
    const next = await StreamListener.open(venue, "/auth/v2");
    const params = { channel: "executions", token: result.token };
    expect((await next.ask("subscribe", params)).error).toBe("ESession:Invalid session");
    const { open } = (await call(venue, "OpenOrders")).result as { open: object };
    expect(Object.keys(open)).toHaveLength(1);
    next.close();
  });

  test("while it is down nobody gets in", async () => {
    const up = venue.control.restart(200);
    const answer = await new RawPost(venue, signed(venue, "Balance")).settled();
    expect(answer).toEqual(reset as RawAnswer);
    await up;
    expect((await call(venue, "Balance")).error).toEqual([]);
  });

  test.each(["reset", "close", "silence"] as const)("streams of one path: %s", async (how) => {
    const [own, open] = [await ownStream(venue), await StreamListener.open(venue, "/v2")];
    expect(venue.control.closeStreams(how, "/v2")).toBe(1);
    if (how !== "silence") await open.until(() => open.closed !== null);
    else open.send("ping");
    expect((await own.ask("ping")).method).toBe("pong");
    expect([open.closed, open.messages.length]).toEqual([
      { reset: 1006, close: 1001, silence: null }[how],
      1,
    ]);
    own.close();
  });

  test("a skewed clock tells another time, and judges by it", async () => {
    const now = venue.control.now;
    venue.control.setClockSkew(90_000);
    const { result } = await publicCall(venue, "Time");
    expect(result.unixtime).toBe(Math.floor((now + 90_000) / 1_000));
    const deadline = new Date(now + 5_000).toISOString();
    expect((await call(venue, "AddOrder", { ...limit, deadline })).error).toEqual([
      "EService:Deadline elapsed",
    ]);
    await call(venue, "AddOrder", { ...limit, userref: "5" });
    const { open } = (await call(venue, "OpenOrders")).result as { open: object };
    expect(Object.values(open)).toMatchObject([{ opentm: (now + 90_000) / 1_000 }]);
    expect(venue.control.now).toBe(now);
  });

  test("the same seed throws the same faults at the same calls", async () => {
    const thrown: unknown[] = [];
    for (let run = 0; run < 2; run += 1) {
      await using own = await still();
      own.control.setFaultLevel("storm", "7");
      for (let number = 0; number < 60; number += 1) {
        const post = new RawPost(own, signed(own, number % 2 ? "Balance" : "OpenOrders"));
        while (own.control.requests.length <= number) await Bun.sleep(1);
        post.close();
      }
      thrown.push(own.control.thrown.map(({ name, target }) => [name, target]));
    }
    expect(thrown[0]).toEqual(thrown[1]);
    expect((thrown[0] as unknown[]).length).toBeGreaterThan(5);
  });
});

test.each<[string, Parameters<Rehearsal["control"]["orderFault"]>[0]]>([
  ["an unknown name", { name: "earthquake" as FaultName }],
  ["a scope it does not apply to", { name: "silence", on: ["submit"] }],
  ["no count", { name: "refuse", count: 0 }],
  ["a share above all", { name: "partialFill", share: 2 }],
])("an order with %s is refused", (_, order) => {
  expect(() => venue.control.orderFault(order)).toThrow(RangeError);
  expect(venue.control.pendingFaults).toEqual([]);
});

test.each(["calm", "rough", "storm"] as const)("%s strikes no kind at more than all", (level) => {
  for (const scope of faultScopes) {
    const fitting = faultNames.filter((name) => faultRegistry[name].applies.includes(scope));
    const rates = fitting.map((name) => faultLevels[level][name] ?? 0);
    const sum = rates.reduce((all, rate) => all + rate, 0);
    expect(rates.every((rate) => rate > 0)).toBe(true);
    expect(sum).toBeLessThan(1);
  }
});

test("every fault says what it applies to and what it does", () => {
  for (const name of faultNames) {
    expect(faultRegistry[name].applies.length).toBeGreaterThan(0);
    expect(faultRegistry[name].does).not.toBe("");
  }
});
