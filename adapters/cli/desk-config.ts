import type { DeskConfig } from "../../actors/desk/ports.ts";
import type { SourceSymbol } from "../../actors/market/ports.ts";
import { paperInstrument } from "../../config/defaults.ts";
import { runSettingsOf } from "../../config/run-settings.ts";
import type { Configuration } from "../../config/schema.ts";
import { timeframeText } from "../../machines/domain/market.ts";

/**
 * The desk's configuration for the symbols of an opened source, which knows their ticks.
 *
 * @throws {RangeError} if there is no symbol, or they are not all of one quote coin.
 */
export function deskConfigOf(
  configuration: Configuration,
  sourceSymbols: readonly SourceSymbol[],
): DeskConfig {
  const { account, accounts: _, matching: __, fees, ...rules } = runSettingsOf(configuration);
  const symbols = sourceSymbols.map(({ symbol, tick, timeframeMs }) => ({
    instrument: paperInstrument(symbol, tick, fees, account.venue),
    timeframeMs,
  }));
  const quotes = [...new Set(symbols.map(({ instrument }) => instrument.quote))];
  const [quote] = quotes;
  if (quote === undefined || quotes.length > 1) {
    throw new RangeError(
      `Cannot configure desk: its symbols are quoted in "${quotes.join('", "')}", wanted one coin`,
    );
  }
  const { mode, seed } = configuration;
  return { mode, seed, at: account, symbols, quote, ...rules };
}

/** What the generator makes the market from. Times in milliseconds. */
export function generatorOptionsOf({ seed, market }: Configuration) {
  const { symbols, timeframe, startAt } = market;
  return { seed, symbols, timeframeMs: timeframe, startAt };
}

/** Which candle files to read; the length of their candles in words, such as "60s". */
export function candleFileRequestsOf({ market }: Configuration) {
  return market.files.map(({ symbol, path, timeframe = market.timeframe }) => ({
    symbol,
    path,
    timeframe: timeframeText(timeframe),
  }));
}
