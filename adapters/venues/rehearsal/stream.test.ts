import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { decimal } from "../../../machines/domain/decimal.ts";
import { call, ownStream, StreamListener, type StreamMessage, still } from "./client.fixture.ts";
import type { Rehearsal } from "./mod.ts";

const symbol = "BTC/USD";
const limit = { pair: "XBTUSD", type: "buy", ordertype: "limit", price: "50000", volume: "0.01" };
const market = { pair: "XBTUSD", type: "buy", ordertype: "market", volume: "0.01" };

let venue: Rehearsal;

beforeAll(async () => {
  venue = await still();
  venue.control.feedPoint(symbol, decimal(60_000));
});
afterAll(async () => {
  expect(venue.control.problems).toEqual([]);
  await venue[Symbol.asyncDispose]();
});

interface BookSide {
  readonly price: string;
  readonly qty: string;
}

/** A book as docs.kraken.com says to keep it: on the digits as they were sent. */
class ClientBook {
  bids: BookSide[] = [];
  asks: BookSide[] = [];

  /** Applies a message by its text; the checksum that then holds, and the one that was sent. */
  apply(text: string, depth: number): { own: number; sent: number } {
    const quoted = text.replace(/"(price|qty)":([\d.]+)/g, '"$1":"$2"');
    const { type, data } = JSON.parse(quoted);
    if (type === "snapshot") Object.assign(this, { bids: [], asks: [] });
    for (const side of ["bids", "asks"] as const) {
      for (const level of data[0][side] as BookSide[]) {
        this[side] = this[side].filter(({ price }) => price !== level.price);
        if (Number(level.qty) > 0) this[side].push(level);
      }
      const sign = side === "bids" ? -1 : 1;
      this[side].sort((a, b) => sign * (Number(a.price) - Number(b.price)));
      this[side] = this[side].slice(0, depth);
    }
    const digits = (value: string) => value.replace(".", "").replace(/^0+/, "");
    const levels = [...this.asks.slice(0, 10), ...this.bids.slice(0, 10)];
    const whole = levels.map(({ price, qty }) => digits(price) + digits(qty)).join("");
    return { own: Bun.hash.crc32(whole), sent: data[0].checksum };
  }
}

