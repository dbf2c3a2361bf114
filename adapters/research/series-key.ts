import { coinsOf } from "../../machines/domain/ids.ts";
import { timeframeMs } from "../../machines/domain/market.ts";

/** What a stored series of candles is filed under. */
export interface SeriesKey {
  readonly venue: string;
  /** `BASE/QUOTE`. */
  readonly symbol: string;
  /** Such as "1m". */
  readonly timeframe: string;
}

/** The key as it is written: `kraken/BTC/USD/1m`. */
export function seriesName({ venue, symbol, timeframe }: SeriesKey): string {
  return `${venue}/${symbol}/${timeframe}`;
}

/** Reads `venue/BASE/QUOTE/timeframe`, or with `BASE-QUOTE`. @throws {RangeError} */
export function readSeriesName(text: string): SeriesKey {
  const match = /^([a-z0-9]{1,32})\/([A-Z0-9.]{1,20})[/-]([A-Z0-9.]{1,20})\/(\d+[smhd])$/.exec(
    text,
  );
  if (!match) {
    throw new RangeError(
      `Cannot read series "${text}": wanted venue/symbol/timeframe such as "kraken/BTC/USD/1m"`,
    );
  }
  const [, venue = "", base = "", quote = "", timeframe = ""] = match;
  const symbol = `${base}/${quote}`;
  coinsOf(symbol);
  timeframeMs(timeframe);
  return { venue, symbol, timeframe };
}

/** Where a series lies in the store's folder. */
export function seriesPath({ venue, symbol, timeframe }: SeriesKey): string {
  return `${venue}/${symbol.replace("/", "-")}/${timeframe}`;
}
