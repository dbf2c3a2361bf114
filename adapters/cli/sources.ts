import type { CandleSource } from "../../actors/market/ports.ts";
import { generatedMarket } from "../../config/defaults.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import { timeframeMs } from "../../machines/domain/market.ts";
import {
  candleFileSource,
  type GeneratorOptions,
  type GeneratorSource,
  generatorSource,
  readCandleFile,
  readRecordings,
} from "../market/mod.ts";
import { generatedBooks } from "../simulation/generated-books.ts";
import { recordingSource } from "../simulation/recording-timeline.ts";
import type { TimelineSource } from "../simulation/timeline.ts";
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

export interface OpenedSource<Source = CandleSource> {
  readonly source: Source;
  /** What was found amiss in the files and tolerated, for the operator. */
  readonly notes: readonly string[];
  /** Rules of the symbols as their venue tells them, where there is one. */
  readonly instruments?: readonly Instrument[];
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

/** Shares by which the command line sets a generated market apart from the usual one. */
export interface GeneratedMarket {
  /** Share of the returns' variance that all symbols have in common, 0 to 1. */
  readonly correlation?: number;
  /** Share of candles that are missing, 0 to 0.5. */
  readonly gaps?: number;
}

/** The shares that were given, as the generator takes them. */
export function sharesOf({ correlation, gaps }: GeneratedMarket) {
  return {
    ...(correlation === undefined ? {} : { correlation }),
    ...(gaps === undefined ? {} : { gapRate: gaps }),
  };
}

/** The market that needs no data: generated from the seed. */
export function openGenerator(options: GeneratorOptions): OpenedSource<GeneratorSource> {
  return { source: generatorSource(options), notes: [] };
}

/** The same market as books, which orders are matched against. */
export function openGeneratedBooks(options: GeneratorOptions): OpenedSource<TimelineSource> {
  return { source: generatedBooks(generatorSource(options)), notes: [] };
}

/** The generator as it is without a configuration. */
export function usualGenerator(seed: number): OpenedSource<GeneratorSource> {
  const { symbols, timeframe, startAt } = generatedMarket;
  return openGenerator({ seed, symbols, timeframeMs: timeframeMs(timeframe), startAt });
}

/**
 * Reads recordings through once; symbols are told from the streams unless given, one a file.
 *
 * @throws {CommandError} if files, symbols and timeframes do not fit together.
 * @throws RecordingError, or RangeError for a symbol, the timeframe or clocks that differ.
 */
export async function openRecordings(
  files: readonly string[],
  symbols: readonly string[],
  timeframes: readonly string[],
): Promise<OpenedSource<TimelineSource>> {
  const [timeframe = "1s", ...others] = timeframes;
  if (files.length === 0 || others.length > 0 || ![0, files.length].includes(symbols.length)) {
    throw new CommandError(
      `Cannot play ${files.length} recordings with ${symbols.length} symbols and ` +
        `${timeframes.length} timeframes: wanted "--recording FILE" at least once, ` +
        '"--symbol" never or once for each file, and one "--timeframe" for all',
      exitCode.usage,
    );
  }
  const requests = files.map((path, index) => ({ path, symbol: symbols[index] ?? null }));
  const recordings = await readRecordings(requests, timeframe);
  const notes = [
    `the venue's clock is ${recordings.skewMs} ms ahead of the receiver's: times are the venue's`,
  ];
  return { source: recordingSource(recordings), notes };
}
