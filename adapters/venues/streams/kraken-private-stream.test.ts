import { afterEach, describe, expect, test } from "bun:test";
import type { VenueReport } from "../../../machines/domain/fill.ts";

import {
  balances,
  ended,
  executions,
  fillOf,
  newOrder,
  openOrder,
  pendingNew,
  trade,
} from "./kraken-wire.fixture.ts";

import { causes, kinds, livePrivate, privateStand } from "./private-stand.fixture.ts";
import { type Script, until } from "./scripted-server.fixture.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

const stand = (script: Script = {}, options: Parameters<typeof privateStand>[2] = {}) =>
  privateStand(open, script, options);
const live = livePrivate;

describe("Kraken's private stream", () => {
  test("subscribes to both channels with a token of its own, and then is live", async () => {
    const { server, events } = await live(stand());
    expect(kinds(events)).toEqual(["live"]);
    expect(server.messages).toEqual([
      {
        method: "subscribe",
        params: { channel: "executions", token: "token 1", snap_orders: true, snap_trades: true },
        req_id: 1,
      },
      {
        method: "subscribe",
        params: { channel: "balances", token: "token 1", snapshot: true },
        req_id: 2,
      },
    ]);
  });

  test("tells an order's life: its fills by trade, its end by its own message", async () => {
    const { server, reports } = await live(stand());
    server.send(
      executions("update", 2, pendingNew),
      executions("update", 3, newOrder),
      executions("update", 4, trade("T1", "0.10000000")),
      // The last fill still says partially_filled: only the next message says that it is full.
      executions("update", 5, trade("T2", "0.20000000")),
      executions("update", 6, ended("filled", "0.30000000")),
    );
    await until("the end", () => reports().length >= 6);
    expect(reports()).toEqual([
      { type: "order", order: openOrder },
      { type: "fill", fill: fillOf("T1", "0.1") },
      { type: "order", order: { ...openOrder, state: "partial", filled: "0.1" } },
      { type: "fill", fill: fillOf("T2", "0.2") },
      { type: "order", order: { ...openOrder, state: "partial", filled: "0.3" } },
      { type: "order", order: { ...openOrder, state: "filled", filled: "0.3" } },
    ] as VenueReport[]);
  });

  test("reads every entry of a message that mixes kinds", async () => {
    const { server, reports } = await live(stand());
    const cancel = ended("canceled", "0.10000000", "User requested");
    server.send(executions("update", 2, pendingNew, trade("T1", "0.10000000"), cancel));
    await until("the cancel", () => reports().length >= 4);
    expect(reports().map((each) => (each.type === "fill" ? "fill" : each.order.state))).toEqual([
      "open",
      "fill",
      "partial",
      "canceled",
    ]);
    expect(reports().at(-1)).toMatchObject({ order: { reason: "User requested", filled: "0.1" } });
  });

  test("books a late fill after a cancel", async () => {
    const { server, reports } = await live(stand());
    server.send(
      executions("update", 2, pendingNew, ended("canceled", "0")),
      executions("update", 3, trade("T9", "0.10000000", { cl_ord_id: "desk-1" })),
    );
    await until("the fill", () => reports().length >= 3);
    expect(reports().map(({ type }) => type)).toEqual(["order", "order", "fill"]);
  });

  test("tells amended terms", async () => {
    const { server, reports } = await live(stand());
    const amended = { ...newOrder, exec_type: "amended", order_qty: "#0.2", limit_price: "#26400" };
    server.send(executions("update", 2, pendingNew), executions("update", 3, amended));
    await until("both", () => reports().length >= 2);
    const order = { ...openOrder, quantity: "0.2", price: "26400" };
    expect(reports()[1]).toEqual({ type: "order", order } as VenueReport);
  });

  test("tells a stop's trigger, and keeps calling it a stop", async () => {
    const { server, reports } = await live(stand());
    const stop = { ...pendingNew, order_type: "stop-loss", limit_price: "#0" };
    const waiting = { triggers: { price: "#25000.00", status: "untriggered" } };
    const hit = { triggers: { price: "#25000.00", status: "triggered" }, order_type: "market" };
    server.send(
      executions("update", 2, { ...stop, ...waiting }),
      executions("update", 3, { ...newOrder, exec_type: "restated", ...hit }),
    );
    await until("both", () => reports().length >= 2);
    const order = { ...openOrder, type: "stop", price: null, stopPrice: "25000" };
    expect(reports()).toEqual([
      { type: "order", order },
      { type: "order", order: { ...order, state: "triggered" } },
    ] as VenueReport[]);
  });

  test.each([
    ["in quote", [{ asset: "USD", qty: "#0.35" }], "0.35", "USD"],
    ["in base", [{ asset: "BTC", qty: "#0.00001" }], "0.00001", "BTC"],
    ["in a third coin", [{ asset: "KFEE", qty: "#12.5" }], "12.5", "KFEE"],
    [
      "in two parts of one coin",
      [
        { asset: "USD", qty: "#0.1" },
        { asset: "USD", qty: "#0.2" },
      ],
      "0.3",
      "USD",
    ],
    ["of nothing", [], "0", "USD"],
    ["written with an exponent", [{ asset: "BTC", qty: "#1e-8" }], "0.00000001", "BTC"],
  ])("reads a fee %s", async (_name, fees, fee, feeCoin) => {
    const { server, reports } = await live(stand());
    server.send(executions("update", 2, trade("T1", "0.1", { fees })));
    await until("the fill", () => reports().length >= 1);
    const fill = { ...fillOf("T1", "0.1"), clientOrderId: null, fee, feeCoin };
    expect(reports()).toEqual([{ type: "fill", fill }] as VenueReport[]);
  });

  test.each([
    ["no exec_id", { exec_id: undefined }, "has no exec_id, wanted text"],
    ["no price", { last_price: undefined }, "has no last_price, wanted a number"],
    ["a quantity of 0", { last_qty: "#0" }, 'has last_qty "0", wanted a number above 0'],
    ["no fees", { fees: undefined }, "has no fees, wanted a list"],
    [
      "fees in two coins",
      {
        fees: [
          { asset: "USD", qty: "#1" },
          { asset: "BTC", qty: "#1" },
        ],
      },
      "wanted one coin",
    ],
    ["no side of the market", { liquidity_ind: "x" }, 'has liquidity_ind "x", wanted t or m'],
    ["a symbol that is none", { symbol: "BTCUSD" }, 'has symbol "BTCUSD", wanted BASE/QUOTE'],
    ["no time", { timestamp: "yesterday" }, 'has timestamp "yesterday", wanted a time in RFC 3339'],
  ])(
    "takes a trade with %s for a gap, counts it, and reads the rest",
    async (_name, flaw, reason) => {
      const { server, reports, events, stream } = await live(stand());
      server.send(executions("update", 2, trade("T1", "0.1", flaw), trade("T2", "0.1")));
      await until("the other fill", () => reports().length >= 1);
      expect(reports().map((each) => each.type === "fill" && each.fill.tradeId)).toEqual(["T2"]);
      expect(causes(events, "gap")).toHaveLength(1);
      expect(causes(events, "gap")[0]).toContain(reason);
      expect(stream.status.counters).toMatchObject({ malformed: 1, gaps: 1 });
      expect(stream.status.state).toBe("live");
    },
  );

  test("takes an end of an order that it does not know for a gap", async () => {
    const { server, events } = await live(stand());
    server.send(executions("update", 2, ended("canceled", "0")));
    await until("the gap", () => causes(events, "gap").length > 0);
    expect(causes(events, "gap")).toEqual([
      "Cannot read message: execution has no symbol, wanted text",
    ]);
  });

  test("tolerates fields, channels and methods that it does not know", async () => {
    const { server, reports, events } = await live(stand());
    server.send(
      { channel: "heartbeat" },
      { channel: "status", type: "update", data: [{ system: "online" }] },
      { channel: "weather", data: "fine" },
      { method: "pong", req_id: 3 },
      executions("update", 2, { ...pendingNew, margin: true, position_status: "opened" }),
    );
    await until("the order", () => reports().length >= 1);
    expect(reports()).toEqual([{ type: "order", order: openOrder }] as VenueReport[]);
    expect(kinds(events)).toEqual(["live"]);
  });

  test("says which coins moved, and nothing of a snapshot", async () => {
    const { server, events } = await live(stand());
    const moved = [
      { asset: "USD", amount: "#-10.5", balance: "#89.5", type: "trade" },
      { asset: "BTC", amount: "#0.1", balance: "#1.1", type: "trade" },
      { asset: "USD", amount: "#-0.1", balance: "#89.4", type: "trade" },
    ];
    server.send(balances("update", 2, ...moved));
    await until("the coins", () => kinds(events).includes("balancesMoved"));
    expect(events.at(-1)).toMatchObject({ type: "balancesMoved", coins: ["USD", "BTC"] });
  });
});
