import { expect, test } from "bun:test";
import type { Refusal } from "../../../actors/order/ports.ts";
import { decimal } from "../../../machines/domain/decimal.ts";
import type { OrderRequest } from "../../../machines/domain/order.ts";
import { candlePath } from "./candle-path.ts";
import { MatchingEngine } from "./engine.ts";
import { venueRecord } from "./record.ts";
import {
  allReports,
  confirmedOrder,
  engineWith,
  instrument,
  keep,
  order,
  started,
  symbol,
  Tape,
  told,
} from "./scenario.fixture.ts";

const refusals: readonly [string, OrderRequest, Refusal][] = [
  ["an unknown symbol", order("buy", "market", "1", { symbol: "ETH/USD" }), "unsupported"],
  ["a limit without price", order("buy", "limit", "1"), "other"],
  ["a market order with a price", order("buy", "market", "1", { price: "95" }), "other"],
  ["a stop without stop price", order("sell", "stop", "1"), "other"],
  ["a limit with a stop price", order("buy", "limit", "1", { price: "9", stop: "9" }), "other"],
  ["a post-only market order", order("buy", "market", "1", { postOnly: true }), "unsupported"],
  [
    "a post-only order that may not rest",
    order("buy", "limit", "1", { price: "95", postOnly: true, ioc: true }),
    "unsupported",
  ],
  ["an expiry that has passed", order("buy", "limit", "1", { price: "95", expiresAt: 9 }), "other"],
  ["a price between two ticks", order("buy", "limit", "1", { price: "95.2" }), "offGrid"],
  ["a price of nothing", order("buy", "limit", "1", { price: "0" }), "offGrid"],
  ["a negative price", order("buy", "limit", "1", { price: "-95" }), "offGrid"],
  ["a stop between two ticks", order("sell", "stop", "1", { stop: "95.2" }), "offGrid"],
  ["a quantity between two lots", order("buy", "limit", "1.0005", { price: "95" }), "offGrid"],
  ["too small a quantity", order("buy", "limit", "0.009", { price: "95" }), "belowMinimum"],
  ["a negative quantity", order("sell", "market", "-1"), "belowMinimum"],
  ["too small a notional", order("buy", "limit", "0.05", { price: "99" }), "belowMinimum"],
  ["too small a notional at market", order("sell", "market", "0.049"), "belowMinimum"],
  [
    "a buy beyond the quote coin",
    order("buy", "limit", "100", { price: "100" }),
    "insufficientFunds",
  ],
  ["a market buy beyond it", order("buy", "market", "96"), "insufficientFunds"],
  [
    "a sell beyond the base coin",
    order("sell", "limit", "10.001", { price: "99" }),
    "insufficientFunds",
  ],
  [
    "a post-only buy at the market's price",
    order("buy", "limit", "1", { price: "100", postOnly: true }),
    "wouldTakeLiquidity",
  ],
  [
    "a post-only sell below the market's price",
    order("sell", "limit", "1", { price: "99.5", postOnly: true }),
    "wouldTakeLiquidity",
  ],
];

test.each(refusals)("submit() refuses %s and leaves no trace", (_, request, code) => {
  const { engine, tape } = started();
  engine.changes();
  const answer = engine.submit(request, tape.at);
  expect({
    code: answer.type === "refused" ? answer.code : answer.type,
    found: engine.orderByClientId("a", tape.at).orders,
    changes: engine.changes(),
  }).toEqual({ code, found: [], changes: [] });
});

test("submit() refuses a market order before the first price, and takes a limit", () => {
  const engine = engineWith();
  const market = engine.submit(order("buy", "market", "1"), 0);
  const limit = engine.submit(order("buy", "limit", "1", { price: "95" }), 0);
  expect([market.type === "refused" && market.code, limit.type]).toEqual([
    "marketClosed",
    "confirmed",
  ]);
});

