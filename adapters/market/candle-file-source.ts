import type { CandleCursor, CandleSource } from "../../actors/market/ports.ts";
import type { SymbolName } from "../../machines/domain/ids.ts";
import type { Candle } from "../../machines/domain/market.ts";
import type { CandleFile, CandleFileReport } from "./candle-file.ts";

/** Candle files joined to one market, and what was tolerated in reading them. */
export interface CandleFileSource extends CandleSource {
  /** One for each file, in the order they were given. */
  readonly report: readonly CandleFileReport[];
}

class FileCursor implements CandleCursor {
  readonly #file: CandleFile;
  #at: number;

  constructor(file: CandleFile, from: number) {
    this.#file = file;
    this.#at = from;
  }

  next(): Candle | null {
    const { columns, symbol, timeframeMs } = this.#file;
    const at = this.#at;
    if (at >= columns.openedAt.length) return null;
    this.#at = at + 1;
    // The columns are of one length and `at` is within it: `as` only drops the checker's doubt.
    return {
      symbol,
      openedAt: columns.openedAt[at] as number,
      timeframeMs,
      open: columns.open[at] as number,
      high: columns.high[at] as number,
      low: columns.low[at] as number,
      close: columns.close[at] as number,
      volume: columns.volume[at] as number,
    };
  }
}

/** The file's first or last minute for a person to read, such as `2022-01-31 23:59 UTC`. */
function minuteOf(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function describe(file: CandleFile): string {
  const { openedAt } = file.columns;
  const first = minuteOf(openedAt[0] ?? 0);
  const last = minuteOf(openedAt[openedAt.length - 1] ?? 0);
  const { symbol, timeframe, path } = file.report;
  return `${symbol} ${timeframe} from ${path}, ${openedAt.length} candles, ${first} to ${last}`;
}

/**
 * One market out of files that {@link readCandleFile} read, each with its own symbol and
 * timeframe. Its identity is what the files hold, wherever they lie.
 *
 * @throws {RangeError} if there is no file, or a symbol comes twice.
 */
export function candleFileSource(files: readonly CandleFile[]): CandleFileSource {
  if (files.length === 0) throw new RangeError("Cannot join candle files: wanted at least one");
  const fileBySymbol = new Map<SymbolName, CandleFile>();
  const identity: Record<string, string | number> = { kind: "candle files" };
  for (const file of files) {
    const { symbol, report } = file;
    const other = fileBySymbol.get(symbol);
    if (other !== undefined) {
      const paths = `"${other.report.path}" and "${report.path}"`;
      throw new RangeError(`Cannot join candle files: ${symbol} is in ${paths}, wanted it once`);
    }
    fileBySymbol.set(symbol, file);
    identity[`${symbol} sha256`] = file.sha256;
    identity[`${symbol} timeframeMs`] = file.timeframeMs;
  }
  return {
    description: `Candle files: ${files.map(describe).join("; ")}`,
    symbols: files.map(({ symbol, timeframeMs, tick }) => ({ symbol, timeframeMs, tick })),
    identity,
    length: files.reduce((sum, { columns }) => sum + columns.openedAt.length, 0),
    report: files.map(({ report }) => report),
    cursor(symbol, from) {
      const file = fileBySymbol.get(symbol);
      if (file === undefined) {
        const known = [...fileBySymbol.keys()].join(", ");
        throw new RangeError(`Cannot read candles of "${symbol}": wanted one of ${known}`);
      }
      if (!Number.isSafeInteger(from) || from < 0) {
        throw new RangeError(`Cannot read candles from number ${from}: wanted 0 or above`);
      }
      return new FileCursor(file, from);
    },
  };
}
