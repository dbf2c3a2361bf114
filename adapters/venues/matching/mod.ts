/** The matching engine: all that other adapters may import of it. */
export type { BookLevel, BookUpdate, MarketPrint } from "./book-matching.ts";
export { candlePath, candlePoint, type MarketPoint, pointsPerCandle } from "./candle-path.ts";
export { ChangeLog, type KeyedChange } from "./change-log.ts";
export { type Answer, MatchingEngine, type MatchingOptions } from "./engine.ts";
export { halfSpread, slippedFrom } from "./fill-rules.ts";
export { type VenueRecord, venueRecord } from "./record.ts";
export { defaultMatchingSettings, type MatchingSettings } from "./settings.ts";
