import type { VenueCandle } from "../market/candle-series.ts";
import type { SymbolMarket } from "../market/symbol-market.ts";

/** Coinbase's names of what a candle spans, in minutes. */
export const granularities: ReadonlyMap<string, number> = new Map([
  ["ONE_MINUTE", 1],
  ["FIVE_MINUTE", 5],
  ["FIFTEEN_MINUTE", 15],
  ["THIRTY_MINUTE", 30],
  ["ONE_HOUR", 60],
  ["TWO_HOUR", 120],
  ["FOUR_HOUR", 240],
  ["SIX_HOUR", 360],
  ["ONE_DAY", 1_440],
]);

/** Timeframes that the market does not keep are put together from the hours that it does. */
const fromHours: ReadonlySet<number> = new Set([120, 360]);

/** Candles up to a time, oldest first; the last one is not closed. */
export function venueCandles(
  market: SymbolMarket,
  minutes: number,
  time: number,
): readonly VenueCandle[] {
  if (!fromHours.has(minutes)) return market.candles(minutes, time);
  const spanMs = minutes * 60_000;
  const spans: VenueCandle[] = [];
  for (const hour of market.candles(60, time)) {
    const openedAt = hour.openedAt - (hour.openedAt % spanMs);
    const last = spans.at(-1);
    if (last?.openedAt !== openedAt) {
      spans.push({ ...hour, openedAt });
      continue;
    }
    last.high = Math.max(last.high, hour.high);
    last.low = Math.min(last.low, hour.low);
    last.close = hour.close;
    last.volume += hour.volume;
    last.turnover += hour.turnover;
    last.trades += hour.trades;
  }
  return spans;
}

/**
 * How far a client that asks for candles up to `end` lives ahead of the venue, milliseconds, whole
 * candles of `spanMs`. Where old candles are replayed, one may live in the venue's time or in the
 * real one, as with its tokens: what it asks for up to its present are the last ones that there are.
 */
export function aheadBy(
  end: number,
  { told, real, spanMs }: { readonly told: number; readonly real: number; readonly spanMs: number },
): number {
  const livesInReal = end > told && Math.abs(end - real) <= Math.max(60_000, spanMs);
  return livesInReal ? Math.floor((real - told) / spanMs) * spanMs : 0;
}
