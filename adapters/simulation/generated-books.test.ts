import { describe, expect, test } from "bun:test";
import { decimal, fromFloat } from "../../machines/domain/decimal.ts";
import type { Candle } from "../../machines/domain/market.ts";
import { generatorSource } from "../market/mod.ts";
import { type BookUpdate, candlePoint } from "../venues/matching/mod.ts";
import { generatedBooks } from "./generated-books.ts";
import type { BookVenue } from "./timeline.ts";

const generator = generatorSource({
  seed: "books",
  symbols: ["A/USD", "B/USD"].map((symbol) => {
    return { symbol, startPrice: decimal("100"), tick: decimal("0.01") };
  }),
  timeframeMs: 60_000,
  startAt: 0,
  gapRate: 0.1,
  correlation: 0.5,
});

interface Told {
  readonly what: "book" | "print";
  readonly symbol: string;
  readonly at: number;
  /** Ticks and quantity of the print, or of each level. */
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

type Level = readonly [ticks: number, quantity: string];

const plain = (levels: BookUpdate["bids"]) =>
  levels.map(({ ticks, quantity }): Level => [ticks, quantity]);

const silent: BookVenue = {
  at: { venue: "paper", account: "main" },
  book: () => {},
  print: () => {},
  takeReport: () => null,
  due: () => null,
  advance: () => Promise.resolve(),
};

/** What the venue and the desk are told in some steps from a place on. */
function play(steps: number, stored: ReadonlyMap<string, unknown> = new Map()) {
  const timeline = generatedBooks(generator).timeline(stored);
  const told: Told[] = [];
  const bars: Candle[] = [];
  const prices: number[] = [];
  const venue: BookVenue = {
    ...silent,
    book: (symbol, { at, bids, asks }) =>
      told.push({ what: "book", symbol, at, bids: plain(bids), asks: plain(asks) }),
    print: (symbol, { at, ticks, quantity }) =>
      told.push({ what: "print", symbol, at, bids: [[ticks, quantity]], asks: [] }),
  };
  for (let step = 0; step < steps; step += 1) {
    const news = timeline.step(venue);
    if (news?.type === "price") prices.push(news.ticks);
    if (news?.type === "bar") bars.push(news.candle);
  }
  const place = new Map(stored);
  for (const { key, value } of timeline.changes()) place.set(key, value);
  return { told, bars, prices, place };
}

describe("generatedBooks()", () => {
  test("gives the bars of the market without books", () => {
    const cursor = generator.cursor("A/USD", 0);
    const bars = play(500).bars.filter(({ symbol }) => symbol === "A/USD");
    expect(bars.length).toBeGreaterThan(40);
    expect(bars).toEqual(bars.map(() => cursor.next() as Candle));
  });

  test("tells at each point a print of the price, then a book around it that is not crossed", () => {
    const { told, bars } = play(500);
    const [bar] = bars.filter(({ symbol }) => symbol === "B/USD");
    const ofBar = told.filter(({ symbol }) => symbol === "B/USD").slice(0, 8);
    expect(ofBar.map(({ what }) => what)).toEqual(Array(4).fill(["print", "book"]).flat());
    for (const [index, { what, bids, asks }] of ofBar.entries()) {
      const { ticks, volume } = candlePoint(bar as Candle, Math.floor(index / 2));
      if (what === "print") {
        expect(bids).toEqual([[ticks, fromFloat(volume ?? 0, 8)]]);
        continue;
      }
      const [bid, ask] = [bids[0]?.[0] ?? 0, asks[0]?.[0] ?? 0];
      expect({ isApart: bid < ask, isAround: [bid, ask].includes(ticks) }).toEqual({
        ...{ isApart: true, isAround: true },
      });
    }
  });

  test("says the price of each print, but of those with which a bar closes", () => {
    const { told, prices, bars } = play(500);
    const prints = told.filter(({ what }) => what === "print").map(({ bids }) => bids[0]?.[0]);
    expect(prices.slice(0, 6)).toEqual(prints.slice(0, 6) as number[]);
    expect(prints.length - prices.length).toBe(bars.length);
  });

  test("goes on from any place with the same steps", () => {
    const whole = play(200).told;
    for (const steps of [1, 7, 99]) {
      const before = play(steps);
      expect([...before.told, ...play(200 - steps, before.place).told]).toEqual(whole);
    }
  });

  test("keeps of each symbol only what changed since it was last kept", () => {
    const timeline = generatedBooks(generator).timeline(play(3).place);
    const keys = () => timeline.changes().map(({ key }) => key);
    const before = keys();
    timeline.step(silent);
    expect([before, keys(), keys()]).toEqual([[], ["B/USD", "book B/USD"], []]);
  });

  test("is another market than the one without books: a ledger is not resumed across", () => {
    const { identity } = generatedBooks(generator);
    expect(identity).toEqual({ ...generator.identity, matching: "books" });
  });
});
