import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CandleCursor } from "../../actors/market/ports.ts";
import { decimal, fromSteps } from "../../machines/domain/decimal.ts";
import type { Candle } from "../../machines/domain/market.ts";
import { type CandleFile, type CandleFileRequest, readCandleFile } from "./candle-file.ts";
import { candleFileSource } from "./candle-file-source.ts";
import { generatorSource } from "./generator.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "candle-source-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function readAll(cursor: CandleCursor): Candle[] {
  const candles: Candle[] = [];
  for (let next = cursor.next(); next !== null; next = cursor.next()) candles.push(next);
  return candles;
}

/** Writes generated candles as a gzipped file; as many rows as the largest real one has. */
async function writeGenerated(symbol: string, gapRate: number, count: number) {
  const tick = decimal("0.00000001");
  const symbols = [{ symbol, startPrice: decimal("0.00005288"), tick }];
  const startAt = 1_515_560_100_000;
  const source = generatorSource({ seed: 11, symbols, timeframeMs: 300_000, startAt, gapRate });
  const cursor = source.cursor(symbol, 0);
  const candles = Array.from({ length: count }, () => cursor.next()).filter(
    (each) => each !== null,
  );
  const lines = candles.map(({ openedAt, open, high, low, close, volume }) =>
    [openedAt, ...[open, high, low, close].map((ticks) => fromSteps(ticks, tick)), volume].join(),
  );
  const path = join(folder, `${symbol.replace("/", "-")}.csv.gz`);
  const text = `timestamp_ms,open,high,low,close,volume\n${lines.join("\n")}\n`;
  await Bun.write(path, Bun.gzipSync(text));
  return { candles, request: { path, symbol, timeframe: "5m" } };
}

test("readCandleFile() gives back 45,031 generated candles and counts their gaps", async () => {
  const { candles, request } = await writeGenerated("TRX/BTC", 0.01, 45_031);
  const file = await readCandleFile(request);
  const first = candles[0]?.openedAt ?? 0;
  const last = candles[candles.length - 1]?.openedAt ?? 0;
  expect(file.report.missing).toBe((last - first) / 300_000 + 1 - 45_031);
  expect(file.report.missing).toBeGreaterThan(0);
  expect(readAll(candleFileSource([file]).cursor("TRX/BTC", 0))).toEqual(candles);
});

test("candleFileSource() joins files, each with its own symbol", async () => {
  const [ada, xlm] = [await writeGenerated("ADA/BTC", 0, 3), await writeGenerated("XLM/BTC", 0, 5)];
  const files = [await readCandleFile(ada.request), await readCandleFile(xlm.request)];
  const source = candleFileSource(files);
  expect({ length: source.length, symbols: source.symbols, identity: source.identity }).toEqual({
    length: 8,
    symbols: ["ADA/BTC", "XLM/BTC"].map((symbol) => {
      return { symbol, timeframeMs: 300_000, tick: decimal("0.00000001") };
    }),
    identity: {
      kind: "candle files",
      "ADA/BTC sha256": files[0]?.sha256 ?? "",
      "ADA/BTC timeframeMs": 300_000,
      "XLM/BTC sha256": files[1]?.sha256 ?? "",
      "XLM/BTC timeframeMs": 300_000,
    },
  });
  expect(source.report).toEqual(files.map(({ report }) => report));
  expect(source.description).toContain(
    `ADA/BTC 5m from ${ada.request.path}, 3 candles, 2018-01-10`,
  );
  expect(readAll(source.cursor("ADA/BTC", 0))).toEqual(ada.candles);
  expect(readAll(source.cursor("XLM/BTC", 2))).toEqual(xlm.candles.slice(2));
  expect(source.cursor("XLM/BTC", 5).next()).toBeNull();
});

