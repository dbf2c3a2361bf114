import { describe, expect, test } from "bun:test";
import { FrameAggregator } from "../market/mod.ts";
import { confluenceStandard } from "./confluence.ts";
import type { FramePlane } from "./frames.ts";
import type { FramePlaneOptions } from "./plane-options.ts";
import { createStrategy } from "./strategies/catalog.ts";
import { type Bar, sampleBars, sampleReading } from "./strategies/testing/markets.ts";
import {
  candleOf,
  createPlane,
  feed,
  flatBar,
  minute,
  Scripted,
  scripted,
  stored,
} from "./testing/planes.ts";

describe("FramePlane", () => {
  test("feeds each frame the closed bars of its length", () => {
    const plane = createPlane();
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
      const plane = createPlane();
      let warmAfter = 0;
      sampleBars(5, 700).forEach((bar, row) => {
        plane.update(candleOf(bar, row + offset));
        if (warmAfter === 0 && plane.isWarm) warmAfter = plane.bars;
      });
      // The regime needs 119 bars of five minutes; a first one is dropped if its beginning is missing.
      expect([plane.warmup, warmAfter]).toEqual([599, offset === 0 ? 595 : 600 - offset]);
      expect(plane.warmFrames).toEqual([true, true, false]);
    }
  });

  test("waits for the regime only where there are several strategies for it to weigh", () => {
    const warmup = (names: readonly ("smaCross" | "momentum")[]) =>
      createPlane({
        ...{ strategies: () => names.map((name) => createStrategy(name)), frames: [minute] },
        confluence: { ...confluenceStandard, minFrames: 1, frameBonus: [1] },
      }).warmup;
    expect([warmup(["smaCross"]), warmup(["smaCross", "momentum"])]).toEqual([31, 119]);
  });

  for (const savedAfter of [0, 3, 77, 400, 1_234]) {
    test(`saved after ${savedAfter} bars and restored, it goes on bit for bit`, () => {
      const [original, restored] = [createPlane(), createPlane()];
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
    const saved = createPlane().save();
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
      expect(() => createPlane(options).restore(saved)).toThrow("Cannot restore state into");
    }
  });

  test("refuses a candle of another length, or not later than the last", () => {
    const plane = createPlane();
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
    const [gappy, whole] = [createPlane(), createPlane()];
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
    const plane = createPlane({ fillLimit: 10, strategies: scripted });
    feed(plane, [1_001, 1_001]);
    feed(plane, [1_001], 13);
    expect([plane.missed, plane.filled, plane.unfilled]).toEqual([11, 0, 11]);
    feed(plane, [1_001], 24);
    expect([plane.missed, plane.filled, plane.unfilled]).toEqual([10, 10, 11]);
    feed(plane, [1_001], 25);
    expect([plane.missed, plane.bars]).toEqual([0, 5]);
  });

  test("close the gate of entries for as long as they are too many", () => {
    const plane = createPlane({ strategies: scripted, gapWindow: 40, atrPeriod: 1, costShare: 0 });
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

/** Says the opposite of what the close says. */
class Contrary extends Scripted {
  override update(...bar: Parameters<Scripted["update"]>): void {
    const [open, high, low, close, volume, book] = bar;
    super.update(open, high, low, 2_000 - close, volume, book);
  }
}

describe("votes of some", () => {
  const options = {
    frames: [minute, 5 * minute],
    confluence: { ...confluenceStandard, frameBonus: [1, 1] },
    strategies: () => [new Scripted("bull", 0.6), new Contrary("bear", 0.4)],
  };

  test("holders are those who say hold where a frame leans so", () => {
    const plane = createPlane(options);
    feed(plane, Array(5).fill(1_001));
    const rising = plane.holders();
    feed(plane, Array(5).fill(990), 5);
    expect([rising, plane.holders()]).toEqual([["bull"], []]);
  });

  test("directionAmong hears them alone, and wants as many frames to agree", () => {
    const plane = createPlane(options);
    const groups = [["bull"], ["bear"], ["bull", "bear"], []];
    const said: number[][] = [];
    const note = () => said.push(groups.map((names) => plane.directionAmong(names)));
    feed(plane, Array(5).fill(1_001));
    note();
    // The base has turned, the longer frame has not closed since.
    feed(plane, [990], 5);
    note();
    feed(plane, Array(4).fill(990), 6);
    note();
    expect(said).toEqual([
      [1, -1, 1, 0],
      [0, 0, 0, 0],
      [-1, 1, -1, 0],
    ]);
  });
});

describe("stop", () => {
  test("and target are counted in the range of the highest agreeing frame", () => {
    const settings = { ...confluenceStandard, minFrames: 1, frameBonus: [1.2, 1.2] };
    const plane = createPlane({
      strategies: scripted,
      frames: [minute, 5 * minute],
      confluence: settings,
      atrPeriod: 1,
      costShare: 0,
    });
    const seen: unknown[] = [];
    const note = () =>
      seen.push([
        plane.direction,
        plane.confluence.highest,
        plane.confluence.stop / plane.rangeOf(plane.confluence.highest),
        plane.confluence.target / plane.confluence.stop,
      ]);
    feed(plane, [1_001, 1_001]);
    note();
    feed(plane, Array(10).fill(1_001), 2);
    note();
    expect(seen).toEqual([
      [1, 0, 3, 2],
      [1, 1, 3, 2],
    ]);
    expect(plane.rangeOf(2)).toBe(plane.rangeOf(1));
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
    expect(() => createPlane(options)).toThrow(wanted);
  });

  test("weights replace the strategies' own", () => {
    const plane = createPlane({ weights: { trend: 0.4 } });
    plane.update(candleOf(flatBar(1_000), 0));
    const votes = plane.evaluation(candleOf(flatBar(1_000), 0)).frames[0]?.votes ?? [];
    const weights = votes.map(({ strategy, weight }) => [strategy, weight]);
    expect(Object.fromEntries(weights)).toMatchObject({ trend: 0.4, keltner: 0.3 });
  });
});
