import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decimal } from "../../machines/domain/decimal.ts";
import { type CandleFile, readCandleFile } from "./candle-file.ts";
import { CandleFileError } from "./candle-file-error.ts";

const header = "timestamp_ms,open,high,low,close,volume";
let folder = "";
let written = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "candle-file-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(content: string | Uint8Array, name = "x.csv"): Promise<CandleFile> {
  written += 1;
  const path = join(folder, `${written}-${name}`);
  await Bun.write(path, content);
  return readCandleFile({ path, symbol: "ADA/BTC", timeframe: "5m" });
}

/** The error's text, the path taken out. */
async function refusal(content: string | Uint8Array): Promise<string> {
  const error = await read(content).catch((cause: unknown) => cause);
  if (!(error instanceof CandleFileError)) throw new Error(`Read what it should refuse: ${error}`);
  const [told = "", cure = ""] = error.message.split("\nTo cure it, ");
  expect(cure).toEndWith(". Nothing of it was taken");
  return told.replace(/^Cannot read candle file "[^"]+": /, "");
}

const row = (minute: number, values: string) => `${1_515_560_100_000 + minute * 60_000},${values}`;
const rows = (...lines: string[]) => `${[header, ...lines].join("\n")}\n`;
const plain = "2,3,1,2.5,10";

test("readCandleFile() reads prices exactly into the finest step as tick", async () => {
  const file = await read(
    rows(row(0, "0.0000533,0.0000534,3e-05,0.00005288,431401.97869504"), row(5, "1,1,1,1,0")),
  );
  expect({ tick: file.tick, timeframeMs: file.timeframeMs, columns: file.columns }).toEqual({
    tick: decimal("0.00000001"),
    timeframeMs: 300_000,
    columns: {
      openedAt: Float64Array.of(1_515_560_100_000, 1_515_560_400_000),
      open: Float64Array.of(5330, 100_000_000),
      high: Float64Array.of(5340, 100_000_000),
      low: Float64Array.of(3000, 100_000_000),
      close: Float64Array.of(5288, 100_000_000),
      volume: Float64Array.of(431_401.97869504, 0),
    },
  });
});

test("readCandleFile() does not count trailing zeros towards the tick", async () => {
  const file = await read(rows(row(0, "46319.00,46385.50,46319.0,46377.0,1")));
  expect([file.tick, file.columns.high[0]]).toEqual([decimal("0.1"), 463_855]);
});

test("readCandleFile() takes one as the largest tick", async () => {
  const file = await read(rows(row(0, "46000,47000,45000,46000,1")));
  expect([file.tick, file.columns.high[0]]).toEqual([decimal("1"), 47_000]);
});

test("readCandleFile() reports what it tolerates: equal rows, gaps, a last line cut", async () => {
  const text = rows(row(0, plain), row(0, "2.0,3,1e0,2.50,10.0"), row(15, plain), row(25, plain));
  const { report, columns } = await read(text.slice(0, -1));
  expect({ ...report, path: "" }).toEqual({
    path: "",
    symbol: "ADA/BTC",
    timeframe: "5m",
    tick: decimal("0.1"),
    rows: 4,
    candles: 3,
    duplicates: [3],
    gaps: [
      { line: 4, missing: 2 },
      { line: 5, missing: 1 },
    ],
    missing: 3,
    unterminated: true,
  });
  expect(columns.openedAt.length).toBe(3);
});

test("readCandleFile() tells gzip by its content and hashes what is inside", async () => {
  const text = rows(row(0, plain), row(5, plain));
  const [asText, asGzip] = [await read(text, "a.csv.gz"), await read(Bun.gzipSync(text), "b.csv")];
  expect(asGzip.columns).toEqual(asText.columns);
  expect([asGzip.sha256, asText.sha256]).toEqual(
    Array(2).fill(new Bun.CryptoHasher("sha256").update(text).digest("hex")),
  );
});

test("readCandleFile() reads every member of a gzip file", async () => {
  const text = rows(row(0, plain), row(5, plain), row(10, plain));
  const halves = [text.slice(0, 60), text.slice(60)].map((half) => Bun.gzipSync(half));
  expect((await read(Buffer.concat(halves))).columns.openedAt.length).toBe(3);
});