test("candleFileSource() refuses no file, a symbol twice, an unknown one and a bad start", async () => {
  const { request } = await writeGenerated("ETC/BTC", 0, 2);
  const file = await readCandleFile(request);
  const source = candleFileSource([file]);
  expect(() => candleFileSource([])).toThrow("wanted at least one");
  expect(() => candleFileSource([file, file])).toThrow(
    `Cannot join candle files: ETC/BTC is in "${request.path}" and "${request.path}", wanted it once`,
  );
  expect(() => source.cursor("ETH/BTC", 0)).toThrow('of "ETH/BTC": wanted one of ETC/BTC');
  expect(() => source.cursor("ETC/BTC", -1)).toThrow("number -1: wanted 0 or above");
});

const shared = new URL("../../../shared/data/", import.meta.url).pathname;
const hasShared = existsSync(shared);
if (!hasShared) console.log(`Skipped: real candle files, for there is no ${shared}`);

async function readShared(name: string, symbol: string, timeframe: string): Promise<CandleFile> {
  const request: CandleFileRequest = { path: `${shared}${name}.csv.gz`, symbol, timeframe };
  return readCandleFile(request);
}

describe.skipIf(!hasShared)("real candle files", () => {
  test.each([
    ["ada-btc-5m-2018-01", "ADA/BTC", "5m", "0.00000001", 5_720, 40],
    ["etc-btc-5m-2018-01", "ETC/BTC", "5m", "0.00000001", 5_759, 0],
    ["eth-btc-5m-2018-01", "ETH/BTC", "5m", "0.00000001", 5_760, 0],
    ["ltc-btc-5m-2018-01", "LTC/BTC", "5m", "0.00000001", 5_760, 0],
    ["trx-btc-5m-2018-01", "TRX/BTC", "5m", "0.00000001", 5_754, 6],
    ["xlm-btc-5m-2018-01", "XLM/BTC", "5m", "0.00000001", 5_760, 0],
    // One price of the BTC file has three places, so that is its tick.
    ["btc-usd-perp-1m-2022-01", "BTC/USD", "1m", "0.001", 45_031, 0],
    ["goog-usd-1d-2004-2013", "GOOG/USD", "1d", "0.01", 2_148, 969],
  ])("readCandleFile() reads %s", async (name, symbol, timeframe, tick, candles, missing) => {
    const { report } = await readShared(name, symbol, timeframe);
    expect({ ...report, path: "", gaps: [] }).toEqual({
      path: "",
      symbol,
      timeframe,
      tick: decimal(tick),
      rows: candles,
      candles,
      duplicates: [],
      gaps: [],
      missing,
      unterminated: false,
    });
  });

  test("readCandleFile() names the lines of ADA's gaps", async () => {
    const { report } = await readShared("ada-btc-5m-2018-01", "ADA/BTC", "5m");
    expect(report.gaps).toEqual([
      { line: 1505, missing: 1 },
      { line: 1508, missing: 1 },
      { line: 1515, missing: 4 },
      { line: 1518, missing: 1 },
      { line: 1520, missing: 33 },
    ]);
  });

  test("readCandleFile() reads every price of the ADA file as it is written", async () => {
    const file = await readShared("ada-btc-5m-2018-01", "ADA/BTC", "5m");
    const packed = await Bun.file(file.report.path).bytes();
    const lines = new TextDecoder().decode(Bun.gunzipSync(packed)).trimEnd().split("\n").slice(1);
    const { openedAt, open, high, low, close, volume } = file.columns;
    const again = Array.from(openedAt, (time, at) => {
      const prices = [open, high, low, close].map((each) => fromSteps(each[at] ?? 0, file.tick));
      return [String(time), ...prices, String(volume[at])];
    });
    // Written zeros at the end carry no value: both sides without them.
    const wanted = lines.map((line) => {
      const [time = "", o = "", h = "", l = "", c = "", v = ""] = line.split(",");
      return [time, ...[o, h, l, c].map((text) => decimal(text) as string), String(Number(v))];
    });
    expect(again).toEqual(wanted);
  });
});
