import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import ccxt from "ccxt";
import { decimal } from "../../../../machines/domain/decimal.ts";
import { type Rehearsal, startRehearsal } from "../mod.ts";
import { ccxtAt, symbol } from "./client.fixture.ts";

function idOf({ id }: { readonly id?: string | undefined }): string {
  if (id === undefined) throw new Error("Cannot go on without the id of an order");
  return id;
}

describe("unmodified ccxt over REST", () => {
  let venue: Rehearsal;
  let client: ReturnType<typeof ccxtAt>;

  beforeAll(async () => {
    venue = await startRehearsal({ venue: "coinbase", speed: "lockstep" });
    venue.control.feedPoint(symbol, decimal(60_000));
    client = ccxtAt(venue);
    await client.loadMarkets();
  });
  afterAll(async () => {
    expect(venue.control.problems).toEqual([]);
    await client.close();
    await venue[Symbol.asyncDispose]();
  });

  test("loads markets with their rules, and fees by the key", () => {
    const { precision, limits, maker, taker, id } = client.market(symbol);
    expect([id, precision.amount, precision.price, maker, taker, limits.cost?.min]).toEqual([
      "BTC-USD",
      1e-8,
      0.1,
      0.006,
      0.012,
      1,
    ]);
  });

  test("reads time and accounts", async () => {
    expect(await client.fetchTime()).toBe(Math.floor(venue.control.now / 1_000) * 1_000);
    expect((await client.fetchAccounts()).map(({ code }) => code)).toEqual([
      "BTC",
      "ETH",
      "SOL",
      "USD",
    ]);
  });

  test("reads ticker, tickers, best prices, book, trades and candles", async () => {
    const ticker = await client.fetchTicker(symbol);
    const tickers = await client.fetchTickers();
    const best = await client.fetchBidsAsks([symbol]);
    const book = await client.fetchOrderBook(symbol, 5);
    const trades = await client.fetchTrades(symbol, undefined, 50);
    const since = venue.control.now - 200 * 60_000;
    const candles = await client.fetchOHLCV(symbol, "1m", since);
    expect([ticker.bid, ticker.ask]).toEqual([59_999.9, 60_000.1]);
    expect(Object.keys(tickers)).toEqual([...venue.symbols]);
    expect([best[symbol]?.bid, best[symbol]?.ask]).toEqual([59_999.9, 60_000.1]);
    expect([book.bids.length, book.asks.length]).toEqual([5, 5]);
    expect([book.bids[0]?.[0], book.asks[0]?.[0]]).toEqual([59_999.9, 60_000.1]);
    expect(trades).toHaveLength(50);
    expect(ticker.last).toBe(trades.at(-1)?.price);
    expect(candles.length).toBeGreaterThanOrEqual(100);
    expect(candles.at(-1)?.[4]).toBe(ticker.last);
  });

  test.each(["6h", "2h", "1d"])(
    "reads candles of %s, whose volume is that of their hours",
    async (timeframe) => {
      const since = Math.floor(venue.control.now / 86_400_000) * 86_400_000 - 86_400_000;
      const long = await client.fetchOHLCV(symbol, timeframe, since);
      const hours = await client.fetchOHLCV(symbol, "1h", since);
      const volume = (candles: typeof long) =>
        candles.reduce((sum, candle) => sum + Number(candle[5]), 0);
      expect(long.length).toBeGreaterThan(0);
      expect(volume(long)).toBeCloseTo(volume(hours), 6);
    },
  );

  test.each([2, 3])("reads balances of version %d", async (version) => {
    const { total } = (await client.fetchBalance({ v3: version === 3 })) as unknown as {
      total: object;
    };
    expect(total).toEqual({ BTC: 1, ETH: 0, SOL: 0, USD: 100_000 });
  });

  test("reads fees", async () => {
    const fees = await client.fetchTradingFees({ type: "spot" });
    expect([fees[symbol]?.maker, fees[symbol]?.taker]).toEqual([0.006, 0.012]);
  });

  test("fills a market order for a sum at the touch, fees paid from it", async () => {
    const cost = 607.2;
    const id = idOf(await client.createOrder(symbol, "market", "buy", 0.01, undefined, { cost }));
    const order = await client.fetchOrder(id);
    const trades = await client.fetchMyTrades(symbol);
    const { status, filled, average, side, type } = order;
    expect({ status, filled, average, side, type }).toEqual({
      status: "closed",
      filled: 0.00999998,
      average: 60_000.1,
      side: "buy",
      type: "market",
    });
    const [trade] = trades;
    expect([trade?.order, trade?.price, trade?.takerOrMaker]).toEqual([id, 60_000.1, "taker"]);
    expect(trade?.amount).toBeCloseTo(0.00999998, 12);
    expect((trade?.cost ?? 0) + (trade?.fee?.cost ?? 0)).toBeLessThanOrEqual(cost);
    expect((await client.fetchClosedOrders(symbol)).map((each) => each.id)).toContain(id);
  });

  test("fills a market sell of an amount", async () => {
    const id = idOf(await client.createOrder(symbol, "market", "sell", 0.01));
    const order = await client.fetchOrder(id, symbol);
    const { status, filled, amount, average, fee } = order;
    expect({ status, filled, amount, average, fee: Number(fee?.cost) }).toEqual({
      status: "closed",
      filled: 0.01,
      amount: 0.01,
      average: 59_999.9,
      fee: 7.199988,
    });
  });

  test("rests a limit order under its own id, edits it in place and cancels it", async () => {
    const client_order_id = "limit-edited";
    const params = { client_order_id };
    const id = idOf(await client.createOrder(symbol, "limit", "buy", 0.01, 50_000, params));
    await client.editOrder(id, symbol, "limit", "buy", 0.02, 51_000, { preview: true });
    await client.editOrder(id, symbol, "limit", "buy", 0.02, 51_000);
    const [open] = await client.fetchOpenOrders(symbol);
    expect([open?.id, open?.clientOrderId, open?.price, open?.amount, open?.status]).toEqual([
      id,
      client_order_id,
      51_000,
      0.02,
      "open",
    ]);
    await client.cancelOrder(id, symbol);
    expect(await client.fetchOpenOrders(symbol)).toEqual([]);
    expect((await client.fetchOrder(id)).status).toBe("canceled");
    expect((await client.fetchCanceledOrders(symbol)).map((each) => each.id)).toContain(id);
    await expect(client.cancelOrder(id, symbol)).rejects.toThrow(ccxt.BadRequest);
  });

  test("refuses a post-only order that would take, and takes one that rests", async () => {
    const postOnly = { postOnly: true };
    await expect(
      client.createOrder(symbol, "limit", "buy", 0.01, 61_000, postOnly),
    ).rejects.toThrow("PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY");
    const id = idOf(await client.createOrder(symbol, "limit", "buy", 0.01, 59_000, postOnly));
    expect((await client.fetchOrder(id)).postOnly).toBe(true);
    await client.cancelOrder(id);
  });

  test.each(["IOC", "FOK"])("ends what an %s order cannot take at once", async (timeInForce) => {
    const params = { timeInForce };
    const id = idOf(await client.createOrder(symbol, "limit", "buy", 0.01, 50_000, params));
    const { status, filled, timeInForce: told } = await client.fetchOrder(id);
    expect([status, filled, told]).toEqual(["canceled", 0, timeInForce]);
  });

  test("fills all of a FOK order from a book that holds enough, or nothing", async () => {
    const fok = { timeInForce: "FOK" };
    venue.control.feedBook(symbol, [], [[decimal(60_000), decimal("0.01")]]);
    const place = async (amount: number) =>
      (await client.fetchOrder(
        idOf(await client.createOrder(symbol, "limit", "buy", amount, 60_000, fok)),
      )) as { filled: number; status: string };
    expect(await place(0.02)).toMatchObject({ filled: 0, status: "canceled" });
    expect(await place(0.01)).toMatchObject({ filled: 0.01, status: "closed" });
    venue.control.feedPoint(symbol, decimal(60_000), true);
  });

  test("ends a GTD order at its time", async () => {
    const end_time = new Date(venue.control.now + 60_000).toISOString();
    const gtd = { timeInForce: "GTD", end_time };
    const id = idOf(await client.createOrder(symbol, "limit", "buy", 0.01, 50_000, gtd));
    venue.control.advanceBy(59_000);
    expect((await client.fetchOrder(id)).status).toBe("open");
    venue.control.advanceBy(1_000);
    const ended = await client.fetchOrder(id);
    expect([ended.status, ended.info.status]).toEqual(["canceled", "EXPIRED"]);
  });

  test("fills a stop-limit when the price falls to it", async () => {
    const stop = { stopLossPrice: 55_000 };
    const id = idOf(await client.createOrder(symbol, "limit", "sell", 0.01, 54_000, stop));
    const resting = await client.fetchOrder(id);
    expect([resting.status, resting.triggerPrice, resting.info.trigger_status]).toEqual([
      "open",
      55_000,
      "STOP_PENDING",
    ]);
    venue.control.feedPoint(symbol, decimal(54_500));
    const { status, info } = await client.fetchOrder(id);
    expect([status, info.trigger_status]).toEqual(["closed", "STOP_TRIGGERED"]);
    venue.control.feedPoint(symbol, decimal(60_000), true);
  });

  test("previews an order without placing it", async () => {
    const before = venue.control.record().orders.length;
    const tried = await client.createOrder(symbol, "limit", "buy", 0.01, 50_000, { preview: true });
    expect(tried.id).toBeUndefined();
    expect(venue.control.record().orders).toHaveLength(before);
  });

  test.each([
    ["more than there is", "buy", 10, 50_000, {}, ccxt.InsufficientFunds],
    ["a stop above the market", "sell", 0.01, 60_000, { stopLossPrice: 61_000 }, ccxt.InvalidOrder],
    ["a stop to take profit", "sell", 0.01, 61_000, { triggerPrice: 61_500 }, ccxt.ExchangeError],
  ])("refuses %s", async (_, side, quantity, price, params, kind) => {
    const placed = client.createOrder(symbol, "limit", side, quantity, price, params);
    await expect(placed).rejects.toThrow(kind);
  });

  test("answers an id that was used before with the order that it names", async () => {
    const again = { client_order_id: "used-before" };
    const place = () => client.createOrder(symbol, "limit", "buy", 0.01, 50_000, again);
    const first = await place();
    expect((await place()).id).toBe(first.id as string);
    await client.cancelOrder(idOf(first));
    expect((await place()).id).toBe(first.id as string);
  });

  test("takes Ed25519 keys", async () => {
    const own = ccxtAt({ url: venue.url, ...venue.control.createKey({ algorithm: "EdDSA" }) });
    expect(await own.fetchOpenOrders(symbol)).toEqual([]);
    await own.close();
  });
});

