import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decimal } from "../../machines/domain/decimal.ts";
import {
  type DepthChange,
  RecordedBook,
  type RecordedLevel,
  type Touches,
} from "./recorded-book.ts";

const level = (ticks: number, quantity: number): RecordedLevel => {
  return { ticks, quantity: decimal(quantity) };
};
type Pairs = readonly (readonly [ticks: number, quantity: number])[];
const levels = (pairs: Pairs) => pairs.map(([ticks, quantity]) => level(ticks, quantity));

type Step =
  | readonly ["depth", firstId: number, lastId: number, bids: Pairs, asks: Pairs]
  | readonly [
      "ticker",
      updateId: number,
      bid: readonly [number, number],
      ask: readonly [number, number],
    ];

function bookAfter(steps: readonly Step[]): { book: RecordedBook; changed: boolean[] } {
  const book = new RecordedBook();
  const changed = steps.map((step) => {
    if (step[0] === "ticker") {
      return book.ticker({ updateId: step[1], bid: level(...step[2]), ask: level(...step[3]) });
    }
    const [, firstId, lastId, bids, asks] = step;
    return book.depth({ firstId, lastId, bids: levels(bids), asks: levels(asks) });
  });
  return { book, changed };
}

const plain = (side: readonly RecordedLevel[]) =>
  side.map(({ ticks, quantity }) => `${ticks}x${quantity}`).join(" ");

interface Row {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly bids: string;
  readonly asks: string;
  readonly changed: readonly boolean[];
  readonly counts?: Partial<RecordedBook["statistics"]>;
}

const begin: readonly Step[] = [
  [
    "depth",
    1,
    3,
    [
      [90, 1],
      [89, 2],
    ],
    [
      [110, 1],
      [112, 2],
    ],
  ],
  ["ticker", 4, [95, 5], [105, 5]],
];

const rows: readonly Row[] = [
  {
    name: "is not known before the first ticker",
    steps: begin.slice(0, 1),
    ...{ bids: "", asks: "", changed: [false] },
  },
  {
    name: "begins at the first ticker's touches, with what depth told behind them",
    steps: begin,
    ...{ bids: "95x5 90x1 89x2", asks: "105x5 110x1 112x2", changed: [false, true] },
  },
  {
    name: "takes sizes of depth as they are, and drops levels of size 0",
    steps: [
      ...begin,
      [
        "depth",
        4,
        6,
        [
          [90, 0],
          [94, 3],
        ],
        [[105, 7]],
      ],
    ],
    ...{ bids: "95x5 94x3 89x2", asks: "105x7 110x1 112x2", changed: [false, true, true] },
    // The ticker of update 5 or 6 is missing in this stream, and that is noticed.
    counts: { touchChecks: 1, touchDifferences: 1, crossings: 0 },
  },
  {
    name: "loses what stands before a ticker's touches",
    steps: [...begin, ["ticker", 5, [89, 4], [110, 9]]],
    ...{ bids: "89x4", asks: "110x9 112x2", changed: [false, true, true] },
  },
  {
    name: "keeps the touches of a ticker that overtook the depth",
    steps: [
      ...begin,
      ["ticker", 9, [80, 4], [90, 9]],
      [
        "depth",
        4,
        6,
        [
          [95, 5],
          [90, 0],
        ],
        [[105, 0]],
      ],
    ],
    ...{ bids: "80x4", asks: "90x9 110x1 112x2", changed: [false, true, true, true] },
    counts: { overtakenDepth: 1, crossings: 0 },
  },
  {
    name: "drops depth and tickers that are older than what is known",
    steps: [
      ...begin,
      ["depth", 2, 3, [[99, 9]], []],
      ["ticker", 4, [1, 1], [2, 1]],
      ["ticker", 3, [1, 1], [2, 1]],
    ],
    ...{
      bids: "95x5 90x1 89x2",
      asks: "105x5 110x1 112x2",
      changed: [false, true, false, false, false],
    },
    counts: { staleDepth: 1, staleTickers: 2 },
  },
  {
    name: "is not known after a gap in the update ids",
    steps: [...begin, ["depth", 6, 7, [[94, 3]], []]],
    ...{ bids: "", asks: "", changed: [false, true, true] },
    counts: { gaps: 1, resyncs: 0 },
  },
  {
    name: "is known again after a gap from the next ticker on, without what stood before the gap",
    steps: [
      ...begin,
      ["depth", 6, 7, [[94, 3]], []],
      ["ticker", 7, [95, 5], [105, 5]],
      ["ticker", 8, [95, 5], [105, 5]],
    ],
    ...{ bids: "95x5 94x3", asks: "105x5", changed: [false, true, true, false, true] },
    counts: { gaps: 1, resyncs: 1, staleTickers: 1 },
  },
  {
    name: "is dropped where depth leaves it crossed",
    steps: [...begin, ["depth", 4, 5, [[106, 3]], []]],
    ...{ bids: "", asks: "", changed: [false, true, true] },
    counts: { crossings: 1 },
  },
  {
    name: "is dropped where a ticker is crossed in itself",
    steps: [...begin, ["ticker", 5, [100, 3], [100, 3]]],
    ...{ bids: "", asks: "", changed: [false, true, true] },
    counts: { crossings: 1 },
  },
];