test("submit() refuses a living order's client id, and takes it again once it ended", () => {
  const { engine, tape } = started();
  const request = order("buy", "limit", "1", { price: "95" });
  confirmedOrder(engine.submit(request, tape.at));
  const second = engine.submit(request, tape.at);
  expect(second.type === "refused" && second.code).toBe("duplicateClientOrderId");
  tape.to(94);
  expect(confirmedOrder(engine.submit(request, tape.at)).venueOrderId).toBe("O2");
  const { orders, fills } = engine.orderByClientId("a", tape.at);
  expect([orders.map((each) => `${each.venueOrderId} ${each.state}`), fills.map(told)]).toEqual([
    ["O1 filled", "O2 open"],
    ["1 @ 95 maker"],
  ]);
});

const held: readonly [string, OrderRequest, string, string][] = [
  [
    "limit buy: price and the dearer fee",
    order("buy", "limit", "2", { price: "95" }),
    "USD",
    "190.38",
  ],
  ["market buy: last price, buffer and fee", order("buy", "market", "1"), "USD", "105.21"],
  ["stop buy: stop, buffer and fee", order("buy", "stop", "1", { stop: "110" }), "USD", "115.731"],
  ["sell: its quantity", order("sell", "limit", "2", { price: "105" }), "BTC", "2"],
];

test.each(held)(
  "submit() holds for a %s, and cancel() gives it back",
  (_, request, coin, amount) => {
    const { engine, tape } = started();
    const before = engine.balances(tape.at);
    confirmedOrder(engine.submit(request, tape.at));
    const balance = engine.balances(tape.at).find((each) => each.coin === coin);
    expect(String(balance?.held)).toBe(amount);
    engine.cancel({ venueOrderId: null, clientOrderId: "a", symbol }, tape.at);
    expect(engine.balances(tape.at)).toEqual(before);
  },
);

test("a buy and a sell move the balances by price, quantity and fees in quote coin", () => {
  const { engine, tape } = started();
  engine.submit(order("buy", "limit", "2", { price: "95" }), tape.at);
  tape.to(94);
  engine.submit(order("sell", "market", "1", { id: "b" }), tape.at);
  tape.to(94);
  expect(engine.balances(tape.at).map((each) => `${each.coin} ${each.total} ${each.held}`)).toEqual(
    ["BTC 11 0", `USD ${10_000 - 190 - 0.19 + 94 - 0.188} 0`],
  );
  expect(engine.fillsSince(0).map(({ fee, feeCoin }) => `${fee} ${feeCoin}`)).toEqual([
    "0.19 USD",
    "0.188 USD",
  ]);
});

test("with fees in base coin a buy brings less, and a sell still pays in quote", () => {
  const { engine, tape } = started({ feeCoin: "base" });
  engine.submit(order("buy", "limit", "2", { price: "95" }), tape.at);
  tape.to(94);
  engine.submit(order("sell", "market", "1", { id: "b" }), tape.at);
  tape.to(94);
  expect(engine.balances(tape.at).map((each) => `${each.coin} ${each.total}`)).toEqual([
    "BTC 10.998",
    "USD 9903.812",
  ]);
});

test("with fees in a third coin neither side pays in its own, while there is enough of it", () => {
  const feeCoin = { coin: "FEE", price: decimal("2") };
  const { engine, tape } = started({ feeCoin });
  engine.transfer("FEE", decimal("0.1"), tape.at);
  engine.submit(order("buy", "limit", "2", { price: "95" }), tape.at);
  tape.to(94);
  engine.submit(order("sell", "market", "1", { id: "b" }), tape.at);
  tape.to(94);
  expect(engine.fillsSince(0).map(({ fee, feeCoin: coin }) => `${fee} ${coin}`)).toEqual([
    "0.095 FEE",
    "0.188 USD",
  ]);
  expect(engine.balances(tape.at).map((each) => `${each.coin} ${each.total}`)).toEqual([
    ...["BTC 11", "FEE 0.005"],
    `USD ${10_000 - 190 + 94 - 0.188}`,
  ]);
});

