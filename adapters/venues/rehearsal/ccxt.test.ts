import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import ccxt from "ccxt";
import { decimal } from "../../../machines/domain/decimal.ts";
import { ccxtAt, still } from "./client.fixture.ts";
import { type Rehearsal, startRehearsal } from "./mod.ts";

const symbol = "BTC/USD";

function idOf({ id }: { readonly id?: string | undefined }): string {
  if (id === undefined) throw new Error("Cannot go on without the id of an order");
  return id;
}

describe("unmodified ccxt over REST", () => {
  let venue: Rehearsal;
  let client: ReturnType<typeof ccxtAt>;

  beforeAll(async () => {
    venue = await still();
    venue.control.feedPoint(symbol, decimal(60_000));
    client = ccxtAt(venue);
    await client.loadMarkets();
  });
  afterAll(async () => {
    expect(venue.control.problems).toEqual([]);
    await client.close();
    await venue[Symbol.asyncDispose]();
  });

  test("loads markets with their rules", () => {
    const { precision, limits, maker, taker, id } = client.market(symbol);
    expect({ id, precision, maker, taker, cost: limits.cost, amount: limits.amount }).toEqual({
      id: "XXBTZUSD",
      precision: { amount: 1e-8, price: 0.1 } as typeof precision,
      maker: 0.0025,
      taker: 0.004,
      cost: { min: 0.5, max: undefined } as unknown as typeof limits.cost,
      amount: { min: 0.00005, max: undefined } as unknown as typeof limits.amount,
    });
  });

  test("reads time and status", async () => {
    expect(await client.fetchTime()).toBe(venue.control.now);
    expect((await client.fetchStatus()).status).toBe("ok");
  });

  test("reads ticker, tickers, book, trades and candles of one market", async () => {
    const ticker = await client.fetchTicker(symbol);
    const tickers = await client.fetchTickers();
    const book = await client.fetchOrderBook(symbol, 5);
    const trades = await client.fetchTrades(symbol, undefined, 50);
    const candles = await client.fetchOHLCV(symbol, "1m");
    expect([ticker.bid, ticker.ask]).toEqual([59_999.9, 60_000.1]);
    expect(Object.keys(tickers)).toEqual([...venue.symbols]);
    expect([book.bids.length, book.asks.length]).toEqual([5, 5]);
    expect([book.bids[0]?.[0], book.asks[0]?.[0]]).toEqual([59_999.9, 60_000.1]);
    expect(trades).toHaveLength(50);
    expect(ticker.last).toBe(trades.at(-1)?.price);
    expect(candles.length).toBeGreaterThanOrEqual(100);
    expect(candles.at(-1)?.[4]).toBe(ticker.last);
  });

  test("reads balances", async () => {
    const { total, free } = (await client.fetchBalance()) as unknown as Record<string, unknown>;
    expect(total).toEqual({ USD: 100_000, BTC: 1 });
    expect(free).toEqual({ USD: 100_000, BTC: 1 });
  });

  test("reads fees and ledger", async () => {
    const { maker, taker } = await client.fetchTradingFee(symbol);
    expect([maker, taker]).toEqual([0.0025, 0.004]);
    venue.control.transfer("USD", decimal(5));
    const [entry] = await client.fetchLedger("USD");
    expect([entry?.type, entry?.amount, entry?.after]).toEqual(["transaction", 5, 100_005]);
    venue.control.transfer("USD", decimal(-5));
  });

  test("fills a market order at the touch, and finds it closed with its trade", async () => {
    const id = idOf(await client.createOrder(symbol, "market", "buy", 0.01));
    const order = await client.fetchOrder(id);
    const trades = await client.fetchMyTrades(symbol);
    const { status, filled, average, side, type } = order;
    expect({ status, filled, average, side, type }).toEqual({
      status: "closed",
      filled: 0.01,
      average: 60_000.1,
      side: "buy",
      type: "market",
    });
    expect(trades.map((each) => [each.order, each.amount, each.price, each.fee?.cost])).toEqual([
      [id, 0.01, 60_000.1, 2.400004],
    ]);
    expect((await client.fetchClosedOrders(symbol)).map((each) => each.id)).toContain(id);
  });

  test("rests a limit order, amends it in place and cancels it", async () => {
    const clientOrderId = "limit-amended";
    const params = { clientOrderId };
    const id = idOf(await client.createOrder(symbol, "limit", "buy", 0.01, 50_000, params));
    await client.editOrder(id, symbol, "limit", "buy", 0.02, 51_000);
    const [open] = await client.fetchOpenOrders(symbol, undefined, undefined, { clientOrderId });
    expect([open?.id, open?.clientOrderId, open?.price, open?.amount, open?.status]).toEqual([
      id,
      clientOrderId,
      51_000,
      0.02,
      "open",
    ]);
    await client.cancelOrder(id, symbol);
    expect(await client.fetchOpenOrders(symbol)).toEqual([]);
    expect((await client.fetchOrder(id)).status).toBe("canceled");
    await expect(client.cancelOrder(id, symbol)).rejects.toThrow(ccxt.OrderNotFound);
  });

  test("refuses a post-only order that would take, and takes one that rests", async () => {
    const postOnly = { postOnly: true };
    await expect(
      client.createOrder(symbol, "limit", "buy", 0.01, 61_000, postOnly),
    ).rejects.toThrow("EOrder:Post only order");
    const id = idOf(await client.createOrder(symbol, "limit", "buy", 0.01, 59_000, postOnly));
    expect((await client.fetchOrder(id)).postOnly).toBe(true);
    await client.cancelOrder(id);
  });

  test("ends what an IOC order cannot take at once", async () => {
    const ioc = { timeInForce: "IOC" };
    const id = idOf(await client.createOrder(symbol, "limit", "buy", 0.01, 50_000, ioc));
    expect((await client.fetchOrder(id)).status).toBe("expired");
  });

  test("ends a GTD order at its time", async () => {
    const gtd = { timeInForce: "GTD", expiretm: "+60" };
    const id = idOf(await client.createOrder(symbol, "limit", "buy", 0.01, 50_000, gtd));
    venue.control.advanceBy(59_000);
    expect((await client.fetchOrder(id)).status).toBe("open");
    venue.control.advanceBy(1_000);
    expect((await client.fetchOrder(id)).status).toBe("expired");
  });

  test.each([
    ["market", undefined, "stop-loss"],
    ["limit", 54_000, "stop-loss-limit"],
  ])("fills a stop-loss %s when the price falls to it", async (type, price, ordertype) => {
    const stop = { stopLossPrice: 55_000 };
    const id = idOf(await client.createOrder(symbol, type, "sell", 0.01, price, stop));
    const resting = await client.fetchOrder(id);
    expect([resting.status, resting.stopLossPrice, resting.info.descr.ordertype]).toEqual([
      "open",
      55_000,
      ordertype,
    ]);
    venue.control.feedPoint(symbol, decimal(54_500));
    expect((await client.fetchOrder(id)).status).toBe("closed");
    venue.control.feedPoint(symbol, decimal(60_000), true);
  });

  test("validates an order without placing it", async () => {
    const before = venue.control.record().orders.length;
    const validate = { validate: true };
    const tried = await client.createOrder(symbol, "market", "buy", 0.01, undefined, validate);
    expect(tried.id).toBeUndefined();
    await expect(
      client.createOrder(symbol, "market", "buy", 100, undefined, validate),
    ).rejects.toThrow(ccxt.InsufficientFunds);
    expect(venue.control.record().orders).toHaveLength(before);
  });

  test.each([
    ["less than the minimum", 0.00001, 50_000, ccxt.InvalidOrder, "EOrder:Order minimum not met"],
    ["less than the least cost", 0.00006, 5_000, ccxt.ExchangeError, "EOrder:Cost minimum not met"],
    ["more than there is", 10, 50_000, ccxt.InsufficientFunds, "EOrder:Insufficient funds"],
  ])("refuses %s", async (_, quantity, price, kind, text) => {
    const placed = client.createOrder(symbol, "limit", "buy", quantity, price);
    await expect(placed).rejects.toThrow(kind);
    await expect(placed).rejects.toThrow(text);
  });

  test("refuses a client id of an open order, and takes it again after its end", async () => {
    const again = { clientOrderId: "11111111-2222-3333-4444-555555555555" };
    const place = () => client.createOrder(symbol, "limit", "buy", 0.01, 50_000, again);
    const first = await place();
    await expect(place()).rejects.toThrow("EOrder:Duplicate cl_ord_id");
    await client.cancelOrder(idOf(first));
    const second = await place();
    expect(second.id).not.toBe(first.id);
    await client.cancelOrder(idOf(second));
  });

  test("cancels all, and all after a time unless it is called off", async () => {
    const place = () => client.createOrder(symbol, "limit", "buy", 0.01, 50_000);
    await place();
    await client.cancelAllOrders();
    expect(await client.fetchOpenOrders()).toEqual([]);
    await place();
    await client.cancelAllOrdersAfter(60_000);
    await client.cancelAllOrdersAfter(0);
    venue.control.advanceBy(61_000);
    expect(await client.fetchOpenOrders()).toHaveLength(1);
    await client.cancelAllOrdersAfter(60_000);
    venue.control.advanceBy(60_000);
    expect(await client.fetchOpenOrders()).toEqual([]);
  });
});

