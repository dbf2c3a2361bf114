import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CandleFileError } from "../market/mod.ts";
import { type CandleRows, CandleStore } from "./candle-store.ts";
import { readSeriesName, seriesName } from "./series-key.ts";
import { joinedSpans, uncovered } from "./spans.ts";

const folder = mkdtempSync(join(tmpdir(), "candle-store-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
function emptyStore(): CandleStore {
  made += 1;
  return new CandleStore(join(folder, String(made)));
}

const key = readSeriesName("kraken/BTC/USD/1m");
const minuteMs = 60_000;
/** Ten minutes before a month ends. */
const start = Date.UTC(2022, 0, 31, 23, 50);

function rows(from: number, count: number, close = "10.5"): CandleRows {
  const all = Array.from({ length: count }, (_, index) => {
    const openedAt = start + (from + index) * minuteMs;
    return [openedAt, `${openedAt},10,11,9.5,${close},3`] as const;
  });
  return new Map(all);
}

const spanOf = (from: number, until: number) =>
  [start + from * minuteMs, start + until * minuteMs] as const;

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((cause: unknown) => cause);
  if (error instanceof CandleFileError) return error.message;
  throw new Error(`Took what it has to refuse: ${error}`);
}

describe("CandleStore", () => {
  test("keeps a series by month and gives it back as one", async () => {
    const store = emptyStore();
    await store.add(key, rows(0, 5), spanOf(0, 5));
    await store.add(key, rows(5, 15), spanOf(5, 20));
    const { columns, tick, symbol, timeframeMs } = await store.read(key);
    expect({ symbol, timeframeMs, tick: String(tick) }).toEqual({
      ...{ symbol: "BTC/USD", timeframeMs: minuteMs, tick: "0.1" },
    });
    expect([...columns.openedAt]).toEqual([...rows(0, 20).keys()]);
    expect([columns.open[0], columns.low[19], columns.close[19]]).toEqual([100, 95, 105]);
    const index = await store.index(key);
    expect(index?.months.map(({ month, candles }) => [month, candles])).toEqual([
      ["2022-01", 10],
      ["2022-02", 10],
    ]);
    expect(index?.covered).toEqual([[...spanOf(0, 20)]]);
  });

  test("holds the same bytes however often and in whatever pieces it was filled", async () => {
    const [whole, pieces] = [emptyStore(), emptyStore()];
    await whole.add(key, rows(0, 20), spanOf(0, 20));
    for (const from of [12, 0, 6]) {
      await pieces.add(key, rows(from, 8), spanOf(from, from + 8));
    }
    const contents = (store: CandleStore) =>
      readdirSync(store.pathOf(key)).map((file) => [
        file,
        readFileSync(join(store.pathOf(key), file)).toString("hex"),
      ]);
    expect(contents(pieces)).toEqual(contents(whole));
    expect((await pieces.read(key)).sha256).toBe((await whole.read(key)).sha256);
  });

  test("takes none of what has another candle at one of its times", async () => {
    const store = emptyStore();
    await store.add(key, rows(10, 5), null);
    const before = await store.index(key);
    const text = await refusal(
      store.add(key, new Map([...rows(0, 10), ...rows(14, 1, "9.9")]), null),
    );
    expect(text).toContain(`it has "${start + 14 * minuteMs},10,11,9.5,10.5,3", and what is to be`);
    expect(text).toContain("To cure it, keep the two in series of their own");
    expect(await store.index(key)).toEqual(before);
    expect((await store.read(key)).columns.openedAt.length).toBe(5);
  });

  const shifted = (from: number, count: number): CandleRows =>
    new Map(
      [...rows(from, count)].map(([at, row]) => [
        at + 10_000,
        row.replace(`${at}`, `${at + 10_000}`),
      ]),
    );

  test.each([
    ["within a month", 2, 5],
    ["across a month's border", 12, 5],
  ])("takes nothing that opens between its candles, %s", async (_, from, count) => {
    const store = emptyStore();
    await store.add(key, rows(0, 5), spanOf(0, 5));
    const contents = () =>
      readdirSync(store.pathOf(key)).map((file) => [
        file,
        readFileSync(join(store.pathOf(key), file)).toString("hex"),
      ]);
    const before = contents();
    const text = await refusal(store.add(key, shifted(from, count), null));
    const opens = new Date(start + from * minuteMs + 10_000).toISOString();
    expect(text).toContain(
      '"kraken/BTC/USD/1m" has candles that open at 2022-01-31T23:50:00.000Z and every 1m from ' +
        `there, and one that is to be added opens at ${opens}\nTo cure it, give candles that open`,
    );
    expect(contents()).toEqual(before);
  });

  test("takes nothing that is out of step with itself or with its span, and makes no folder", async () => {
    const store = emptyStore();
    const mixed = new Map([...rows(0, 5), ...shifted(15, 2)]);
    for (const adding of [
      store.add(key, mixed, null),
      store.add(key, shifted(0, 5), spanOf(0, 5)),
    ]) {
      expect(await refusal(adding)).toContain("what is to be added has candles that open at ");
    }
    expect(existsSync(store.pathOf(key))).toBe(false);
    await store.add(key, shifted(0, 15), null);
    expect((await store.read(key)).columns.openedAt.length).toBe(15);
  });

  test("is what it was where a write was cut off before its index was replaced", async () => {
    const store = emptyStore();
    await store.add(key, rows(0, 5), spanOf(0, 5));
    writeFileSync(join(store.pathOf(key), "2022-02.0123456789abcdef.csv.gz"), "half a mon");
    expect((await store.read(key)).columns.openedAt.length).toBe(5);
    const index = await store.index(key);
    if (!index) throw new Error("Cannot go on without an index");
    expect(store.leftovers(key, index)).toEqual(["2022-02.0123456789abcdef.csv.gz"]);
  });

  test("refuses a file whose bytes changed, by its checksum, and names it", async () => {
    const store = emptyStore();
    await store.add(key, rows(0, 5), null);
    const [file = ""] = readdirSync(store.pathOf(key)).filter((name) => name.endsWith(".gz"));
    const path = join(store.pathOf(key), file);
    const bytes = readFileSync(path);
    bytes[bytes.length - 3] = (bytes.at(-3) ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const text = await refusal(store.read(key));
    expect(text).toStartWith(`Cannot read candle file ${JSON.stringify(path)}: its SHA-256 is `);
    expect(text).toContain("To cure it, remove ");
  });

  test("refuses an index that is none, and a series that is not there", async () => {
    const store = emptyStore();
    expect(await refusal(store.read(key))).toContain(`there is no series "kraken/BTC/USD/1m"`);
    await store.add(key, rows(0, 5), null);
    const path = join(store.pathOf(key), "index.json");
    writeFileSync(path, "{");
    expect(await refusal(store.read(key))).toContain("it is no JSON, wanted the index of a series");
    writeFileSync(path, `{"version":2}`);
    expect(await refusal(store.read(key))).toContain("it is no index of a series: version");
  });
});

test("readSeriesName() reads what seriesName() writes, and refuses what is none", () => {
  expect(seriesName(key)).toBe("kraken/BTC/USD/1m");
  expect(readSeriesName("kraken/BTC-USD/1m")).toEqual(key);
  for (const text of [
    "kraken/BTC/1m",
    "../x/BTC/USD/1m",
    "kraken/BTC/USD/1x",
    "kraken/btc/usd/1m",
  ]) {
    expect(() => readSeriesName(text)).toThrow("wanted venue/symbol/timeframe");
  }
});

test("joinedSpans() joins what touches, uncovered() tells what is left", () => {
  expect(
    joinedSpans([
      [5, 7],
      [0, 2],
      [2, 3],
      [6, 9],
      [9, 9],
    ]),
  ).toEqual([
    [0, 3],
    [5, 9],
  ]);
  expect(
    uncovered(
      [1, 12],
      [
        [5, 9],
        [0, 3],
      ],
    ),
  ).toEqual([
    [3, 5],
    [9, 12],
  ]);
  expect(uncovered([1, 2], [[0, 3]])).toEqual([]);
  expect(uncovered([1, 2], [])).toEqual([[1, 2]]);
});