describe("unmodified ccxt over streams", () => {
  let venue: Rehearsal;
  let client: ReturnType<typeof ccxtAt>;

  beforeAll(async () => {
    venue = await startRehearsal({ venue: "coinbase", seed: "streams", speed: 20 });
    client = ccxtAt(venue);
    await client.loadMarkets();
  });
  afterAll(async () => {
    expect(venue.control.problems).toEqual([]);
    await client.close();
    await venue[Symbol.asyncDispose]();
  });

  test("watches ticker, tickers, trades and book", async () => {
    const ticker = await client.watchTicker(symbol);
    expect(ticker.bid).toBeLessThan(ticker.ask ?? 0);
    expect(Object.keys(await client.watchTickers(["ETH/USD"]))).toEqual(["ETH/USD"]);
    const [trade] = await client.watchTrades(symbol);
    expect(trade?.symbol).toBe(symbol);
    for (let update = 0; update < 5; update += 1) {
      const { bids, asks } = await client.watchOrderBook(symbol);
      expect(Math.min(bids.length, asks.length)).toBeGreaterThanOrEqual(100);
      expect(bids[0]?.[0]).toBeLessThan(asks[0]?.[0] ?? 0);
    }
  });

  test("watches orders, and stops", async () => {
    // The first one waits for the snapshot, in which there is nothing.
    const first = client.watchOrders();
    await first;
    const next = client.watchOrders();
    const { id } = await client.createOrder(symbol, "limit", "buy", 0.01, 1_000);
    const [order] = await next;
    expect([order?.id, order?.status, order?.price, order?.remaining]).toEqual([
      id as string,
      "open",
      1_000,
      0.01,
    ]);
    await client.cancelOrder(idOf({ id }));
  });
});