test("readCandleFile() takes line ends of either kind and a byte order mark", async () => {
  const text = `\uFEFF${rows(row(0, plain), row(5, plain)).replaceAll("\n", "\r\n")}`;
  const { report } = await read(text);
  expect([report.candles, report.unterminated]).toEqual([2, false]);
});

const time = 1_515_560_100_000;
test.each([
  ["five columns", row(5, "2,3,1,2"), "line 3 has 5 columns, wanted 6"],
  ["seven columns", row(5, `${plain},1`), "line 3 has 7 columns, wanted 6"],
  ["an empty line", "", "line 3 has 1 columns, wanted 6"],
  ["quotes", row(5, '"2",3,1,2.5,10'), "line 3 has a quoted field, wanted plain numbers"],
  ["a word", row(5, "2,3,1,x,10"), 'line 3 has close "x", wanted a number above 0'],
  ["NaN", row(5, "NaN,3,1,2,10"), 'line 3 has open "NaN", wanted a number above 0'],
  ["no price", row(5, "2,3,,2,10"), 'line 3 has low "", wanted a number above 0'],
  ["price zero", row(5, "2,3,0.0,2,10"), 'line 3 has low "0.0", wanted a number above 0'],
  ["a price below zero", row(5, "-2,3,1,2,1"), 'line 3 has open "-2", wanted a number above 0'],
  [
    "a volume below zero",
    row(5, "2,3,1,2,-1"),
    'line 3 has volume "-1", wanted a number from 0 up',
  ],
  ["no volume", row(5, "2,3,1,2,"), 'line 3 has volume "", wanted a number from 0 up'],
  ["high below low", row(5, "2,1,3,2,10"), "line 3 has high 1 below low 3"],
  ["open above", row(5, "4,3,1,2,10"), "line 3 has open 4, wanted it within 1 to 3"],
  ["close below", row(5, "2,3,1,0.9,10"), "line 3 has close 0.9, wanted it within 1 to 3"],
  [
    "a time in words",
    `2018-01-10,${plain}`,
    'line 3 has timestamp_ms "2018-01-10", wanted whole Unix milliseconds',
  ],
  [
    "a time off the grid",
    row(6, plain),
    `line 3 has timestamp_ms ${time + 360_000}, wanted a multiple of 300000 ms from the first row's ${time}`,
  ],
  [
    "disorder",
    row(-5, plain),
    `line 3 has timestamp_ms ${time - 300_000}, wanted it above ${time}`,
  ],
  [
    "one time with two candles",
    row(0, "2,3,1,2.5,11"),
    `line 3 repeats timestamp_ms ${time} with other values`,
  ],
  [
    "one time with another price",
    row(0, "2,3,1,2.7,10"),
    `line 3 repeats timestamp_ms ${time} with other values`,
  ],
  ["open below", row(5, "0.5,3,1,2,10"), "line 3 has open 0.5, wanted it within 1 to 3"],
  ["close above", row(5, "2,3,1,3.1,10"), "line 3 has close 3.1, wanted it within 1 to 3"],
  [
    "more digits than a tick count holds",
    row(5, "2,12345678901234567891,1,2,1"),
    'line 3 has high "12345678901234567891", wanted at most 15 digits and 30 places',
  ],
])("readCandleFile() refuses %s", async (_, line, wanted) => {
  expect(await refusal(rows(row(0, plain), line))).toBe(wanted);
});

test.each([
  ["disorder", rows(row(5, plain), row(0, plain)), "sort the rows by timestamp_ms"],
  ["two candles of one time", rows(row(0, plain), row(0, "2,3,1,2.5,9")), "keep one row of each"],
  ["another timeframe", rows(row(0, plain), row(1, plain)), "give the timeframe that its candles"],
  ["a price below zero", rows(row(0, "-2,3,1,2,1")), "correct these rows or take them out"],
  ["wrong columns", `time,price\n${row(0, plain)}\n`, `make its first line ${header}`],
  ["a gzip cut short", Bun.gzipSync(rows(row(0, plain))).slice(0, -9), "copy or download the file"],
  ["no rows", `${header}\n`, "give a file with candles in it"],
])("readCandleFile() names the cure of %s", async (_, content, cure) => {
  const error = await read(content).catch((cause: unknown) => cause);
  expect(String(error)).toContain(`\nTo cure it, ${cure}`);
});

