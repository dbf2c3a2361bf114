/** What each order kind looks like on each venue's wire, parameter by parameter. */
import { expect, test } from "bun:test";
import { decimal } from "../../../machines/domain/decimal.ts";
import type { OrderRequest } from "../../../machines/domain/order.ts";
import type { CcxtVenueId } from "./assumptions.ts";
import { limitBuy, placePath, sent, stand } from "./venues.fixture.ts";

const id = limitBuy.clientOrderId;
const stopSell: Partial<OrderRequest> = {
  side: "sell",
  type: "stop",
  price: null,
  stopPrice: decimal("48000"),
};
const stopLimitSell: Partial<OrderRequest> = {
  ...stopSell,
  type: "stopLimit",
  price: decimal("47500"),
};
const expiresAt = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

const krakenBase = {
  pair: "XXBTZUSD",
  type: "buy",
  volume: "0.01",
  cl_ord_id: id,
  oflags: "fciq",
  deadline: "2023-11-14T22:13:30.000Z",
};
const binanceBase = {
  symbol: "BTCUSD",
  side: "BUY",
  quantity: "0.01",
  newClientOrderId: id,
  newOrderRespType: "RESULT",
  recvWindow: "5000",
};
const coinbaseBase = { client_order_id: id, product_id: "BTC-USD", side: "BUY" };
const terms = { base_size: "0.01", limit_price: "50000.1" };
const stopTerms = {
  base_size: "0.01",
  stop_price: "48000",
  stop_direction: "STOP_DIRECTION_STOP_DOWN",
};

const rows: readonly (readonly [
  venue: CcxtVenueId,
  kind: string,
  request: Partial<OrderRequest>,
  wanted: Record<string, unknown>,
])[] = [
  ["kraken", "limit", {}, { ...krakenBase, ordertype: "limit", price: "50000.1" }],
  [
    "kraken",
    "post-only limit",
    { postOnly: true },
    { ...krakenBase, ordertype: "limit", price: "50000.1", oflags: "fciq,post" },
  ],
  [
    "kraken",
    "immediate-or-cancel limit",
    { timeInForce: "ioc" },
    { ...krakenBase, ordertype: "limit", price: "50000.1", timeinforce: "IOC" },
  ],
  [
    "kraken",
    "limit good till date",
    { timeInForce: "gtd", expiresAt },
    {
      ...krakenBase,
      ordertype: "limit",
      price: "50000.1",
      timeinforce: "GTD",
      expiretm: "1767323045",
    },
  ],
  ["kraken", "market", { type: "market", price: null }, { ...krakenBase, ordertype: "market" }],
  [
    "kraken",
    "stop",
    stopSell,
    { ...krakenBase, type: "sell", ordertype: "stop-loss", price: "48000" },
  ],
  [
    "kraken",
    "stop-limit",
    stopLimitSell,
    {
      ...krakenBase,
      type: "sell",
      ordertype: "stop-loss-limit",
      price: "48000",
      price2: "47500",
    },
  ],
  [
    "coinbase",
    "limit",
    {},
    {
      ...coinbaseBase,
      order_configuration: { limit_limit_gtc: { ...terms, post_only: false } },
    },
  ],
  [
    "coinbase",
    "post-only limit",
    { postOnly: true },
    { ...coinbaseBase, order_configuration: { limit_limit_gtc: { ...terms, post_only: true } } },
  ],
  [
    "coinbase",
    "immediate-or-cancel limit",
    { timeInForce: "ioc" },
    { ...coinbaseBase, order_configuration: { sor_limit_ioc: terms } },
  ],
  [
    "coinbase",
    "limit good till date",
    { timeInForce: "gtd", expiresAt },
    {
      ...coinbaseBase,
      order_configuration: {
        limit_limit_gtd: { ...terms, post_only: false, end_time: "2026-01-02T03:04:05.000Z" },
      },
    },
  ],
  [
    "coinbase",
    "market",
    { type: "market", price: null },
    { ...coinbaseBase, order_configuration: { market_market_ioc: { base_size: "0.01" } } },
  ],
  [
    "coinbase",
    "stop, as a stop-limit one per cent below",
    stopSell,
    {
      ...coinbaseBase,
      side: "SELL",
      order_configuration: { stop_limit_stop_limit_gtc: { ...stopTerms, limit_price: "47520" } },
    },
  ],
  [
    "coinbase",
    "stop-limit",
    stopLimitSell,
    {
      ...coinbaseBase,
      side: "SELL",
      order_configuration: { stop_limit_stop_limit_gtc: { ...stopTerms, limit_price: "47500" } },
    },
  ],
  [
    "binanceus",
    "limit",
    {},
    { ...binanceBase, type: "LIMIT", price: "50000.1", timeInForce: "GTC" },
  ],
  [
    "binanceus",
    "post-only limit",
    { postOnly: true },
    { ...binanceBase, type: "LIMIT_MAKER", price: "50000.1" },
  ],
  [
    "binanceus",
    "immediate-or-cancel limit",
    { timeInForce: "ioc" },
    { ...binanceBase, type: "LIMIT", price: "50000.1", timeInForce: "IOC" },
  ],
  ["binanceus", "market", { type: "market", price: null }, { ...binanceBase, type: "MARKET" }],
  [
    "binanceus",
    "stop, as a stop-limit one per cent below",
    stopSell,
    {
      ...binanceBase,
      side: "SELL",
      type: "STOP_LOSS_LIMIT",
      stopPrice: "48000",
      price: "47520",
      timeInForce: "GTC",
    },
  ],
  [
    "binanceus",
    "stop-limit",
    stopLimitSell,
    {
      ...binanceBase,
      side: "SELL",
      type: "STOP_LOSS_LIMIT",
      stopPrice: "48000",
      price: "47500",
      timeInForce: "GTC",
    },
  ],
];

