/** Which markets the studies take, as processes. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitCode } from "./exit-codes.ts";
import { novactorIn } from "./novactor.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "study-market-"));
const path = (name: string): string => join(folder, name);
const header = "timestamp_ms,open,high,low,close,volume";
const start = Date.UTC(2022, 0, 1);

const novactor = novactorIn(folder);

function writeWave(name: string, height: number): void {
  const rows = Array.from({ length: 900 }, (_, index) => {
    const price = 1_000 + Math.round(height * Math.sin(index / 25)) + (index % 3);
    return `${start + index * 60_000},${price},${price + 4},${price - 4},${price + 1},9000`;
  });
  // A minute is missing.
  writeFileSync(path(name), `${[header, ...rows.toSpliced(450, 1)].join("\n")}\n`);
}

const of = ["--symbol", "BTC/USD", "--timeframe", "1m"];
const store = ["--store", path("store")];
const vary = ["--vary", "risk.riskShare=0.005,0.01", "--objective", "totalReturn"];
const stored = (venue: string) => ["--data", `${venue}/BTC/USD/1m`, ...store];
const trials = (name: string) => ["--trials", path(name), "--workers", "1", "--json"];

beforeAll(async () => {
  for (const [venue, height] of [
    ["kraken", 60],
    ["other", 50],
  ] as const) {
    writeWave(`${venue}.csv`, height);
    const file = ["--candles", path(`${venue}.csv`), ...of];
    const { code } = await novactor("data", "convert", ...file, "--venue", venue, ...store);
    if (code !== 0) throw new Error(`Cannot prepare the store: convert ended with ${code}`);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const dataHashes = (out: string): string[] =>
  JSON.parse(out).rows.map((row: { provenance: { dataHash: string } }) => row.provenance.dataHash);

describe("studies", () => {
  test("optimize stored candles as the file that they came from, under the same data hash", async () => {
    const file = ["--candles", path("kraken.csv"), ...of];
    const ofFile = await novactor("optimize", ...file, ...vary, ...trials("file.db"));
    const ofData = await novactor("optimize", ...stored("kraken"), ...vary, ...trials("data.db"));
    expect([ofFile.code, ofData.code]).toEqual([0, 0]);
    expect(ofData.err).toBe("BTC/USD: 1 candles missing in 1 gaps: left out\n");
    expect(ofData.out).toBe(ofFile.out);
    const other = await novactor("optimize", ...stored("other"), ...vary, ...trials("other.db"));
    const [of1, of2] = [dataHashes(ofData.out), dataHashes(other.out)];
    expect([new Set(of1).size, new Set(of2).size, of1[0] === of2[0]]).toEqual([1, 1, false]);
    const until = ["--until", "2022-01-01T10:00:00Z"];
    const part = await novactor(
      ...["optimize", ...stored("kraken"), ...until, ...vary, ...trials("part.db")],
    );
    expect(dataHashes(part.out)).not.toContain(of1[0] ?? "");
  });

  test("walk and analyse stored candles", async () => {
    const lengths = ["--train", "4h", "--test", "2h", "--warm-up", "1h"];
    const walked = await novactor(
      ...["walkforward", ...stored("kraken"), ...lengths, ...vary, ...trials("walk.db")],
    );
    expect(walked.code).toBe(0);
    expect(JSON.parse(walked.out).steps).toHaveLength(6);
    const looked = await novactor("analyze", "lookahead", ...stored("kraken"), "--cuts", "2");
    expect([looked.code, looked.out]).toEqual([0, expect.stringContaining("decisions")]);
  });

  test.each([
    ["a recording", ["--recording", "x.jsonl"], exitCode.usage, 'Cannot study "--recording": '],
    ["several sources", ["--candles", "x", ...stored("kraken")], exitCode.usage, "at once"],
    [
      "a generated market beside stored candles",
      ["--market", "generator", ...stored("kraken")],
      exitCode.usage,
      'Cannot take "--data" with "--market generator"',
    ],
    ["a series that is not there", stored("nobody"), exitCode.badData, "there is no series"],
    ["candles without a file", ["--market", "candles"], exitCode.usage, "Cannot read candles"],
    ["a symbol without a file", ["--symbol", "BTC/USD"], exitCode.usage, "wanted"],
  ])("refuse %s", async (_, market, code, wanted) => {
    const found = await novactor("analyze", "montecarlo", ...market);
    expect([found.code, found.out, found.err]).toEqual([code, "", expect.stringContaining(wanted)]);
  });
});