describe("RecordedBook", () => {
  test.each(rows.map((row) => [row.name, row] as const))("%s", (_name, row) => {
    const { book, changed } = bookAfter(row.steps);
    const { bids, asks } = book.top(10);
    expect({ bids: plain(bids), asks: plain(asks), changed }).toEqual({
      ...{ bids: row.bids, asks: row.asks, changed: [...row.changed] },
    });
    expect(book.statistics).toMatchObject(row.counts ?? {});
  });

  test("shows no more levels than asked for, the best of each side", () => {
    const { bids, asks } = bookAfter(begin).book.top(2);
    expect([plain(bids), plain(asks)]).toEqual(["95x5 90x1", "105x5 110x1"]);
  });

  test("bounds its levels, and counts the far ones that it drops", () => {
    const many: Pairs = Array.from({ length: 6_000 }, (_, at) => [at + 1, 1] as const);
    const { book } = bookAfter([
      ["depth", 1, 1, many, []],
      ["ticker", 2, [6_001, 1], [6_002, 1]],
    ]);
    const { bids } = book.top(10_000);
    expect([bids.length, bids[0]?.ticks, book.statistics.levelsDropped]).toEqual([
      5_000, 6_001, 1_000,
    ]);
  });
});

/** A venue's book that changes level by level, and what its streams say of it. */
const market = fc.array(
  fc.record({
    ticks: fc.integer({ min: 40, max: 60 }),
    quantity: fc.integer({ min: 0, max: 3 }),
    isBid: fc.boolean(),
  }),
  { minLength: 20, maxLength: 120 },
);

interface Streams {
  readonly tickers: Touches[];
  readonly depths: DepthChange[];
  /** Both sides after each update id. */
  readonly truth: { bids: Map<number, number>; asks: Map<number, number> }[];
}

/** Depth each five updates; a ticker whenever a touch is another one. */
function streamsOf(
  changes: readonly { ticks: number; quantity: number; isBid: boolean }[],
): Streams {
  const bids = new Map([[39, 1]]);
  const asks = new Map([[61, 1]]);
  const streams: Streams = {
    tickers: [],
    depths: [],
    truth: [{ bids: new Map(bids), asks: new Map(asks) }],
  };
  let touched = "";
  let pending = { bids: new Map<number, number>(), asks: new Map<number, number>(), firstId: 1 };
  for (const [index, { ticks, quantity, isBid }] of changes.entries()) {
    const id = index + 1;
    const bestBid = Math.max(...bids.keys());
    const bestAsk = Math.min(...asks.keys());
    // The venue's own book never crosses.
    if (isBid ? ticks < bestAsk : ticks > bestBid) {
      const [side, told] = isBid ? [bids, pending.bids] : [asks, pending.asks];
      if (quantity === 0) side.delete(ticks);
      else side.set(ticks, quantity);
      told.set(ticks, quantity);
    }
    const [bid, ask] = [Math.max(...bids.keys()), Math.min(...asks.keys())];
    const touch = [bid, bids.get(bid), ask, asks.get(ask)].join();
    if (touch !== touched) {
      touched = touch;
      streams.tickers.push({
        ...{
          updateId: id,
          bid: level(bid, bids.get(bid) ?? 0),
          ask: level(ask, asks.get(ask) ?? 0),
        },
      });
    }
    streams.truth.push({ bids: new Map(bids), asks: new Map(asks) });
    if (id % 5 !== 0) continue;
    const ids = { firstId: pending.firstId, lastId: id };
    streams.depths.push({
      ...ids,
      bids: levels([...pending.bids]),
      asks: levels([...pending.asks]),
    });
    pending = { bids: new Map(), asks: new Map(), firstId: id + 1 };
  }
  return streams;
}

const isCrossed = (book: RecordedBook): boolean => {
  const { bids, asks } = book.top(1);
  return bids[0] !== undefined && asks[0] !== undefined && bids[0].ticks >= asks[0].ticks;
};

test("RecordedBook is never crossed, and after each depth holds only what the venue held", () => {
  fc.assert(
    fc.property(market, fc.integer({ min: 0, max: 7 }), (changes, delay) => {
      const { tickers, depths, truth } = streamsOf(changes);
      const book = new RecordedBook();
      let next = 0;
      for (const depth of depths) {
        // Depth comes some updates late: tickers up to then are ahead of it.
        for (; (tickers[next]?.updateId ?? 999) <= depth.lastId + delay; next += 1) {
          book.ticker(tickers[next] as Touches);
          expect(isCrossed(book)).toBe(false);
        }
        book.depth(depth);
        expect(isCrossed(book)).toBe(false);
        if (delay > 0 || !book.isValid) continue;
        const { bids, asks } = book.top(100);
        const held = truth[depth.lastId] as Streams["truth"][number];
        expect(
          bids.filter(({ ticks, quantity }) => held.bids.get(ticks) !== Number(quantity)),
        ).toEqual([]);
        expect(
          asks.filter(({ ticks, quantity }) => held.asks.get(ticks) !== Number(quantity)),
        ).toEqual([]);
        expect(bids[0]?.ticks).toBe(Math.max(...held.bids.keys()));
      }
      expect(book.statistics).toMatchObject({ crossings: 0, gaps: 0, touchDifferences: 0 });
    }),
    { seed: 20240809, numRuns: 300 },
  );
});
