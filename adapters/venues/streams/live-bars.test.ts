import { describe, expect, test } from "bun:test";
import type { Candle } from "../../../machines/domain/market.ts";
import { LiveBars } from "./live-bars.ts";
import { type CandleHistory, defaultLiveMarketLimits } from "./live-market.ts";
import { ManualTimers, settled } from "./manual-timers.fixture.ts";

const minute = 60_000;
const start = Date.parse("2026-11-20T12:00:00Z");

type Told = readonly [minute: number, close: number, volume: number, source: string];

function candleOf(number: number, close: number): Candle {
  const prices = { open: close, high: close, low: close, close };
  return {
    symbol: "BTC/USD",
    openedAt: start + number * minute,
    timeframeMs: minute,
    ...prices,
    volume: 7,
  };
}

/** History that covers so many minutes from the start, of the candles given. */
function historyOf(until: number, ...candles: Candle[]): CandleHistory {
  return { from: 0, until: start + until * minute, candles };
}

function barsOf(
  history: (since: number) => Promise<CandleHistory>,
  options: { readonly since?: number; readonly at?: number } = {},
) {
  const timers = new ManualTimers(options.at ?? start);
  const told: Told[] = [];
  const lows: number[] = [];
  const troubles: string[] = [];
  const asked: number[] = [];
  const bars = new LiveBars({
    symbol: "BTC/USD",
    timeframeMs: minute,
    since: options.since ?? start,
    silenceMaxMs: 10_000,
    limits: defaultLiveMarketLimits,
    timers,
    history: (_symbol, since) => {
      asked.push((since - start) / minute);
      return history(since);
    },
    told: ({ openedAt, low, close, volume }, source) => {
      lows.push(low);
      told.push([(openedAt - start) / minute, close, volume, source]);
    },
    trouble: (_kind, text) => troubles.push(text),
  });
  /** The clock comes to so many minutes; the line was heard until then. */
  const clock = async (minutes: number) => {
    await timers.pass(start + minutes * minute - timers.now());
    bars.advance(timers.now(), timers.now());
    await settled();
  };
  return { bars, timers, told, lows, troubles, asked, clock };
}

const never = () => Promise.reject(new RangeError("HTTP 503"));