test.each(rows)("submit at %s sends a %s order with these parameters alone", async (...row) => {
  const [venueId, , request, wanted] = row;
  await using world = await stand(venueId);
  world.server.on(placePath[venueId], { status: 500, body: {} });
  await world.venue.submit({ ...limitBuy, ...request });
  const requests = world.server.to(placePath[venueId]);
  expect({ sent: requests.map(sent), problems: world.server.problems }).toEqual({
    sent: [wanted],
    problems: [],
  });
});

test.each<[CcxtVenueId, string, Partial<OrderRequest>]>([
  ["kraken", "a post-only market order", { type: "market", price: null, postOnly: true }],
  ["kraken", "a limit order without a price", { price: null }],
  ["kraken", "a stop order without a stop price", { type: "stop", price: null }],
  ["kraken", "an immediate-or-cancel stop", { ...stopSell, timeInForce: "ioc" }],
  ["coinbase", "a post-only immediate-or-cancel", { postOnly: true, timeInForce: "ioc" }],
  ["coinbase", "good till date without its date", { timeInForce: "gtd" }],
  ["binanceus", "good till date", { timeInForce: "gtd", expiresAt }],
])("submit at %s refuses %s before anything is sent", async (venueId, _kind, request) => {
  await using world = await stand(venueId);
  const reply = await world.venue.submit({ ...limitBuy, ...request });
  expect([reply.type, reply.type === "refused" && reply.code]).toEqual(["refused", "unsupported"]);
  expect(world.server.to(placePath[venueId])).toEqual([]);
});

test("amend at kraken names the order and the whole terms", async () => {
  await using world = await stand("kraken");
  world.server.on("/0/private/AmendOrder", { status: 500, body: {} });
  const request = {
    venueOrderId: "OABC",
    clientOrderId: id,
    symbol: "BTC/USD",
    quantity: decimal("0.02"),
    price: null,
    stopPrice: decimal("48500.5"),
  };
  await world.venue.amend(request);
  await world.venue.amend({ ...request, venueOrderId: "" });
  const deadline = "2023-11-14T22:13:30.000Z";
  const rest = { order_qty: "0.02", trigger_price: "48500.5", deadline };
  expect(world.server.to("/0/private/AmendOrder").map(sent)).toEqual([
    { txid: "OABC", ...rest },
    { cl_ord_id: id, ...rest },
  ]);
});

test.each([
  [true, "51000", "true"],
  [false, "51000", undefined],
  // A stop has no limit that could take or not.
  [true, null, undefined],
] as const)("amend at kraken of a post-only order (%p) to %p says post_only %p", async (...row) => {
  const [postOnly, price, said] = row;
  await using world = await stand("kraken");
  world.server.on("/0/private/AmendOrder", { status: 500, body: {} });
  const names = { venueOrderId: "OABC", clientOrderId: id, symbol: "BTC/USD" };
  const terms = { quantity: decimal("0.02"), stopPrice: null };
  await world.venue.amend({
    ...{ ...names, ...terms, postOnly },
    price: price === null ? null : decimal(price),
  });
  const [request] = world.server.to("/0/private/AmendOrder");
  expect(sent(request).post_only).toBe(said);
});

test.each<[CcxtVenueId]>([["coinbase"], ["binanceus"]])(
  "amend at %s is refused, for live orders cannot be changed there",
  async (venueId) => {
    await using world = await stand(venueId);
    const reply = await world.venue.amend({
      venueOrderId: "1",
      clientOrderId: id,
      symbol: "BTC/USD",
      quantity: decimal("1"),
      price: null,
      stopPrice: null,
    });
    expect([reply.type, world.venue.assumptions.amends, world.server.requests.length]).toEqual([
      "refused",
      false,
      0,
    ]);
  },
);
