import { describe, expect, test } from "bun:test";
import type { Candle, Vote } from "../../machines/domain/market.ts";
import { FrameAggregator, type SavedState } from "../market/mod.ts";
import { confluenceStandard } from "./confluence.ts";
import type { StrategyFailure } from "./frame.ts";
import { FramePlane, type Plane } from "./frames.ts";
import { SymbolPlane } from "./plane.ts";
import type { FramePlaneOptions } from "./plane-options.ts";
import type { BookReading } from "./strategies/book-reading.ts";
import { createStrategy, strategyNames } from "./strategies/catalog.ts";
import { type Bar, sampleBars, sampleReading } from "./strategies/testing/markets.ts";
import type { Strategy } from "./strategy.ts";

const minute = 60_000;
const allStrategies = () => strategyNames.map((name) => createStrategy(name));

function create(options: Partial<FramePlaneOptions> = {}): FramePlane {
  return new FramePlane({
    symbol: "BTC/USD",
    baseMs: minute,
    atrPeriod: 14,
    strategies: allStrategies,
    costShare: 0.001,
    onFailure: ({ error }) => {
      throw error;
    },
    ...options,
  });
}

/** The candle of minute `row`, which may be shifted into another hour. */
function candleOf([open, high, low, close, volume]: Bar, row: number): Candle {
  const openedAt = row * minute;
  return { symbol: "BTC/USD", openedAt, timeframeMs: minute, open, high, low, close, volume };
}

/** As a store would keep it: bytes, and nothing shared with the original. */
function stored({ key, values }: SavedState): SavedState {
  return { key, values: new Float64Array(values.slice().buffer) };
}

/** Says what the bar's close tells it: 1 above 0 is hold, -1 leave, 13 throws, 14 says nonsense. */
class Scripted implements Strategy {
  readonly key = "scripted";
  readonly warmup = 1;
  direction: -1 | 0 | 1 = 0;
  strength = 0;
  seen = 0;
  readings = 0;
  readonly weight: number;
  readonly #name: string;

  constructor(name: string, weight = 0.5) {
    this.#name = name;
    this.weight = weight;
  }

  get name(): string {
    return this.#name;
  }

  update(
    _open: number,
    _high: number,
    _low: number,
    close: number,
    _volume: number,
    book: BookReading | null = null,
  ): void {
    this.seen += 1;
    if (book !== null) this.readings += 1;
    if (close === 1_013) throw new Error("thirteen");
    this.direction = close > 1_000 ? 1 : close < 1_000 ? -1 : 0;
    this.strength = close === 1_014 ? Number.NaN : 0.5;
  }

  vote(): Vote {
    const { direction, strength, seen, readings } = this;
    return {
      strategy: this.name,
      direction,
      strength,
      words: "script",
      numbers: { seen, readings },
    };
  }
}

const flatBar = (close: number): Bar => [close, close + 1, close - 1, close, 1];

/** Three scripted strategies, of which only `moody` heeds 13 and 14. */
class Steady extends Scripted {
  override update(...bar: Parameters<Scripted["update"]>): void {
    const [open, high, low, close, volume, book] = bar;
    super.update(open, high, low, close > 1_000 ? 1_001 : close, volume, book);
  }
}
const scripted = () => [new Scripted("moody"), new Steady("first"), new Steady("second")];

function feed(plane: FramePlane, closes: readonly number[], from = 0): void {
  closes.forEach((close, row) => {
    plane.update(candleOf(flatBar(close), from + row));
  });
}

