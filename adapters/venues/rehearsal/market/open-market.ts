import type { CandleSource, SourceSymbol } from "../../../../actors/market/ports.ts";
import { type Decimal, decimal } from "../../../../machines/domain/decimal.ts";
import { type GeneratorOptions, generatorSource } from "../../../market/mod.ts";
import { PointWalk } from "./points.ts";

/** The market behind the venue: generated from the seed, or any source of candles. */
export interface MarketOptions {
  readonly source?: CandleSource | undefined;
  /** Past candles that are there at once; 720 minutes of a generated market, or 100 of a source. */
  readonly history?: number | undefined;
  /** When the venue opens on a source, Unix milliseconds, instead of as its last past candle ends. */
  readonly openAt?: number | undefined;
}

/** A source whose walks are set off, and the time at which the venue opens. */
export interface OpenedMarket {
  readonly description: string;
  readonly openAt: number;
  readonly symbols: readonly { readonly about: SourceSymbol; readonly walk: PointWalk }[];
}

const minuteMs = 60_000;

const generated: readonly [symbol: string, price: string, tick: string][] = [
  ["BTC/USD", "65000.0", "0.1"],
  ["ETH/USD", "3200.00", "0.01"],
  ["SOL/USD", "150.00", "0.01"],
  ["ETH/BTC", "0.04900", "0.00001"],
];

function generatorOptions(seed: string, startAt: number): GeneratorOptions {
  return {
    seed,
    timeframeMs: minuteMs,
    startAt,
    correlation: 0.5,
    symbols: generated.map(([symbol, startPrice, tick]) => ({
      symbol,
      startPrice: decimal(startPrice),
      tick: decimal(tick) as Decimal,
      ...(symbol.endsWith("/BTC") ? { dailyTurnover: 200 } : {}),
    })),
  };
}

/**
 * Opens the market at a time: a generated one where the venue's time is, a source of candles
 * behind its first ones.
 *
 * @throws {RangeError} if a symbol of the source has no candle.
 */
export function openMarket(seed: string, now: number, options: MarketOptions): OpenedMarket {
  const { source } = options;
  if (source === undefined) {
    const history = options.history ?? 720;
    const openAt = now;
    const startAt = now - (now % minuteMs) - history * minuteMs;
    return opened(generatorSource(generatorOptions(seed, startAt)), openAt);
  }
  const openTimes = source.symbols.map((each) => {
    const cursor = source.cursor(each.symbol, 0);
    let openAt = Number.NaN;
    for (let index = 0; index <= (options.history ?? 100); index += 1) {
      const candle = cursor.next();
      if (candle === null) break;
      openAt = candle.openedAt;
    }
    if (Number.isNaN(openAt)) {
      throw new RangeError(`Cannot open a market for "${each.symbol}": it has no candle`);
    }
    return openAt;
  });
  const behind = Math.max(...openTimes);
  if (options.openAt !== undefined && options.openAt < behind) {
    throw new RangeError(
      `Cannot open a market at ${options.openAt}: wanted ${behind} or later, behind its past candles`,
    );
  }
  return opened(source, options.openAt ?? behind);
}

function opened(source: CandleSource, openAt: number): OpenedMarket {
  return {
    description: source.description,
    openAt,
    symbols: source.symbols.map((about) => ({
      about,
      walk: new PointWalk(source.cursor(about.symbol, 0)),
    })),
  };
}
