import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { decimal } from "../../../../machines/domain/decimal.ts";
import { at, type Json, shapeOf } from "../json-shape.fixture.ts";
import type { Rehearsal } from "../mod.ts";
import {
  get,
  getPublic,
  limitOrder,
  marketOrder,
  ownStream,
  place,
  productId,
  StreamListener,
  still,
  symbol,
} from "./client.fixture.ts";

const samples = new URL("../../../../../shared/wire/coinbase/", import.meta.url).pathname;

let venue: Rehearsal;
/** What the venue sent, by the name of the published sample of the same kind. */
const sent = new Map<string, unknown>();

async function listen(): Promise<void> {
  const stream = await StreamListener.open(venue);
  for (const channel of ["level2", "market_trades", "ticker", "candles"]) {
    await stream.subscribe(channel, [productId]);
  }
  await stream.subscribe("heartbeats");
  venue.control.feedPoint(symbol, decimal(59_999), false, 1);
  await stream.until(() => stream.of("candles").length > 1 && stream.of("heartbeats").length > 0);
  for (const name of ["market_trades", "candles", "heartbeats"]) {
    sent.set(`ws_${name}`, stream.of(name).at(-1));
  }
  sent.set("ws_ticker", stream.of("ticker")[0]);
  sent.set("ws_subscriptions", stream.of("subscriptions")[0]);
  const [snapshot, update] = stream.of("l2_data");
  sent.set("ws_l2_data_snapshot", snapshot);
  sent.set("ws_l2_data_update", update);
  stream.close();
  const own = await ownStream(venue);
  sent.set("ws_user", own.of("user")[0]);
  own.close();
}

beforeAll(async () => {
  venue = await still();
  venue.control.feedPoint(symbol, decimal(60_000), false, 1);
  await place(venue, marketOrder("SELL", "0.01"));
  const id = await place(venue, limitOrder());
  const seconds = Math.floor(venue.control.now / 1_000);
  const market = `/market/products/${productId}`;
  const range = `granularity=ONE_HOUR&start=${seconds - 36_000}&end=${seconds}`;
  const asked: readonly [sample: string, answer: ReturnType<typeof get>][] = [
    ["http_accounts", get(venue, "/accounts")],
    ["http_candles", getPublic(venue, `${market}/candles?${range}`)],
    ["http_fills", get(venue, "/orders/historical/fills")],
    ["http_order", get(venue, `/orders/historical/${id}`)],
    ["http_orders_list", get(venue, "/orders/historical/batch")],
    ["http_product", getPublic(venue, market)],
    ["http_product_book", getPublic(venue, `/market/product_book?product_id=${productId}`)],
    ["http_products", getPublic(venue, "/market/products")],
    ["http_ticker", getPublic(venue, `${market}/ticker?limit=3`)],
  ];
  for (const [sample, answer] of asked) sent.set(sample, (await answer).body);
  await listen();
});
afterAll(async () => {
  expect(venue.control.problems).toEqual([]);
  await venue[Symbol.asyncDispose]();
});

const orderKeys =
  "attached_order_id average_filled_price cancel_message client_order_id completion_percentage " +
  "created_time fee filled_size filled_value is_liquidation last_fill_time leverage margin_type " +
  "number_of_fills order_configuration order_id order_placement_source order_type " +
  "originating_order_id outstanding_hold_amount pending_cancel product_id product_type " +
  "reject_message reject_reason retail_portfolio_id settled side size_in_quote " +
  "size_inclusive_of_fees status time_in_force total_fees total_value_after_fees " +
  "trigger_status user_id";
const message = "channel client_id events sequence_num timestamp";

