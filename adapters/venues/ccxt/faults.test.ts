/** Whatever a network and a venue do to a reply: no fault is ever read as an answer. */
import { describe, expect, test } from "bun:test";
import type { Reply } from "../../../actors/order/ports.ts";
import type { CcxtVenueId } from "./assumptions.ts";
import type { CcxtVenue } from "./ccxt-venue.ts";
import { answerSoundly, binanceOrder, coinbaseOrder, krakenOrder } from "./replies.fixture.ts";
import type { Answer } from "./scripted-server.fixture.ts";
import { limitBuy, placePath, stand } from "./venues.fixture.ts";

const { clientOrderId, symbol, quantity, price, stopPrice } = limitBuy;
const byId = { venueOrderId: "OABC", clientOrderId, symbol };

const operations: Readonly<Record<string, (venue: CcxtVenue) => Promise<Reply<unknown>>>> = {
  submit: (venue) => venue.submit(limitBuy),
  amend: (venue) => venue.amend({ ...byId, quantity, price, stopPrice }),
  cancel: (venue) => venue.cancel(byId),
  lookUp: (venue) => venue.lookUp(clientOrderId, symbol),
  openOrders: (venue) => venue.openOrders(),
  balances: (venue) => venue.balances(),
  fillsSince: (venue) => venue.fillsSince(1_700_000_000_000),
};

const faults: Readonly<Record<string, Answer>> = {
  "a reset": { fault: "reset" },
  "no headers": { fault: "hangHeaders" },
  "a body that stalls": { fault: "hangBody" },
  "a body cut by a close": { fault: "cutBody" },
  "JSON cut short": { fault: "cutJson" },
  HTML: { body: "<html>502</html>" },
  "an empty body": { body: "" },
  "a word": { body: "OK" },
  null: { body: "null" },
  true: { body: "true" },
  "an empty object": { body: {} },
  "no error and an empty result": { body: { error: [], result: {} } },
  "no error and no result": { body: { error: [] } },
  "a list in place of an object": { body: [[]] },
  "error null": { body: { error: null, result: {} } },
  "HTTP 523": { status: 523, body: { error: [], result: {} } },
  "HTTP 524": { status: 524, body: "" },
  "HTTP 502 with HTML": { status: 502, body: "<html></html>" },
  "a redirect": { status: 302, body: "", headers: { location: "http://127.0.0.1:1/" } },
};

/** Every path that an operation asks, one of which fails at a time. */
const sources: readonly (readonly [CcxtVenueId, string, string])[] = [
  ["kraken", "submit", "/0/private/AddOrder"],
  ["kraken", "amend", "/0/private/AmendOrder"],
  ["kraken", "amend", "/0/private/QueryOrders"],
  ["kraken", "cancel", "/0/private/CancelOrder"],
  ["kraken", "cancel", "/0/private/QueryOrders"],
  ["kraken", "lookUp", "/0/private/OpenOrders"],
  ["kraken", "lookUp", "/0/private/ClosedOrders"],
  ["kraken", "openOrders", "/0/private/OpenOrders"],
  ["kraken", "balances", "/0/private/BalanceEx"],
  ["kraken", "fillsSince", "/0/private/TradesHistory"],
  ["coinbase", "submit", "/api/v3/brokerage/orders"],
  ["coinbase", "cancel", "/api/v3/brokerage/orders/batch_cancel"],
  ["coinbase", "cancel", "/api/v3/brokerage/orders/historical/OABC"],
  ["coinbase", "lookUp", "/api/v3/brokerage/orders/historical/batch"],
  ["coinbase", "openOrders", "/api/v3/brokerage/orders/historical/batch"],
  ["coinbase", "balances", "/api/v3/brokerage/accounts"],
  ["coinbase", "fillsSince", "/api/v3/brokerage/orders/historical/fills"],
  ["binanceus", "submit", "/api/v3/order"],
  ["binanceus", "cancel", "/api/v3/order"],
  ["binanceus", "lookUp", "/api/v3/order"],
  ["binanceus", "lookUp", "/api/v3/allOrders"],
  ["binanceus", "openOrders", "/api/v3/openOrders"],
  ["binanceus", "balances", "/api/v3/account"],
  ["binanceus", "fillsSince", "/api/v3/myTrades"],
];