test("a market buy that a jump makes dearer fills what the account can pay", () => {
  const { engine, tape } = started();
  confirmedOrder(engine.submit(order("buy", "market", "95"), tape.at));
  tape.gap(200);
  const { orders, fills } = engine.orderByClientId("a", tape.at);
  expect([orders[0]?.state, orders[0]?.reason, fills.map(told)]).toEqual([
    "canceled",
    "insufficient funds",
    ["49.9 @ 200 taker"],
  ]);
  expect(engine.balances(tape.at).map((each) => `${each.total} ${each.held}`)).toEqual([
    "59.9 0",
    "0.04 0",
  ]);
});

test("takeReport() tells an order's life in the venue's order, then null", () => {
  const { engine, tape } = started({ volumeShare: 1 });
  engine.submit(order("sell", "stop", "1", { stop: "95" }), tape.at);
  tape.to(94, 0.4);
  tape.to(93, 5);
  const reports = allReports(engine).map((report) =>
    report.type === "fill" ? `${report.fill.tradeId} ${told(report.fill)}` : report.order.state,
  );
  expect(reports).toEqual([
    "open",
    "triggered",
    "T1 0.4 @ 95 taker",
    "partial",
    "T2 0.6 @ 93 taker",
    "filled",
  ]);
});

test("a big order fills over the points of candles, within the share of each", () => {
  const { engine, tape } = started({ volumeShare: 0.25 });
  engine.submit(order("buy", "market", "1"), tape.at);
  for (let candle = 0; candle < 2; candle += 1) {
    const path = candlePath({
      symbol,
      openedAt: 60_000 * (candle + 1),
      timeframeMs: 60_000,
      open: 200,
      low: 198,
      high: 204,
      close: 202,
      volume: 2,
    });
    for (const point of path) engine.tick(symbol, point);
  }
  expect(engine.fillsSince(0).map((fill) => `${fill.at} ${told(fill)}`)).toEqual([
    "60000 0.125 @ 100 taker",
    "80000 0.125 @ 99 taker",
    "100000 0.125 @ 102 taker",
    "120000 0.125 @ 101 taker",
    "120000 0.125 @ 100 taker",
    "140000 0.125 @ 99 taker",
    "160000 0.125 @ 102 taker",
    "180000 0.125 @ 101 taker",
  ]);
});

test("gtd orders expire by any call that brings a later time", () => {
  const { engine, tape } = started();
  engine.submit(order("buy", "limit", "1", { price: "95", expiresAt: 5_000 }), tape.at);
  expect(engine.openOrders(4_999).length).toBe(1);
  expect(engine.openOrders(5_000)).toEqual([]);
  expect(engine.balances(5_000).map((each) => String(each.held))).toEqual(["0", "0"]);
});

test("rows beyond the record limit go in blocks, but for those of remembered orders", () => {
  const { engine, tape } = started({ memoryLimit: 3, recordLimit: 20 });
  const rows = new Map<string, unknown>();
  // Rests through all that follows: its row stays.
  engine.submit(order("buy", "limit", "0.1", { id: "resting", price: "50" }), tape.at);
  for (let number = 2; number <= 60; number += 1) {
    engine.submit(order("buy", "limit", "0.1", { id: `c${number}`, price: "101" }), tape.at);
    tape.to(100);
    keep(rows, engine.changes());
  }
  const record = venueRecord(rows);
  expect([
    record.orders.map((each) => each.venueOrderId).slice(0, 2),
    record.orders.length,
    record.trades.map((each) => each.tradeId)[0],
    record.trades.length,
  ]).toEqual([["O1", "O41"], 21, "T39", 21]);
});

test("an order that ends long after its number has gone takes its rows with it", () => {
  const { engine, tape } = started({ memoryLimit: 3, recordLimit: 20 });
  const rows = new Map<string, unknown>();
  engine.submit(order("buy", "limit", "0.1", { id: "resting", price: "50" }), tape.at);
  const placeSome = (from: number, to: number) => {
    for (let number = from; number <= to; number += 1) {
      engine.submit(order("buy", "limit", "0.1", { id: `c${number}`, price: "101" }), tape.at);
      tape.to(100);
      keep(rows, engine.changes());
    }
  };
  placeSome(2, 60);
  engine.cancel({ venueOrderId: "O1", clientOrderId: "resting", symbol }, tape.at);
  keep(rows, engine.changes());
  expect(rows.has("orders/O1")).toBe(true);
  placeSome(61, 64);
  expect(rows.has("orders/O1")).toBe(false);
});

