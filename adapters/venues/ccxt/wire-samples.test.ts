/**
 * The venues' own messages, which this project did not write: each is read, or refused with its
 * reason. Tests of generated replies (venue.test.ts) say the same where the samples are absent.
 */
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Reply } from "../../../actors/order/ports.ts";
import type { CcxtVenueId } from "./assumptions.ts";
import { hardened } from "./hardened.ts";
import { answerSoundly, binanceOrder, krakenOrder } from "./replies.fixture.ts";
import { binanceSymbol, limitBuy, placePath, type Stand, stand } from "./venues.fixture.ts";

const folder = fileURLToPath(new URL("../../../../shared/wire/", import.meta.url));
const isThere = existsSync(folder);
if (!isThere) console.warn(`skipped: no wire samples in "${folder}"`);

const read = (name: string): string => readFileSync(`${folder}${name}`, "utf8");
const folders = { kraken: "kraken", coinbase: "coinbase", binance: "binanceus" } as const;
const { clientOrderId, symbol } = limitBuy;

interface Row {
  readonly file: string;
  readonly path: string;
  readonly ask: (world: Stand) => Promise<Reply<unknown>>;
  readonly wanted: unknown;
  readonly symbols?: readonly string[];
  readonly prepare?: (world: Stand) => void;
}

const filledSell = {
  side: "sell",
  stopPrice: null,
  filled: "0",
  reason: null,
  clientOrderId: null,
};
const usdtOrder = { symbol: "BTC/USDT", side: "buy", type: "limit", price: "29500" };
const since = 1_499_865_549_000;

/** Binance.US with the markets that its samples speak of. */
const binanceMarkets = ({ server }: Stand) => {
  const market = (base: string, quote: string) => {
    return { ...binanceSymbol, symbol: base + quote, baseAsset: base, quoteAsset: quote };
  };
  const symbols = [market("LTC", "BTC"), market("BNB", "BTC"), market("BTC", "USDT")];
  server.on("/api/v3/exchangeInfo", { body: { symbols } });
};
const krakenMarkets = ({ server }: Stand) =>
  server.on("/0/public/AssetPairs", { body: read("kraken/http_asset_pairs.json") });
const ltcOrder = {
  ...{ venueOrderId: "1", clientOrderId: "myOrder1", symbol: "LTC/BTC", side: "buy" },
  ...{ type: "limit", quantity: "1", price: "0.1", stopPrice: null, state: "open" },
  ...{ filled: "0", reason: null },
};

