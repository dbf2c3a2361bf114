import { afterEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type BinanceDepth,
  type BinanceMarketOptions,
  binanceLiveMarket,
} from "./binance-market.ts";
import { liveMarket, type MarketStand, marketStand } from "./market-stand.fixture.ts";
import { anyChange, ask, bid, type Change, ModelBook } from "./model-book.fixture.ts";
import { type Peer, type Script, until } from "./scripted-server.fixture.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

function confirm(peer: Peer, message: Record<string, unknown>): void {
  const result = message.method === "LIST_SUBSCRIPTIONS" ? ["btcusd@trade"] : null;
  peer.send(JSON.stringify({ result, id: message.id }));
}

interface BinanceStand extends MarketStand {
  /** Snapshots asked for and not yet answered, oldest first. */
  readonly asked: {
    readonly answer: (depth: BinanceDepth) => void;
    readonly fail: (why: Error) => void;
  }[];
  readonly depth: (firstId: number, lastId: number, changes?: readonly Change[]) => void;
}

const pairs = (changes: readonly Change[], side: "bids" | "asks") =>
  changes
    .filter((change) => change.side === side)
    .map(({ ticks, units }) => [(ticks / 10).toFixed(8), (units / 1e8).toFixed(8)] as const);

const snapshot = (lastUpdateId: number, ...changes: Change[]): BinanceDepth => ({
  lastUpdateId,
  bids: pairs(changes, "bids"),
  asks: pairs(changes, "asks"),
});

function stand(script: Script = {}, options: Partial<BinanceMarketOptions> = {}): BinanceStand {
  const asked: BinanceStand["asked"] = [];
  const depthOf = () =>
    new Promise<BinanceDepth>((answer, fail) => {
      asked.push({ answer, fail });
    });
  const whole = { received: confirm, ...script };
  const all = marketStand(open, binanceLiveMarket, whole, {
    depth: depthOf,
    ...options,
    market: { resyncMs: 5, ...options.market },
  });
  const depth: BinanceStand["depth"] = (firstId, lastId, changes = []) =>
    all.server.send(
      streamed("depth@100ms", {
        e: "depthUpdate",
        E: Date.now(),
        U: firstId,
        u: lastId,
        b: pairs(changes, "bids"),
        a: pairs(changes, "asks"),
      }),
    );
  return { ...all, asked, depth };
}

function streamed(name: string, data: Record<string, unknown>): string {
  return JSON.stringify({ stream: `btcusd@${name}`, data: { s: "BTCUSD", ...data } });
}

const trade = (t: number, m = false) =>
  streamed("trade", { e: "trade", E: Date.now(), t, p: "100.50000000", q: "0.5", m });

async function live(all: BinanceStand): Promise<BinanceStand> {
  await liveMarket(all);
  await until("a snapshot to be asked for", () => all.asked.length > 0);
  return all;
}

const first = [bid(999, 10), ask(1001, 10)];
const bidsOf = ({ of }: MarketStand) =>
  of("book")
    .at(-1)
    ?.book.bids.map(({ ticks }) => ticks);

