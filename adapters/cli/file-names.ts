import { CommandError, exitCode } from "./exit-codes.ts";
import { type FileRequest, fileRequests } from "./sources.ts";

/** `btc-usd-perp-1m-2022-01.csv.gz`: the coins, whatever else, and what a candle spans. */
const told = /^([a-z\d]+)-([a-z\d]+)-(?:[a-z]+-)*(\d+[smhd])[-.]/i;

/**
 * Pairs files with what they hold, as `fileRequests` does; where nothing was said of that, their
 * names say it.
 *
 * @throws {CommandError} where neither does
 */
export function namedFileRequests(
  files: readonly string[],
  symbols: readonly string[],
  timeframes: readonly string[],
): FileRequest[] {
  if (files.length === 0 || symbols.length + timeframes.length > 0) {
    return fileRequests(files, symbols, timeframes);
  }
  return files.map((path) => {
    const [, base, quote, timeframe] = told.exec(path.split("/").at(-1) ?? "") ?? [];
    if (base && quote && timeframe) {
      return { path, symbol: `${base}/${quote}`.toUpperCase(), timeframe: timeframe.toLowerCase() };
    }
    throw new CommandError(
      `Cannot tell what "${path}" holds: wanted "--symbol BTC/USD --timeframe 1m", or a name such ` +
        "as btc-usd-1m.csv",
      exitCode.usage,
    );
  });
}