const rows: readonly Row[] = [
  {
    file: "kraken/http_add_order_spot.json",
    path: placePath.kraken,
    ask: ({ venue }) => venue.submit(limitBuy),
    wanted: { type: "confirmed", value: { venueOrderId: "OUF4EM-FRGI2-MQMWZD", state: "open" } },
  },
  {
    file: "kraken/http_asset_pairs.json",
    path: "/0/public/AssetPairs",
    symbols: ["BTC/USDT"],
    ask: ({ venue }) => venue.instruments(),
    wanted: {
      type: "confirmed",
      value: [
        {
          ...{ venue: "kraken", symbol: "BTC/USDT", base: "BTC", quote: "USDT" },
          ...{ tick: "0.1", lot: "0.00000001", minQuantity: "0.00005", minNotional: "0.5" },
          ...{ makerFee: "0.0025", takerFee: "0.004" },
        },
      ],
    },
  },
  {
    file: "kraken/http_cancel_order_spot.json",
    path: "/0/private/CancelOrder",
    prepare: ({ server }) => {
      const ended = { ...krakenOrder, status: "canceled", closetm: 1 };
      server.on("/0/private/QueryOrders", { body: { error: [], result: { OABC: ended } } });
    },
    ask: ({ venue }) => venue.cancel({ venueOrderId: "OABC", clientOrderId, symbol }),
    wanted: { type: "confirmed", value: { state: "canceled" } },
  },
  {
    file: "kraken/http_closed_orders.json",
    path: "/0/private/ClosedOrders",
    ask: ({ venue }) => venue.lookUp(clientOrderId, symbol),
    // Asked for one client id, it lists orders without any: so it was not asked the same.
    wanted: { type: "unknown", cause: expect.stringContaining("of another client id") },
  },
  {
    file: "kraken/http_open_orders.json",
    path: "/0/private/OpenOrders",
    symbols: ["BTC/USDT"],
    prepare: krakenMarkets,
    ask: ({ venue }) => venue.openOrders(),
    wanted: {
      type: "confirmed",
      value: [
        {
          ...{ ...filledSell, ...usdtOrder, venueOrderId: "O26VBY-ISGAE-JP5TLU" },
          ...{ state: "open", quantity: "0.5", createdAt: 1_688_583_840_865 },
        },
        {
          ...{ ...filledSell, venueOrderId: "OYEQF4-FDE4C-NMUYUI", symbol: "ETHUSDT" },
          ...{ type: "stop", quantity: "1", price: null, stopPrice: "1800", state: "open" },
        },
      ],
    },
  },
  {
    file: "kraken/http_server_time.json",
    path: "/0/public/Time",
    ask: ({ venue }) => venue.serverTime(),
    wanted: { type: "confirmed", value: 1_762_820_224_000 },
  },
  {
    file: "kraken/http_spot_balance.json",
    path: "/0/private/BalanceEx",
    ask: ({ venue }) => venue.balances(),
    // The answer of Balance, which leaves out what is locked; the adapter asks BalanceEx.
    wanted: { type: "unknown", cause: expect.stringContaining("wanted an object") },
  },
  {
    file: "kraken/http_system_status.json",
    path: "/0/public/SystemStatus",
    ask: ({ venue }) => venue.status(),
    wanted: { type: "confirmed", value: { state: "online" } },
  },
  {
    file: "kraken/http_trades_history.json",
    path: "/0/private/TradesHistory",
    symbols: ["BTC/USDT"],
    prepare: krakenMarkets,
    ask: ({ venue }) => venue.fillsSince(1_688_585_840_892),
    wanted: {
      type: "confirmed",
      value: [
        {
          ...{ tradeId: "TCCCTY-WJ6EO-4FP4VZ", venueOrderId: "O26VBY-ISGAE-JP5TLU" },
          ...{ symbol: "BTC/USDT", side: "buy", price: "29500.5", quantity: "0.5" },
          ...{ fee: "23.6", feeCoin: "USDT", liquidity: "maker", at: 1_688_585_840_892 },
        },
        {
          ...{ tradeId: "TDCVFQ-TPEG4-6X7LSZ", symbol: "ETHUSDT", liquidity: "taker" },
          ...{ price: "1799.75", quantity: "1", fee: "3.6", at: 1_688_586_440_346 },
        },
      ],
    },
  },
  {
    file: "coinbase/http_accounts.json",
    path: "/api/v3/brokerage/accounts",
    ask: ({ venue }) => venue.balances(),
    wanted: {
      type: "confirmed",
      value: [
        { coin: "BTC", total: "1.23956789", held: "0.005" },
        { coin: "USD", total: "10450.5", held: "450" },
      ],
    },
  },
  {
    file: "coinbase/http_fills.json",
    path: "/api/v3/brokerage/orders/historical/fills",
    prepare: ({ server }) => {
      const path = "/api/v3/brokerage/orders/historical/0000-000000-00000";
      server.on(`${path}0`, { body: read("coinbase/http_order.json") });
      const [, second] = JSON.parse(read("coinbase/http_orders_list.json")).orders;
      server.on(`${path}2`, { body: { order: second } });
    },
    ask: ({ venue }) => venue.fillsSince(0),
    wanted: {
      type: "confirmed",
      value: [
        {
          ...{ tradeId: "1111-11111-111112", clientOrderId: "11111-000000-000002", fee: "0.5" },
          ...{ symbol: "ETH-USD", side: "sell", price: "3076.92", quantity: "0.0325" },
        },
        {
          ...{ tradeId: "1111-11111-111111", clientOrderId: "11111-000000-000000", fee: "1.14" },
          ...{ symbol: "BTC/USD", feeCoin: "USD", price: "45123.45", quantity: "0.005" },
        },
      ],
    },
  },
  {
    file: "coinbase/http_order.json",
    path: "/api/v3/brokerage/orders/historical/OABC",
    prepare: ({ server }) => {
      const results = [{ success: true, order_id: "OABC" }];
      server.on("/api/v3/brokerage/orders/batch_cancel", { body: { results } });
    },
    ask: ({ venue }) => venue.cancel({ venueOrderId: "OABC", clientOrderId, symbol }),
    wanted: { type: "unknown", cause: expect.stringContaining("listed as partial") },
  },
  {
    file: "coinbase/http_orders_list.json",
    path: "/api/v3/brokerage/orders/historical/batch",
    ask: ({ venue }) => venue.openOrders(),
    wanted: {
      type: "confirmed",
      value: [
        {
          ...{ venueOrderId: "0000-000000-000001", clientOrderId: "11111-000000-000001" },
          ...{ symbol: "BTC/USD", side: "buy", type: "limit", price: "45000", quantity: "0.01" },
          ...{ state: "open", filled: "0" },
        },
        {
          ...{ venueOrderId: "0000-000000-000002", type: "market", price: null, side: "sell" },
          ...{ state: "filled", quantity: "0.0325", filled: "0.0325" },
        },
      ],
    },
  },
  {
    file: "coinbase/http_products.json",
    path: "/api/v3/brokerage/market/products",
    symbols: ["BTC/USD", "BTC/USDC"],
    ask: ({ venue }) => venue.instruments(),
    wanted: {
      type: "confirmed",
      value: [
        {
          ...{ symbol: "BTC/USD", tick: "0.01", lot: "0.00000001", minQuantity: "0.00000001" },
          ...{ minNotional: "1", makerFee: "0.004", takerFee: "0.006" },
        },
        { symbol: "BTC/USDC", quote: "USDC" },
      ],
    },
  },
  {
    file: "binance/account_response.json",
    path: "/api/v3/account",
    ask: ({ venue }) => venue.balances(),
    wanted: {
      type: "confirmed",
      value: [
        { coin: "BTC", total: "4723846.89208129", held: "0" },
        { coin: "LTC", total: "4763368.68006011", held: "0" },
      ],
    },
  },
  {
    file: "binance/account_trades_response.json",
    path: "/api/v3/myTrades",
    symbols: ["BNB/BTC"],
    prepare: (world) => {
      binanceMarkets(world);
      const order = { ...binanceOrder, symbol: "BNBBTC", orderId: 100_234, clientOrderId: "c" };
      world.server.on("/api/v3/order", { body: order });
    },
    ask: ({ venue }) => venue.fillsSince(since),
    wanted: {
      type: "confirmed",
      value: [
        {
          ...{ tradeId: "BNBBTC:28457", venueOrderId: "100234", clientOrderId: "c", side: "buy" },
          ...{ symbol: "BNB/BTC", price: "4.000001", quantity: "12", fee: "10.1", feeCoin: "BNB" },
        },
      ],
    },
  },
  {
    file: "binance/all_orders_response.json",
    path: "/api/v3/allOrders",
    prepare: (world) => {
      binanceMarkets(world);
      const body = { code: -2013, msg: "Order does not exist." };
      world.server.on("/api/v3/order", { status: 400, body });
    },
    ask: ({ venue }) => venue.lookUp("myOrder1", "LTC/BTC"),
    wanted: { type: "confirmed", value: { orders: [ltcOrder], fills: [] } },
  },
  {
    file: "binance/order_response.json",
    path: "/api/v3/order",
    prepare: binanceMarkets,
    ask: ({ venue }) => venue.lookUp("myOrder1", "LTC/BTC"),
    wanted: { type: "confirmed", value: { orders: [ltcOrder], fills: [] } },
  },
  {
    file: "binance/open_orders_response.json",
    path: "/api/v3/openOrders",
    prepare: binanceMarkets,
    ask: ({ venue }) => venue.openOrders(),
    wanted: { type: "confirmed", value: [ltcOrder] },
  },
  {
    file: "binance/cancel_order_response.json",
    path: "/api/v3/order",
    prepare: binanceMarkets,
    ask: ({ venue }) =>
      venue.cancel({ venueOrderId: "4", clientOrderId: "myOrder1", symbol: "LTC/BTC" }),
    // A cancel's answer has no time of the order's own; read as an order it ends it all the same.
    wanted: {
      type: "confirmed",
      value: { venueOrderId: "4", clientOrderId: "myOrder1", state: "canceled", filled: "0" },
    },
  },
  {
    file: "binance/new_order_full_response.json",
    path: "/api/v3/order",
    prepare: binanceMarkets,
    ask: ({ venue }) =>
      venue.submit({
        ...limitBuy,
        ...{ clientOrderId: "6gCrw2kRUAF9CvJDGP16IP", symbol: "BTC/USDT", side: "sell" },
        ...{ type: "market", price: null },
      }),
    wanted: { type: "confirmed", value: { venueOrderId: "28", state: "filled", filled: "10" } },
  },
  {
    file: "binance/exchange_info_response.json",
    path: "/api/v3/exchangeInfo",
    ask: ({ venue }) => venue.instruments(),
    // Its symbols carry no filters, so no order could be sized.
    wanted: { type: "unknown", cause: expect.stringContaining("none in the reply") },
  },
  {
    file: "binance/server_time_response.json",
    path: "/api/v3/time",
    ask: ({ venue }) => venue.serverTime(),
    wanted: { type: "confirmed", value: 1_499_827_319_559 },
  },
];

