/** The desk's own adapters against this venue: what they make of it is what it is. */
import { afterEach, describe, expect, test } from "bun:test";
import { decimal } from "../../../../machines/domain/decimal.ts";
import type { OrderRequest } from "../../../../machines/domain/order.ts";
import { KeyedDraws } from "../../../market/keyed-draws.ts";
import { CcxtVenue } from "../../ccxt/mod.ts";
import { PublicMarket } from "../../ccxt/public-market.ts";
import {
  coinbaseLiveMarket,
  coinbasePrivateStream,
  type LiveMarketEvent,
} from "../../streams/mod.ts";
import { btc } from "../../streams/model-book.fixture.ts";
import { halfDraw, until } from "../../streams/scripted-server.fixture.ts";
import type { FaultName, Rehearsal, RehearsalOptions } from "../mod.ts";
import { still, symbol } from "./client.fixture.ts";

const seed = "20261121";
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function rehearsal(options: Partial<RehearsalOptions> = {}): Promise<Rehearsal> {
  const venue = await still({ seed, ...options });
  open.push(async () => {
    expect(venue.control.problems).toEqual([]);
    await venue[Symbol.asyncDispose]();
  });
  venue.control.feedPoint(symbol, decimal(60_000));
  return venue;
}

/** A clock that is the venue's: who sleeps lets its time pass. */
const clockOf = ({ control }: Rehearsal) => ({
  now: () => control.now,
  sleep: async (ms: number) => {
    control.advanceBy(ms);
    await Bun.sleep(1);
  },
});

/** Patient unless told: a busy machine is no fault of the venue's. */
function deskAt(rehearsed: Rehearsal, timeoutMs = 10_000): CcxtVenue {
  const { url, apiKey, secret } = rehearsed;
  return new CcxtVenue({
    at: { venue: "coinbase", account: "main" },
    keys: { apiKey, secret },
    symbols: [symbol],
    urls: { rest: url },
    clock: clockOf(rehearsed),
    tier: "unlimited",
    timeoutMs,
  });
}

let ids = 0;

function order(words: Partial<OrderRequest> = {}): OrderRequest {
  ids += 1;
  return {
    ...{ clientOrderId: `nv${ids}`, symbol, side: "buy", type: "limit", timeInForce: "gtc" },
    ...{ quantity: decimal("0.01"), price: decimal(50_000), stopPrice: null },
    ...{ postOnly: false, expiresAt: null },
    ...words,
  };
}

const stop = { side: "sell", type: "stop", price: null, stopPrice: decimal(55_000) } as const;

