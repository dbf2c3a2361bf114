import { expect, test } from "bun:test";
import type { CandleSource } from "../../actors/market/ports.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import type { Candle } from "../../machines/domain/market.ts";
import { pricesOf, timelineOf } from "./candle-timeline.ts";
import type { DrivenVenue, MarketNews } from "./timeline.ts";

const timeframeMs = 60;

/** Candles that opened at these times: open 5, high 9, low 1, close 6. */
function sourceOf(openTimes: Readonly<Record<string, readonly number[]>>): CandleSource {
  const candleOf = (symbol: string, openedAt: number): Candle => {
    return { symbol, openedAt, timeframeMs, open: 5, high: 9, low: 1, close: 6, volume: 8 };
  };
  return {
    description: "",
    symbols: Object.keys(openTimes).map((symbol) => {
      return { symbol, timeframeMs, tick: decimal(1) };
    }),
    identity: {},
    length: null,
    cursor(symbol, from) {
      let index = from;
      return {
        next() {
          const openedAt = openTimes[symbol]?.[index];
          index += 1;
          return openedAt === undefined ? null : candleOf(symbol, openedAt);
        },
      };
    },
  };
}

/** Each step as a word: `20 A 1` for a point, `60 A bar`. */
function play(
  source: CandleSource,
  steps: number,
  stored: ReadonlyMap<string, unknown> = new Map(),
) {
  const timeline = pricesOf(source, stored);
  const words: string[] = [];
  const news: string[] = [];
  const venue: DrivenVenue = {
    at: { venue: "paper", account: "main" },
    point: (symbol, { at, ticks, gap }) =>
      words.push(`${at} ${symbol} ${ticks}${gap ? " gap" : ""}`),
    takeReport: () => null,
    due: () => null,
    advance: () => Promise.resolve(),
  };
  const place = new Map(stored);
  for (let step = 0; step < steps && timeline.nextAt() !== null; step += 1) {
    const at = timeline.nextAt();
    const told = timeline.step(venue);
    if (told?.type === "bar") words.push(`${at} ${told.candle.symbol} bar`);
    news.push(told ? nameOf(told) : "nothing");
    for (const { key, value } of timeline.changes()) place.set(key, value);
  }
  return { words, news, place };
}

function nameOf(news: MarketNews): string {
  if (news.type === "price") return `${news.symbol} ${news.ticks}`;
  if (news.type === "stream") return `${news.symbol} ${news.text}`;
  return `${news.candle.symbol} bar, ${news.book ? "a book" : "no book"}`;
}

const market = sourceOf({ A: [0, 60, 180], B: [60, 120] });

test("pricesOf() moves all symbols together; at one time closes come before bars before opens", () => {
  expect(play(market, 100).words).toEqual([
    ...["0 A 5 gap", "20 A 1", "40 A 9", "60 A 6", "60 A bar", "60 A 5 gap", "60 B 5 gap"],
    ...["80 A 1", "80 B 1", "100 A 9", "100 B 9", "120 A 6", "120 B 6", "120 A bar", "120 B bar"],
    ...["120 B 5 gap", "140 B 1", "160 B 9", "180 B 6", "180 B bar"],
    ...["180 A 5 gap", "200 A 1", "220 A 9", "240 A 6", "240 A bar"],
  ]);
});

test("pricesOf() says the price at each point but the last, with which the bar closes", () => {
  expect(play(sourceOf({ A: [0] }), 100).news).toEqual([
    ...["A 5", "A 1", "A 9", "nothing", "A bar, no book"],
  ]);
});

test("pricesOf() goes on from any place with the same steps", () => {
  const whole = play(market, 100).words;
  for (let steps = 0; steps <= whole.length; steps += 1) {
    const { words, place } = play(market, steps);
    expect([...words, ...play(market, 100, place).words]).toEqual(whole);
  }
});

test("timelineOf() starts the clock at the first candle, or where it was stored", () => {
  const late = sourceOf({ A: [180], B: [60] });
  const stored = new Map([["time", 137]]);
  expect([timelineOf(late, new Map()).startAt, timelineOf(late, stored).startAt]).toEqual([
    60, 137,
  ]);
});

test("takes a candle in one step where no other symbol's closes before it", () => {
  const points: string[] = [];
  const venue = {
    ...{ at: { venue: "paper", account: "main" }, takeReport: () => null, due: () => null },
    point: (symbol: string, { at, ticks }: { at: number; ticks: number }) =>
      points.push(`${at} ${symbol} ${ticks}`),
    advance: () => Promise.resolve(),
  } as DrivenVenue;
  const timeline = pricesOf(sourceOf({ A: [0, 60], B: [30] }), new Map());
  const closes = () => timeline.closesAt?.() ?? null;
  const leap = () => timeline.leap?.(venue);
  // A's first candle, and nobody else's closes before.
  expect([timeline.nextAt(), closes()]).toEqual([0, 60]);
  leap();
  expect(points).toEqual(["60 A 6"]);
  // B opens at 30 and closes at 90, after A's bar of 60: its prices are taken one by one.
  expect([timeline.nextAt(), closes()]).toEqual([30, null]);
  leap();
  expect(points).toHaveLength(1);
  timeline.step(venue);
  // In the midst of a candle there is none to be taken whole.
  expect([timeline.nextAt(), closes()]).toEqual([50, null]);
  timeline.step(venue);
  const told = timeline.step(venue);
  expect([told?.type, timeline.changes()]).toEqual([
    "bar",
    [
      { key: "A", value: { index: 1, step: 0 } },
      { key: "B", value: { index: 0, step: 2 } },
    ],
  ]);
});
