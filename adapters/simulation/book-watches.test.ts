import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BookReading, BookWatch } from "../../actors/scanner/ports.ts";
import { decimal, toNumber } from "../../machines/domain/decimal.ts";
import { generatorSource, readRecordings } from "../market/mod.ts";
import { realRecordings, writeRecording } from "../market/recording.fixture.ts";
import type { BookUpdate } from "../venues/matching/mod.ts";
import { BookWatches } from "./book-watches.ts";
import { generatedBooks } from "./generated-books.ts";
import { RecordingTimeline, recordingSource } from "./recording-timeline.ts";
import type { BookVenue, TimelineSource } from "./timeline.ts";

const folder = mkdtempSync(join(tmpdir(), "readings-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface BarTold {
  readonly step: number;
  readonly symbol: string;
  readonly book: BookReading | null;
  /** The last book that the venue was handed; undefined if none yet. */
  readonly shown: BookUpdate | undefined;
}

/** The bars of so many steps from a place on, and the place after them. */
async function play(
  source: TimelineSource,
  steps: number,
  stored: ReadonlyMap<string, unknown> = new Map(),
) {
  const timeline = source.timeline(stored);
  const shown = new Map<string, BookUpdate>();
  const bars: BarTold[] = [];
  const venue: BookVenue = {
    at: { venue: "paper", account: "main" },
    book: (symbol, book) => shown.set(symbol, book),
    print: () => {},
    takeReport: () => null,
    due: () => null,
    advance: () => Promise.resolve(),
  };
  for (let step = 0; step < steps; step += 1) {
    for (let wait = timeline.ready(); wait; wait = timeline.ready()) await wait;
    if (timeline.nextAt() === null) break;
    const news = timeline.step(venue);
    if (news?.type !== "bar") continue;
    const { symbol } = news.candle;
    bars.push({ step, symbol, book: news.book, shown: shown.get(symbol) });
  }
  const place = new Map(stored);
  for (const { key, value } of timeline.changes()) place.set(key, value);
  if (timeline instanceof RecordingTimeline) await timeline.close();
  return { bars, place };
}

/** What the levels that a venue was shown say, by the definitions of `BookReading`. */
function saidBy({ bids, asks }: BookUpdate) {
  const [bid, ask] = [bids[0], asks[0]];
  if (!bid || !ask) return null;
  const total = (levels: BookUpdate["bids"]) =>
    levels.slice(0, 10).reduce((sum, { quantity }) => sum + toNumber(quantity), 0);
  const [resting, offered] = [total(bids), total(asks)];
  const [bidSize, askSize] = [toNumber(bid.quantity), toNumber(ask.quantity)];
  return {
    imbalance: (resting - offered) / (resting + offered),
    lean: (bidSize - askSize) / (bidSize + askSize),
    spreadShare: (2 * (ask.ticks - bid.ticks)) / (ask.ticks + bid.ticks),
    ...{ bid: bid.ticks, ask: ask.ticks },
  };
}

const isWithin = (value: number, low: number, high: number) => value >= low && value <= high;

function expectSound(bars: readonly BarTold[]): void {
  for (const { book, shown } of bars) {
    const said = shown ? saidBy(shown) : null;
    if (book === null || said === null) {
      expect([book, said]).toEqual([null, null]);
      continue;
    }
    const { imbalance, lean, spreadShare, bid, ask, ...others } = book;
    expect<unknown>({ imbalance, lean, spreadShare, bid, ask }).toEqual(said);
    expect(Object.keys(others)).toEqual(["pressure", "suspicion", "score"]);
    const { pressure, suspicion, score } = others;
    const isBounded = isWithin(pressure, -1, 1) && isWithin(suspicion, 0, 1);
    expect({ pressure, suspicion, isBounded }).toMatchObject({ isBounded: true });
    expect(score).toBeCloseTo(((1 + imbalance) / 2) * (1 - suspicion), 12);
    expect(Object.values(book).every(Number.isFinite)).toBe(true);
  }
}

const generated = async () =>
  generatedBooks(
    generatorSource({
      seed: "readings",
      symbols: ["A/USD", "B/USD"].map((symbol) => {
        return { symbol, startPrice: decimal("100"), tick: decimal("0.01") };
      }),
      timeframeMs: 60_000,
      startAt: 0,
      gapRate: 0.1,
    }),
  );

async function recorded(paths: readonly string[]): Promise<TimelineSource> {
  const requests = paths.map((path) => ({ path, symbol: null }));
  return recordingSource(await readRecordings(requests, "1s"));
}

const synthetic = async () => {
  const common = { seconds: 60, skewMs: 1_270 };
  return recorded([
    await writeRecording(join(folder, "btc.jsonl.gz"), {
      ...{ ...common, symbol: "BTC/USDT", startPrice: "61000", seed: 1 },
    }),
    await writeRecording(join(folder, "eth.jsonl"), {
      ...{ ...common, symbol: "ETH/USDT", startPrice: "2600", seed: 2 },
    }),
  ]);
};

const begin = 1_700_000_000_000;

/** A recording of lines `[after ms, type, ...]`: a ticker's sizes (and bid) or a print's. */
async function written(lines: readonly WrittenLine[]): Promise<TimelineSource> {
  const texts = lines.map(([after, what], index) => {
    const [stream, data] =
      "bid" in what
        ? ["bookTicker", { u: index + 1, b: what.at ?? "99", B: what.bid, a: "101", A: what.ask }]
        : ["trade", { E: begin + after, t: index, p: "100", q: what.quantity, m: !what.isBuy }];
    const message = { stream: `btcusdt@${stream}`, data: { ...data, s: "BTCUSDT" } };
    return `${begin + after}000000 ${JSON.stringify(message)}\n`;
  });
  const path = join(folder, "written.jsonl");
  await Bun.write(path, texts.join(""));
  return recorded([path]);
}

type WrittenLine = readonly [
  after: number,
  what:
    | { readonly bid: string; readonly ask: string; readonly at?: string }
    | { readonly quantity: string; readonly isBuy: boolean },
];

describe("BookWatches", () => {
  test("reads a recording's book at the bar's close, and the prints of the bar by who took", async () => {
    const source = await written([
      // Before the first whole second.
      [-500, { quantity: "9", isBuy: false }],
      [0, { bid: "3", ask: "1" }],
      [10, { quantity: "3", isBuy: true }],
      [20, { quantity: "1", isBuy: false }],
      [1_000, { bid: "1", ask: "1" }],
      // A touch that is crossed drops the book.
      [1_500, { bid: "1", ask: "1", at: "101" }],
      [2_000, { bid: "2", ask: "2" }],
      [3_000, { quantity: "1", isBuy: true }],
    ]);
    const spreadShare = 0.02;
    const touches = { bid: 99, ask: 101 };
    const even = {
      ...{ imbalance: 0, lean: 0, pressure: 0, spreadShare, suspicion: 0, score: 0.5 },
      ...touches,
    };
    expect((await play(source, 100)).bars.map(({ book }) => book)).toEqual([
      { ...even, imbalance: 0.5, lean: 0.5, pressure: 0.5, score: 0.75 },
      null,
      even,
    ]);
  });

  test("hands over a reading that stays when the watch moves on, and null without a book", () => {
    const watches = new BookWatches([{ symbol: "A", timeframeMs: 1, tick: decimal(1) }]);
    expect(watches.close("A")).toBeNull();
    const [bids, asks] = [[[99, 3] as const], [[101, 1] as const]];
    watches.of("A").book(bids, asks);
    const reading = watches.close("A");
    const before = structuredClone(reading);
    watches.of("A").book([[99, 1]], asks);
    expect(reading).toEqual(before);
    watches.of("A").book([], asks);
    expect(watches.close("A")).toBeNull();
  });

  test("goes on from what it kept with the same bits: large orders, suspicion, prints", () => {
    const symbols = [{ symbol: "A", timeframeMs: 1, tick: decimal(1) }];
    const levels = (best: number, step: number, large: number) =>
      Array.from({ length: 10 }, (_, row) => [best + step * row, row === large ? 100 : 1] as const);
    const happenings: readonly ((watch: BookWatch) => void)[] = [
      (watch) => watch.book(levels(100, -1, 3), levels(102, 1, 5)),
      (watch) => watch.print(102, 2, true),
      (watch) => watch.print(107, 90, true),
      // The large bid vanishes as the price comes near it; the large ask was traded.
      (watch) => watch.book(levels(98, -1, -1), levels(102, 1, -1)),
      (watch) => watch.print(98, 30, false),
    ];
    const run = (isKept: boolean) => {
      const stored = new Map<string, unknown>();
      let watches = new BookWatches(symbols);
      for (const happening of happenings) {
        happening(watches.of("A"));
        for (const { key, value } of watches.changes()) stored.set(key, structuredClone(value));
        if (isKept) watches = new BookWatches(symbols, stored);
      }
      return watches.close("A");
    };
    expect(run(true)).toEqual(run(false));
    expect(run(false)).toMatchObject({ suspicion: expect.closeTo(0.16), pressure: 62 / 122 });
  });

  test("refuses a symbol that the source does not have", () => {
    expect(() => new BookWatches([]).of("A")).toThrow(
      'Cannot watch book of "A": not in the source',
    );
  });
});

interface Wanted {
  readonly steps: number;
  readonly bars: number;
  /** Steps after which it is ended, and goes on. */
  readonly places: readonly number[];
}

function describeReadings(name: string, open: () => Promise<TimelineSource>, wanted: Wanted): void {
  const { steps, places } = wanted;
  describe(`readings of ${name}`, () => {
    test("are those of the book that the venue had last, and change", async () => {
      const { bars } = await play(await open(), steps);
      expectSound(bars);
      const readings = bars.flatMap(({ book }) => (book ? [JSON.stringify(book)] : []));
      const pressures = new Set(bars.map(({ book }) => book?.pressure));
      const different = new Set(readings).size;
      console.log({ bars: bars.length, readings: readings.length, different });
      expect({ bars: bars.length, isRead: readings.length > 0.9 * bars.length }).toEqual({
        ...{ bars: wanted.bars, isRead: true },
      });
      expect(different).toBeGreaterThan(0.9 * readings.length);
      expect([...pressures].some((each) => each !== undefined && each > 0)).toBe(true);
      expect([...pressures].some((each) => each !== undefined && each < 0)).toBe(true);
    });

    test("are the same after going on from any place", async () => {
      const source = await open();
      const whole = (await play(source, steps)).bars.map(({ book }) => book);
      for (const before of places) {
        const first = await play(source, before);
        const second = await play(source, steps - before, first.place);
        expect([...first.bars, ...second.bars].map(({ book }) => book)).toEqual(whole);
      }
    });
  });
}

describeReadings("generated books", generated, {
  ...{ steps: 2_000, bars: 399, places: [...Array(25).keys(), 400, 1_540] },
});
describeReadings("synthetic recordings", synthetic, {
  ...{ steps: 2_000, bars: 116, places: [1, 2, 600, 601, 1_200] },
});

if (realRecordings.every(existsSync)) {
  describeReadings("the real recordings", () => recorded(realRecordings), {
    ...{ steps: 1_000_000, bars: 606, places: [13_000, 70_000] },
  });
} else {
  test.skip(`readings of the real recordings: none at ${realRecordings.join(", ")}`, () => {});
}
