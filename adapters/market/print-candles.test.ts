import { expect, test } from "bun:test";
import type { Candle } from "../../machines/domain/market.ts";
import { PrintCandles } from "./print-candles.ts";

/** What happens in a candle's second: when something is heard, or a print of a price. */
type Heard = readonly [at: number, ticks?: number, quantity?: number];

function candlesOf(heard: readonly Heard[], seconds: number): (Candle | null)[] {
  const candles = new PrintCandles("A/B", 1_000);
  const closed: (Candle | null)[] = [];
  let next = 0;
  for (let openedAt = 0; openedAt < seconds * 1_000; openedAt += 1_000) {
    for (; (heard[next]?.[0] ?? Number.NaN) < openedAt + 1_000; next += 1) {
      const [at, ticks, quantity = 1] = heard[next] as Heard;
      candles.hear(at);
      if (ticks !== undefined) candles.print(ticks, quantity);
    }
    closed.push(candles.close(openedAt));
  }
  return closed;
}

const candle = (openedAt: number, prices: readonly number[], volume: number) => {
  const [open, high, low, close] = prices;
  return { symbol: "A/B", openedAt, timeframeMs: 1_000, open, high, low, close, volume };
};

const cases: readonly (readonly [string, readonly Heard[], unknown[]])[] = [
  [
    "takes open, high, low, close and volume from the prints in their order",
    [[0], [1_000, 5, 2], [1_200, 9, 1], [1_300, 3, 0.5], [1_999, 4, 0.25]],
    [null, candle(1_000, [5, 9, 3, 4], 3.75)],
  ],
  [
    "is flat at the last price where something is received but nothing printed",
    [[0, 7], [1_500], [2_500, 8]],
    [candle(0, [7, 7, 7, 7], 1), candle(1_000, [7, 7, 7, 7], 0), candle(2_000, [8, 8, 8, 8], 1)],
  ],
  [
    "is missing where nothing is received",
    [
      [0, 7],
      [2_000, 8],
    ],
    [candle(0, [7, 7, 7, 7], 1), null, candle(2_000, [8, 8, 8, 8], 1)],
  ],
  [
    "is missing where its beginning was not seen",
    [
      [1, 7],
      [1_000, 8],
    ],
    [null, candle(1_000, [8, 8, 8, 8], 1)],
  ],
  [
    "is missing before the first print",
    [[0], [1_000], [2_100, 8]],
    [null, null, candle(2_000, [8, 8, 8, 8], 1)],
  ],
];

test.each(cases)("PrintCandles: a candle %s", (_name, heard, wanted) => {
  expect(candlesOf(heard, wanted.length)).toEqual(wanted as (Candle | null)[]);
});
