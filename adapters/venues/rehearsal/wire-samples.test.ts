import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { decimal } from "../../../machines/domain/decimal.ts";
import { call, ownStream, publicCall, StreamListener, still } from "./client.fixture.ts";
import { at, type Json, shapeOf } from "./json-shape.fixture.ts";
import type { Rehearsal } from "./mod.ts";

const symbol = "BTC/USD";
const samples = new URL("../../../../shared/wire/kraken/", import.meta.url).pathname;

let venue: Rehearsal;
/** What the venue sent, by the name of the published sample of the same kind. */
const sent = new Map<string, unknown>();

const order = { pair: "XBTUSD", type: "buy", ordertype: "limit", price: "50000", volume: "0.01" };

async function listenToMarket(): Promise<void> {
  const stream = await StreamListener.open(venue, "/v2");
  sent.set("ws_pong", await stream.ask("ping"));
  const subscriptions = ["ticker", "trade", "book", "ohlc"];
  for (const channel of subscriptions) {
    const answer = await stream.ask("subscribe", { channel, symbol: [symbol] });
    if (channel === "ticker") sent.set("ws_subscribe_response", answer);
  }
  venue.control.feedPoint(symbol, decimal(59_999), false, 1);
  const updates = () => stream.messages.filter(({ type }) => type === "update");
  await stream.until(() => updates().length >= 5);
  for (const message of stream.messages) sent.set(`ws_${message.channel}_${message.type}`, message);
  stream.close();
}

async function orderByStream(): Promise<void> {
  const { result } = await call(venue, "GetWebSocketsToken");
  const stream = await ownStream(venue);
  const params = { order_type: "limit", side: "buy", symbol, limit_price: 50_000 };
  const whole = { ...params, order_qty: 0.01, cl_ord_id: "O-20260505-000001", token: result.token };
  sent.set("ws_add_order_response_success", await stream.ask("add_order", whole));
  const tooMuch = { ...whole, order_qty: 100, cl_ord_id: "b" };
  sent.set("ws_add_order_response_failure", await stream.ask("add_order", tooMuch));
  stream.close();
}

beforeAll(async () => {
  venue = await still();
  venue.control.feedPoint(symbol, decimal(60_000), false, 1);
  const one = "?pair=XBTUSD";
  sent.set("http_server_time", await publicCall(venue, "Time"));
  sent.set("http_system_status", await publicCall(venue, "SystemStatus"));
  sent.set("http_asset_pairs", await publicCall(venue, "AssetPairs"));
  sent.set("http_ticker", await publicCall(venue, "Ticker", one));
  sent.set("http_ohlc", await publicCall(venue, "OHLC", one));
  sent.set("http_order_book", await publicCall(venue, "Depth", one));
  sent.set("http_add_order_spot", await call(venue, "AddOrder", order));
  sent.set("http_open_orders", await call(venue, "OpenOrders"));
  sent.set("http_cancel_order_spot", await call(venue, "CancelAll"));
  sent.set("http_closed_orders", await call(venue, "ClosedOrders"));
  await call(venue, "AddOrder", { ...order, ordertype: "market" });
  sent.set("http_trades_history", await call(venue, "TradesHistory"));
  sent.set("http_spot_balance", await call(venue, "Balance"));
  sent.set("http_spot_trade_balance", await call(venue, "TradeBalance"));
  await listenToMarket();
  await orderByStream();
  await call(venue, "CancelAll");
});
afterAll(async () => {
  expect(venue.control.problems).toEqual([]);
  await venue[Symbol.asyncDispose]();
});

const orderKeys =
  "cost descr expiretm fee limitprice misc oflags opentm price refid starttm status stopprice " +
  "userref vol vol_exec";
const timed = "error req_id time_in time_out";