describe.each(sources)("%s %s with %s failing", (venueId, operation, path) => {
  test.each(Object.entries(faults))("is unknown after %s", async (_name, fault) => {
    await using world = await stand(venueId, { timeoutMs: 60 });
    answerSoundly(venueId, world.server);
    await world.venue.instruments();
    world.server.on(path, fault);
    const reply = await operations[operation]?.(world.venue);
    expect(reply?.type).toBe("unknown");
    expect(world.server.problems).toEqual([]);
  });
});

describe("replies that look right and are not", () => {
  const unlikely: readonly (readonly [CcxtVenueId, string, string, string, unknown])[] = [
    [
      "kraken",
      "submit",
      "without an id",
      "/0/private/AddOrder",
      { error: [], result: { txid: [] } },
    ],
    [
      "coinbase",
      "submit",
      "without an id",
      placePath.coinbase,
      { success: true, success_response: {} },
    ],
    [
      "coinbase",
      "submit",
      "with an older order of another side",
      placePath.coinbase,
      {
        success: true,
        success_response: {
          order_id: "O1",
          product_id: "BTC-USD",
          side: "SELL",
          client_order_id: clientOrderId,
        },
      },
    ],
    [
      "binanceus",
      "submit",
      "with another client id",
      placePath.binanceus,
      { ...binanceOrder, clientOrderId: "x" },
    ],
    [
      "kraken",
      "cancel",
      "that cancelled nothing",
      "/0/private/CancelOrder",
      { error: [], result: { count: 0 } },
    ],
    [
      "kraken",
      "lookUp",
      "not filtered by the client id",
      "/0/private/ClosedOrders",
      { error: [], result: { closed: { O1: { ...krakenOrder, cl_ord_id: "other" } }, count: 1 } },
    ],
    [
      "kraken",
      "lookUp",
      "whose count promises more",
      "/0/private/ClosedOrders",
      { error: [], result: { closed: {}, count: 3 } },
    ],
    [
      "kraken",
      "openOrders",
      "with an unheard-of status",
      "/0/private/OpenOrders",
      { error: [], result: { open: { O1: { ...krakenOrder, status: "resting" } } } },
    ],
    [
      "coinbase",
      "openOrders",
      "with an unheard-of status",
      "/api/v3/brokerage/orders/historical/batch",
      { orders: [{ ...coinbaseOrder, status: "RESTING" }], has_next: false },
    ],
    [
      "coinbase",
      "lookUp",
      "that does not say whether it ended",
      "/api/v3/brokerage/orders/historical/batch",
      { orders: [] },
    ],
    [
      "coinbase",
      "balances",
      "of nothing",
      "/api/v3/brokerage/accounts",
      { accounts: [], has_next: false },
    ],
    ["binanceus", "balances", "of nothing", "/api/v3/account", { balances: [] }],
  ];
  test.each(unlikely)("%s %s %s is unknown", async (venueId, operation, _what, path, body) => {
    await using world = await stand(venueId);
    answerSoundly(venueId, world.server);
    world.server.on(path, { body });
    expect((await operations[operation]?.(world.venue))?.type).toBe("unknown");
  });

  test("a reply that grows without end is cut off", async () => {
    await using world = await stand("kraken");
    await world.venue.instruments();
    const size = 40 * 1024 * 1024;
    world.server.on("/0/private/BalanceEx", { body: " ".repeat(size) });
    const reply = await world.venue.balances();
    expect(reply).toMatchObject({ type: "unknown", cause: expect.stringContaining("larger than") });
  });
});

test("nothing listening is unknown: refused and reset connections cannot be told apart", async () => {
  await using world = await stand("kraken");
  await world.venue.instruments();
  await world.server[Symbol.asyncDispose]();
  expect((await world.venue.balances()).type).toBe("unknown");
});

test("an order whose rules cannot be loaded is not sent, and says so", async () => {
  await using world = await stand("kraken");
  world.server.on("/0/public/AssetPairs", { status: 503, body: "" });
  const reply = await world.venue.submit(limitBuy);
  expect([reply.type, reply.type === "refused" && reply.code]).toEqual(["refused", "notSent"]);
  expect(world.server.to(placePath.kraken)).toEqual([]);
});