/** Sample, where in it to look, and what is there. */
const shapes: readonly [sample: string, path: string, keys: string][] = [
  ["http_accounts", "", "accounts cursor has_next size"],
  [
    "http_accounts",
    "accounts.*",
    "active available_balance created_at currency default deleted_at hold name platform ready " +
      "retail_portfolio_id type updated_at uuid",
  ],
  ["http_accounts", "accounts.*.hold", "currency value"],
  ["http_candles", "candles.*", "close high low open start volume"],
  ["http_fills", "", "cursor fills"],
  [
    "http_fills",
    "fills.*",
    "commission entry_id liquidity_indicator order_id price product_id retail_portfolio_id " +
      "sequence_timestamp side size size_in_quote trade_id trade_time trade_type user_id",
  ],
  ["http_order", "order", orderKeys],
  ["http_order", "order.order_configuration.*", "base_size limit_price post_only"],
  ["http_orders_list", "", "cursor has_next orders sequence"],
  ["http_orders_list", "orders.*", orderKeys],
  ["http_product_book", "", "last mid_market pricebook spread_absolute spread_bps"],
  ["http_product_book", "pricebook", "asks bids product_id time"],
  ["http_product_book", "pricebook.asks.*", "price size"],
  ["http_ticker", "", "best_ask best_bid trades"],
  ["http_ticker", "trades.*", "ask bid exchange price product_id side size time trade_id"],
  ["ws_candles", "", message],
  ["ws_candles", "events.*", "candles type"],
  ["ws_candles", "events.*.candles.*", "close high low open product_id start volume"],
  ["ws_heartbeats", "", message],
  ["ws_heartbeats", "events.*", "current_time heartbeat_counter"],
  ["ws_l2_data_snapshot", "events.*", "product_id type updates"],
  ["ws_l2_data_update", "events.*.updates.*", "event_time new_quantity price_level side"],
  ["ws_market_trades", "events.*.trades.*", "price product_id side size time trade_id"],
  ["ws_subscriptions", "", message],
  ["ws_subscriptions", "events.*.subscriptions", "level2"],
  [
    "ws_ticker",
    "events.*.tickers.*",
    "best_ask best_ask_quantity best_bid best_bid_quantity high_24_h high_52_w low_24_h " +
      "low_52_w price price_percent_chg_24_h product_id type volume_24_h",
  ],
  ["ws_user", "events.*", "orders type"],
  [
    "ws_user",
    "events.*.orders.*",
    "avg_price cancel_reason client_order_id completion_percentage contract_expiry_type " +
      "creation_time cumulative_quantity filled_value leaves_quantity limit_price number_of_fills " +
      "order_id order_side order_type outstanding_hold_amount post_only product_id product_type " +
      "reject_reason retail_portfolio_id risk_managed_by status stop_price time_in_force " +
      "total_fees total_value_after_fees trigger_status",
  ],
];

describe("what the venue sends", () => {
  test.each(shapes)("%s %s has these keys", (sample, path, keys) => {
    const is = at(sent.get(sample), path) as Json;
    expect(Object.keys(is).sort().join(" ")).toBe(keys.split(" ").sort().join(" "));
  });
});

/** Empty lists say nothing of the type, and what may be null is null or that. */
function isLike(is: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted) && Array.isArray(is)) {
    if (is.length === 0 || wanted.length === 0) return true;
    return isLike(is[0], wanted[0]);
  }
  if (typeof wanted === "object" && wanted !== null) {
    const [has, wants] = [is as Json, wanted as Json];
    return Object.keys(wants).every((key) => {
      // Of kinds of orders and of channels, each sample shows its own.
      const isOwn = /^(limit_limit|market_trades)/.test(key);
      return isOwn || (key in has && isLike(has[key], wants[key]));
    });
  }
  return is === wanted || is === "null" || wanted === "null";
}

if (!existsSync(samples)) {
  test.skip(`published samples: there is no ${samples}`, () => {});
} else {
  const whole = [...new Set(shapes.map(([sample]) => sample)), "http_product", "http_products"];

  describe("published samples", () => {
    test.each(whole)("%s has the same types", async (sample) => {
      const published: unknown = await Bun.file(`${samples}${sample}.json`).json();
      const [is, wanted] = [shapeOf(sent.get(sample)), shapeOf(published)];
      expect(isLike(is, wanted) ? wanted : is).toEqual(wanted);
    });

    test("every sample is compared", async () => {
      const files = await Array.fromAsync(new Bun.Glob("*.json").scan(samples));
      expect(whole.map((sample) => `${sample}.json`).sort()).toEqual(files.sort());
    });
  });
}
