import { afterEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type CoinbaseMarketOptions, coinbaseLiveMarket } from "./coinbase-market.ts";
import { CoinbaseDesk } from "./coinbase-wire.fixture.ts";
import { liveMarket, type MarketStand, marketStand } from "./market-stand.fixture.ts";
import { anyChange, ask, bid, btc, type Change, eth, ModelBook } from "./model-book.fixture.ts";
import { type Script, until } from "./scripted-server.fixture.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

interface CoinbaseStand extends MarketStand {
  readonly send: (channel: string, ...events: unknown[]) => void;
  readonly skip: () => void;
}

function stand(script: Script = {}, options: Partial<CoinbaseMarketOptions> = {}): CoinbaseStand {
  const desk = new CoinbaseDesk();
  const whole = { received: desk.confirm.bind(desk), ...script };
  const all = marketStand(open, coinbaseLiveMarket, whole, options);
  const counter = () => (all.server.peer ? desk.counter(all.server.peer) : null);
  return {
    ...all,
    send: (channel, ...events) => all.server.send(counter()?.message(channel, ...events)),
    skip: () => counter()?.skip(1),
  };
}

async function live(all: CoinbaseStand): Promise<CoinbaseStand> {
  await liveMarket(all);
  return all;
}

function level2(type: "snapshot" | "update", changes: readonly Change[], product_id = "BTC-USD") {
  const updates = changes.map(({ side, ticks, units }) => ({
    side: side === "bids" ? "bid" : "offer",
    event_time: "2026-04-07T14:30:00.123456Z",
    price_level: (ticks / 10).toFixed(2),
    new_quantity: (units / 1e8).toFixed(8),
  }));
  return { type, product_id, updates };
}

const trade = (trade_id: string, side: string, product_id = "BTC-USD") => ({
  trade_id,
  product_id,
  price: "100.50",
  size: "0.00150000",
  side,
  time: "2026-04-07T14:30:02.789012Z",
});

