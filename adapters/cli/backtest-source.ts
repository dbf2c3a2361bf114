import type { CandleSource } from "../../actors/market/ports.ts";
import type { Configuration } from "../../config/schema.ts";
import { candleFileSource } from "../market/mod.ts";
import { CandleStore } from "../research/candle-store.ts";
import { readSeriesName } from "../research/series-key.ts";
import type { TimelineSource } from "../simulation/timeline.ts";
import { candleFileRequestsOf, generatorOptionsOf } from "./desk-config.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import {
  fileRequests,
  type OpenedSource,
  openCandleFiles,
  openGenerator,
  openRecordings,
} from "./sources.ts";

/** What of the command line says where a backtest's prices come from. */
export interface BacktestMarket {
  readonly candles: readonly string[];
  /** Stored series, such as `kraken/BTC/USD/1m`. */
  readonly data: readonly string[];
  readonly recording: readonly string[];
  readonly symbol: readonly string[];
  readonly timeframe: readonly string[];
  readonly store: string;
  readonly until?: number;
}

/**
 * Opens what a backtest or a study runs on: files, stored series or recordings of the command line,
 * or else the market of the configuration.
 *
 * @throws {CommandError} where several are given, or none that has an end
 * @throws CandleFileError and RecordingError for data that cannot be used
 */
export async function openBacktestSource(
  flags: BacktestMarket,
  configuration: Configuration,
): Promise<OpenedSource<CandleSource | TimelineSource>> {
  const { candles, data, recording, symbol, timeframe } = flags;
  const given = Object.entries({ candles, data, recording }).filter(([, each]) => each.length > 0);
  if (given.length > 1) {
    const names = given.map(([name]) => `"--${name}"`).join(" and ");
    throw new CommandError(`Cannot run on ${names} at once: wanted one of them`, exitCode.usage);
  }
  if (recording.length > 0) return await openRecordings(recording, symbol, timeframe);
  if (data.length > 0) return await openSeries(flags);
  const { market } = configuration;
  if (candles.length > 0) return await openCandleFiles(fileRequests(candles, symbol, timeframe));
  refuseStray(flags, market.source);
  if (market.source === "candles") {
    const { length } = market.files;
    return await openCandleFiles(
      length > 0 ? candleFileRequestsOf(configuration) : fileRequests([], [], []),
    );
  }
  if (market.source === "generator" && flags.until !== undefined) {
    return openGenerator(generatorOptionsOf(configuration));
  }
  const wanted =
    market.source === "generator"
      ? '"--until TIME", for its market has no end'
      : 'a past, such as "--candles FILE" or "--data SERIES", for a live market has none';
  throw new CommandError(
    `Cannot run on the past of "market.source" "${market.source}": wanted ${wanted}`,
    exitCode.usage,
  );
}

/** A symbol or timeframe without a file would be without effect. */
function refuseStray({ symbol, timeframe }: BacktestMarket, source: string): void {
  if (symbol.length + timeframe.length === 0) return;
  throw new CommandError(
    `Cannot take "--symbol" or "--timeframe" with "market.source" "${source}": wanted "--candles FILE"`,
    exitCode.usage,
  );
}

async function openSeries({ data, store: folder, symbol, timeframe }: BacktestMarket) {
  if (symbol.length + timeframe.length > 0) {
    throw new CommandError(
      'Cannot take "--symbol" or "--timeframe" with "--data": a stored series has its own',
      exitCode.usage,
    );
  }
  const store = new CandleStore(folder);
  const files = await Promise.all(data.map((name) => store.read(readSeriesName(name))));
  const source = candleFileSource(files);
  const notes = source.report.flatMap(({ symbol: name, gaps, missing }) =>
    missing > 0 ? [`${name}: ${missing} candles missing in ${gaps.length} gaps: left out`] : [],
  );
  return { source, notes };
}