describe("CcxtVenue", () => {
  test("reads the venue's rules, rights, time and market", async () => {
    const rehearsed = await rehearsal();
    const venue = deskAt(rehearsed);
    expect(await venue.instruments()).toMatchObject({
      value: [{ symbol, tick: "0.1", minNotional: "1", makerFee: "0.006", takerFee: "0.012" }],
    });
    expect(await venue.keyRights()).toMatchObject({
      value: { canTrade: true, canWithdraw: false },
    });
    expect(await venue.serverTime()).toMatchObject({ value: rehearsed.control.now });
    expect(await venue.marketStates()).toMatchObject({ value: [{ symbol, state: "online" }] });
    rehearsed.control.setStatus("limit_only");
    expect(await venue.marketStates()).toMatchObject({ value: [{ symbol, state: "limitOnly" }] });
  });

  test.each<[string, Partial<OrderRequest>, object]>([
    ["rests a limit order", {}, { state: "open", price: "50000", filled: "0" }],
    ["rests a post-only order", { postOnly: true }, { state: "open", price: "50000" }],
    ["fills a market order", { type: "market", price: null }, { state: "filled", filled: "0.01" }],
    ["ends an IOC order", { timeInForce: "ioc" }, { state: "canceled", filled: "0" }],
    [
      "rests a GTD order",
      { timeInForce: "gtd", expiresAt: Date.UTC(2026, 0, 2) },
      { state: "open" },
    ],
    ["rests a stop as a stop-limit", stop, { state: "open", type: "stop", stopPrice: "55000" }],
  ])("%s, and finds it by its client id", async (_, words, wanted) => {
    const rehearsed = await rehearsal();
    const venue = deskAt(rehearsed);
    const request = order(words);
    const placed = await venue.submit(request);
    expect(placed).toMatchObject({ type: "confirmed" });
    const found = await venue.lookUp(request.clientOrderId, symbol);
    expect(found).toMatchObject({
      type: "confirmed",
      value: { orders: [{ clientOrderId: request.clientOrderId, side: request.side, ...wanted }] },
    });
    const { orders, trades } = rehearsed.control.record();
    expect(orders.map(({ orderId }) => orderId)).toEqual([
      placed.type === "confirmed" ? placed.value.venueOrderId : "",
    ]);
    const fills = found.type === "confirmed" ? found.value.fills : [];
    expect(fills.map(({ tradeId, fee }) => [tradeId, fee])).toEqual(
      trades.map(({ tradeId, fee }) => [tradeId, fee]),
    );
  });

  test.each<[string, Partial<OrderRequest>, string]>([
    ["more than there is", { quantity: decimal(10) }, "insufficientFunds"],
    ["too little", { quantity: decimal("0.00001") }, "belowMinimum"],
    ["post-only that takes", { price: decimal(61_000), postOnly: true }, "wouldTakeLiquidity"],
    ["a price off the grid", { price: decimal("50000.01") }, "offGrid"],
    ["an amount off the grid", { quantity: decimal("0.0100000001") }, "offGrid"],
    ["a stop that has been passed", { ...stop, stopPrice: decimal(61_000) }, "other"],
  ])("is refused %s, in words that it knows", async (_, words, code) => {
    const rehearsed = await rehearsal();
    const venue = deskAt(rehearsed);
    expect(await venue.submit(order(words))).toMatchObject({ type: "refused", code });
    expect(await venue.validate(order(words))).toMatchObject({ type: "refused", code });
    expect(rehearsed.control.record().orders).toEqual([]);
  });

  test("is told no where the venue takes no orders", async () => {
    const rehearsed = await rehearsal();
    const venue = deskAt(rehearsed);
    await venue.instruments();
    rehearsed.control.setStatus("cancel_only");
    const refused = { type: "refused", code: "marketClosed" } as const;
    expect(await venue.submit(order())).toMatchObject(refused);
    rehearsed.control.setStatus("maintenance");
    expect(await venue.submit(order())).toMatchObject({ type: "unknown" });
  });

  test("cancels, and learns of a fill that came first", async () => {
    const rehearsed = await rehearsal();
    const venue = deskAt(rehearsed);
    const [first, second] = [order(), order()];
    for (const request of [first, second]) await venue.submit(request);
    const name = ({ clientOrderId }: OrderRequest) => {
      return { venueOrderId: null, clientOrderId, symbol };
    };
    expect(await venue.cancel(name(first))).toMatchObject({ value: { state: "canceled" } });
    expect(await venue.cancel(name(first))).toMatchObject({ type: "refused", code: "alreadyDone" });
    rehearsed.control.orderFault({ name: "fillRacesCancel" });
    expect(await venue.cancel(name(second))).toMatchObject({
      type: "refused",
      code: "alreadyDone",
    });
    expect(await venue.lookUp(second.clientOrderId, symbol)).toMatchObject({
      value: { orders: [{ state: "filled" }], fills: [{ quantity: "0.01" }] },
    });
  });

  test("has the balances of the record, holds included, and all fills since", async () => {
    const rehearsed = await rehearsal();
    const venue = deskAt(rehearsed);
    await venue.submit(order());
    await venue.submit(order({ type: "market", price: null, side: "sell" }));
    const { balances, trades } = rehearsed.control.record();
    const told = await venue.balances();
    const own = told.type === "confirmed" ? told.value : [];
    for (const balance of balances) expect(own).toContainEqual(balance);
    expect(await venue.fillsSince(0)).toMatchObject({
      value: trades.map(({ tradeId }) => ({ tradeId })),
    });
  });

  test("a repeated client id is the order that it names", async () => {
    const rehearsed = await rehearsal();
    const request = order();
    const first = await deskAt(rehearsed).submit(request);
    const again = await deskAt(rehearsed).submit(request);
    expect(again).toMatchObject({
      value: { venueOrderId: first.type === "confirmed" ? first.value.venueOrderId : null },
    });
    expect(rehearsed.control.record().orders).toHaveLength(1);
  });

  /** A submit that such a fault befalls: whether the order is there. */
  const lost: readonly [FaultName, placed: boolean][] = [
    ["dropBeforeAcceptance", false],
    ["acceptThenReset", true],
    ["acceptThenBadGateway", true],
    ["acceptThenEmpty", true],
    ["acceptThenCutJson", true],
    ["acceptThenCutBody", true],
    ["emptyResult", true],
    ["hangInHeaders", true],
    ["hangInBody", true],
    ["tooManyRequests", false],
    ["banned", false],
    ["status500", false],
    ["status503", false],
    ["status520", true],
    ["status523", false],
    ["status524", true],
    ["maintenance", false],
  ];
  test.each(lost)("does not guess what came of an order after %s", async (name, isPlaced) => {
    const rehearsed = await rehearsal();
    // What hangs is waited for this long.
    const venue = name.startsWith("hang") ? deskAt(rehearsed, 400) : deskAt(rehearsed);
    while ((await venue.instruments()).type !== "confirmed") await Bun.sleep(1);
    rehearsed.control.orderFault({ name, on: ["submit"] });
    const request = order();
    expect((await venue.submit(request)).type).toBe("unknown");
    const { clientOrderId } = request;
    expect(await deskAt(rehearsed).lookUp(clientOrderId, symbol)).toMatchObject({
      value: { orders: isPlaced ? [{ clientOrderId, state: "open" }] : [] },
    });
    expect(rehearsed.control.record().orders).toHaveLength(isPlaced ? 1 : 0);
  });

  test("the public market: past candles without a hole that was traded in, and the book", async () => {
    const rehearsed = await rehearsal();
    const market = new PublicMarket({
      venue: "coinbase",
      symbols: [symbol],
      urls: { rest: rehearsed.url },
      clock: clockOf(rehearsed),
    });
    expect(await market.instruments()).toMatchObject({ value: [{ symbol }] });
    const since = rehearsed.control.now - 120 * 60_000;
    const { candles } = await market.candles(symbol, since, 60_000);
    expect(candles.length).toBeGreaterThanOrEqual(100);
    expect(candles.map(({ openedAt }) => openedAt)).toEqual(
      candles.map(({ openedAt }) => openedAt).sort((a, b) => a - b),
    );
    // Three hundred is what it tells in one answer: a desk that is to be warm asks more often.
    const { candles: all, from } = await market.candles(symbol, 0, 60_000);
    expect(from).toBeLessThan(rehearsed.control.now - 1_990 * 60_000);
    expect(all.length).toBeGreaterThan(600);
    expect(all.map(({ openedAt }) => openedAt)).toEqual(
      [...new Set(all.map(({ openedAt }) => openedAt))].sort((a, b) => a - b),
    );
    const { bids, asks } = await market.poll(symbol);
    expect([bids[0]?.ticks, asks[0]?.ticks, bids.length]).toEqual([599_999, 600_001, 25]);
  });
});