describe("public stream", () => {
  test.each([10, 25])(
    "a book of depth %d agrees with its checksum after every update",
    async (depth) => {
      const stream = await StreamListener.open(venue, "/v2");
      const { result, success } = await stream.ask("subscribe", {
        channel: "book",
        symbol: [symbol],
        depth,
      });
      expect([success, result]).toEqual([true, { channel: "book", symbol, snapshot: true, depth }]);
      for (const price of [60_001.3, 59_990, 59_990.1, 61_000, 60_990, 60_000]) {
        venue.control.feedPoint(symbol, decimal(String(price)));
      }
      await stream.until(() => stream.of("book").length === 7);
      const book = new ClientBook();
      for (const text of stream.texts.filter((each) => each.includes('"channel":"book"'))) {
        if (text.includes('"result"')) continue;
        const { own, sent } = book.apply(text, depth);
        expect(own).toBe(sent);
      }
      expect([book.bids.length, book.asks.length]).toEqual([depth, depth]);
      expect([book.bids[0]?.price, book.asks[0]?.price]).toEqual(["59999.9", "60000.1"]);
      stream.close();
    },
  );

  test("ticker, trade and candles of two timeframes come by themselves", async () => {
    const stream = await StreamListener.open(venue, "/v2");
    for (const [channel, params] of [
      ["ticker", {}],
      ["trade", { snapshot: true }],
      ["ohlc", { interval: 1 }],
      ["ohlc", { interval: 5 }],
    ] as const) {
      const answer = await stream.ask("subscribe", { channel, symbol: [symbol], ...params });
      expect(answer.success).toBe(true);
    }
    venue.control.feedPoint(symbol, decimal(60_500), false, 2);
    const updates = () => stream.messages.filter(({ type }) => type === "update");
    await stream.until(() => updates().length >= 5);
    const told = updates()
      .slice(1)
      .map(({ channel, data }) => {
        const [first] = data as Record<string, unknown>[];
        return [channel, first?.last ?? first?.price ?? first?.close, first?.interval ?? null];
      });
    expect(told).toEqual([
      ["ticker", 60_500, null],
      ["trade", 60_500, null],
      ["ohlc", 60_500, 1],
      ["ohlc", 60_500, 5],
    ]);
    const snapshots = stream.messages.filter(({ type }) => type === "snapshot");
    expect(snapshots.map(({ channel, data }) => [channel, (data as unknown[]).length > 1])).toEqual(
      [
        ["ticker", false],
        ["trade", true],
        ["ohlc", true],
        ["ohlc", true],
      ],
    );
    await stream.ask("unsubscribe", { channel: "ticker", symbol: [symbol] });
    const before = stream.of("ticker").length;
    venue.control.feedPoint(symbol, decimal(60_000), false, 2);
    await stream.until(() => updates().length >= 8);
    expect(stream.of("ticker")).toHaveLength(before);
    stream.close();
  });

  test("tells of instruments, answers a ping and beats when there is nothing to say", async () => {
    const stream = await StreamListener.open(venue, "/v2");
    expect((await stream.ask("ping")).method).toBe("pong");
    await stream.ask("subscribe", { channel: "instrument" });
    await stream.ask("subscribe", { channel: "trade", symbol: ["ETH/USD"] });
    await stream.until(() => stream.of("heartbeat").length > 0);
    const { data } = stream.of("instrument")[0] as { data: { pairs: { symbol: string }[] } };
    expect(data.pairs.map((pair) => pair.symbol)).toEqual([...venue.symbols]);
    stream.close();
  });

  test.each([
    [
      "an unknown symbol",
      { channel: "ticker", symbol: ["NOPE/USD"] },
      "Currency pair not supported NOPE/USD",
    ],
    ["an unknown channel", { channel: "gossip", symbol: [symbol] }, "Subscription name invalid"],
    [
      "an odd depth",
      { channel: "book", symbol: [symbol], depth: 11 },
      "Subscription depth not supported",
    ],
    [
      "an odd interval",
      { channel: "ohlc", symbol: [symbol], interval: 2 },
      "Subscription ohlc interval not supported",
    ],
    ["a private channel", { channel: "executions" }, "EGeneral:Invalid arguments:channel"],
  ])("a subscription to %s is refused", async (_, params, error) => {
    const stream = await StreamListener.open(venue, "/v2");
    const answer = await stream.ask("subscribe", params);
    expect([answer.success, answer.error]).toEqual([false, error]);
    stream.close();
  });

  test("a second subscription is refused, and text that is no JSON", async () => {
    const stream = await StreamListener.open(venue, "/v2");
    const params = { channel: "ticker", symbol: [symbol] };
    await stream.ask("subscribe", params);
    expect((await stream.ask("subscribe", params)).error).toBe("Already subscribed");
    stream.sendText("{");
    await stream.until(() => stream.messages.some(({ error }) => error === "Malformed request"));
    stream.close();
  });
});

/** What a message of `executions` says happened, and the order's state that it tells. */
function happened({ data }: StreamMessage): unknown[] {
  return (data as Record<string, unknown>[]).map(({ exec_type, order_status }) =>
    exec_type === order_status ? exec_type : `${exec_type} ${order_status}`,
  );
}

