/** What the data plane needs from outside: candles, in order, from somewhere. */
import type { Decimal } from "../../machines/domain/decimal.ts";
import type { SymbolName } from "../../machines/domain/ids.ts";
import type { Candle } from "../../machines/domain/market.ts";

export interface SourceSymbol {
  readonly symbol: SymbolName;
  readonly timeframeMs: number;
  /** Candle prices are whole multiples of this. */
  readonly tick: Decimal;
  /** Smallest step of a quantity, where the source tells it. */
  readonly lot?: Decimal;
}

/** Reads one symbol's candles from a given one on; open times strictly rise. */
export interface CandleCursor {
  /** The next candle, or null when there is none any more. */
  next(): Candle | null;
}

/** Prices that can be read again and are the same ones. */
export interface MarketSource {
  /** For the banner: what these prices are, in words. */
  readonly description: string;
  readonly symbols: readonly SourceSymbol[];
  /**
   * What makes this source this one (a file's content hash, a generator's seed and parameters):
   * part of the run's configuration, so that a ledger is never resumed on other prices.
   */
  readonly identity: Readonly<Record<string, string | number>>;
  /** How many candles it holds in all; null where that is not known, or there is no end. */
  readonly length: number | null;
}

/** A market that can be read again from any candle and gives the same ones. */
export interface CandleSource extends MarketSource {
  /** A cursor of one symbol, its first candle being number `from` (0 is the oldest). */
  cursor(symbol: SymbolName, from: number): CandleCursor;
}