/** Sample, where in it to look, what is there; and keys in which the venue differs by intent. */
const shapes: readonly [sample: string, path: string, keys: string][] = [
  ["http_server_time", "result", "rfc1123 unixtime"],
  ["http_system_status", "result", "status timestamp"],
  [
    "http_asset_pairs",
    "result.*",
    "aclass_base aclass_quote altname base cost_decimals costmin fee_volume_currency fees " +
      "fees_maker leverage_buy leverage_sell long_position_limit lot lot_decimals lot_multiplier " +
      "margin_call margin_stop ordermin pair_decimals quote short_position_limit status " +
      "tick_size wsname",
  ],
  ["http_ticker", "result.*", "a b c h l o p t v"],
  ["http_order_book", "result.*", "asks bids"],
  ["http_ohlc", "result", "XXBTZUSD last"],
  ["http_add_order_spot", "result", "descr txid"],
  ["http_add_order_spot", "result.descr", "leverage order ordertype pair price price2 type"],
  ["http_cancel_order_spot", "result", "count"],
  ["http_open_orders", "result.open.*", orderKeys],
  [
    "http_open_orders",
    "result.open.*.descr",
    "close leverage order ordertype pair price price2 type",
  ],
  ["http_closed_orders", "result", "closed count"],
  ["http_closed_orders", "result.closed.*", `closetm ${orderKeys} reason`],
  ["http_trades_history", "result", "count trades"],
  [
    "http_trades_history",
    "result.trades.*",
    "cost fee ledgers maker margin misc ordertxid ordertype pair postxid price time trade_id " +
      "type vol",
  ],
  ["http_spot_trade_balance", "result", "c e eb m mf ml n tb uv v"],
  ["ws_pong", "", `method ${timed.replace("error ", "")}`],
  ["ws_subscribe_response", "", "method req_id result success time_in time_out"],
  ["ws_subscribe_response", "result", "channel snapshot symbol"],
  [
    "ws_ticker_snapshot",
    "data.*",
    "ask ask_qty bid bid_qty change change_pct high last low symbol timestamp volume vwap",
  ],
  ["ws_trade_update", "data.*", "ord_type price qty side symbol timestamp trade_id"],
  ["ws_book_snapshot", "data.*", "asks bids checksum symbol timestamp"],
  ["ws_book_update", "data.*", "asks bids checksum symbol timestamp"],
  ["ws_book_snapshot", "data.*.bids.*", "price qty"],
  [
    "ws_ohlc_update",
    "data.*",
    "close high interval interval_begin low open symbol timestamp trades volume vwap",
  ],
  ["ws_add_order_response_success", "", "method req_id result success time_in time_out"],
  ["ws_add_order_response_success", "result", "cl_ord_id order_id order_userref"],
  ["ws_add_order_response_failure", "", "error method req_id success time_in time_out"],
];

describe("what the venue sends", () => {
  test.each(shapes)("%s %s has these keys", (sample, path, keys) => {
    const is = at(sent.get(sample), path) as Json;
    expect(Object.keys(is).sort().join(" ")).toBe(keys.split(" ").sort().join(" "));
  });
});

/** Empty lists and what a sample leaves open say nothing of the type. */
function isLike(is: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted) && Array.isArray(is)) {
    if (is.length === 0 || wanted.length === 0) return true;
    return wanted.every((each, index) => isLike(is[index] ?? is[0], each));
  }
  if (typeof wanted === "object" && wanted !== null) {
    const [has, wants] = [is as Json, wanted as Json];
    // What is keyed by ids is compared by its own row.
    const keys = Object.keys(wants).filter((key) => !/^[OT][A-Z0-9]{5,}-/.test(key));
    return keys.every((key) => key in has && isLike(has[key], wants[key]));
  }
  return is === wanted;
}

if (!existsSync(samples)) {
  test.skip(`published samples: there is no ${samples}`, () => {});
} else {
  describe("published samples", () => {
    test.each(shapes)("%s %s has the same types", async (sample, path) => {
      const published: unknown = await Bun.file(`${samples}${sample}.json`).json();
      // Pairs are keyed by their names, which differ.
      const isByPair = sample === "http_ohlc";
      const [is, wanted] = [sent.get(sample), published].map((each) =>
        shapeOf(at(each, isByPair ? `${path}.*` : path)),
      );
      expect(isLike(is, wanted) ? wanted : is).toEqual(wanted);
    });

    test.each(["ws_add_order_request", "ws_amend_order_request", "ws_cancel_order_request"])(
      "%s is understood",
      async (sample) => {
        const { result } = await call(venue, "GetWebSocketsToken");
        const { result: placed } = await call(venue, "AddOrder", order);
        const { method, params } = await Bun.file(`${samples}${sample}.json`).json();
        const [txid] = placed.txid as string[];
        const order_id = Array.isArray(params.order_id) ? [txid] : txid;
        const named = "order_id" in params ? { order_id } : {};
        const stream = await StreamListener.open(venue, "/auth/v2");
        const answer = await stream.ask(method, { ...params, ...named, token: result.token });
        expect(answer.error).toBeUndefined();
        expect(answer.success).toBe(true);
        await call(venue, "CancelAll");
        stream.close();
      },
    );
  });
}
