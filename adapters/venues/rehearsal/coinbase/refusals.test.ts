import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { decimal } from "../../../../machines/domain/decimal.ts";
import type { Rehearsal } from "../mod.ts";
import {
  cancel,
  get,
  getPublic,
  limitOrder,
  marketOrder,
  place,
  post,
  productId,
  signed,
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

interface Refusal {
  readonly success: boolean;
  readonly error_response: { error: string; preview_failure_reason: string };
}

/** The reasons that an order is refused with, and what of it is in the record. */
async function refusalOf(terms: object): Promise<readonly string[]> {
  const before = venue.control.record().orders.length;
  const { status, body } = await post(venue, "/orders", limitOrder(terms));
  expect(venue.control.record().orders).toHaveLength(before);
  if (status !== 200) return [String(status), String(body.error)];
  const { success, error_response } = body as unknown as Refusal;
  expect(success).toBe(false);
  return [error_response.error, error_response.preview_failure_reason];
}

const gtc = (base_size: string, limit_price: string, more: object = {}) => ({
  order_configuration: { limit_limit_gtc: { base_size, limit_price, ...more } },
});
const stop = (limit_price: string, stop_price: string, direction: string) => ({
  stop_limit_stop_limit_gtc: {
    base_size: "0.01",
    limit_price,
    stop_price,
    stop_direction: `STOP_DIRECTION_STOP_${direction}`,
  },
});

describe("orders", () => {
  const unknown = "UNKNOWN_FAILURE_REASON";
  test.each<[string, object, readonly string[]]>([
    ["without a client id", { client_order_id: undefined }, ["400", "INVALID_ARGUMENT"]],
    ["without a configuration", { order_configuration: undefined }, ["400", "INVALID_ARGUMENT"]],
    [
      "of two configurations",
      { order_configuration: { ...gtc("1", "1").order_configuration, ...stop("1", "1", "UP") } },
      ["400", "INVALID_ARGUMENT"],
    ],
    ["of no price", gtc("0.01", ""), ["400", "INVALID_ARGUMENT"]],
    ["of an amount that is a number", gtc(0.01 as never, "50000"), ["400", "INVALID_ARGUMENT"]],
    [
      "of an unknown product",
      { product_id: "NOPE-USD" },
      ["INVALID_PRODUCT_ID", "PREVIEW_INVALID_PRODUCT_ID"],
    ],
    ["of no side", { side: "buy" }, ["INVALID_SIDE", "PREVIEW_INVALID_SIDE"]],
    [
      "of a kind that is not matched here",
      { order_configuration: { trigger_bracket_gtc: { base_size: "0.01" } } },
      ["UNSUPPORTED_ORDER_CONFIGURATION", "PREVIEW_UNSUPPORTED_ORDER_CONFIGURATION"],
    ],
    [
      "that costs more than there is",
      gtc("10", "50000"),
      ["INSUFFICIENT_FUND", "PREVIEW_INSUFFICIENT_FUND"],
    ],
    [
      "that is too small",
      gtc("0.00001", "50000"),
      [unknown, "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL"],
    ],
    [
      "for too small a sum",
      { order_configuration: { market_market_ioc: { quote_size: "0.5" } } },
      [unknown, "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"],
    ],
    [
      "of an amount off the grid",
      gtc("0.010000001", "50000"),
      ["INVALID_SIZE_PRECISION", "PREVIEW_INVALID_SIZE_PRECISION"],
    ],
    [
      "of a price off the grid",
      gtc("0.01", "50000.01"),
      ["INVALID_PRICE_PRECISION", "PREVIEW_INVALID_PRICE_PRECISION"],
    ],
    [
      "post-only, that would take",
      gtc("0.01", "61000", { post_only: true }),
      ["INVALID_LIMIT_PRICE_POST_ONLY", "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY"],
    ],
    [
      "to stop a sell above the market",
      { side: "SELL", order_configuration: stop("60000", "61000", "DOWN") },
      [unknown, "PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE"],
    ],
    [
      "to stop a sell with a limit above the stop",
      { side: "SELL", order_configuration: stop("56000", "55000", "DOWN") },
      [unknown, "PREVIEW_STOP_PRICE_BELOW_LIMIT_PRICE"],
    ],
    [
      "to stop a buy below the market",
      { order_configuration: stop("59500", "59000", "UP") },
      [unknown, "PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE"],
    ],
    [
      "to stop a buy with a limit below the stop",
      { order_configuration: stop("60500", "61000", "UP") },
      [unknown, "PREVIEW_STOP_PRICE_ABOVE_LIMIT_PRICE"],
    ],
  ])("an order %s is refused", async (_, terms, reasons) => {
    expect(await refusalOf(terms)).toEqual(reasons);
    const { body } = await post(venue, "/orders/preview", limitOrder(terms));
    if (reasons[0] !== "400") expect(body.errs).toEqual([reasons[1] as string]);
  });

  test.each(["cancel_only", "post_only", "limit_only", "maintenance"])(
    "in %s mode market orders are refused, and products say so",
    async (status) => {
      venue.control.setStatus(status);
      const { status: http, body } = await post(venue, "/orders", marketOrder("BUY", "0.01"));
      const product = (await getPublic(venue, `/market/products/${productId}`)).body;
      const isClosed = status === "maintenance";
      const error = (body.error_response as { error: string } | undefined)?.error ?? body.error;
      expect([http, error]).toEqual(
        isClosed ? [503, "UNAVAILABLE"] : [200, "ORDER_ENTRY_DISABLED"],
      );
      expect(product[isClosed ? "trading_disabled" : status]).toBe(true);
      venue.control.setStatus("online");
    },
  );

  afterEach(() => venue.control.setRepeatedClientId("firstOrder"));

  test.each<[string, readonly (string | boolean)[]]>([
    ["firstOrder", [true, "same", true, "same"]],
    ["refused", [false, "none", false, "none"]],
    ["secondOrder", [false, "none", true, "other"]],
  ])("a repeated client id: %s while it is open, and after", async (behaviour, wanted) => {
    venue.control.setRepeatedClientId(behaviour);
    const order = limitOrder();
    const first = await place(venue, order);
    const seen: (string | boolean)[] = [];
    for (const isOver of [false, true]) {
      if (isOver) await cancel(venue, first);
      const { body } = await post(venue, "/orders", order);
      const id = (body.success_response as { order_id?: string } | undefined)?.order_id;
      seen.push(
        body.success as boolean,
        id === undefined ? "none" : id === first ? "same" : "other",
      );
      if (id !== undefined && id !== first) await cancel(venue, id);
    }
    expect(seen).toEqual([...wanted]);
  });

  test("an unknown behaviour is refused", () => {
    expect(() => venue.control.setRepeatedClientId("magic")).toThrow(RangeError);
  });

  test("cancels say for each order what came of it", async () => {
    const [resting, filled] = [await place(venue), await place(venue, marketOrder("SELL", "0.01"))];
    const ids = [resting, filled, "no-such-order"];
    const tell = (results: Awaited<ReturnType<typeof cancel>>) =>
      results.map(({ failure_reason }) => failure_reason);
    expect(tell(await cancel(venue, ...ids))).toEqual([
      "UNKNOWN_CANCEL_FAILURE_REASON",
      "ORDER_IS_FULLY_FILLED",
      "UNKNOWN_CANCEL_ORDER",
    ]);
    expect(tell(await cancel(venue, resting))).toEqual(["INVALID_CANCEL_REQUEST"]);
    expect((await post(venue, "/orders/batch_cancel", { order_ids: [] })).status).toBe(400);
  });

  test("edits are for limit orders that are open and good till cancelled", async () => {
    const sellStop = { side: "SELL", order_configuration: stop("54000", "55000", "DOWN") };
    const [resting, stopped] = [await place(venue), await place(venue, limitOrder(sellStop))];
    const edit = async (order_id: string, terms: object) => {
      const { body } = await post(venue, "/orders/edit", { order_id, ...terms });
      const [error] = body.errors as {
        edit_failure_reason: string;
        preview_failure_reason: string;
      }[];
      return error === undefined ? "edited" : Object.values(error).join(" ");
    };
    const noPreview = " UNKNOWN_PREVIEW_FAILURE_REASON";
    expect(await edit(resting, { price: "50000", size: "0.01" })).toBe(
      `EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST${noPreview}`,
    );
    expect(await edit(resting, { price: "50000.01" })).toBe(`INVALID_EDITED_PRICE${noPreview}`);
    expect(await edit(resting, { size: "-1" })).toBe(`INVALID_EDITED_SIZE${noPreview}`);
    expect(await edit(resting, { size: "10" })).toBe(
      "UNKNOWN_EDIT_ORDER_FAILURE_REASON PREVIEW_INSUFFICIENT_FUND",
    );
    expect(await edit(stopped, { price: "53000" })).toBe(
      `ONLY_LIMIT_ORDER_EDITS_SUPPORTED${noPreview}`,
    );
    expect(await edit("nobody", { price: "53000" })).toBe(`ORDER_NOT_FOUND${noPreview}`);
    expect(await edit(resting, { price: "51000" })).toBe("edited");
    await cancel(venue, resting, stopped);
    expect(await edit(resting, { price: "52000" })).toBe(
      `ONLY_OPEN_ORDERS_CAN_BE_EDITED${noPreview}`,
    );
  });
});

describe("reads", () => {
  test.each([
    ["/orders/historical/no-such-order", 404],
    ["/orders/historical/batch?order_status=OPEN&order_status=FILLED", 400],
    ["/orders/historical/batch?start_date=yesterday", 400],
    ["/orders/historical/batch?cursor=nowhere", 400],
    ["/orders/historical/fills?limit=-1", 400],
    ["/accounts/nobody", 404],
    ["/products/NOPE-USD", 404],
    ["/product_book?product_id=NOPE-USD", 404],
    [`/products/${productId}/candles?granularity=ONE_YEAR&start=0&end=1`, 400],
    [`/products/${productId}/candles?granularity=ONE_MINUTE&start=0&end=60000`, 400],
    [`/products/${productId}/candles?granularity=ONE_MINUTE`, 400],
    ["/nothing", 404],
  ])("%s is answered with %d", async (route, status) => {
    expect((await get(venue, route)).status).toBe(status);
  });

  test("orders and fills come in pages, newest first, none missing", async () => {
    await using own = await still();
    own.control.feedPoint(symbol, decimal(60_000));
    for (let number = 0; number < 7; number += 1) {
      await place(own, number % 2 === 0 ? marketOrder("SELL", "0.01") : limitOrder());
    }
    const all = async (route: string, list: string, id: string) => {
      const found: unknown[] = [];
      for (let cursor = "", page = 0; page < 10; page += 1) {
        const { body } = await get(own, `${route}?limit=2${cursor}`);
        found.push(...(body[list] as Record<string, unknown>[]).map((each) => each[id]));
        if (body.cursor === "") return found;
        // What comes meanwhile shifts nothing.
        await place(own);
        cursor = `&cursor=${body.cursor}`;
      }
      throw new Error(`Cannot list ${list}: there is no end`);
    };
    const record = own.control.record();
    const orders = record.orders.map(({ orderId }) => orderId).reverse();
    expect(await all("/orders/historical/batch", "orders", "order_id")).toEqual(orders);
    const fills = record.trades.map(({ tradeId }) => tradeId).reverse();
    expect(await all("/orders/historical/fills", "fills", "trade_id")).toEqual(fills);
    const accounts = await all("/accounts", "accounts", "currency");
    expect(accounts).toEqual(["BTC", "ETH", "SOL", "USD"]);
  });

  test("orders and fills are seen after the read lag", async () => {
    await using own = await still({ readLagMs: 3_000 });
    own.control.feedPoint(symbol, decimal(60_000));
    const id = await place(own, marketOrder("SELL", "0.01"));
    const seen = async () => {
      const orders = (await get(own, "/orders/historical/batch")).body.orders as unknown[];
      const fills = (await get(own, "/orders/historical/fills")).body.fills as unknown[];
      const { status } = await get(own, `/orders/historical/${id}`);
      return [orders.length, fills.length, status];
    };
    expect(await seen()).toEqual([0, 0, 404]);
    own.control.advanceBy(3_000);
    expect(await seen()).toEqual([1, 1, 200]);
  });
});

describe("rate limits", () => {
  test("a second's worth may come at once: 30 of a key, 10 without", async () => {
    await using own = await still({ limits: { rest: true } });
    const statuses = async (ask: () => Promise<{ status: number }>, count: number) => {
      const seen: number[] = [];
      for (let number = 0; number < count; number += 1) seen.push((await ask()).status);
      return seen.filter((status) => status === 200).length;
    };
    expect(await statuses(() => get(own, "/key_permissions"), 32)).toBe(30);
    expect(await statuses(() => getPublic(own, "/time"), 12)).toBe(10);
    own.control.advanceBy(100);
    expect(await statuses(() => get(own, "/key_permissions"), 5)).toBe(3);
    expect(await getPublic(own, "/time")).toMatchObject({ status: 200 });
    expect(await getPublic(own, "/time")).toEqual({
      status: 429,
      body: {
        error: "rate_limit_exceeded",
        error_details: "Too many requests",
        message: "Too many requests",
      },
    });
    own.control.setLimits({ rest: false });
    expect(await getPublic(own, "/time")).toMatchObject({ status: 200 });
    expect(() => own.control.setLimits({ tier: "pro" })).toThrow("no tiers");
  });
});

test("a body that is no JSON is refused", async () => {
  const { path: route, headers } = signed(venue, "POST", "/api/v3/brokerage/orders");
  const response = await fetch(venue.url + route, { method: "POST", headers, body: "{" });
  expect(response.status).toBe(400);
});
