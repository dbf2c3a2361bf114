import { afterEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decimal } from "../../../machines/domain/decimal.ts";
import { type KrakenMarketOptions, krakenLiveMarket } from "./kraken-market.ts";
import { liveMarket, type MarketStand, marketStand } from "./market-stand.fixture.ts";
import { anyChange, ask, bid, bookOf, btc, eth, type ModelBook } from "./model-book.fixture.ts";
import { type Peer, type Script, until } from "./scripted-server.fixture.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** Confirms a subscription for each of its symbols, as the venue does. */
function confirm(peer: Peer, message: Record<string, unknown>): void {
  if (message.method !== "subscribe") return;
  const { channel, symbol } = message.params as { channel: string; symbol: string[] };
  for (const each of symbol) {
    const result = { channel, symbol: each, snapshot: true };
    peer.send(
      JSON.stringify({ method: "subscribe", result, success: true, req_id: message.req_id }),
    );
  }
}

function stand(script: Script = {}, options: Partial<KrakenMarketOptions> = {}): MarketStand {
  const whole = { received: confirm, ...script };
  return marketStand(open, krakenLiveMarket, whole, { depth: 10, ...options });
}

const small = () => bookOf(10, bid(1000, 150_000_000), bid(999, 20_000_000), ask(1001, 50_000_000));
const lastBook = ({ of }: MarketStand) => of("book").at(-1)?.book;

function trades(type: "snapshot" | "update", ...ids: number[]): string {
  const data = ids.map(
    (id) =>
      `{"symbol":"BTC/USD","side":"sell","price":100.${id % 10},"qty":0.50000000,"trade_id":${id},` +
      `"timestamp":"2026-05-05T10:00:00.123456Z"}`,
  );
  return `{"channel":"trade","type":"${type}","data":[${data.join(",")}]}`;
}

