import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { sampleCandles } from "./indicators/testing/sample-candles.ts";
import { defaultFrames, FrameAggregator } from "./resample.ts";

const minute = 60_000;

/** Feeds candles at these minutes: close = minute, open below and high above it by one. */
function fed(
  factor: number,
  minutes: readonly number[],
): { frame: FrameAggregator; closed: number[] } {
  const frame = new FrameAggregator(minute, factor * minute, 100);
  const closed = minutes.map((at) => frame.update(at * minute, at + 1, at + 2, at, at + 1, 1));
  return { frame, closed };
}

function summary({ frame, closed }: ReturnType<typeof fed>) {
  const { openedAt, open, close, volume } = frame.ring.columns();
  return {
    closed,
    frames: [...openedAt].map((at, row) => [at / minute, open[row], close[row], volume[row]]),
    incomplete: frame.incomplete,
    empty: frame.empty,
    missing: frame.missing,
    unseen: frame.unseen,
  };
}

const none = { incomplete: 0, empty: 0, missing: 0, unseen: 0 };

describe("FrameAggregator of five minutes", () => {
  const cases = [
    {
      name: "closes a frame with its last candle",
      minutes: [0, 1, 2, 3, 4, 5],
      wanted: { ...none, closed: [0, 0, 0, 0, 1, 0], frames: [[0, 1, 5, 5]] },
    },
    {
      name: "aligns frames to the epoch, and drops a first one that it did not see begin",
      minutes: [3, 4, 5, 6, 7, 8, 9],
      wanted: { ...none, closed: [0, 0, 0, 0, 0, 0, 1], frames: [[5, 6, 10, 5]], unseen: 2 },
    },
    {
      name: "makes a frame of the candles that there are",
      minutes: [0, 2, 4],
      wanted: { ...none, closed: [0, 0, 1], frames: [[0, 1, 5, 3]], incomplete: 1, missing: 2 },
    },
    {
      name: "keeps a later frame whose first candle is missing",
      minutes: [3, 6, 9],
      wanted: {
        ...none,
        closed: [0, 0, 1],
        frames: [[5, 7, 10, 2]],
        incomplete: 1,
        missing: 3,
        unseen: 1,
      },
    },
    {
      name: "closes a frame without its last candle when a later one comes",
      minutes: [0, 1, 2, 3, 6],
      wanted: {
        ...none,
        closed: [0, 0, 0, 0, 1],
        frames: [[0, 1, 4, 4]],
        incomplete: 1,
        missing: 1,
      },
    },
    {
      name: "closes two at once when the later one is the last of its own",
      minutes: [0, 1, 9],
      wanted: {
        ...none,
        closed: [0, 0, 2],
        frames: [
          [0, 1, 2, 2],
          [5, 10, 10, 1],
        ],
        incomplete: 2,
        missing: 7,
      },
    },
    {
      name: "makes up no frame where nothing was seen, and counts it",
      minutes: [0, 1, 2, 3, 4, 20],
      wanted: {
        ...none,
        closed: [0, 0, 0, 0, 1, 0],
        frames: [[0, 1, 5, 5]],
        empty: 3,
        missing: 15,
      },
    },
  ];
  for (const { name, minutes, wanted } of cases) {
    test(name, () => {
      expect(summary(fed(5, minutes))).toEqual(wanted);
    });
  }

  test("a frame of one base candle is that candle", () => {
    expect(summary(fed(1, [7, 8]))).toEqual({
      ...none,
      closed: [1, 1],
      frames: [
        [7, 8, 8, 1],
        [8, 9, 9, 1],
      ],
    });
  });

  test("a frame that is no multiple of the base is refused", () => {
    for (const frameMs of [90_000, 0, 30_000, Number.NaN]) {
      expect(() => new FrameAggregator(minute, frameMs, 10)).toThrow(
        `Cannot resample candles of 60000 ms to ${frameMs} ms`,
      );
    }
  });
});

test("incremental frames equal those grouped from all candles at once", () => {
  const seed = 77;
  console.log(`Resampling: seed ${seed}`);
  const columns = sampleCandles({ seed: 9, candles: 300, startTicks: 1_000 });
  const rows = fc.subarray(Array.from(columns.close.keys()), { minLength: 1 });
  fc.assert(
    fc.property(rows, fc.constantFrom(2, 3, 5, 12, 15), (kept, factor) => {
      const frame = new FrameAggregator(minute, factor * minute, 1_000);
      for (const row of kept) {
        frame.update(
          columns.openedAt[row] as number,
          columns.open[row] as number,
          columns.high[row] as number,
          columns.low[row] as number,
          columns.close[row] as number,
          columns.volume[row] as number,
        );
      }
      const time = (row: number) => columns.openedAt[row] as number;
      const groups = [
        ...Map.groupBy(kept, (row) => Math.floor(time(row) / (factor * minute))),
      ].filter(([group, members], index) => {
        const unseen = index === 0 && time(members[0] as number) !== group * factor * minute;
        const last = time(kept.at(-1) as number);
        const closed = last >= ((group + 1) * factor - 1) * minute;
        return !unseen && closed;
      });
      const pick = (column: Float64Array, row: number | undefined) => column[row ?? -1] as number;
      const ring = frame.ring.columns();
      expect(ring).toEqual({
        openedAt: Float64Array.from(groups, ([group]) => group * factor * minute),
        open: Float64Array.from(groups, ([, members]) => pick(columns.open, members[0])),
        high: Float64Array.from(groups, ([, members]) =>
          Math.max(...members.map((row) => pick(columns.high, row))),
        ),
        low: Float64Array.from(groups, ([, members]) =>
          Math.min(...members.map((row) => pick(columns.low, row))),
        ),
        close: Float64Array.from(groups, ([, members]) => pick(columns.close, members.at(-1))),
        volume: Float64Array.from(groups, ([, members]) =>
          members.reduce((total, row) => total + pick(columns.volume, row), 0),
        ),
      });
    }),
    { seed, numRuns: 300 },
  );
});

test("the default frames are 1, 5 and 15 minutes, or 1, 3 and 12 times another base", () => {
  expect(defaultFrames(minute)).toEqual([minute, 5 * minute, 15 * minute]);
  expect(defaultFrames(5 * minute)).toEqual([5 * minute, 15 * minute, 60 * minute]);
  expect(defaultFrames(1_000)).toEqual([1_000, 3_000, 12_000]);
});
