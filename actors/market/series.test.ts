import { describe, expect, test } from "bun:test";
import { CandleSeries, type SeriesOptions } from "./series.ts";

const minute = 60_000;

/** Feeds candles at these minutes, whose close is the minute plus 100. */
function fed(minutes: readonly number[], options: Partial<SeriesOptions> = {}): CandleSeries {
  const series = new CandleSeries({ baseMs: minute, capacity: 20, ...options });
  for (const at of minutes) series.push(at * minute, at + 99, at + 101, at + 98, at + 100, 2);
  return series;
}

function summary({ base, added, closed, gaps, filled, unfilled }: CandleSeries) {
  const { openedAt, close, volume } = base.columns();
  return {
    candles: [...openedAt].map((at, row) => [at / minute, close[row], volume[row]]),
    added,
    closed: [...closed],
    gaps,
    filled,
    unfilled,
  };
}

describe("CandleSeries", () => {
  test("keeps candles without a gap as they are", () => {
    expect(summary(fed([0, 1, 2]))).toEqual({
      candles: [
        [0, 100, 2],
        [1, 101, 2],
        [2, 102, 2],
      ],
      added: 1,
      closed: [0, 0],
      gaps: 0,
      filled: 0,
      unfilled: 0,
    });
  });

  test("fills a gap with flat candles at the last close, and says how many it added", () => {
    const series = fed([0, 3]);
    expect(summary(series)).toEqual({
      candles: [
        [0, 100, 2],
        [1, 100, 0],
        [2, 100, 0],
        [3, 103, 2],
      ],
      added: 3,
      closed: [0, 0],
      gaps: 1,
      filled: 2,
      unfilled: 0,
    });
    const { open, high, low, close } = series.base.columns();
    expect([open[1], high[1], low[1], close[1]]).toEqual([100, 100, 100, 100]);
  });

  test("leaves a gap beyond the limit open, and counts it", () => {
    expect(summary(fed([0, 3, 7], { fillLimit: 2 }))).toEqual({
      candles: [
        [0, 100, 2],
        [1, 100, 0],
        [2, 100, 0],
        [3, 103, 2],
        [7, 107, 2],
      ],
      added: 1,
      closed: [1, 0],
      gaps: 2,
      filled: 2,
      unfilled: 3,
    });
  });

  test("takes candles as they stand with a limit of 0", () => {
    expect(summary(fed([0, 2], { fillLimit: 0 }))).toEqual({
      candles: [
        [0, 100, 2],
        [2, 102, 2],
      ],
      added: 1,
      closed: [0, 0],
      gaps: 1,
      filled: 0,
      unfilled: 1,
    });
  });

  test("filled candles make complete frames, closed within the same push", () => {
    const series = fed([0, 14]);
    const frames = series.frames.map(({ frameMs, incomplete, ring }) => {
      const { openedAt, close } = ring.columns();
      return { frameMs, incomplete, openedAt: [...openedAt], close: [...close] };
    });
    expect([...series.closed]).toEqual([3, 1]);
    expect(frames).toEqual([
      {
        frameMs: 5 * minute,
        incomplete: 0,
        openedAt: [0, 5 * minute, 10 * minute],
        close: [100, 100, 114],
      },
      { frameMs: 15 * minute, incomplete: 0, openedAt: [0], close: [114] },
    ]);
  });

  test("has 1, 3 and 12 times a base that is not a minute", () => {
    const series = new CandleSeries({ baseMs: 5 * minute, capacity: 10 });
    expect(series.frames.map(({ frameMs }) => frameMs / minute)).toEqual([15, 60]);
  });

  const refusals: readonly (readonly [name: string, candle: readonly number[], message: string])[] =
    [
      ["a candle that was there", [minute, 10, 10, 10, 10], "the last one is of 60000"],
      ["a candle of the past", [0, 10, 10, 10, 10], "wanted a multiple of 60000 ms after it"],
      ["a candle off the grid", [150_000, 10, 10, 10, 10], "wanted a multiple of 60000 ms"],
      ["a time that is none", [Number.NaN, 10, 10, 10, 10], "wanted a multiple of 60000 ms"],
      ["prices that are not whole ticks", [120_000, 10, 10.5, 10, 10], "wanted whole ticks"],
      ["prices that are no numbers", [120_000, 10, Number.NaN, 10, 10], "wanted whole ticks"],
      [
        "a close above the high",
        [120_000, 10, 11, 9, 12],
        "with open and close between low and high",
      ],
      [
        "an open below the low",
        [120_000, 8, 11, 9, 10],
        "with open and close between low and high",
      ],
    ];
  for (const [name, [at, open, high, low, close], message] of refusals) {
    test(`refuses ${name}, and stays as it was`, () => {
      const series = fed([0, 1]);
      const push = () =>
        series.push(
          at as number,
          open as number,
          high as number,
          low as number,
          close as number,
          1,
        );
      expect(push).toThrow(message);
      expect(push).toThrow(RangeError);
      expect(series).toEqual(fed([0, 1]));
    });
  }

  test("a fill limit that one push could not show in the ring is refused", () => {
    for (const fillLimit of [20, -1, 1.5]) {
      expect(() => fed([], { fillLimit })).toThrow(
        `Cannot create candle series: fill limit is ${fillLimit}, wanted a whole number from 0 to 19`,
      );
    }
  });
});
