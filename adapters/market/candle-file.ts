import { constants, gunzipSync } from "node:zlib";
import { type Decimal, decimal } from "../../machines/domain/decimal.ts";
import { coinsOf, type SymbolName } from "../../machines/domain/ids.ts";
import { timeframeMs, timeframeText } from "../../machines/domain/market.ts";
import { CandleFileError } from "./candle-file-error.ts";
import {
  type CandleColumns,
  type CandleGap,
  candleFileHeader,
  parseCandleRows,
} from "./candle-rows.ts";

/** Which file, and what its rows are. */
export interface CandleFileRequest {
  readonly path: string;
  /** `BASE/QUOTE`; the file does not say it. */
  readonly symbol: SymbolName;
  /** Such as "5m". The file is refused if its rows do not keep to it. */
  readonly timeframe: string;
}

/** What an operator should know of a file that was read. Lines count from 1, the header. */
export interface CandleFileReport {
  readonly path: string;
  readonly symbol: SymbolName;
  readonly timeframe: string;
  readonly tick: Decimal;
  /** Data rows in the file. */
  readonly rows: number;
  /** Candles kept of them. */
  readonly candles: number;
  /** Lines dropped because they repeat the line before, value for value. */
  readonly duplicates: readonly number[];
  readonly gaps: readonly CandleGap[];
  /** Sum over the gaps. */
  readonly missing: number;
  /** Whether the last line lacks its line break: a plain file that was cut short looks like this. */
  readonly unterminated: boolean;
}

/** A candle file in memory. */
export interface CandleFile {
  readonly symbol: SymbolName;
  readonly timeframeMs: number;
  /** Prices in the columns are whole multiples of it. */
  readonly tick: Decimal;
  readonly columns: CandleColumns;
  /** SHA-256 of the decompressed bytes, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly report: CandleFileReport;
}

/** A bound on memory, and on what a small hostile gzip can unpack to: some eight million rows. */
const bytesMax = 512 * 1024 * 1024;

function causeText(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function refused(
  path: string,
  text: string,
  cure: string,
  options?: ErrorOptions,
): CandleFileError {
  return new CandleFileError(path, [{ line: null, text, cure }], 1, options);
}

const cures = {
  path: "give the path of a file that you may read",
  split: "split it into files of fewer rows",
  again: "copy or download the file again: it is not whole",
  format: `make it CSV with the header ${candleFileHeader}`,
} as const;

/** A file's text, unpacked where it is a gzip. @throws {CandleFileError} */
export async function readCandleBytes(path: string): Promise<Uint8Array> {
  const file = Bun.file(path);
  const tooLarge = `it is larger than ${bytesMax} bytes, wanted at most that`;
  if (file.size > bytesMax) throw refused(path, tooLarge, cures.split);
  let raw: Uint8Array;
  try {
    raw = await file.bytes();
  } catch (cause) {
    throw refused(path, `wanted a readable file: ${causeText(cause)}`, cures.path, { cause });
  }
  if (raw[0] !== 0x1f || raw[1] !== 0x8b) return raw;
  try {
    // Not Bun.gunzipSync: of a gzip file in several members, that one reads the first in silence.
    return gunzipSync(raw, { maxOutputLength: bytesMax });
  } catch (cause) {
    if (cause instanceof RangeError) throw refused(path, tooLarge, cures.split, { cause });
    const line = lastLineOf(raw);
    const where = line === null ? "" : "is the last that can be unpacked, ";
    const text = `${where}wanted a whole gzip file: ${causeText(cause)}`;
    throw new CandleFileError(path, [{ line, text, cure: cures.again }], 1, { cause });
  }
}

/** The line up to which a gzip that was cut short can be unpacked; null where nothing can. */
function lastLineOf(raw: Uint8Array): number | null {
  try {
    const part = gunzipSync(raw, {
      maxOutputLength: bytesMax,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    return part.length === 0 ? null : countLines(part) - (part.at(-1) === 10 ? 1 : 0);
  } catch {
    return null;
  }
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const text = "it is not text, wanted CSV in UTF-8 or a gzip of it";
    throw refused(path, text, cures.format, { cause });
  }
}

function countLines(bytes: Uint8Array): number {
  let lines = 1;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1;
  return lines;
}

/**
 * Reads a file of candles, CSV with the columns `timestamp_ms,open,high,low,close,volume`, plain
 * or gzipped (told by its content, not its name). The timestamp is the candle's open in Unix
 * milliseconds. Prices are read exactly into whole ticks, scientific notation included; the tick
 * is the finest step in any price. Volume is float64, in whatever unit the file has it.
 *
 * A file is taken whole or refused whole: see {@link parseCandleRows} for the rule on each flaw.
 * What was tolerated (equal rows that were dropped, gaps) is in the report.
 *
 * A file of longer candles than it was said to be of is refused too: it would be read as one of
 * nothing but gaps.
 *
 * @throws {CandleFileError} if the file cannot be read, unpacked or used; the first ten problems
 * are listed with their lines.
 * @throws {RangeError} if symbol or timeframe is not of its form.
 */
export async function readCandleFile(request: CandleFileRequest): Promise<CandleFile> {
  coinsOf(request.symbol);
  timeframeMs(request.timeframe);
  const file = parseCandleFile(request, await readCandleBytes(request.path));
  refuseLonger(request, file.columns.openedAt);
  return file;
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

/**
 * Candles of five minutes open on the grid of one minute too. So they are told by their steps: all
 * of them multiples of a longer timeframe, and most of them just that (the others are gaps).
 *
 * @throws {CandleFileError} where there are two steps at least, and they are of longer candles
 */
function refuseLonger({ path, timeframe }: CandleFileRequest, openedAt: Float64Array): void {
  const stepMs = timeframeMs(timeframe);
  const steps = openedAt.subarray(1).map((at, index) => at - (openedAt[index] ?? 0));
  const longerMs = steps.reduce(greatestDivisor, 0);
  const usual = steps.reduce((count, step) => count + (step === longerMs ? 1 : 0), 0);
  if (steps.length < 2 || longerMs <= stepMs || usual * 2 <= steps.length) return;
  const longer = timeframeText(longerMs);
  throw refused(
    path,
    `its candles open every ${longer} or a multiple of it, wanted some that open every ${timeframe}`,
    `give --timeframe ${longer}`,
  );
}

/**
 * The same of a file that was read already, or of text that is filed under a path.
 *
 * @throws {CandleFileError} if it cannot be used.
 */
export function parseCandleFile(request: CandleFileRequest, bytes: Uint8Array): CandleFile {
  const { path, symbol, timeframe } = request;
  const stepMs = timeframeMs(timeframe);
  if (bytes.length === 0) throw refused(path, "it is empty, wanted a header and rows", cures.again);
  const result = parseCandleRows(decode(path, bytes), stepMs, countLines(bytes));
  if (result.type === "refused") {
    throw new CandleFileError(path, result.problems, result.problemCount);
  }
  const { columns, tickPlaces, rows, duplicates, gaps } = result.candles;
  const tick = decimal(tickPlaces === 0 ? 1 : `0.${"1".padStart(tickPlaces, "0")}`);
  return {
    symbol,
    timeframeMs: stepMs,
    tick,
    columns,
    sha256: new Bun.CryptoHasher("sha256").update(bytes).digest("hex"),
    report: {
      path,
      symbol,
      timeframe,
      tick,
      rows,
      candles: columns.openedAt.length,
      duplicates,
      gaps,
      missing: gaps.reduce((sum, gap) => sum + gap.missing, 0),
      unterminated: bytes[bytes.length - 1] !== 10,
    },
  };
}