describe("Coinbase's market data", () => {
  test("subscribes to four channels, unsigned where there is no key", async () => {
    const { server } = await live(stand({}, { instruments: [btc, eth] }));
    const product_ids = ["BTC-USD", "ETH-USD"];
    expect(server.messages).toEqual([
      { type: "subscribe", channel: "heartbeats" },
      { type: "subscribe", channel: "level2", product_ids },
      { type: "subscribe", channel: "market_trades", product_ids },
      { type: "subscribe", channel: "ticker", product_ids },
    ]);
  });

  test("keeps the book that a plain model keeps", async () => {
    const messages = fc.array(fc.array(anyChange, { minLength: 1, maxLength: 6 }), {
      maxLength: 60,
      size: "max",
    });
    await fc.assert(
      fc.asyncProperty(messages, async (updates) => {
        const model = new ModelBook(1_000);
        const all = await live(stand({}, { market: { levelsShown: 1_000 } }));
        const first = [bid(999, 10), ask(1001, 10)];
        for (const each of first) model.change(each);
        all.send("l2_data", level2("snapshot", first));
        const wanted = [model.levels("bids"), model.levels("asks")];
        for (const update of updates) {
          const allowed = update.filter((each) => {
            const isAllowed = model.allows(each);
            if (isAllowed) model.change(each);
            return isAllowed;
          });
          all.send("l2_data", level2("update", allowed));
          wanted.push(model.levels("bids"), model.levels("asks"));
        }
        await until("all books", () => all.of("book").length === wanted.length / 2);
        expect(all.of("book").flatMap(({ book }) => [book.bids, book.asks])).toEqual(wanted);
        all.market.close();
        await all.server.stop();
      }),
      { seed: 20_261_121, numRuns: 20 },
    );
  });

  test("a hole in the numbers begins everything anew on another connection", async () => {
    const all = await live(stand());
    all.send("l2_data", level2("snapshot", [bid(999, 10), ask(1001, 10)]));
    await until("the book", () => all.of("book").length === 1);
    all.skip();
    all.send("l2_data", level2("update", [bid(998, 10)]));
    await until("another connection", () => all.server.connections === 2);
    expect(all.of("book").at(-1)?.book).toMatchObject({ bids: [], asks: [] });
    expect(all.troubles()).toEqual(["l2_data came with sequence 6, wanted 5"]);
    expect(all.market.status.counters).toMatchObject({ gaps: 1 });
  });

  test("takes a crossed book for a lost one, and begins that symbol anew", async () => {
    const all = await live(stand());
    all.send("l2_data", level2("snapshot", [bid(1002, 10), ask(1001, 10)]));
    await until("another subscription", () => all.server.messages.length === 6);
    expect(all.server.messages.slice(4)).toEqual([
      { type: "unsubscribe", channel: "level2", product_ids: ["BTC-USD"] },
      { type: "subscribe", channel: "level2", product_ids: ["BTC-USD"] },
    ]);
  });

  test("a price between two ticks costs that symbol's book, not the others'", async () => {
    const all = await live(stand({}, { instruments: [btc, eth] }));
    const odd = { ...level2("snapshot", [bid(999, 10)]) };
    odd.updates = odd.updates.map((update) => ({ ...update, price_level: "99.95" }));
    all.send("l2_data", odd, level2("snapshot", [bid(999, 10)], "ETH-USD"));
    await until("the other book", () => all.of("book").some(({ symbol }) => symbol === "ETH/USD"));
    expect(all.troubles()[0]).toContain('has price "99.95", wanted a multiple of 0.1');
    expect(all.market.status.state).toBe("live");
  });

  test("tells prints oldest first and once, with the side of the taker", async () => {
    const all = await live(stand());
    all.send("market_trades", { type: "snapshot", trades: [trade("8", "BUY"), trade("7", "BUY")] });
    all.send("market_trades", {
      type: "update",
      trades: [trade("10", "SELL"), trade("9", "BUY"), trade("8", "BUY")],
    });
    await until("the prints", () => all.of("print").length === 2);
    // The venue tells the maker's side.
    expect(all.of("print").map(({ isBuy }) => isBuy)).toEqual([false, true]);
    expect(all.of("print")[0]?.print).toMatchObject({ ticks: 1005, quantity: "0.0015" });
    expect(all.market.status.counters.dropped).toBe(1);
  });

  test("tells quotes, and passes over empty ones", async () => {
    const all = await live(stand());
    const empty = { type: "ticker", product_id: "", price: "" };
    const best = {
      product_id: "BTC-USD",
      best_bid: "100.00",
      best_bid_quantity: "1.50000000",
      best_ask: "100.10",
      best_ask_quantity: "0.5",
    };
    all.send("ticker", { type: "snapshot", tickers: [empty, best] });
    await until("the quote", () => all.of("quote").length === 1);
    expect(all.of("quote")[0]).toMatchObject({
      bid: { ticks: 1000, quantity: "1.5" },
      ask: { ticks: 1001, quantity: "0.5" },
    });
    expect(all.troubles()).toEqual([]);
  });

  test("serves a market in USDC from the one in USD, under whose name it comes", async () => {
    const usdc = { ...btc, symbol: "BTC/USDC", quote: "USDC" };
    const all = await live(stand({}, { instruments: [usdc] }));
    all.send("market_trades", { type: "update", trades: [trade("1", "BUY")] });
    await until("the print", () => all.of("print").length === 1);
    expect(all.of("print")[0]?.symbol).toBe("BTC/USDC");
  });

  test("is down where the venue refuses, and says why", async () => {
    const desk = new CoinbaseDesk();
    const all = stand({
      received: (peer, message, number) => {
        if (number > 1) desk.confirm(peer, message);
        else peer.send('{"type":"error","message":"ProductID X-USD is invalid"}');
      },
    });
    await until("a cause", () =>
      all.of("connection").some(({ status }) => status.state === "down"),
    );
    const down = all.of("connection").find(({ status }) => status.state === "down");
    expect(down?.status.cause).toBe('subscription refused: "ProductID X-USD is invalid"');
  });
});
