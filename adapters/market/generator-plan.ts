import type { SourceSymbol } from "../../actors/market/ports.ts";
import { type Decimal, isPositive, roundToStep, toNumber } from "../../machines/domain/decimal.ts";
import { coinsOf, type SymbolName } from "../../machines/domain/ids.ts";
import type { BookShape } from "./book.ts";
import type { WalkParameters } from "./generator-walk.ts";
import { KeyedDraws } from "./keyed-draws.ts";

/** The way prices are made; a change of it makes another market of the same seed. */
const version = 1;

const defaultDailyTurnover = 10_000_000;

const dayMs = 86_400_000;

/** The last millisecond that has a calendar date. */
export const timestampMax = 8_640_000_000_000_000;

export interface GeneratedSymbol {
  readonly symbol: SymbolName;
  /** A whole multiple of the tick. */
  readonly startPrice: Decimal;
  readonly tick: Decimal;
  /** What is traded in a normal day, in the quote coin; 10,000,000 if not given. */
  readonly dailyTurnover?: number;
}

export interface GeneratorOptions {
  readonly seed: string | number;
  readonly symbols: readonly GeneratedSymbol[];
  /** From a second to a day. */
  readonly timeframeMs: number;
  /** Open time of every symbol's first candle, Unix milliseconds. */
  readonly startAt: number;
  /** Standard deviation of a day's return in the normal regime; 0.04 if not given, at most 0.25. */
  readonly dailyVolatility?: number;
  /**
   * Share of the returns' variance that comes from moves common to all symbols, 0 (the default) to
   * 1. Regimes stay each symbol's own, so the correlation measured comes out about a quarter lower.
   */
  readonly correlation?: number;
  /** Share of candles that are missing, in runs of three on average: 0 (the default) to 0.5. */
  readonly gapRate?: number;
  /** Jumps per candle: 0.0005 (one in two thousand) if not given, at most 0.1. */
  readonly jumpRate?: number;
  /** Levels on each side of a book; 20 if not given, at most 1000. */
  readonly bookLevels?: number;
}

/** All that is known of one symbol before any candle is made. */
export interface GeneratedPlan extends SourceSymbol {
  readonly startAt: number;
  readonly walk: WalkParameters;
  /** Base coin in a normal candle at the start price, times that price in ticks. */
  readonly turnoverTicks: number;
  readonly own: KeyedDraws;
  readonly shared: KeyedDraws;
  readonly book: BookShape;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly whole?: boolean;
}

function within(name: string, value: number, { from, to, whole = false }: Range): number {
  if (value >= from && value <= to && (!whole || Number.isSafeInteger(value))) return value;
  const kind = whole ? "a whole number" : "a number";
  throw new RangeError(
    `Cannot generate a market with ${name} ${value}: wanted ${kind} from ${from} to ${to}`,
  );
}

function startTicksOf({ symbol, startPrice, tick }: GeneratedSymbol): number {
  if (!isPositive(tick) || !isPositive(startPrice)) {
    throw new RangeError(
      `Cannot generate ${symbol} from price ${startPrice} by tick ${tick}: wanted both above 0`,
    );
  }
  const ticks = Math.round(toNumber(startPrice) / toNumber(tick));
  const onGrid = roundToStep(startPrice, tick, "down") === startPrice;
  if (!onGrid || !(ticks <= 2 ** 40)) {
    throw new RangeError(
      `Cannot generate ${symbol} from price ${startPrice} by tick ${tick}: ` +
        `wanted a whole number of ticks, at most ${2 ** 40}`,
    );
  }
  return ticks;
}

type Settings = Readonly<Required<Omit<GeneratorOptions, "symbols" | "seed">>>;

function settingsOf(options: GeneratorOptions): Settings {
  return {
    timeframeMs: within("timeframeMs", options.timeframeMs, {
      from: 1_000,
      to: dayMs,
      whole: true,
    }),
    startAt: within("startAt", options.startAt, { from: 0, to: timestampMax, whole: true }),
    dailyVolatility: within("dailyVolatility", options.dailyVolatility ?? 0.04, {
      from: 1e-6,
      to: 0.25,
    }),
    correlation: within("correlation", options.correlation ?? 0, { from: 0, to: 1 }),
    gapRate: within("gapRate", options.gapRate ?? 0, { from: 0, to: 0.5 }),
    jumpRate: within("jumpRate", options.jumpRate ?? 0.0005, { from: 0, to: 0.1 }),
    bookLevels: within("bookLevels", options.bookLevels ?? 20, { from: 1, to: 1000, whole: true }),
  };
}

function planOf(each: GeneratedSymbol, seed: string, settings: Settings): GeneratedPlan {
  const { timeframeMs, startAt, dailyVolatility, correlation, gapRate, jumpRate } = settings;
  coinsOf(each.symbol);
  const startTicks = startTicksOf(each);
  const days = timeframeMs / dayMs;
  const turnover = within("dailyTurnover", each.dailyTurnover ?? defaultDailyTurnover, {
    from: 1e-6,
    to: 1e15,
  });
  const volume = (turnover * days) / toNumber(each.startPrice);
  const volatility = dailyVolatility * Math.sqrt(days);
  return {
    symbol: each.symbol,
    timeframeMs,
    tick: each.tick,
    startAt,
    walk: { startTicks, volatility, correlation, gapRate, jumpRate },
    turnoverTicks: volume * startTicks,
    own: KeyedDraws.of(seed, each.symbol),
    shared: KeyedDraws.of(seed, ""),
    // A minute's trade over the whole of a side's first levels, whatever the timeframe.
    book: { levels: settings.bookLevels, quantity: volume * (60_000 / timeframeMs) * 0.1 },
  };
}

/** What makes this market this one: the defaults that were taken count as much as what was given. */
function identityOf(
  options: GeneratorOptions,
  settings: Settings,
): Record<string, string | number> {
  const identity: Record<string, string | number> = {
    kind: "generator",
    version,
    seed: String(options.seed),
    ...settings,
  };
  for (const { symbol, startPrice, tick, dailyTurnover } of options.symbols) {
    identity[`${symbol} startPrice`] = startPrice;
    identity[`${symbol} tick`] = tick;
    identity[`${symbol} dailyTurnover`] = dailyTurnover ?? defaultDailyTurnover;
  }
  return identity;
}

/**
 * Checks the options and fills in what was not given.
 *
 * @throws {RangeError} if one is out of its range, or a symbol comes twice or not at all.
 */
export function planMarket(options: GeneratorOptions): {
  readonly plans: ReadonlyMap<SymbolName, GeneratedPlan>;
  readonly identity: Readonly<Record<string, string | number>>;
} {
  const settings = settingsOf(options);
  const plans = new Map<SymbolName, GeneratedPlan>();
  for (const each of options.symbols) {
    if (plans.has(each.symbol)) {
      throw new RangeError(`Cannot generate a market with ${each.symbol} twice: wanted it once`);
    }
    plans.set(each.symbol, planOf(each, String(options.seed), settings));
  }
  if (plans.size === 0) {
    throw new RangeError("Cannot generate a market without symbols: wanted at least one");
  }
  return { plans, identity: identityOf(options, settings) };
}
