import { describe, expect, test } from "bun:test";
import { confluenceStandard } from "./confluence.ts";
import type { StrategyFailure } from "./frame.ts";
import type { FramePlane } from "./frames.ts";
import type { BookReading } from "./strategies/book-reading.ts";
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

describe("a strategy that fails", () => {
  const frames = [minute, 100 * minute];
  const single = { ...confluenceStandard, minFrames: 1, frameBonus: [1.2, 1] };
  const options = { strategies: scripted, frames, confluence: single, atrPeriod: 1 };

  function failing() {
    const failures: StrategyFailure[] = [];
    const onFailure = (failure: StrategyFailure) => failures.push(failure);
    return { plane: createPlane({ ...options, costShare: 0, onFailure }), failures };
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
  // Without this gate a spread can only close its own.
  const settings = {
    ...confluenceStandard,
    minFrames: 1,
    frameBonus: [1.2, 1],
    minRewardToRisk: 0,
  };
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
    const plane = createPlane({ ...options, confluence: { ...settings, frameBonus: [1.2, 1.2] } });
    // The longer frame has voted too, and will not again for some bars.
    feed(plane, Array(11).fill(1_001));
    const before = plane.direction;
    plane.setPerformance("moody", 0);
    feed(plane, [1_001], 11);
    expect([before, plane.direction, plane.gate?.name, plane.gate?.value]).toEqual([
      1,
      0,
      "strategies",
      2,
    ]);
    plane.setPerformance("moody", 1);
    feed(plane, [1_001], 12);
    expect(plane.direction).toBe(1);
  });

  test("a session's multiplier counts in its hour, at the close", () => {
    const plane = createPlane(options);
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
    const plane = createPlane(options);
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
    const plane = createPlane(options);
    feed(plane, [1_001, 1_001]);
    plane.update(candleOf(flatBar(1_001), 2), { ...reading, spreadShare: 0.002 });
    expect([plane.direction, plane.gate?.name]).toEqual([0, "spread"]);
    feed(plane, [1_001], 3);
    expect([plane.direction, plane.gate]).toEqual([1, null]);
  });

  test("a reading goes to the frames that its bar ends", () => {
    const plane = createPlane(options);
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

  test("no reading goes to a frame that a gap left open", () => {
    const plane = createPlane({ ...options, fillLimit: 0 });
    for (const row of [0, 1, 2, 3, 4, 5, 6, 7, 8, 10]) {
      plane.update(candleOf(flatBar(1_001), row), reading);
    }
    const { frames } = plane.evaluation(candleOf(flatBar(1_001), 10));
    expect(frames[1]?.votes[0]?.numbers).toEqual({ seen: 2, readings: 1 });
  });

  test("two frames that one candle closes are taken in their order", () => {
    const plane = createPlane({ ...options, fillLimit: 0 });
    feed(plane, [990, 990, 990, 990]);
    feed(plane, [1_001], 9);
    const { frames } = plane.evaluation(candleOf(flatBar(1_001), 9));
    expect(frames[1]?.votes[0]).toMatchObject({ direction: 1, numbers: { seen: 2 } });
  });
});

test("a strategy is fed but not heard before its warm-up", () => {
  class Slow extends Scripted {
    override readonly warmup = 3;
  }
  const plane = createPlane({ strategies: () => [new Slow("slow")] });
  const said = [0, 1, 2].map((row) => {
    feed(plane, [1_001], row);
    const vote = plane.evaluation(candleOf(flatBar(1_001), row)).frames[0]?.votes[0];
    return [plane.confluence.strategies, vote?.direction, vote?.words, vote?.numbers.seen];
  });
  expect(said).toEqual([
    [0, 0, "warming up", 1],
    [0, 0, "warming up", 2],
    [1, 1, "script", 3],
  ]);
});