const limits = {
  backoffMinMs: 5,
  backoffMaxMs: 20,
  pingAfterMs: 200,
  // Beats come once a second.
  staleAfterMs: 1_500,
  deadAfterMs: 2_000,
  subscribeMs: 1_000,
};

describe("streams", () => {
  const wsOf = ({ url }: Rehearsal, path: string): string => url.replace("http", "ws") + path;

  function privateOf(rehearsed: Rehearsal) {
    const venue = deskAt(rehearsed);
    const stream = coinbasePrivateStream({
      url: wsOf(rehearsed, "/user"),
      draw: halfDraw,
      limits,
      jwt: () => {
        const signed = venue.streamJwt();
        return signed.type === "confirmed" ? signed.value : "";
      },
    });
    open.unshift(() => stream.close());
    stream.start();
    return { stream, venue };
  }

  function marketOf(rehearsed: Rehearsal) {
    const market = coinbaseLiveMarket({
      url: wsOf(rehearsed, "/"),
      draw: halfDraw,
      limits,
      market: { resyncMs: 10, levelsShown: 25 },
      instruments: [btc],
      timeframeMs: 3_600_000,
      candles: async (_symbol, from) => ({ from, until: from, candles: [] }),
      poll: () => Promise.reject(new RangeError("not asked for")),
    });
    const events: LiveMarketEvent[] = [];
    market.onEvent((event) => events.push(event));
    open.unshift(() => market.close());
    market.start();
    return { market, events };
  }

  test("the private stream tells every open order in the end, whatever befalls it", async () => {
    const faults: readonly FaultName[] = [
      "duplicateMessage",
      "reorderMessages",
      "delayMessage",
      "loseMessage",
      "sequenceGap",
      "disconnect",
    ];
    const rehearsed = await rehearsal();
    const { stream, venue } = privateOf(rehearsed);
    let gaps = 0;
    stream.onEvent(({ type }) => {
      if (type === "gap" || type === "down") gaps += 1;
    });
    const told = new Map<string, string>();
    const take = () => {
      for (let next = stream.takeReport(); next; next = stream.takeReport()) {
        if (next.type === "order") told.set(next.order.venueOrderId, next.order.state);
      }
      return told;
    };
    const live = () => stream.status.state === "live";
    await until("a live stream", live);
    const draws = KeyedDraws.of(seed, "coinbase");
    for (let number = 0; number < 40; number += 1) {
      const name = faults[Math.floor(draws.unit(number, 0) * faults.length)] ?? "loseMessage";
      if (draws.unit(number, 1) < 0.3) {
        rehearsed.control.orderFault({ name, on: ["stream"], target: "user", delayMs: 20 });
      }
      await venue.submit(order(number % 2 === 0 ? {} : { type: "market", price: null }));
      take();
      if (number % 5 === 0) await until("a live stream", live);
    }
    rehearsed.control.clearFaults();
    await until("a live stream", live);
    // What was lost at the very end shows with the next message.
    await venue.submit(order());
    await until("a live stream", live);
    const { orders } = rehearsed.control.record();
    const resting = orders.filter(({ state }) => state === "open");
    await until("every open order", () => {
      const states = take();
      return resting.every(({ orderId }) => states.get(orderId) === "open");
    });
    expect(gaps).toBeGreaterThan(0);
  });

  test("the book is the venue's again after lost changes", async () => {
    const rehearsed = await rehearsal();
    const { market, events } = marketOf(rehearsed);
    await until("a live market", () => market.status.state === "live");
    const draws = KeyedDraws.of(seed, "book");
    for (let number = 0; number < 60; number += 1) {
      if (draws.unit(number, 0) < 0.1) {
        const name = draws.unit(number, 1) < 0.5 ? "sequenceGap" : "loseMessage";
        rehearsed.control.orderFault({ name, on: ["stream"], target: "l2_data" });
      }
      const price = 60_000 + Math.floor(draws.unit(number, 2) * 2_000) / 10;
      rehearsed.control.feedPoint(symbol, decimal(price.toFixed(1)));
      if (number % 5 === 0) await Bun.sleep(1);
    }
    rehearsed.control.clearFaults();
    const fresh = marketOf(rehearsed);
    await until("a second, fresh market", () => fresh.market.status.state === "live");
    const last = (told: readonly LiveMarketEvent[]) => {
      const book = told.findLast((event) => event.type === "book")?.book;
      return book && book.bids.length > 0 ? { bids: book.bids, asks: book.asks } : null;
    };
    for (const price of [60_500, 60_499.5, 60_500]) {
      rehearsed.control.feedPoint(symbol, decimal(String(price)));
    }
    await until("the same book on both", () => {
      return last(fresh.events) !== null && Bun.deepEquals(last(events), last(fresh.events));
    });
    expect(market.status.counters.gaps).toBeGreaterThan(0);
    expect(fresh.market.status.counters.gaps).toBe(0);
  });

  test("prints come with the side of the taker, once each", async () => {
    const rehearsed = await rehearsal();
    const { market, events } = marketOf(rehearsed);
    await until("a live market", () => market.status.state === "live");
    rehearsed.control.orderFault({ name: "duplicateMessage", target: "market_trades" });
    rehearsed.control.feedPrint(symbol, decimal(60_010), decimal("0.5"));
    rehearsed.control.feedPrint(symbol, decimal(60_005), decimal("0.25"));
    const prints = () => events.filter((event) => event.type === "print");
    await until("both prints", () => prints().length >= 2);
    expect(prints().map(({ isBuy, print }) => [print.ticks, print.quantity, isBuy])).toEqual([
      [600_100, decimal("0.5"), true],
      [600_050, decimal("0.25"), false],
    ]);
  });
});
