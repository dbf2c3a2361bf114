/** How each venue's own words for an order's state and terms are read. */
import { describe, expect, test } from "bun:test";
import type { CcxtVenueId } from "./assumptions.ts";
import { RecentIds } from "./recent-ids.ts";
import { answerSoundly, binanceOrder, coinbaseOrder, krakenOrder } from "./replies.fixture.ts";
import type { Answer } from "./scripted-server.fixture.ts";
import { stand } from "./venues.fixture.ts";

/** A list with one order in it, changed as given. */
const listing: Readonly<Record<CcxtVenueId, (change: object) => [string, Answer]>> = {
  kraken: (change) => {
    const open = { OABC: { ...krakenOrder, closetm: 1_700_000_009, ...change } };
    return ["/0/private/OpenOrders", { body: { error: [], result: { open } } }];
  },
  coinbase: (change) => {
    const orders = [{ ...coinbaseOrder, ...change }];
    const path = "/api/v3/brokerage/orders/historical/batch";
    return [path, { body: { orders, has_next: false } }];
  },
  binanceus: (change) => ["/api/v3/openOrders", { body: [{ ...binanceOrder, ...change }] }],
};

async function readOne(id: CcxtVenueId, change: object) {
  await using world = await stand(id);
  answerSoundly(id, world.server);
  world.server.on(...listing[id](change));
  const reply = await world.venue.openOrders();
  if (reply.type !== "confirmed") throw new Error(JSON.stringify(reply));
  return reply.value[0];
}

const states: readonly (readonly [CcxtVenueId, object, string])[] = [
  ["kraken", { status: "pending" }, "open"],
  ["kraken", { status: "open" }, "open"],
  ["kraken", { status: "open", vol_exec: "0.004" }, "partial"],
  ["kraken", { status: "closed", vol_exec: "0.01000000" }, "filled"],
  ["kraken", { status: "closed", vol_exec: "0.004" }, "canceled"],
  ["kraken", { status: "canceled", vol_exec: "0.004" }, "canceled"],
  ["kraken", { status: "expired" }, "expired"],
  ["coinbase", { status: "PENDING" }, "open"],
  ["coinbase", { status: "QUEUED" }, "open"],
  ["coinbase", { status: "OPEN" }, "open"],
  ["coinbase", { status: "OPEN", trigger_status: "STOP_TRIGGERED" }, "triggered"],
  ["coinbase", { status: "OPEN", filled_size: "0.004" }, "partial"],
  ["coinbase", { status: "CANCEL_QUEUED", filled_size: "0.004" }, "partial"],
  ["coinbase", { status: "FILLED", filled_size: "0.01" }, "filled"],
  ["coinbase", { status: "FILLED", filled_size: "0.004" }, "canceled"],
  ["coinbase", { status: "CANCELLED" }, "canceled"],
  ["coinbase", { status: "EXPIRED" }, "expired"],
  ["coinbase", { status: "FAILED" }, "rejected"],
  ["binanceus", { status: "NEW" }, "open"],
  ["binanceus", { status: "PENDING_CANCEL" }, "open"],
  ["binanceus", { status: "PARTIALLY_FILLED", executedQty: "0.004" }, "partial"],
  ["binanceus", { status: "FILLED", executedQty: "0.01" }, "filled"],
  ["binanceus", { status: "CANCELED" }, "canceled"],
  ["binanceus", { status: "EXPIRED" }, "expired"],
  ["binanceus", { status: "EXPIRED_IN_MATCH" }, "expired"],
  ["binanceus", { status: "REJECTED" }, "rejected"],
  ["binanceus", { type: "STOP_LOSS_LIMIT", stopPrice: "48000", isWorking: false }, "open"],
  ["binanceus", { type: "STOP_LOSS_LIMIT", stopPrice: "48000", isWorking: true }, "triggered"],
];

describe("states", () => {
  test.each(states)("%s %j is %s", async (id, change, wanted) => {
    expect((await readOne(id, change))?.state).toBe(wanted as never);
  });
});

const krakenTerms = (descr: object) => ({ descr: { ...krakenOrder.descr, ...descr } });
const coinbaseTerms = (kind: string, terms: object) => ({
  side: "SELL",
  order_configuration: { [kind]: { base_size: "0.01", ...terms } },
});
const coinbaseStop = (limit_price: string) =>
  coinbaseTerms("stop_limit_stop_limit_gtc", { stop_price: "48000.00", limit_price });
const binanceStop = (price: string) => {
  return { side: "SELL", type: "STOP_LOSS_LIMIT", stopPrice: "48000.00", price };
};

const terms: readonly (readonly [
  CcxtVenueId,
  string,
  object,
  string,
  string | null,
  string | null,
])[] = [
  [
    "kraken",
    "a market order",
    krakenTerms({ ordertype: "market", price: "0" }),
    "market",
    null,
    null,
  ],
  [
    "kraken",
    "a stop",
    krakenTerms({ ordertype: "stop-loss", price: "48000.0" }),
    "stop",
    null,
    "48000",
  ],
  [
    "kraken",
    "a stop-limit",
    krakenTerms({ ordertype: "stop-loss-limit", price: "48000.0", price2: "47500.0" }),
    "stopLimit",
    "47500",
    "48000",
  ],
  ["coinbase", "a market order", coinbaseTerms("market_market_ioc", {}), "market", null, null],
  [
    "coinbase",
    "an IOC",
    coinbaseTerms("sor_limit_ioc", { limit_price: "9.0" }),
    "limit",
    "9",
    null,
  ],
  ["coinbase", "a stop of ours", coinbaseStop("47520.00"), "stop", null, "48000"],
  ["coinbase", "a stop-limit", coinbaseStop("47500.00"), "stopLimit", "47500", "48000"],
  ["binanceus", "a market order", { type: "MARKET" }, "market", null, null],
  ["binanceus", "a maker's limit", { type: "LIMIT_MAKER" }, "limit", "50000.1", null],
  ["binanceus", "a stop of ours", binanceStop("47520.00"), "stop", null, "48000"],
  ["binanceus", "a stop-limit", binanceStop("47500.00"), "stopLimit", "47500", "48000"],
];

describe("terms", () => {
  test.each(terms)("%s tells %s as it was asked for", async (...row) => {
    const [id, , change, type, price, stopPrice] = row;
    expect(await readOne(id, change)).toMatchObject({ type, price, stopPrice } as object);
  });
});

test("RecentIds forgets the oldest of many", () => {
  const ids = new RecentIds();
  for (let index = 0; index <= 20_000; index += 1) ids.known(`c${index}`, "BTC/USD", `v${index}`);
  expect([ids.clientIdOf("v0"), ids.clientIdOf("v1"), ids.get("c0")]).toEqual([null, "c1", null]);
});