describe("FramePlane", () => {
  test("and SymbolPlane offer the desk the same", () => {
    const planes: Plane[] = [create(), new SymbolPlane("BTC/USD", allStrategies(), 14)];
    expect(planes.map(({ bars, direction, isWarm }) => ({ bars, direction, isWarm }))).toEqual([
      { bars: 0, direction: 0, isWarm: false },
      { bars: 0, direction: 0, isWarm: false },
    ]);
  });

  test("feeds each frame the closed bars of its length", () => {
    const plane = create();
    const [five, fifteen] = [createStrategy("keltner"), createStrategy("keltner")];
    const frames = [five, fifteen].map((strategy, index) => {
      const aggregator = new FrameAggregator(minute, ([5, 15][index] as number) * minute, 10);
      return { strategy, aggregator };
    });
    const wanted: unknown[] = [];
    const actual: unknown[] = [];
    sampleBars(21, 2_000).forEach((bar, row) => {
      const candle = candleOf(bar, row);
      plane.update(candle);
      for (const { strategy, aggregator } of frames) {
        if (aggregator.update(candle.openedAt, ...bar) === 0) continue;
        const { ring } = aggregator;
        const at = ring.row(0);
        strategy.update(
          ring.open[at] as number,
          ring.high[at] as number,
          ring.low[at] as number,
          ring.close[at] as number,
          ring.volume[at] as number,
        );
      }
      if (row % 15 !== 14 || row < 600) return;
      const { frames: seen } = plane.evaluation(candle);
      actual.push(...seen.slice(1).map(({ votes }) => votes[0]?.numbers));
      wanted.push(five.vote().numbers, fifteen.vote().numbers);
    });
    expect(wanted.length).toBeGreaterThan(100);
    expect(actual).toEqual(wanted);
  });

  test("is warm, at the latest, after its warm-up, when two frames are warm", () => {
    for (const offset of [0, 1, 4]) {
      const plane = create();
      let warmAfter = 0;
      sampleBars(5, 500).forEach((bar, row) => {
        plane.update(candleOf(bar, row + offset));
        if (warmAfter === 0 && plane.isWarm) warmAfter = plane.bars;
      });
      // Ichimoku needs 78 bars of five minutes; a first one is dropped if its beginning is missing.
      expect([plane.warmup, warmAfter]).toEqual([394, offset === 0 ? 390 : 395 - offset]);
    }
  });

  for (const savedAfter of [0, 3, 77, 400, 1_234]) {
    test(`saved after ${savedAfter} bars and restored, it goes on bit for bit`, () => {
      const [original, restored] = [create(), create()];
      const bars = sampleBars(8, savedAfter + 500);
      // Now and then candles are missing.
      const rows = bars.map((_, row) => row).filter((row) => row % 50 > 2);
      const step = (plane: FramePlane, row: number) =>
        plane.update(candleOf(bars[row] as Bar, row), sampleReading(row));
      original.setPerformance("trend", 0.5);
      original.setSession(3, 0.9);
      for (const row of rows.filter((each) => each < savedAfter)) step(original, row);
      restored.restore(stored(original.save()));
      for (const row of rows.filter((each) => each >= savedAfter)) {
        step(original, row);
        step(restored, row);
        const candle = candleOf(bars[row] as Bar, row);
        expect(restored.evaluation(candle)).toEqual(original.evaluation(candle));
      }
      expect([...restored.save().values]).toEqual([...original.save().values]);
    });
  }

  test("state of other settings is refused", () => {
    const saved = create().save();
    const others: Partial<FramePlaneOptions>[] = [
      { costShare: 0.002 },
      { fillLimit: 10 },
      { gapWindow: 100 },
      { quarantineAfter: 4 },
      { weights: { trend: 0.2 } },
      { confluence: { ...confluenceStandard, minConfidence: 0.6 } },
      { frames: [minute, 5 * minute, 30 * minute] },
      { atrPeriod: 20 },
    ];
    for (const options of others) {
      expect(() => create(options).restore(saved)).toThrow("Cannot restore state into");
    }
  });

  test("refuses a candle of another length, or not later than the last", () => {
    const plane = create();
    const candle = candleOf(flatBar(1_000), 5);
    expect(() => plane.update({ ...candle, timeframeMs: 2 * minute })).toThrow(
      "Cannot take candle of 300000 and 120000 ms",
    );
    plane.update(candle);
    expect(() => plane.update(candle)).toThrow("the last one is of 300000, wanted a later one");
    expect(plane.bars).toBe(1);
  });
});

describe("gaps", () => {
  const votes = (plane: FramePlane, row: number) =>
    plane.evaluation(candleOf(flatBar(1_001), row)).frames.map((frame) => frame.votes);

  test("are filled with flat candles at the last close, and counted", () => {
    const [gappy, whole] = [create(), create()];
    const bars = sampleBars(4, 700);
    bars.forEach((bar, row) => {
      const isMissing = row > 300 && row % 9 === 0;
      if (!isMissing) gappy.update(candleOf(bar, row));
      const { lastClose: flat } = whole;
      whole.update(candleOf(isMissing ? [flat, flat, flat, flat, 0] : bar, row));
    });
    expect(votes(gappy, 700)).toEqual(votes(whole, 700));
    expect([gappy.filled, gappy.unfilled, gappy.bars + gappy.filled]).toEqual([44, 0, whole.bars]);
  });

  test("longer than the limit are left open, and counted", () => {
    const plane = create({ fillLimit: 10, strategies: scripted });
    feed(plane, [1_001, 1_001]);
    feed(plane, [1_001], 13);
    expect([plane.missed, plane.filled, plane.unfilled]).toEqual([11, 0, 11]);
    feed(plane, [1_001], 24);
    expect([plane.missed, plane.filled, plane.unfilled]).toEqual([10, 10, 11]);
    feed(plane, [1_001], 25);
    expect([plane.missed, plane.bars]).toEqual([0, 5]);
  });

  test("close the gate of entries for as long as they are too many", () => {
    const plane = create({ strategies: scripted, gapWindow: 40, atrPeriod: 1, costShare: 0 });
    const opened = [];
    feed(plane, Array(30).fill(1_001));
    opened.push(plane.direction);
    feed(plane, [1_001], 33);
    opened.push(plane.gate?.name, plane.gate?.value);
    feed(plane, Array(36).fill(1_001), 34);
    opened.push(plane.gate?.name, plane.gate?.value);
    feed(plane, [1_001, 1_001], 70);
    opened.push(plane.gate, plane.direction);
    expect(opened).toEqual([1, "gaps", 3 / 34, "gaps", 3 / 40, null, 1]);
  });
});