test("memory keeps the newest ended orders and trades; the rows keep all of them", () => {
  const { engine, tape } = started({ memoryLimit: 3 });
  const rows = new Map<string, unknown>();
  for (let number = 1; number <= 8; number += 1) {
    engine.submit(order("buy", "limit", "0.1", { id: `c${number}`, price: "101" }), tape.at);
    tape.to(100);
    keep(rows, engine.changes());
  }
  const restored = engineWith({ memoryLimit: 3 });
  restored.restore(rows);
  for (const each of [engine, restored]) {
    const known = [5, 6].map((number) => each.orderByClientId(`c${number}`, tape.at));
    expect([
      known.map(({ orders, fills }) => [orders.length, fills.length]),
      each.fillsSince(0).map((fill) => fill.tradeId),
    ]).toEqual([
      [
        [0, 0],
        [1, 1],
      ],
      ["T6", "T7", "T8"],
    ]);
  }
  const record = venueRecord(rows);
  expect([record.orders.map((each) => each.venueOrderId), record.trades.length]).toEqual([
    ["O1", "O2", "O3", "O4", "O5", "O6", "O7", "O8"],
    8,
  ]);
  expect(record.balances).toEqual([...engine.balances(tape.at)]);
});

test("the outbox drops and counts its oldest report when nobody takes them", () => {
  const { engine, tape } = started({ outboxLimit: 2 });
  for (const id of ["a", "b", "c"]) {
    engine.submit(order("buy", "limit", "0.1", { id, price: "90" }), tape.at);
  }
  const ids = allReports(engine).map((report) =>
    report.type === "order" ? report.order.clientOrderId : null,
  );
  expect([engine.reportsDropped, ids]).toEqual([1, ["b", "c"]]);
});

test("a symbol without instrument and limits below one are errors, not silence", () => {
  const point = { at: 0, ticks: 1, gap: true, volume: null };
  expect(() => engineWith().tick("ETH/USD", point)).toThrow('Cannot match "ETH/USD"');
  expect(
    () =>
      new MatchingEngine({ instruments: [instrument], balances: {}, settings: { memoryLimit: 0 } }),
  ).toThrow("Cannot build matching engine");
});

test("candlePath() is open, low, high, close, with a quarter of the volume each", () => {
  const candle = { symbol, openedAt: 60_000, timeframeMs: 60_000, volume: 2 };
  expect(candlePath({ ...candle, open: 10, high: 14, low: 7, close: 11 })).toEqual([
    { at: 60_000, ticks: 10, gap: true, volume: 0.5 },
    { at: 80_000, ticks: 7, gap: false, volume: 0.5 },
    { at: 100_000, ticks: 14, gap: false, volume: 0.5 },
    { at: 120_000, ticks: 11, gap: false, volume: 0.5 },
  ]);
});

test("the first point of all is a jump: nothing was traded on the way to it", () => {
  const engine = engineWith();
  const tape = new Tape(engine);
  engine.submit(order("buy", "limit", "1", { price: "95" }), 0);
  tape.to(100);
  expect(engine.fillsSince(0)).toEqual([]);
});

test("restore() into an engine that was used leaves nothing of what it held", () => {
  const used = started();
  used.engine.submit(order("buy", "limit", "1", { price: "95", expiresAt: 2_000 }), used.tape.at);
  const source = started();
  source.engine.submit(order("buy", "limit", "1", { price: "94" }), source.tape.at);
  const rows = new Map<string, unknown>();
  keep(rows, source.engine.changes());
  used.engine.restore(rows);
  expect([
    used.engine.openOrders(2_000),
    used.engine.balances(2_000),
    used.engine.changes(),
  ]).toEqual([source.engine.openOrders(2_000), source.engine.balances(2_000), []]);
});
