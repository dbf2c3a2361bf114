/** A live market as steps: each event in its order, at the time at which it is taken. */
import { describe, expect, test } from "bun:test";
import { VirtualClock } from "../../actors/runtime/mod.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import type { BookUpdate, MarketPrint } from "../venues/matching/mod.ts";
import type { LiveMarket, LiveMarketEvent } from "../venues/streams/live-market.ts";
import { type LiveNotice, LiveTimeline } from "./live-timeline.ts";
import type { BookVenue } from "./timeline.ts";

const minute = 60_000;
const noon = Date.UTC(2026, 0, 5, 12);
const btc = "BTC/USD";
const eth = "ETH/USD";
const symbols = [btc, eth].map((symbol) => ({
  ...{ symbol, timeframeMs: minute, tick: decimal("0.1") },
}));

/** A market that says what a test tells it to. */
class ToldMarket implements LiveMarket {
  readonly status = { state: "live", since: noon, cause: null } as never;
  readonly instruments = [];
  isStarted = false;
  isClosed = false;
  private readonly listeners = new Set<(event: LiveMarketEvent) => void>();

  start(): void {
    this.isStarted = true;
  }

  close(): void {
    this.isClosed = true;
  }

  onEvent(listener: (event: LiveMarketEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(...events: readonly LiveMarketEvent[]): void {
    for (const event of events) for (const listener of this.listeners) listener(event);
  }
}

/** What the venue was told, in order. */
class ToldVenue {
  readonly told: unknown[] = [];
  readonly at = { venue: "paper", account: "main" };
  takeReport = () => null;
  due = () => null;
  advance = () => Promise.resolve();
  book = (symbol: string, { at, bids, asks }: BookUpdate) =>
    this.told.push(["book", symbol, at, bids.length, asks.length]);
  print = (symbol: string, { at, ticks, quantity }: MarketPrint) =>
    this.told.push(["print", symbol, at, ticks, quantity]);
}

const level = (ticks: number, quantity = "1") => ({ ticks, quantity: decimal(quantity) });
const book = (symbol: string, bid: number, ask: number): LiveMarketEvent => ({
  ...{ type: "book", symbol, isPolled: false },
  book: { at: noon, bids: [level(bid)], asks: [level(ask)] },
});
const print = (symbol: string, ticks: number, isBuy = true): LiveMarketEvent => ({
  ...{ type: "print", symbol, isBuy },
  print: { at: noon, ticks, quantity: decimal("0.5") },
});
const candle = (symbol: string, openedAt: number, close = 1_000): LiveMarketEvent => ({
  ...{ type: "candle", symbol, source: "prints" },
  candle: {
    ...{ symbol, openedAt, timeframeMs: minute, volume: 1 },
    ...{ open: close, high: close, low: close, close },
  },
});

function liveRun(stored: ReadonlyMap<string, unknown> = new Map()) {
  const market = new ToldMarket();
  const clock = new VirtualClock(noon);
  const venue = new ToldVenue();
  const notices: LiveNotice[] = [];
  const opened: number[] = [];
  const open = (since: number) => {
    opened.push(since);
    return market;
  };
  const onNotice = (notice: LiveNotice) => notices.push(notice);
  const options = { symbols, open, clock, pastBars: 100, onNotice };
  const timeline = new LiveTimeline(options, stored);
  const step = () => timeline.step(venue as unknown as BookVenue);
  const begun = [step(), step()];
  return { begun, market, clock, venue, notices, opened, timeline, step };
}

describe("a live market's events", () => {
  test("are steps in the order in which they came, at the time at which they are taken", () => {
    const { market, clock, venue, timeline, step } = liveRun();
    market.tell(book(btc, 999, 1_001), print(btc, 1_001), print(eth, 70, false));
    clock.advanceTo(noon + 7);
    expect([timeline.ready(), timeline.nextAt()]).toEqual([null, noon + 7]);
    expect([step(), step(), step()]).toEqual([
      null,
      { type: "price", symbol: btc, ticks: 1_001 },
      { type: "price", symbol: eth, ticks: 70 },
    ]);
    expect(venue.told).toEqual([
      ["book", btc, noon + 7, 1, 1],
      ["print", btc, noon + 7, 1_001, decimal("0.5")],
      ["print", eth, noon + 7, 70, decimal("0.5")],
    ]);
  });

  test("that are bars come with what the book said in their time", () => {
    const { market, clock, step } = liveRun();
    market.tell(book(btc, 999, 1_001), print(btc, 1_001), candle(btc, noon));
    clock.advanceTo(noon + minute + 300);
    step();
    step();
    expect(step()).toMatchObject({
      type: "bar",
      candle: { symbol: btc, openedAt: noon, close: 1_000 },
      book: { spreadShare: 2 / 1_000, pressure: 1 },
    });
  });

  test("that are bars of the past come without a book, for nobody kept it", () => {
    const { market, clock, step } = liveRun();
    clock.advanceTo(noon + 10 * minute);
    market.tell(book(btc, 999, 1_001), candle(btc, noon));
    step();
    expect(step()).toMatchObject({ type: "bar", book: null });
  });

  test("that are no prices are told at once and are no step", async () => {
    const { market, notices, timeline, step } = liveRun();
    const trouble = { type: "trouble", at: noon, kind: "gap", symbol: btc, text: "lost" } as const;
    market.tell(trouble);
    expect(notices).toEqual([trouble]);
    const wait = timeline.ready();
    expect(wait).toBeInstanceOf(Promise);
    // A beat without an event is a step without news: timers get their turn.
    await wait;
    expect(timeline.ready()).toBe(null);
    expect(step()).toBeNull();
    expect(timeline.ready()).toBeInstanceOf(Promise);
  });

  test("end the wait for them", async () => {
    const { market, timeline, step } = liveRun();
    const wait = timeline.ready();
    market.tell(print(btc, 5));
    await wait;
    expect([timeline.ready(), step()]).toEqual([null, { type: "price", symbol: btc, ticks: 5 }]);
  });

  test("beyond a bound are dropped and counted, bars never", () => {
    const { market, timeline, step } = liveRun();
    for (let count = 0; count < 20_003; count += 1) market.tell(print(btc, count + 1));
    market.tell(candle(btc, noon));
    expect(timeline.dropped).toBe(3);
    let last: unknown;
    for (let count = 0; count < 20_001; count += 1) last = step();
    expect(last).toMatchObject({ type: "bar" });
    expect(timeline.ready()).toBeInstanceOf(Promise);
  });
});

describe("a live market's streams", () => {
  test("count as silent until they are heard, and again when they fall silent", () => {
    const { begun, market, step, notices } = liveRun();
    const text = "its stream has not begun";
    expect(begun).toEqual([
      { type: "stream", symbol: btc, isFresh: false, text },
      { type: "stream", symbol: eth, isFresh: false, text },
    ]);
    const health = { type: "health", at: noon, symbol: btc, channel: "book" } as const;
    market.tell({ ...health, isFresh: true }, book(btc, 1, 2), { ...health, isFresh: false });
    expect([step(), step(), step()]).toEqual([
      { type: "stream", symbol: btc, isFresh: true, text: "its order book is heard again" },
      null,
      { type: "stream", symbol: btc, isFresh: false, text: "its order book is not heard any more" },
    ]);
    expect(notices).toHaveLength(2);
  });

  test("other than books are told of, and stop nothing", () => {
    const { market, timeline, notices } = liveRun();
    market.tell({ type: "health", at: noon, symbol: btc, channel: "print", isFresh: false });
    expect([notices.length, timeline.ready()]).toEqual([1, expect.any(Promise)]);
  });
});

describe("a live market's place", () => {
  test("of a desk that heard nothing yet is so many bars ago", () => {
    const { opened, market } = liveRun();
    expect([opened, market.isStarted]).toEqual([[noon - 100 * minute], true]);
  });

  test("is each symbol's last bar: it is opened where the first of them goes on", () => {
    const first = liveRun();
    first.market.tell(candle(btc, noon), candle(eth, noon), candle(btc, noon + minute));
    for (let count = 0; count < 3; count += 1) first.step();
    const changes = first.timeline.changes();
    expect(first.timeline.changes()).toEqual([]);
    const stored = new Map(changes.map(({ key, value }) => [key, value]));
    const second = liveRun(stored);
    expect(second.opened).toEqual([noon + minute]);
    // One of them had heard it, the other had not.
    second.market.tell(candle(btc, noon + minute), candle(eth, noon + minute));
    expect([second.step(), second.step()]).toMatchObject([
      null,
      { type: "bar", candle: { symbol: eth } },
    ]);
  });

  test("is not moved by a bar that was not taken", () => {
    const { market, timeline } = liveRun();
    market.tell(candle(btc, noon));
    expect(timeline.changes()).toEqual([]);
  });

  test("is let go at the end", () => {
    const { market, timeline } = liveRun();
    timeline.close();
    expect(market.isClosed).toBe(true);
  });
});