/** Public data and endpoints that the trading side does not ask: their envelope is sound. */
const onlyEnvelope = [
  ...["http_ohlc", "http_order_book", "http_ticker"].map((name) => `kraken/${name}.json`),
  ...["open_positions", "trade_balance"].map((name) => `kraken/http_spot_${name}.json`),
  ...["candles", "product", "product_book", "ticker"].map((name) => `coinbase/http_${name}.json`),
  ...["avg_price", "book_ticker", "cancel_open_orders", "depth", "klines", "ping"].map(
    (name) => `binance/${name}_response.json`,
  ),
  ...["ticker_24hr", "ticker_price", "trades"].map((name) => `binance/${name}_response.json`),
];

const venueOf = (file: string): CcxtVenueId =>
  folders[(file.split("/")[0] ?? "") as keyof typeof folders];

describe.skipIf(!isThere)("wire samples", () => {
  test.each(rows.map((row) => [row.file, row] as const))(
    "%s is read, or refused with its reason",
    async (_file, row) => {
      const { symbols = ["BTC/USD"], prepare = () => {} } = row;
      const venue = venueOf(row.file);
      await using world = await stand(venue, { symbols });
      answerSoundly(venue, world.server);
      prepare(world);
      world.server.on(row.path, { body: read(row.file) });
      expect(await row.ask(world)).toMatchObject(row.wanted as object);
      expect(world.server.problems).toEqual([]);
    },
  );

  test.each(onlyEnvelope)("%s has a sound envelope", async (file) => {
    const venue = venueOf(file);
    await using world = await stand(venue);
    const { server, clock } = world;
    const ask = { kraken: "Time", coinbase: "brokerage/time", binanceus: "time" }[venue];
    const paths = {
      kraken: "/0/public/Time",
      coinbase: "/api/v3/brokerage/time",
      binanceus: "/api/v3/time",
    };
    server.on(paths[venue], { body: read(file) });
    const exchange = hardened({ venue, keys: null, restUrl: server.url, clock, timeoutMs: 5_000 });
    const api = venue === "coinbase" ? ["v3", "public"] : "public";
    expect(typeof (await exchange.request(ask, api, "GET", {}))).toBe("object");
  });

  test("every sample of a reply is one of these", () => {
    const isReply = (name: string) =>
      name.startsWith("http_") || /^(?!ws_).*_response\.json$/.test(name);
    const files = Object.keys(folders).flatMap((name) =>
      readdirSync(`${folder}${name}`)
        .filter(isReply)
        .map((file) => `${name}/${file}`),
    );
    expect([...rows.map(({ file }) => file), ...onlyEnvelope].sort()).toEqual(files.sort());
  });
});
