import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Candle } from "../../machines/domain/market.ts";
import { type Recordings, readRecordings } from "../market/mod.ts";
import { realRecordings, writeRecording } from "../market/recording.fixture.ts";
import type { BookUpdate, MarketPrint } from "../venues/matching/mod.ts";
import { RecordingTimeline } from "./recording-timeline.ts";
import type { BookVenue } from "./timeline.ts";

const folder = mkdtempSync(join(tmpdir(), "recordings-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function synthetic(seconds: number): Promise<Recordings> {
  const common = { seconds, skewMs: 1_270 };
  const paths = [
    await writeRecording(join(folder, `btc-${seconds}.jsonl.gz`), {
      ...{ ...common, symbol: "BTC/USDT", startPrice: "61000", seed: 1 },
    }),
    await writeRecording(join(folder, `eth-${seconds}.jsonl`), {
      ...{ ...common, symbol: "ETH/USDT", startPrice: "2600", seed: 2 },
    }),
  ];
  return readRecordings(
    paths.map((path) => ({ path, symbol: null })),
    "1s",
  );
}

/** What a timeline gives, step by step. */
interface Heard {
  readonly at: number;
  readonly what: "bar" | "book" | "print" | "nothing";
  readonly symbol: string;
  readonly value: unknown;
}

function listener(): { venue: BookVenue; heard: Omit<Heard, "at">[] } {
  const heard: Omit<Heard, "at">[] = [];
  const venue: BookVenue = {
    at: { venue: "paper", account: "main" },
    book: (symbol: string, value: BookUpdate) => heard.push({ what: "book", symbol, value }),
    print: (symbol: string, value: MarketPrint) => heard.push({ what: "print", symbol, value }),
    takeReport: () => null,
    due: () => null,
    advance: () => Promise.resolve(),
  };
  return { venue, heard };
}

/** Plays a timeline from a place on. */
async function play(recordings: Recordings, steps = 0) {
  const stored = new Map<string, unknown>(steps > 0 ? [["recording", { steps }]] : []);
  const timeline = new RecordingTimeline(recordings, stored);
  const { venue, heard } = listener();
  const played: Heard[] = [];
  for (;;) {
    for (let wait = timeline.ready(); wait; wait = timeline.ready()) await wait;
    const at = timeline.nextAt();
    if (at === null) return { timeline, played };
    const news = timeline.step(venue);
    const told = heard.pop();
    const isPrint = told?.what === "print";
    const price = isPrint ? (told.value as MarketPrint).ticks : null;
    if (news?.type === "bar") {
      played.push({ at, what: "bar", symbol: news.candle.symbol, value: news.candle });
      continue;
    }
    // What is said of the price is what the venue was told: each print's, and nothing else.
    const seen = news?.type === "price" ? news : null;
    expect([news?.symbol, seen?.ticks ?? null]).toEqual([isPrint ? told.symbol : undefined, price]);
    played.push({ at, ...(told ?? { what: "nothing", symbol: "", value: null }) });
    expect(heard).toEqual([]);
  }
}

function isCrossed({ what, value }: Heard): boolean {
  if (what !== "book") return false;
  const { bids, asks } = value as BookUpdate;
  const [bid, ask] = [bids[0]?.ticks, asks[0]?.ticks];
  return bid !== undefined && ask !== undefined && bid >= ask;
}

function expectSound(played: readonly Heard[], timeline: RecordingTimeline): void {
  expect(played.filter(isCrossed)).toEqual([]);
  expect(played.filter(({ at }, index) => at < (played[index - 1]?.at ?? 0))).toEqual([]);
  for (const statistics of timeline.statistics().values()) {
    expect(statistics).toMatchObject({
      ...{ gaps: 0, resyncs: 0, crossings: 0, staleDepth: 0, staleTickers: 0 },
      ...{ touchDifferences: 0, printsRepeated: 0, printsMissed: 0, levelsDropped: 0 },
    });
    expect(statistics.touchChecks).toBeGreaterThan(statistics.depthUpdates / 2);
  }
}

describe("RecordingTimeline", () => {
  test("gives books never crossed, prints and bars in the order of time", async () => {
    const { played, timeline } = await play(await synthetic(60));
    expectSound(played, timeline);
    const count = (what: Heard["what"]) => played.filter((each) => each.what === what).length;
    // 60 s of two symbols, less the first that was not seen whole and the last that saw no close.
    expect({
      bars: count("bar"),
      prints: count("print") > 300,
      books: count("book") > 900,
    }).toEqual({
      ...{ bars: 2 * 58, prints: true, books: true },
    });
  });

  test("closes a bar before what is received at that very millisecond, and drops repeated prints", async () => {
    const begin = 1_700_000_000_000;
    const line = (after: number, tradeId: number) => {
      const data = {
        e: "trade",
        E: begin + after,
        s: "BTCUSDT",
        t: tradeId,
        p: "1.5",
        q: "2",
        m: true,
      };
      return `${begin + after}000000 ${JSON.stringify({ stream: "btcusdt@trade", data })}\n`;
    };
    const path = join(folder, "written.jsonl");
    await Bun.write(path, [line(0, 7), line(10, 7), line(999, 8), line(1_000, 12)].join(""));
    const { played, timeline } = await play(await readRecordings([{ path, symbol: null }], "1s"));
    const bar = played.find(({ what }) => what === "bar")?.value as Candle | undefined;
    expect(played.map(({ at, what }) => `${at - begin} ${what}`)).toEqual([
      ...["0 print", "10 nothing", "999 print", "1000 bar", "1000 print"],
    ]);
    expect([bar?.openedAt, bar?.volume]).toEqual([begin, 4]);
    expect(timeline.statistics().get("BTC/USDT")).toMatchObject({
      ...{ prints: 3, printsRepeated: 1, printsMissed: 3 },
    });
  });

  test("tells prints and books with the time of their step", async () => {
    const { played } = await play(await synthetic(20));
    const untimely = played.filter(({ at, what, value }) => {
      return (what === "print" || what === "book") && (value as MarketPrint | BookUpdate).at !== at;
    });
    expect(untimely).toEqual([]);
  });

  test("makes bars of the prints received in their time, flat ones where there are none", async () => {
    const { played } = await play(await synthetic(60));
    const ofSymbol = played.filter(({ symbol }) => symbol === "ETH/USDT");
    let last = 0;
    for (const { what, value } of ofSymbol) {
      if (what !== "bar") continue;
      const { openedAt, open, high, low, close } = value as Candle;
      const prints = ofSymbol
        .filter((each) => each.what === "print" && Math.floor(each.at / 1_000) * 1_000 === openedAt)
        .map((each) => (each.value as MarketPrint).ticks);
      const wanted = prints.length > 0 ? prints : [last];
      expect([open, high, low, close]).toEqual([
        ...[wanted[0], Math.max(...wanted), Math.min(...wanted), wanted.at(-1)],
      ] as number[]);
      last = close;
    }
  });

  test("goes on from any place with the very same steps", async () => {
    const recordings = await synthetic(20);
    const { played } = await play(recordings);
    for (const steps of [1, 2, 150, 151, played.length - 1, played.length]) {
      expect((await play(recordings, steps)).played).toEqual(played.slice(steps));
    }
  });

  test("refuses a place beyond the end", async () => {
    const recordings = await synthetic(20);
    const { length } = (await play(recordings)).played;
    await expect(play(recordings, length + 1)).rejects.toThrow(
      `Cannot go on in the recordings after ${length + 1} steps: they have ${length}`,
    );
  });
});

const isThere = realRecordings.every(existsSync);
if (!isThere) console.log(`skipped: no recordings at ${realRecordings.join(", ")}`);

test.skipIf(!isThere)("RecordingTimeline rebuilds the books of real recordings", async () => {
  const requests = realRecordings.map((path) => ({ path, symbol: null }));
  const { played, timeline } = await play(await readRecordings(requests, "1s"));
  console.log(Object.fromEntries(timeline.statistics()));
  expectSound(played, timeline);
  expect(played.filter(({ what }) => what === "bar").length).toBe(606);
});