describe("a strategy that fails", () => {
  const frames = [minute, 100 * minute];
  const single = { ...confluenceStandard, minFrames: 1, frameBonus: [1.2, 1] };
  const options = { strategies: scripted, frames, confluence: single, atrPeriod: 1 };

  function failing() {
    const failures: StrategyFailure[] = [];
    const onFailure = (failure: StrategyFailure) => failures.push(failure);
    return { plane: create({ ...options, costShare: 0, onFailure }), failures };
  }

  const moody = (plane: FramePlane) =>
    plane.evaluation(candleOf(flatBar(1_001), 0)).frames[0]?.votes[0];

  test("abstains at that bar, is counted and reported, and the others decide", () => {
    const { plane, failures } = failing();
    feed(plane, [1_001, 1_001, 1_013]);
    expect(failures).toEqual([
      {
        strategy: "moody",
        frameMs: minute,
        failures: 1,
        isQuarantined: false,
        error: new Error("thirteen"),
      },
    ]);
    expect(moody(plane)).toMatchObject({ direction: 0, strength: 0, words: "failed at this bar" });
    expect([plane.confluence.leaning, plane.confluence.strategies]).toEqual([1, 2]);
    expect([plane.gate?.name, plane.direction]).toEqual(["strategies", 0]);
    feed(plane, [1_001], 3);
    expect([moody(plane)?.direction, plane.confluence.strategies, plane.direction]).toEqual([
      1, 3, 1,
    ]);
  });

  test("with a strength that is none, is counted as failing", () => {
    const { plane, failures } = failing();
    feed(plane, [1_014]);
    expect(failures.map(({ error }) => String(error))).toEqual([
      'RangeError: Cannot count vote of strategy "moody": strength is NaN, wanted from 0 to 1',
    ]);
    expect([plane.confluence.strategies, moody(plane)?.direction]).toEqual([2, 0]);
  });

  test("three times is in quarantine, neither fed nor heard, in that frame", () => {
    const { plane, failures } = failing();
    feed(plane, [1_013, 1_001, 1_013, 1_001, 1_013, 1_001, 1_001]);
    expect(failures.map(({ isQuarantined }) => isQuarantined)).toEqual([false, false, true]);
    expect(plane.failuresOf("moody")).toBe(3);
    expect(moody(plane)).toEqual({
      strategy: "moody",
      direction: 0,
      strength: 0,
      words: "in quarantine after repeated failure",
      numbers: { failures: 3 },
      weight: 0.5,
    });
    expect(plane.confluence.strategies).toBe(2);
  });

  test("is as deep in quarantine after a restart", () => {
    const [before, after] = [failing(), failing()];
    feed(before.plane, [1_013, 1_013]);
    after.plane.restore(stored(before.plane.save()));
    feed(after.plane, [1_013, 1_013], 2);
    expect(after.failures.map(({ failures }) => failures)).toEqual([3]);
    expect(moody(after.plane)?.words).toBe("in quarantine after repeated failure");
  });
});