describe("Kraken's market data", () => {
  test("subscribes to books, trades and touches of every symbol", async () => {
    const { server } = await liveMarket(stand({}, { instruments: [btc, eth] }));
    const symbol = ["BTC/USD", "ETH/USD"];
    expect(server.messages).toEqual([
      {
        method: "subscribe",
        params: { channel: "book", symbol, snapshot: true, depth: 10 },
        req_id: 1,
      },
      { method: "subscribe", params: { channel: "trade", symbol, snapshot: true }, req_id: 2 },
      {
        method: "subscribe",
        params: { channel: "ticker", symbol, snapshot: true, event_trigger: "bbo" },
        req_id: 3,
      },
    ]);
  });

  test("tells a book in whole ticks and exact quantities", async () => {
    const all = await liveMarket(stand());
    all.server.send(small().snapshot());
    await until("the book", () => all.of("book").length === 1);
    const [{ book, symbol, isPolled } = { book: null }] = all.of("book");
    expect({ symbol, isPolled, bids: book?.bids, asks: book?.asks }).toEqual({
      symbol: "BTC/USD",
      isPolled: false,
      bids: [
        { ticks: 1000, quantity: decimal("1.5") },
        { ticks: 999, quantity: decimal("0.2") },
      ],
      asks: [{ ticks: 1001, quantity: decimal("0.5") }],
    });
  });

  const messages = fc.array(fc.array(anyChange, { minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 60,
    size: "max",
  });

  test("keeps the book that a plain model keeps, checksum for checksum", async () => {
    await fc.assert(
      fc.asyncProperty(messages, async (updates) => {
        const model = bookOf(10, bid(999, 10), ask(1001, 10));
        const all = await liveMarket(stand({}, { market: { levelsShown: 10 } }));
        const wanted: ReturnType<ModelBook["levels"]>[] = [];
        const note = () => wanted.push(model.levels("bids"), model.levels("asks"));
        all.server.send(model.snapshot());
        note();
        model.difference();
        for (const update of updates) {
          for (const each of update) if (model.allows(each)) model.change(each);
          all.server.send(model.message("update", model.difference()));
          note();
        }
        await until("all books", () => all.of("book").length === wanted.length / 2);
        expect(all.of("book").flatMap(({ book }) => [book.bids, book.asks])).toEqual(wanted);
        expect(all.troubles()).toEqual([]);
        all.market.close();
        await all.server.stop();
      }),
      { seed: 20_261_121, numRuns: 25 },
    );
  });

  test("believes a sender that leaves out the zeros at the end", async () => {
    const all = await liveMarket(stand());
    const text = small()
      .snapshot()
      .replaceAll(/(\.\d*?)0+(?=[,}])/g, "$1")
      .replaceAll(/\.(?=[,}])/g, "");
    expect(text).toContain('"price":100,"qty":1.5');
    all.server.send(text);
    await until("the book", () => all.of("book").length === 1);
    expect(lastBook(all)?.bids).toHaveLength(2);
  });

  test("drops a book whose checksum is wrong, and begins that symbol anew", async () => {
    const model = small();
    const all = await liveMarket(stand({}, { instruments: [btc, eth] }));
    all.server.send(model.snapshot());
    const wrong = model.message("update", [bid(998, 5)]);
    all.server.send(wrong, model.message("update", [bid(997, 5)]));
    await until("another subscription", () => all.server.messages.length === 5);
    expect(lastBook(all)).toMatchObject({ bids: [], asks: [] });
    expect(all.server.messages.slice(3)).toMatchObject([
      { method: "unsubscribe", params: { channel: "book", symbol: ["BTC/USD"], depth: 10 } },
      { method: "subscribe", params: { channel: "book", symbol: ["BTC/USD"], snapshot: true } },
    ]);
    expect(all.troubles()).toHaveLength(1);
    expect(all.troubles()[0]).toMatch(
      /^Cannot trust book of BTC\/USD: its checksum is \d+, wanted \d+$/,
    );
    // The old subscription may still speak: only a snapshot is believed.
    all.server.send(model.message("update", [bid(996, 5)]), model.snapshot());
    await until("the new book", () => all.of("book").length === 3);
    expect(lastBook(all)?.bids).toEqual(model.levels("bids"));
    expect(all.market.status).toMatchObject({
      state: "live",
      counters: { gaps: 1, reconnects: 0 },
    });
    expect(all.of("health").map(({ channel, isFresh }) => [channel, isFresh])).toEqual([
      ["book", true],
      ["book", false],
      ["book", true],
    ]);
  });

  test("waits between tries where a book is wrong again and again", async () => {
    const all = await liveMarket(stand({}, { market: { resyncMs: 30 } }));
    const wrong = small()
      .snapshot()
      .replace(/"checksum":\d+/, '"checksum":1');
    all.server.send(wrong);
    await until("a first try", () => all.server.messages.length === 5);
    all.server.send(wrong, wrong, wrong);
    await until("four losses", () => all.market.status.counters.gaps === 4);
    expect(all.server.messages).toHaveLength(5);
    await until("a second try", () => all.server.messages.length === 7);
  });

  test("takes a crossed book for a lost one", async () => {
    const all = await liveMarket(stand());
    all.server.send(bookOf(10, bid(1002, 1), ask(1001, 1)).snapshot());
    await until("the trouble", () => all.troubles().length > 0);
    expect(all.troubles()[0]).toContain("its best bid is not below its best ask");
  });

  test("a price between two ticks costs that symbol's book, not the others'", async () => {
    const all = await liveMarket(stand({}, { instruments: [btc, eth] }));
    all.server.send(small().snapshot().replace("100.0", "100.05"), small().snapshot("ETH/USD"));
    await until("the other book", () => all.of("book").some(({ symbol }) => symbol === "ETH/USD"));
    expect(all.market.status).toMatchObject({ state: "live", counters: { malformed: 1, gaps: 1 } });
    expect(all.troubles()[0]).toContain('has price "100.05", wanted a multiple of 0.1');
  });

  test("tells prints once, with the side of the taker", async () => {
    const all = await liveMarket(stand());
    all.server.send(trades("snapshot", 1, 2), trades("update", 3, 4), trades("update", 4, 5));
    await until("all prints", () => all.of("print").length === 3);
    expect(
      all.of("print").map(({ print: { at: _, ...print }, isBuy }) => ({ ...print, isBuy })),
    ).toEqual(
      [1003, 1004, 1005].map((ticks) => ({ ticks, quantity: decimal("0.5"), isBuy: false })),
    );
    expect(all.market.status.counters.dropped).toBe(1);
  });

  test("notices a print that was left out", async () => {
    const all = await liveMarket(stand());
    all.server.send(trades("update", 3), trades("update", 5));
    await until("both prints", () => all.of("print").length === 2);
    expect(all.troubles()).toEqual(["Cannot trust print of BTC/USD: print 5 came, wanted 4"]);
  });

  test("tells quotes", async () => {
    const all = await liveMarket(stand());
    all.server.send(
      '{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":100.10,"bid_qty":2.50000000,' +
        '"ask":100.20,"ask_qty":1e-8,"last":100.1}]}',
    );
    await until("the quote", () => all.of("quote").length === 1);
    expect(all.of("quote")[0]).toMatchObject({
      bid: { ticks: 1001, quantity: "2.5" },
      ask: { ticks: 1002, quantity: "0.00000001" },
    });
  });

  test("a symbol that the venue refuses does not stop the others", async () => {
    const refuse: Script["received"] = (peer, message) => {
      const { symbol, channel } = message.params as { symbol: string[]; channel: string };
      const error = "Currency pair not supported ETH/USD";
      const refusal = { error, method: "subscribe", success: false, symbol: "ETH/USD" };
      peer.send(JSON.stringify({ ...refusal, req_id: message.req_id }));
      const params = { symbol: symbol.filter((each) => each !== "ETH/USD"), channel };
      confirm(peer, { ...message, params });
    };
    const all = await liveMarket(stand({ received: refuse }, { instruments: [btc, eth] }));
    expect(all.troubles()).toEqual(
      ["book", "print", "quote"].map(
        (channel) =>
          `Cannot subscribe to ${channel} of ETH/USD: "Currency pair not supported ETH/USD"`,
      ),
    );
  });

  test("refused in everything, it is down and tries again", async () => {
    const refusal = '{"method":"subscribe","success":false,"error":"EService:Unavailable"}';
    const all = stand({
      received: (peer, message, number) => {
        if (number === 1) peer.send(refusal);
        else confirm(peer, message);
      },
    });
    await liveMarket(all);
    expect(all.market.status.cause).toBe('subscription refused: "EService:Unavailable"');
  });

  test("on a drop every book is unknown, and no channel fresh, until they come again", async () => {
    const all = await liveMarket(stand());
    all.server.send(small().snapshot(), trades("snapshot", 1));
    await until("both channels", () => all.of("health").length === 2);
    all.server.peer?.close(1012);
    await until("the next connection", () => all.server.connections === 2);
    expect(lastBook(all)).toMatchObject({ bids: [], asks: [] });
    expect(all.of("health").map(({ channel, isFresh }) => [channel, isFresh])).toEqual([
      ["book", true],
      ["print", true],
      ["book", false],
      ["print", false],
    ]);
  });

  test("prints made while it was away come with the next snapshot", async () => {
    const all = await liveMarket(stand());
    all.server.send(trades("snapshot", 1, 2), trades("update", 3));
    await until("the print", () => all.of("print").length === 1);
    all.server.peer?.close(1012);
    await until("the next connection", () => all.server.connections === 2);
    await liveMarket(all);
    all.server.send(trades("snapshot", 2, 3, 4, 5), trades("update", 6));
    await until("all prints", () => all.of("print").length === 4);
    expect(all.of("print").map(({ print }) => print.ticks)).toEqual([1003, 1004, 1005, 1006]);
    expect(all.troubles()).toEqual([]);
  });

  test("a book that falls silent is stale, and is subscribed anew", async () => {
    const staleAfterMs = { book: 20, print: null, quote: null };
    const all = await liveMarket(stand({}, { market: { staleAfterMs, beatMs: 5 } }));
    all.server.send(small().snapshot());
    await until("a stale book", () => all.of("health").at(-1)?.isFresh === false);
    await until("another subscription", () => all.server.messages.length >= 5);
    expect(all.server.messages[3]).toMatchObject({ method: "unsubscribe" });
  });

  test("says what the venue says of itself", async () => {
    const all = await liveMarket(stand());
    all.server.send('{"channel":"status","type":"update","data":[{"system":"maintenance"}]}');
    await until("the trouble", () => all.troubles().length > 0);
    expect(all.troubles()).toEqual(['Kraken says that it is "maintenance"']);
  });

  test("polls by REST while the streams stay down, and no longer", async () => {
    let polls = 0;
    const all = stand(
      { received: (peer, message, number) => number > 1 && confirm(peer, message) },
      {
        limits: { subscribeMs: 150 },
        market: { pollAfterMs: 10, pollEveryMs: 5, beatMs: 5 },
        poll: async () => {
          polls += 1;
          if (polls === 1) throw new RangeError("HTTP 503");
          const quantity = decimal("1");
          return { bids: [{ ticks: 1000, quantity }], asks: [{ ticks: 1001, quantity }] };
        },
      },
    );
    await until("polled quotes", () => all.of("quote").length >= 2);
    expect(all.of("quote").every(({ isPolled }) => isPolled)).toBe(true);
    expect(all.troubles()).toEqual(["Cannot poll market of BTC/USD: HTTP 503"]);
    await liveMarket(all);
    const before = polls;
    all.server.send(small().snapshot());
    await until("the stream's book", () => lastBook(all)?.bids.length === 2);
    expect(polls).toBe(before);
  });
});
