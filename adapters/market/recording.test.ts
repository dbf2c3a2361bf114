import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decimal } from "../../machines/domain/decimal.ts";
import { latencyMin, realRecordings, syntheticLines, writeRecording } from "./recording.fixture.ts";
import { readRecordings, symbolOfVenue } from "./recording.ts";
import { RecordingTape } from "./recording-tape.ts";

const folder = mkdtempSync(join(tmpdir(), "recording-"));
afterAll(() => rmSync(folder, { recursive: true }));

const wanted = { symbol: "BTC/USDT", startPrice: "61000", seconds: 8, seed: 1, skewMs: 1_270 };
const lines = syntheticLines(wanted);

let files = 0;
function written(text: string | Uint8Array): string {
  files += 1;
  const path = join(folder, `${files}.jsonl`);
  writeFileSync(path, text);
  return path;
}
const joined = (all: readonly string[]) => `${all.join("\n")}\n`;
const read = (path: string, symbol: string | null = null) =>
  readRecordings([{ path, symbol }], "1s");

describe("readRecordings()", () => {
  test("tells symbol, tick, lot and skew from the file, and knows it by its content", async () => {
    const packed = await writeRecording(join(folder, "packed.jsonl.gz"), wanted);
    const plain = await read(written(joined(lines)));
    const { symbols, identity, skewMs, startAt } = await read(packed);
    expect({ symbols, skewMs, startAt }).toEqual({
      symbols: [
        { symbol: "BTC/USDT", timeframeMs: 1_000, tick: decimal("0.01"), lot: decimal("0.00001") },
      ],
      // Nothing is faster than the fastest message.
      skewMs: wanted.skewMs - latencyMin,
      startAt: Number(lines[0]?.slice(0, 13)) + wanted.skewMs - latencyMin,
    });
    expect(identity).toEqual(plain.identity);
    expect((await read(written(joined(lines.slice(0, -1))))).identity).not.toEqual(identity);
  });

  test("reads a gzip of several members whole, and a last line without its line break", async () => {
    const half = Math.floor(lines.length / 2);
    const parts = [joined(lines.slice(0, half)), lines.slice(half).join("\n")];
    const packed = Buffer.concat(parts.map((part) => Bun.gzipSync(part)));
    expect((await read(written(packed))).scans[0]?.messages).toBe(lines.length);
  });

  const swapped = [...lines.slice(0, 4), lines[5], lines[4], ...lines.slice(6)] as string[];
  const alien = lines[3]?.replaceAll("BTCUSDT", "ETHUSDT").replaceAll("btcusdt", "ethusdt") ?? "";
  const tickersOnly = lines.filter((line) => line.includes("bookTicker"));
  const packed = Bun.gzipSync(joined(lines));
  const flaws: readonly (readonly [string, string | Uint8Array, string])[] = [
    ["an empty file", "", "it is empty, wanted messages"],
    [
      "a line that is no message",
      joined([...lines.slice(0, 2), "x"]),
      'line 3 is "x", wanted nanoseconds',
    ],
    ["a last line that was cut off", joined(lines).slice(0, -9), `line ${lines.length} holds`],
    [
      "a gzip that was cut off",
      packed.slice(0, packed.length - 20),
      "wanted a whole readable file",
    ],
    ["bytes that are no text", new Uint8Array([0x31, 0xff, 0x0a]), "it is not text"],
    [
      "lines out of the order of receipt",
      joined(swapped),
      "line 6 was received before the line above it",
    ],
    [
      "two symbols in one file",
      joined([...lines.slice(0, 3), alien]),
      "line 4 is of ETHUSDT, wanted BTCUSDT as on line 1",
    ],
    ["a file without the venue's times", joined(tickersOnly), "no message tells the venue's time"],
    ["a line without end", "x".repeat((1 << 20) + 1), "line 1 is longer than 1048576 characters"],
  ];
  test.each(flaws)("refuses %s, with its place", async (_what, content, words) => {
    await expect(read(written(content))).rejects.toThrow(words);
  });

  test("refuses a file that is not there", async () => {
    await expect(read(join(folder, "none"))).rejects.toThrow("ENOENT");
  });

  test("refuses a symbol that the file is not of, and one that comes twice", async () => {
    const path = written(joined(lines));
    await expect(read(path, "ETH/USDT")).rejects.toThrow("it is of BTCUSDT, wanted ETH/USDT");
    const twice = [path, path].map((each) => ({ path: each, symbol: null }));
    await expect(readRecordings(twice, "1s")).rejects.toThrow("BTC/USDT comes twice");
  });

  test("refuses recordings whose clocks were not one receiver's", async () => {
    const other = syntheticLines({ ...wanted, symbol: "ETH/USDT", skewMs: 3_000 });
    const paths = [written(joined(lines)), written(joined(other))];
    const requests = paths.map((path) => ({ path, symbol: null }));
    await expect(readRecordings(requests, "1s")).rejects.toThrow(
      "1268 to 2998 ms behind the venue's",
    );
  });
});

test.each([
  ["BTCUSDT", "BTC/USDT"],
  ["ETHBTC", "ETH/BTC"],
  ["BTCFDUSD", "BTC/FDUSD"],
  ["USDCUSDT", "USDC/USDT"],
  ["USDT", null],
  ["ABCXYZ", null],
])("symbolOfVenue() of %s is %p", (venueSymbol, symbol) => {
  expect(symbolOfVenue(venueSymbol)).toBe(symbol);
});

async function playedOrder(paths: readonly string[]): Promise<string[]> {
  const tape = new RecordingTape(paths);
  const played: string[] = [];
  for (;;) {
    for (let wait = tape.ready(); wait; wait = tape.ready()) await wait;
    const head = tape.head();
    if (head === null) return played;
    const { receivedMs, receivedNs, symbol } = head.message;
    played.push(`${receivedMs}${String(receivedNs).padStart(6, "0")} ${symbol}`);
    tape.advance(head.reel);
  }
}

const stamp = (line: string, symbol: string) => `${line.slice(0, 19)} ${symbol}`;

test("RecordingTape plays recordings in the order of receipt, the first given first at one time", async () => {
  const other = syntheticLines({ ...wanted, symbol: "ETH/USDT", seed: 2 });
  const paths = [written(joined(lines)), written(joined(other))];
  const all = [
    ...lines.map((line) => stamp(line, "BTCUSDT")),
    ...other.map((line) => stamp(line, "ETHUSDT")),
  ];
  expect(await playedOrder(paths)).toEqual(all.sort());
});

const isThere = realRecordings.every(existsSync);
if (!isThere) console.log(`skipped: no recordings at ${realRecordings.join(", ")}`);

test.skipIf(!isThere)(
  "readRecordings() measures a skew near 1.27 s in real recordings",
  async () => {
    const requests = realRecordings.map((path) => ({ path, symbol: null }));
    const { scans, skewMs, symbols } = await readRecordings(requests, "1s");
    console.log(
      scans.map(
        (scan) => `${scan.venueSymbol}: skew ${scan.skewMs} ms, median ${scan.medianSkewMs} ms`,
      ),
    );
    expect(scans.map(({ venueSymbol, messages }) => [venueSymbol, messages])).toEqual([
      ["BTCUSDT", 58_325],
      ["ETHUSDT", 46_126],
    ]);
    expect(symbols.map(({ symbol, tick, lot }) => [symbol, tick, lot] as string[])).toEqual([
      ["BTC/USDT", "0.01", "0.00001"],
      ["ETH/USDT", "0.01", "0.0001"],
    ]);
    expect(Math.abs(skewMs - 1_270)).toBeLessThan(15);
  },
);
