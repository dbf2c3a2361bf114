import type { SymbolName } from "./ids.ts";

/**
 * A closed candle. Prices are whole ticks, so that equal prices compare equal; volume is in base
 * coin unless the source says otherwise. Times are Unix milliseconds, UTC.
 */
export interface Candle {
  readonly symbol: SymbolName;
  /** Open time. The candle covers `[openedAt, openedAt + timeframeMs)`. */
  readonly openedAt: number;
  readonly timeframeMs: number;
  /** Whole ticks. */
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** When the candle is complete and may be acted on. */
export function closedAt(candle: Candle): number {
  return candle.openedAt + candle.timeframeMs;
}

const units: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of a timeframe such as "1s", "5m", "4h", "1d". @throws {RangeError} otherwise. */
export function timeframeMs(text: string): number {
  const match = /^([1-9]\d{0,3})([smhd])$/.exec(text);
  const unit = units[match?.[2] ?? ""];
  if (!match || unit === undefined) {
    throw new RangeError(`Cannot read timeframe "${text}": wanted a number and s, m, h or d`);
  }
  return Number(match[1]) * unit;
}

/** A timeframe in its longest whole unit: 300,000 ms as "5m". The inverse of {@link timeframeMs}. */
export function timeframeText(lengthMs: number): string {
  const [unit, size] = Object.entries(units).findLast(([, each]) => lengthMs % each === 0) ?? [
    "s",
    1_000,
  ];
  return `${lengthMs / size}${unit}`;
}

/** One strategy's opinion at a closed bar. */
export interface Vote {
  readonly strategy: string;
  /** 1 to hold it, -1 to leave it, 0 for no opinion. */
  readonly direction: 1 | 0 | -1;
  /** 0 to 1. */
  readonly strength: number;
  readonly words: string;
  /** The values it looked at. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** What the data plane makes of one closed bar of one symbol. */
export interface Evaluation {
  readonly symbol: SymbolName;
  /** When the bar closed. */
  readonly at: number;
  /** Close, whole ticks. */
  readonly close: number;
  /** Average true range in ticks, the unit of stops. */
  readonly atr: number;
  readonly direction: 1 | 0 | -1;
  readonly strength: number;
  readonly votes: readonly Vote[];
}