test.each([
  ["every step", [0, 15, 30, 45], "15m"],
  ["most steps, the others of gaps", [0, 60, 120, 300, 360, 420], "1h"],
  ["steps of a length that no unit divides", [0, 25, 50], "25m"],
])("readCandleFile() refuses longer candles than said by %s", async (_, minutes, longer) => {
  const text = rows(...minutes.map((minute) => row(minute, plain)));
  expect(await refusal(text)).toBe(
    `its candles open every ${longer} or a multiple of it, wanted some that open every 5m`,
  );
  const error = await read(text).catch((cause: unknown) => cause);
  expect(String(error)).toContain(`\nTo cure it, give --timeframe ${longer}. `);
});

test.each([
  ["one candle", [0]],
  ["two candles with a gap", [0, 25]],
  ["gaps of many lengths", [0, 10, 40, 60, 90]],
  ["one step of the timeframe among longer ones", [0, 10, 20, 25, 35]],
])("readCandleFile() takes %s", async (_, minutes) => {
  const { report } = await read(rows(...minutes.map((minute) => row(minute, plain))));
  expect(report.candles).toBe(minutes.length);
});

test("readCandleFile() refuses prices too far apart for one tick", async () => {
  expect(await refusal(rows(row(0, "1,9000000000,1e-9,1,1")))).toBe(
    "line 2 has high 9e9, wanted at most 9007199254740991 ticks of the file's finest price step 1e-9",
  );
});

test("CandleFileError lists the first ten problems and counts the others", async () => {
  const error = await read(rows(...Array.from({ length: 13 }, () => "1,2"))).catch((e) => e);
  expect(error).toBeInstanceOf(CandleFileError);
  expect([error.problemCount, error.problems.length]).toEqual([13, 10]);
  expect(error.problems[9]).toMatchObject({ line: 11, text: "has 2 columns, wanted 6" });
  expect(error.message).toContain("13 problems: line 2 has 2 columns, wanted 6; line 3 ");
  expect(error.message).toContain("; and 3 more\nTo cure it, correct these rows or take them out;");
});

test.each([
  ["an empty file", "", "it is empty, wanted a header and rows"],
  ["an empty gzip", Bun.gzipSync(""), "it is empty, wanted a header and rows"],
  ["a header alone", `${header}\n`, "it has no rows, wanted at least one below the header"],
  [
    "a file without header",
    `${row(0, plain)}\n`,
    `line 1 is "${time},${plain}", wanted "${header}"`,
  ],
  [
    "other columns",
    "time,open,high,low,close,volume\n",
    `line 1 is "time,open,high,low,close,volume", wanted "${header}"`,
  ],
  ["bytes that are no text", Uint8Array.of(0xff, 0xfe, 0x00), "it is not text, wanted CSV in"],
  [
    "a gzip cut short",
    Bun.gzipSync(rows(row(0, plain))).slice(0, -9),
    "line 2 is the last that can be unpacked, wanted a whole gzip file: ",
  ],
  [
    "a gzip without its trailer",
    Bun.gzipSync(rows(row(0, plain))).slice(0, -8),
    "line 2 is the last that can be unpacked, wanted a whole gzip file: ",
  ],
  ["a gzip of two bytes", Uint8Array.of(0x1f, 0x8b), "wanted a whole gzip file: "],
])("readCandleFile() refuses %s", async (_, content, wanted) => {
  expect(await refusal(content)).toStartWith(wanted);
});

test("readCandleFile() refuses a gzip with a flipped bit", async () => {
  const bytes = Bun.gzipSync(rows(row(0, plain), row(5, plain)));
  const at = bytes.length - 7;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  expect(await refusal(bytes)).toStartWith("wanted a whole gzip file: ");
});

test("readCandleFile() names a file that is not there", async () => {
  const request = { path: join(folder, "none.csv"), symbol: "ADA/BTC", timeframe: "5m" };
  await expect(readCandleFile(request)).rejects.toThrow(
    `Cannot read candle file "${request.path}": wanted a readable file: ENOENT`,
  );
});

test("readCandleFile() refuses a symbol and a timeframe out of form", async () => {
  const request = { path: join(folder, "none.csv"), symbol: "ADA/BTC", timeframe: "5m" };
  await expect(readCandleFile({ ...request, symbol: "adabtc" })).rejects.toThrow(RangeError);
  await expect(readCandleFile({ ...request, timeframe: "5 min" })).rejects.toThrow(RangeError);
});
