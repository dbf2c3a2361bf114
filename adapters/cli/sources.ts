import type { CandleSource } from "../../actors/market/ports.ts";
import { generatedMarket } from "../../config/defaults.ts";
import { timeframeMs } from "../../machines/domain/market.ts";
import { candleFileSource, generatorSource, readCandleFile } from "../market/mod.ts";
import { CommandError, exitCode } from "./exit-codes.ts";

export interface FileRequest {
  readonly path: string;
  readonly symbol: string;
  readonly timeframe: string;
}

/** Pairs up the repeated `--candles FILE --symbol S --timeframe T`. @throws {CommandError} */
export function fileRequests(
  files: readonly string[],
  symbols: readonly string[],
  timeframes: readonly string[],
): FileRequest[] {
  if (files.length === 0) {
    throw new CommandError(
      'Cannot read candles: wanted "--candles FILE --symbol BTC/USD --timeframe 1m", once a file',
      exitCode.usage,
    );
  }
  if (symbols.length !== files.length || timeframes.length !== files.length) {
    throw new CommandError(
      `Cannot pair ${files.length} candle files with ${symbols.length} symbols and ` +
        `${timeframes.length} timeframes: wanted "--symbol" and "--timeframe" once for each file`,
      exitCode.usage,
    );
  }
  return files.map((path, index) => ({
    path,
    symbol: symbols[index] ?? "",
    timeframe: timeframes[index] ?? "",
  }));
}

export interface OpenedSource {
  readonly source: CandleSource;
  /** What was found amiss in the files and tolerated, for the operator. */
  readonly notes: readonly string[];
}

/** Reads candle files whole. @throws CandleFileError, or RangeError for a symbol or timeframe. */
export async function openCandleFiles(requests: readonly FileRequest[]): Promise<OpenedSource> {
  const files = await Promise.all(requests.map(readCandleFile));
  const source = candleFileSource(files);
  const notes = source.report.flatMap(
    ({ path, symbol, duplicates, gaps, missing, unterminated }) => {
      const found: string[] = [];
      const first = gaps[0];
      if (first) {
        found.push(
          `${symbol}: ${missing} candles missing in ${gaps.length} gaps, the first at line ${first.line}: left out`,
        );
      }
      if (duplicates.length > 0) {
        found.push(
          `${symbol}: ${duplicates.length} repeated rows dropped, first line ${duplicates[0]}`,
        );
      }
      if (unterminated) {
        found.push(`${symbol}: "${path}" does not end with a newline: it may have been cut off`);
      }
      return found;
    },
  );
  return { source, notes };
}

/** The market that needs no data: generated from the seed. */
export function openGenerator(seed: number): OpenedSource {
  const source = generatorSource({
    seed,
    symbols: generatedMarket.symbols,
    timeframeMs: timeframeMs(generatedMarket.timeframe),
    startAt: generatedMarket.startAt,
  });
  return { source, notes: [] };
}