describe("inputs beside candles", () => {
  const settings = { ...confluenceStandard, minFrames: 1, frameBonus: [1.2, 1] };
  const options = {
    strategies: scripted,
    frames: [minute, 5 * minute],
    confluence: settings,
    atrPeriod: 1,
    costShare: 0,
  };
  const reading: BookReading = {
    imbalance: 0,
    lean: 0,
    pressure: 0,
    spreadShare: 0.0001,
    suspicion: 0,
    score: 0.5,
  };

  test("a performance of 0 takes a strategy out at once, for the next bars too", () => {
    const plane = create(options);
    feed(plane, [1_001, 1_001]);
    const before = plane.direction;
    plane.setPerformance("moody", 0);
    feed(plane, [1_001], 2);
    expect([before, plane.direction, plane.gate?.name, plane.gate?.value]).toEqual([
      1,
      0,
      "strategies",
      2,
    ]);
    plane.setPerformance("moody", 1);
    feed(plane, [1_001], 3);
    expect(plane.direction).toBe(1);
  });

  test("a session's multiplier counts in its hour, at the close", () => {
    const plane = create(options);
    plane.setSession(1, 0.5);
    feed(plane, Array(58).fill(1_001));
    const inFirst = plane.strength;
    feed(plane, [1_001, 1_001], 58);
    // The second of these closes at one o'clock.
    expect([inFirst, plane.strength, plane.gate?.name]).toEqual([
      expect.closeTo(0.5),
      expect.closeTo(0.25),
      "confidence",
    ]);
  });

  test("beyond their bounds are refused", () => {
    const plane = create(options);
    expect(() => plane.setPerformance("nobody", 1)).toThrow(
      'Cannot set performance of strategy "nobody" to 1: wanted 0 to 2, and one of moody, first, second',
    );
    expect(() => plane.setPerformance("moody", 2.1)).toThrow("wanted 0 to 2");
    expect(() => plane.setSession(24, 1)).toThrow(
      "Cannot set session multiplier of hour 24 to 1: wanted hours 0 to 23",
    );
    expect(() => plane.setSession(1, Number.NaN)).toThrow("multipliers from 0 to 2");
  });

  test("a wide spread keeps an entry out at that bar alone", () => {
    const plane = create(options);
    feed(plane, [1_001, 1_001]);
    plane.update(candleOf(flatBar(1_001), 2), { ...reading, spreadShare: 0.002 });
    expect([plane.direction, plane.gate?.name]).toEqual([0, "spread"]);
    feed(plane, [1_001], 3);
    expect([plane.direction, plane.gate]).toEqual([1, null]);
  });

  test("a reading goes to the frames that its bar ends", () => {
    const plane = create(options);
    const rows = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10];
    for (const row of rows) plane.update(candleOf(flatBar(1_001), row), reading);
    const numbers = plane
      .evaluation(candleOf(flatBar(1_001), 10))
      .frames.map(({ votes }) => votes[0]?.numbers);
    // The candle of minute 9 was filled in, and ended the second frame without a reading.
    expect(numbers).toEqual([
      { seen: 11, readings: 10 },
      { seen: 2, readings: 1 },
    ]);
  });
});

describe("stop", () => {
  test("is counted in the range of the frame that the last entry signal took it from", () => {
    const settings = { ...confluenceStandard, minFrames: 1, frameBonus: [1.2, 1.2] };
    const plane = create({
      strategies: scripted,
      frames: [minute, 5 * minute],
      confluence: settings,
      atrPeriod: 1,
      costShare: 0,
    });
    const seen: unknown[] = [];
    const note = () =>
      seen.push([plane.direction, plane.stopFrame, plane.range === plane.rangeOf(1)]);
    feed(plane, [1_001, 1_001]);
    note();
    feed(plane, Array(10).fill(1_001), 2);
    note();
    // Without a signal the frame stays, for a trailing stop must not jump.
    feed(plane, [990], 12);
    note();
    expect(seen).toEqual([
      [1, 0, false],
      [1, 1, true],
      [0, 1, true],
    ]);
    expect(plane.rangeOf(2)).toBeNaN();
  });
});

describe("options", () => {
  const twice = () => [new Scripted("same"), new Scripted("same")];
  let made = 0;
  const changing = () => [new Scripted(`number ${made++}`)];
  test.each([
    ["frames that do not begin with the base", { frames: [5 * minute] }, "frames is [300000]"],
    ["frames that do not rise", { frames: [minute, minute] }, "frames is [60000,60000]"],
    ["costs that eat all", { costShare: 1 }, "costShare is 1, wanted from 0 to below 1"],
    ["a fill limit below 0", { fillLimit: -1 }, "fillLimit is -1"],
    ["a gap window of 0", { gapWindow: 0 }, "gapWindow is 0"],
    ["quarantine from the start", { quarantineAfter: 0 }, "quarantineAfter is 0"],
    ["more frames to agree than there are", { frames: [minute] }, "minFrames is 2"],
    ["two strategies of one name", { strategies: twice }, "list of strategies is [same,same]"],
    ["a weight of 0", { weights: { trend: 0 } }, 'weight of "trend" is 0'],
    ["a weight of no strategy", { weights: { trent: 1 } }, 'weighed strategy is "trent"'],
    ["no strategy", { strategies: () => [] }, "it has 0 strategies, wanted 1 to 31"],
    ["strategies that differ by frame", { strategies: changing }, "as in the others"],
  ])("with %s are refused", (_name, options, wanted) => {
    expect(() => create(options)).toThrow(wanted);
  });

  test("weights replace the strategies' own", () => {
    const plane = create({ weights: { trend: 0.4 } });
    plane.update(candleOf(flatBar(1_000), 0));
    const votes = plane.evaluation(candleOf(flatBar(1_000), 0)).frames[0]?.votes ?? [];
    const weights = votes.map(({ strategy, weight }) => [strategy, weight]);
    expect(Object.fromEntries(weights)).toMatchObject({ trend: 0.4, keltner: 0.3 });
  });
});
