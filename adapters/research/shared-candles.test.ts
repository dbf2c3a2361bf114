import { describe, expect, test } from "bun:test";
import { generatorSource } from "../market/mod.ts";
import { candlesOf } from "./looks.ts";
import { shareCandles, sharedSource, spanOf } from "./shared-candles.ts";
import { windowsOf } from "./windows.ts";

const minute = 60_000;
const hour = 60 * minute;
const startAt = Date.UTC(2026, 0, 1);
const market = generatorSource({
  ...{ seed: 3, startAt, timeframeMs: minute },
  symbols: [
    { symbol: "BTC/USD", startPrice: "64000", tick: "0.1" },
    { symbol: "ETH/USD", startPrice: "3400", tick: "0.01" },
  ],
} as unknown as Parameters<typeof generatorSource>[0]);
const shared = shareCandles(market, { until: startAt + hour });

describe("shared candles", () => {
  test("are the source's, from the first to the last before the end", () => {
    const read = [...candlesOf(sharedSource(shared))];
    const cursor = market.cursor("ETH/USD", 0);
    const ether = read.filter(({ symbol }) => symbol === "ETH/USD");
    expect(read).toHaveLength(120);
    expect(ether).toEqual(ether.map(() => cursor.next() as (typeof ether)[number]));
    expect(spanOf(shared)).toEqual({ from: startAt, until: startAt + hour });
    expect(shared.series[0]?.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test("of a stretch begin at it and end before its end, and say so in what they are", () => {
    const stretch = { from: startAt + 10 * minute, until: startAt + 20 * minute };
    const source = sharedSource(shared, stretch);
    const times = [...candlesOf(source)].map(({ openedAt }) => openedAt);
    expect([times[0], times.at(-1), source.length]).toEqual([
      ...[startAt + 10 * minute, startAt + 19 * minute, 20],
    ]);
    expect(source.identity).toMatchObject(stretch);
    expect(source.cursor("BTC/USD", 3).next()?.openedAt).toBe(startAt + 13 * minute);
    expect(() => source.cursor("XRP/USD", 0)).toThrow('Cannot read candles of "XRP/USD"');
  });
});

describe("the windows of a walk", () => {
  const span = { from: 0, until: 10 * hour };
  const walk = (isAnchored: boolean, trainMs = 4 * hour) =>
    windowsOf(span, { trainMs, testMs: 2 * hour, isAnchored });

  test("roll on, each test after its training and after the test before it", () => {
    expect(walk(false)).toEqual([
      { train: { from: 0, until: 4 * hour }, test: { from: 4 * hour, until: 6 * hour } },
      { train: { from: 2 * hour, until: 6 * hour }, test: { from: 6 * hour, until: 8 * hour } },
      { train: { from: 4 * hour, until: 8 * hour }, test: { from: 8 * hour, until: 10 * hour } },
    ]);
  });

  test("are anchored where all training begins with the data", () => {
    expect(walk(true).map(({ train }) => train.from)).toEqual([0, 0, 0]);
  });

  test("end with a test of half its length at least, and want room for one", () => {
    expect(walk(false, 3 * hour).at(-1)?.test).toEqual({ from: 9 * hour, until: 10 * hour });
    expect(() => walk(false, 9.5 * hour)).toThrow("Cannot walk over 0.42 days");
  });
});