describe("private stream", () => {
  test("executions tell an order's whole life, numbered without a gap", async () => {
    const stream = await ownStream(venue, "executions");
    await call(venue, "AddOrder", { ...limit, cl_ord_id: "life" });
    await call(venue, "AmendOrder", { cl_ord_id: "life", limit_price: "51000" });
    await call(venue, "CancelOrder", { cl_ord_id: "life" });
    await call(venue, "AddOrder", { ...market, cl_ord_id: "life" });
    await stream.until(() => stream.of("executions").length === 9);
    const messages = stream.of("executions");
    expect(messages.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(messages.slice(1).flatMap(happened)).toEqual([
      "pending_new",
      "new",
      "amended new",
      "canceled",
      "pending_new",
      "new",
      "trade partially_filled",
      "filled",
    ]);
    const [trade] = (messages[7]?.data ?? []) as Record<string, unknown>[];
    const { orderId } = venue.control.record().orders.at(-1) ?? {};
    expect(trade).toMatchObject({
      order_id: orderId,
      cl_ord_id: "life",
      last_qty: 0.01,
      last_price: 60_000.1,
      cost: 600.001,
      liquidity_ind: "t",
      fees: [{ asset: "USD", qty: 2.400004 }],
      cum_qty: 0.01,
    });
    stream.close();
  });

  test("a snapshot holds open orders, and trades where they are asked for", async () => {
    const { result } = await call(venue, "AddOrder", limit);
    const { result: session } = await call(venue, "GetWebSocketsToken");
    const stream = await StreamListener.open(venue, "/auth/v2");
    const params = { channel: "executions", token: session.token, snap_trades: true };
    const answer = await stream.ask("subscribe", params);
    expect(answer.result).toEqual({
      channel: "executions",
      maxratecount: 125,
      snap_orders: true,
      snap_trades: true,
    });
    await stream.until(() => stream.of("executions").length === 1);
    const { data } = stream.of("executions")[0] as { data: Record<string, unknown>[] };
    expect(data.map(({ exec_type }) => exec_type)).toEqual(["new", "trade"]);
    expect([data[0]?.order_id]).toEqual(result.txid as string[]);
    await call(venue, "CancelAll");
    stream.close();
  });

  test("balances tell each change with its cause", async () => {
    const stream = await ownStream(venue, "balances");
    venue.control.transfer("USD", decimal(50));
    await call(venue, "AddOrder", { ...market, type: "sell" });
    await stream.until(() => stream.of("balances").length === 4);
    const [snapshot, ...updates] = stream.of("balances") as { data: Record<string, unknown>[] }[];
    expect(snapshot?.data.map(({ asset }) => asset)).toEqual(["BTC", "USD"]);
    expect(updates.map(({ data: [each] }) => [each?.asset, each?.type, each?.amount])).toEqual([
      ["USD", "deposit", 50],
      ["BTC", "trade", -0.01],
      ["USD", "trade", 599.999],
    ]);
    const last = Object.fromEntries(
      updates.map(({ data: [each] }) => [String(each?.asset), each?.balance]),
    );
    const { balances } = venue.control.record();
    const own = Object.fromEntries(balances.map(({ coin, total }) => [coin, Number(total)]));
    expect(last).toEqual(own);
    stream.close();
  });

  test("a token is good for one connection", async () => {
    const { result } = await call(venue, "GetWebSocketsToken");
    const params = { channel: "executions", token: result.token };
    const first = await StreamListener.open(venue, "/auth/v2");
    expect((await first.ask("subscribe", params)).success).toBe(true);
    const second = await StreamListener.open(venue, "/auth/v2");
    expect((await second.ask("subscribe", params)).error).toBe("ESession:Invalid session");
    first.close();
    await first.until(() => first.closed !== null);
    expect((await second.ask("subscribe", params)).error).toBe("ESession:Invalid session");
    second.close();
  });

  test("orders are placed, amended and canceled over it", async () => {
    const { result } = await call(venue, "GetWebSocketsToken");
    const { token } = result;
    const stream = await StreamListener.open(venue, "/auth/v2");
    const order = { order_type: "limit", side: "buy", symbol, order_qty: 0.01, token };
    const id = { cl_ord_id: "over-stream" };
    const added = await stream.ask("add_order", { ...order, limit_price: 50_000, ...id });
    const order_id = venue.control.record().orders.at(-1)?.orderId;
    expect(added.result).toEqual({ order_id, ...id, order_userref: 0 });
    const again = await stream.ask("add_order", { ...order, limit_price: 50_000, ...id });
    expect([again.success, again.error]).toEqual([false, "EOrder:Duplicate cl_ord_id"]);
    const amended = await stream.ask("amend_order", { order_id, order_qty: 0.02, token });
    expect(amended.result).toMatchObject({ order_id, ...id });
    const canceled = await stream.ask("cancel_order", { order_id: [order_id], token });
    expect(canceled.result).toEqual({ order_id, ...id });
    const stop = { ...order, side: "sell", order_type: "stop-loss", triggers: { price: 50_000 } };
    expect((await stream.ask("add_order", stop)).success).toBe(true);
    expect((await stream.ask("cancel_all", { token })).result).toEqual({ count: 1 });
    const armed = await stream.ask("cancel_all_orders_after", { timeout: 60, token });
    expect(armed.success).toBe(true);
    const wrong = await stream.ask("cancel_all", { token: "mine" });
    expect(wrong.error).toBe("ESession:Invalid session");
    stream.close();
  });
});