describe("live bars", () => {
  test("are made of prints and closed by the clock", async () => {
    const { bars, told, clock } = barsOf(never);
    bars.resume(start);
    bars.print(100, 1);
    bars.print(103, 2);
    await clock(1);
    bars.print(101, 4);
    await clock(2);
    expect(told).toEqual([
      [0, 103, 3, "prints"],
      [1, 101, 4, "prints"],
    ]);
  });

  test("are flat at the last price where nobody traded", async () => {
    const { bars, told, clock } = barsOf(never);
    bars.resume(start);
    bars.print(100, 1);
    await clock(3);
    expect(told.map(([, close, volume]) => [close, volume])).toEqual([
      [100, 1],
      [100, 0],
      [100, 0],
    ]);
  });

  test("know a quiet market's price from the trade before", async () => {
    const { bars, told, clock } = barsOf(never);
    bars.resume(start);
    bars.seed(250);
    await clock(1);
    expect(told).toEqual([[0, 250, 0, "prints"]]);
  });

  test("begin with their own first print, not with the trade before", async () => {
    const { bars, lows, clock } = barsOf(never);
    bars.resume(start);
    bars.seed(250);
    bars.print(260, 1);
    await clock(1);
    expect(lows).toEqual([260]);
  });

  test("are not flat where history has not come so far, though a price is known", async () => {
    let until = 1;
    const { bars, told, clock } = barsOf(async () => historyOf(until));
    bars.resume(start);
    bars.print(100, 1);
    await clock(1);
    bars.interrupt();
    await clock(2);
    expect(told).toEqual([[0, 100, 1, "prints"]]);
    until = 2;
    await clock(2.1);
    expect(told[1]).toEqual([1, 100, 0, "history"]);
  });

  test("are the venue's own where the line was down in them, and the next one waits", async () => {
    let answer: (history: CandleHistory) => void = () => {};
    const { bars, told, asked, clock } = barsOf(() => new Promise((resolve) => (answer = resolve)));
    bars.resume(start);
    bars.print(100, 1);
    bars.interrupt();
    bars.resume(start + 30_000);
    bars.print(101, 1);
    await clock(1);
    bars.print(102, 2);
    await clock(2);
    expect([told, asked]).toEqual([[], [0]]);
    answer(historyOf(2, candleOf(0, 99)));
    await settled();
    expect(told).toEqual([
      [0, 99, 7, "history"],
      [1, 102, 2, "prints"],
    ]);
  });

  test("of a start within a bar are read, and those before it from where it was wanted", async () => {
    const all = barsOf(async () => historyOf(3, candleOf(0, 90), candleOf(2, 95)), {
      at: start + 2.5 * minute,
    });
    all.bars.resume(start + 2.5 * minute);
    await all.clock(3);
    // Minute 1 is covered and had no trade: flat, as the venue would have it.
    expect(all.told).toEqual([
      [0, 90, 7, "history"],
      [1, 90, 0, "history"],
      [2, 95, 7, "history"],
    ]);
  });

  test("wait for a history that lags, and ask again", async () => {
    let until = 0;
    const { bars, told, asked, clock } = barsOf(async () => {
      until += 1;
      return until < 3 ? historyOf(0) : historyOf(1, candleOf(0, 99));
    });
    await clock(1);
    expect([told, asked]).toEqual([[], [0]]);
    await clock(1.5);
    expect(asked).toEqual([0, 0, 0]);
    expect(told).toEqual([[0, 99, 7, "history"]]);
    bars.close();
  });

  test("are never made up: what history does not have is told as missing", async () => {
    const { bars, told, troubles, asked, clock } = barsOf(async () => historyOf(0));
    await clock(1);
    bars.resume(start + minute);
    bars.print(105, 1);
    await clock(3);
    expect(asked).toHaveLength(defaultLiveMarketLimits.historyTriesMax);
    expect(troubles).toEqual([
      "Cannot tell candles of BTC/USD: 1 from 2026-11-20T12:00:00.000Z on are missing",
    ]);
    expect(told[0]).toEqual([1, 105, 1, "prints"]);
  });

  test("are not skipped while history cannot be read at all", async () => {
    let isDown = true;
    const { told, troubles, clock } = barsOf(async () => {
      if (isDown) throw new RangeError("HTTP 503");
      return historyOf(
        60,
        ...Array.from({ length: 60 }, (_, number) => candleOf(number, number + 1)),
      );
    });
    await clock(59);
    expect(told).toEqual([]);
    expect(troubles[0]).toBe("Cannot read candles of BTC/USD: HTTP 503");
    isDown = false;
    await clock(60);
    expect(told.map(([number]) => number)).toEqual(
      Array.from({ length: 60 }, (_, number) => number),
    );
  });

  test("that the venue keeps no more are told as missing, and the others come", async () => {
    const { told, troubles, clock } = barsOf(async () => ({
      ...historyOf(5, candleOf(3, 93), candleOf(4, 94)),
      from: start + 3 * minute,
    }));
    await clock(5);
    expect(troubles).toEqual([
      "Cannot tell candles of BTC/USD: 3 from 2026-11-20T12:00:00.000Z on are missing",
    ]);
    expect(told.map(([number]) => number)).toEqual([3, 4]);
  });

  test("that the venue keeps no more are not flat either, though a price is known", async () => {
    const { bars, told, troubles, clock } = barsOf(async () => ({
      ...historyOf(5, candleOf(3, 93), candleOf(4, 94)),
      from: start + 3 * minute,
    }));
    bars.resume(start);
    bars.print(100, 1);
    await clock(1);
    bars.interrupt();
    await clock(5);
    expect(troubles).toEqual([
      "Cannot tell candles of BTC/USD: 2 from 2026-11-20T12:01:00.000Z on are missing",
    ]);
    expect(told.map(([number]) => number)).toEqual([0, 3, 4]);
  });

  test("of before a market's first trade are told as missing, not asked for again", async () => {
    const { told, troubles, asked, clock } = barsOf(async () => historyOf(3, candleOf(2, 92)));
    await clock(3);
    expect(asked).toEqual([0]);
    expect(troubles).toEqual([
      "Cannot tell candles of BTC/USD: 2 from 2026-11-20T12:00:00.000Z on are missing",
    ]);
    expect(told.map(([number]) => number)).toEqual([2]);
  });

  test("of a time in which nothing was heard are not flat, but read", async () => {
    const { bars, told, timers } = barsOf(async () =>
      historyOf(3, candleOf(1, 111), candleOf(2, 112)),
    );
    bars.resume(start);
    bars.print(100, 1);
    // The machine slept: the clock jumps, and the line was last heard long before.
    await timers.pass(3 * minute);
    bars.advance(timers.now(), start + 55_000);
    await settled();
    expect(told).toEqual([
      [0, 100, 1, "prints"],
      [1, 111, 7, "history"],
      [2, 112, 7, "history"],
    ]);
  });

  test("closed, they ask no more and leave no timer", async () => {
    const { bars, timers, asked, clock } = barsOf(never);
    await clock(1);
    expect(timers.pending).toBe(1);
    bars.close();
    await timers.pass(10 * minute);
    expect([timers.pending, asked.length]).toEqual([0, 1]);
  });
});