describe("unmodified ccxt over streams", () => {
  let venue: Rehearsal;
  let client: ReturnType<typeof ccxtAt>;

  beforeAll(async () => {
    venue = await startRehearsal({ venue: "kraken", seed: "streams", speed: 20 });
    client = ccxtAt(venue);
    await client.loadMarkets();
  });
  afterAll(async () => {
    expect(venue.control.problems).toEqual([]);
    await client.close();
    await venue[Symbol.asyncDispose]();
  });

  test("watches ticker, trades, book and candles", async () => {
    const ticker = await client.watchTicker(symbol);
    expect(ticker.bid).toBeLessThan(ticker.ask ?? 0);
    const [trade] = await client.watchTrades(symbol);
    expect(trade?.symbol).toBe(symbol);
    for (let update = 0; update < 5; update += 1) {
      const { bids, asks } = await client.watchOrderBook(symbol);
      expect([bids.length, asks.length]).toEqual([10, 10]);
      expect(bids[0]?.[0]).toBeLessThan(asks[0]?.[0] ?? 0);
    }
    const candles = await client.watchOHLCV(symbol, "1m");
    expect(candles.length).toBeGreaterThanOrEqual(100);
  });

  test("watches balances, orders and own trades", async () => {
    const balance = (await client.watchBalance()) as unknown as Record<string, unknown>;
    expect(balance.total).toEqual({ USD: 100_000, BTC: 1 });
    const limit = client.createOrder(symbol, "limit", "buy", 0.01, 1_000, { clientOrderId: "w" });
    const [order] = await client.watchOrders();
    expect([order?.id, order?.status, order?.price]).toEqual([(await limit).id, "open", 1_000]);
    const own = client.watchMyTrades();
    const id = idOf(await client.createOrder(symbol, "market", "buy", 0.02));
    const trade = (await own).at(-1);
    expect([trade?.order, trade?.amount, trade?.takerOrMaker]).toEqual([id, 0.02, "taker"]);
  });

  test("places and cancels over the stream", async () => {
    const id = idOf(await client.createOrderWs(symbol, "limit", "buy", 0.01, 2_000));
    expect((await client.fetchOpenOrders()).map((each) => each.id)).toContain(id);
    await client.cancelOrderWs(id);
    expect((await client.fetchOrder(id)).status).toBe("canceled");
  });
});