describe("Binance.US's market data", () => {
  test("subscribes on one connection, and is live once that is confirmed", async () => {
    const { server } = await live(stand());
    expect(server.messages).toEqual([
      {
        method: "SUBSCRIBE",
        params: ["btcusd@depth@100ms", "btcusd@trade", "btcusd@bookTicker"],
        id: 1,
      },
    ]);
  });

  test("joins the changes that came meanwhile to the snapshot", async () => {
    const all = await live(stand());
    all.depth(8, 10, [bid(998, 1)]);
    all.depth(11, 12, [bid(997, 1)]);
    all.depth(13, 15, [bid(996, 1)]);
    all.server.send(trade(1));
    await until("all messages", () => all.of("print").length === 1);
    expect(all.of("book")).toEqual([]);
    all.asked.shift()?.answer(snapshot(11, ...first));
    await until("the book", () => all.of("book").length === 1);
    // What the snapshot has already, 8 to 10, is not applied again; 11 to 12 reaches beyond it.
    expect(bidsOf(all)).toEqual([999, 997, 996]);
    all.depth(16, 16, [bid(999, 0)]);
    await until("the next book", () => all.of("book").length === 2);
    expect(bidsOf(all)).toEqual([997, 996]);
  });

  test("asks again where the snapshot is older than the changes", async () => {
    const all = await live(stand());
    all.depth(20, 21);
    all.server.send(trade(1));
    await until("the change", () => all.of("print").length === 1);
    all.asked.shift()?.answer(snapshot(11, ...first));
    await until("another question", () => all.asked.length === 1);
    expect(all.troubles()).toEqual([
      "Cannot trust book of BTC/USD: it has snapshot 11, wanted 19 or newer",
    ]);
    all.asked.shift()?.answer(snapshot(30, ...first));
    await until("the book", () => bidsOf(all)?.length === 1);
  });

  test("a break in the chain loses the book until it is joined anew", async () => {
    const all = await live(stand());
    all.asked.shift()?.answer(snapshot(10, ...first));
    await until("the book", () => all.of("book").length === 1);
    all.depth(13, 14, [bid(998, 1)]);
    await until("another question", () => all.asked.length === 1);
    expect(bidsOf(all)).toEqual([]);
    expect(all.troubles()).toEqual(["Cannot trust book of BTC/USD: change 13 came, wanted 11"]);
    all.asked.shift()?.answer(snapshot(12, ...first));
    await until("the book", () => bidsOf(all)?.length === 2);
    expect(all.market.status.counters).toMatchObject({ gaps: 1, reconnects: 0 });
  });

  test("changes that came before are passed over", async () => {
    const all = await live(stand());
    all.asked.shift()?.answer(snapshot(10, ...first));
    await until("the book", () => all.of("book").length === 1);
    all.depth(5, 9, [bid(998, 1)]);
    all.depth(11, 11, [bid(997, 1)]);
    await until("the next book", () => all.of("book").length === 2);
    expect(bidsOf(all)).toEqual([999, 997]);
  });

  test("a snapshot that cannot be had is told, and asked for again", async () => {
    const all = await live(stand());
    all.asked.shift()?.fail(new RangeError("HTTP 429"));
    await until("another question", () => all.asked.length === 1);
    expect(all.troubles()).toEqual([
      "Cannot trust book of BTC/USD: Cannot read its snapshot: HTTP 429",
    ]);
  });

  test("a snapshot asked for on a connection that is gone is not joined", async () => {
    const all = await live(stand());
    all.server.peer?.close(1012);
    await until("another connection", () => all.server.connections === 2);
    await liveMarket(all);
    all.asked.shift()?.answer(snapshot(10, ...first));
    await until("another question", () => all.asked.length === 1);
    expect(all.of("book").filter(({ book }) => book.bids.length > 0)).toEqual([]);
    all.asked.shift()?.answer(snapshot(12, ...first));
    await until("the book", () => bidsOf(all)?.length === 1);
  });

  const script = fc.record({
    updates: fc.array(fc.array(anyChange, { minLength: 1, maxLength: 4 }), {
      minLength: 5,
      maxLength: 40,
      size: "max",
    }),
    /** After how many changes the snapshot was taken, and after how many it came. */
    taken: fc.nat({ max: 4 }),
    came: fc.nat({ max: 4 }),
  });

  test("keeps the book that a plain model keeps, wherever the snapshot falls", async () => {
    await fc.assert(
      fc.asyncProperty(script, async ({ updates, taken, came }) => {
        const all = await live(stand({}, { market: { levelsShown: 1_000, resyncMs: 5 } }));
        const model = new ModelBook(1_000);
        for (const each of first) model.change(each);
        let shot = snapshot(100, ...first);
        for (const [index, update] of updates.entries()) {
          const allowed = update.filter((each) => {
            const isAllowed = model.allows(each);
            if (isAllowed) model.change(each);
            return isAllowed;
          });
          all.depth(101 + index, 101 + index, allowed);
          if (index === taken) {
            const sides = (["bids", "asks"] as const).flatMap((side) =>
              model.levels(side).map(({ ticks, quantity }) => {
                return { side, ticks, units: Math.round(Number(quantity) * 1e8) };
              }),
            );
            shot = snapshot(101 + index, ...sides);
          }
          if (index === Math.max(taken, came)) all.asked.shift()?.answer(shot);
        }
        const wanted = { bids: model.levels("bids"), asks: model.levels("asks") };
        all.server.send(trade(1));
        await until("the last message", () => all.of("print").length === 1);
        expect(all.of("book").at(-1)?.book).toMatchObject(wanted);
        expect(all.troubles()).toEqual([]);
        all.market.close();
        await all.server.stop();
      }),
      { seed: 20_261_121, numRuns: 20 },
    );
  });

  test("tells prints once, with the side of the taker, and notices a missing one", async () => {
    const all = await live(stand());
    all.server.send(trade(1), trade(1), trade(2, true), trade(4));
    await until("the prints", () => all.of("print").length === 3);
    expect(all.of("print").map(({ isBuy }) => isBuy)).toEqual([true, false, true]);
    expect(all.troubles()).toEqual(["Cannot trust print of BTC/USD: print 4 came, wanted 3"]);
  });

  test("tells quotes", async () => {
    const all = await live(stand());
    all.server.send(streamed("bookTicker", { u: 1, b: "100.0", B: "1.50", a: "100.1", A: "0.5" }));
    await until("the quote", () => all.of("quote").length === 1);
    expect(all.of("quote")[0]).toMatchObject({
      bid: { ticks: 1000, quantity: "1.5" },
      ask: { ticks: 1001, quantity: "0.5" },
    });
  });

  test("asks for a sign of life, and takes any answer for one", async () => {
    const limits = { pingAfterMs: 15, staleAfterMs: 4_000, deadAfterMs: 5_000 };
    const all = await live(stand({}, { limits }));
    await until("two pings", () => all.server.messages.length >= 3);
    expect(all.server.messages[1]).toMatchObject({ method: "LIST_SUBSCRIPTIONS" });
    expect(all.market.status.state).toBe("live");
  });

  test("a refused subscription is told, and tried again", async () => {
    const all = stand({
      received: (peer, message, number) => {
        if (number > 1) confirm(peer, message);
        else peer.send('{"error":{"code":2,"msg":"Invalid request"},"id":1}');
      },
    });
    await live(all);
    expect(all.market.status.cause).toBe('subscription refused: "Invalid request"');
  });

  test("damage is counted, and the connection begun anew", async () => {
    const all = await live(stand());
    all.server.send(streamed("trade", { E: Date.now(), t: -1, p: "100.5", q: "0.5", m: false }));
    await until("another connection", () => all.server.connections === 2);
    expect(all.troubles()[0]).toContain("wanted a whole number");
    expect(all.market.status.counters.malformed).toBe(1);
  });
});
