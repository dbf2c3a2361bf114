import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Reply } from "../../actors/order/ports.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import type { Candle } from "../../machines/domain/market.ts";
import type { CandleHistory } from "../venues/streams/mod.ts";
import { FetchError, type FetchRequest, fetchCandles, writtenPast } from "./candle-fetch.ts";
import { CandleStore } from "./candle-store.ts";
import { readSeriesName } from "./series-key.ts";

const folder = mkdtempSync(join(tmpdir(), "candle-fetch-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const minuteMs = 60_000;
const start = Date.UTC(2022, 0, 1);
const key = readSeriesName("coinbase/BTC/USD/1m");
const at = (minute: number): number => start + minute * minuteMs;

function candle(openedAt: number): Candle {
  const prices = { open: 100, high: 110, low: 90, close: 105 };
  return { symbol: "BTC/USD", openedAt, timeframeMs: minuteMs, ...prices, volume: 2 };
}

/** A venue that tells ten minutes at once, knows them up to one, and had no trade in some. */
function venueOf({ now = 100, kept = 0, quiet = [] as readonly number[] } = {}) {
  const asked: number[] = [];
  const replies: Reply<CandleHistory>[] = [];
  const past = async (_: string, since: number): Promise<Reply<CandleHistory>> => {
    asked.push((since - start) / minuteMs);
    const scripted = replies.shift();
    if (scripted) return scripted;
    const from = Math.max(since, at(kept));
    const until = Math.min(at(now), from + 10 * minuteMs);
    const candles: Candle[] = [];
    for (let each = from; each < until; each += minuteMs) {
      if (!quiet.includes((each - start) / minuteMs)) candles.push(candle(each));
    }
    return { type: "confirmed", value: { from, until, candles } };
  };
  return { asked, replies, market: { past } };
}

let made = 0;
function requestOf(
  venue: ReturnType<typeof venueOf>,
  part: Partial<FetchRequest> = {},
): FetchRequest {
  made += 1;
  return {
    market: writtenPast(venue.market, decimal("0.1")),
    store: new CandleStore(join(folder, String(made))),
    ...{ key, timeframeMs: minuteMs, span: [at(0), at(25)] },
    ...{ isStopped: () => false, onPage: () => {}, onTrouble: async () => true },
    ...part,
  };
}

const openTimes = async ({ store }: FetchRequest) =>
  [...(await store.read(key)).columns.openedAt].map((each) => (each - start) / minuteMs);

test("fetchCandles() goes page by page to the end of what is wanted, and tells of each", async () => {
  const venue = venueOf();
  const told: (readonly number[])[] = [];
  const onPage = (through: number, candles: number) =>
    told.push([(through - start) / minuteMs, candles]);
  const request = requestOf(venue, { onPage });
  expect(await fetchCandles(request)).toEqual({
    ...{ ended: "done", candles: 25, pages: 3, notKept: [], through: at(25) },
  });
  expect(venue.asked).toEqual([0, 10, 20]);
  expect(told).toEqual([
    [10, 10],
    [20, 20],
    [25, 25],
  ]);
  expect(await openTimes(request)).toEqual(Array.from({ length: 25 }, (_, index) => index));
  const { columns } = await request.store.read(key);
  expect([columns.open[0], columns.close[0], columns.volume[0]]).toEqual([100, 105, 2]);
});

test("fetchCandles() that was stopped goes on where it was, and asks for nothing twice", async () => {
  const venue = venueOf();
  let pages = 0;
  const request = requestOf(venue, {
    onPage: () => {
      pages += 1;
    },
    isStopped: () => pages === 1,
  });
  expect((await fetchCandles(request)).ended).toBe("stopped");
  await fetchCandles({ ...request, isStopped: () => false });
  expect(venue.asked).toEqual([0, 10, 20]);
  await fetchCandles({ ...request, isStopped: () => false });
  expect(venue.asked.length).toBe(3);
});

test("fetchCandles() fetches what lies before and behind what is stored", async () => {
  const venue = venueOf();
  const request = requestOf(venue, { span: [at(10), at(20)] });
  await fetchCandles(request);
  await fetchCandles({ ...request, span: [at(5), at(22)] });
  expect(venue.asked).toEqual([10, 5, 20]);
  expect(await openTimes(request)).toEqual(Array.from({ length: 17 }, (_, index) => index + 5));
});

test("fetchCandles() knows a quiet stretch for one without trades", async () => {
  const venue = venueOf({ quiet: [3, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19] });
  const request = requestOf(venue);
  await fetchCandles(request);
  expect(await openTimes(request)).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9, 20, 21, 22, 23, 24]);
  expect((await request.store.index(key))?.covered).toEqual([[at(0), at(25)]]);
});

test("fetchCandles() tells what the venue keeps no longer, and does not take it for quiet", async () => {
  const request = requestOf(venueOf({ kept: 12 }));
  const { notKept, candles } = await fetchCandles(request);
  expect([notKept, candles]).toEqual([[[at(0), at(12)]], 13]);
  expect((await request.store.index(key))?.covered).toEqual([[at(12), at(25)]]);
});

test("fetchCandles() ends where the present is", async () => {
  const request = requestOf(venueOf({ now: 17 }));
  expect(await fetchCandles(request)).toMatchObject({
    ended: "done",
    candles: 17,
    through: at(17),
  });
});

test("fetchCandles() tries again what may pass, and stores nothing of it", async () => {
  const venue = venueOf();
  venue.replies.push({ type: "unknown", cause: "RequestTimeout" });
  const troubles: string[] = [];
  const onTrouble = async (text: string, tries: number) => {
    troubles.push(`${text} ${tries}`);
    return true;
  };
  expect((await fetchCandles(requestOf(venue, { onTrouble }))).candles).toBe(25);
  expect(troubles).toEqual(["RequestTimeout 0"]);
  expect(venue.asked).toEqual([0, 0, 10, 20]);
});

test("fetchCandles() that gives up keeps what came before, and says from where it lacks", async () => {
  const venue = venueOf();
  const request = requestOf(venue, { onTrouble: async () => false, span: [at(0), at(10)] });
  await fetchCandles(request);
  venue.replies.push({ type: "unknown", cause: "HTTP 503" });
  const error = await fetchCandles({ ...request, span: [at(0), at(20)] }).catch((cause) => cause);
  expect(error).toBeInstanceOf(FetchError);
  expect(String(error)).toContain("from 2022-01-01T00:10:00.000Z: HTTP 503");
  expect((await openTimes(request)).length).toBe(10);
});

test("fetchCandles() does not try again what the venue does not have", async () => {
  const venue = venueOf();
  venue.replies.push({ type: "refused", code: "unsupported", text: "no such product" });
  await expect(fetchCandles(requestOf(venue))).rejects.toThrow("no such product");
  expect(venue.asked).toEqual([0]);
});
