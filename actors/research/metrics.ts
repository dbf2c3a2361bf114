/** Measures of an equity curve. Returns are shares: 0.01 is one percent. */
import type { EquityCurve } from "./ports.ts";

const dayMs = 86_400_000;
/** Crypto trades on every day of the year. */
export const daysPerYear = 365;
/** Daily returns below which a ratio says nothing. */
export const returnsLeast = 20;
/** Days below which a year is not told from them. */
export const annualDaysLeast = 28;

export function mean(values: ArrayLike<number>): number {
  let total = 0;
  for (let index = 0; index < values.length; index += 1) total += values[index] ?? 0;
  return total / values.length;
}

/** Sample standard deviation, divided by n - 1; NaN of fewer than two. */
export function deviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  let squares = 0;
  for (let index = 0; index < values.length; index += 1) {
    squares += ((values[index] ?? 0) - centre) ** 2;
  }
  return values.length < 2 ? Number.NaN : Math.sqrt(squares / (values.length - 1));
}

/** `closing / opening - 1`, over the whole run, open positions at their last mark. */
export function totalReturn(opening: number, closing: number): number {
  return closing / opening - 1;
}

/**
 * Compound yearly growth: `(1 + total) ** (365 / days) - 1`, days being calendar days with their
 * fraction. Null for a run of fewer than 28 days: raised to a year, it would be noise.
 */
export function annualReturn(
  total: number,
  days: number,
  { perYear = daysPerYear, least = annualDaysLeast }: AnnualOptions = {},
): number | null {
  if (!(days >= least) || total <= -1) return total <= -1 && days >= least ? -1 : null;
  const annual = (1 + total) ** (perYear / days) - 1;
  return Number.isFinite(annual) ? annual : null;
}

interface AnnualOptions {
  /** Periods in a year: 365 days of crypto, 252 of stocks. */
  readonly perYear?: number;
  /** How many there have to be. */
  readonly least?: number;
}

/**
 * Returns from UTC day to UTC day: the day's last mark over that of the day before, the first over
 * the opening equity. A day without a mark has a return of 0; the first and the last day count as
 * whole days, however much of them the run saw.
 */
export function dailyReturns({ at, value }: EquityCurve, opening: number): number[] {
  const returns: number[] = [];
  let before = opening;
  let day: number | null = null;
  let last = opening;
  for (let index = 0; index < at.length; index += 1) {
    // A mark at midnight is the close of the day that ends there.
    const today = Math.floor(((at[index] ?? 0) - 1) / dayMs);
    if (day !== null && today > day) {
      returns.push(last / before - 1);
      for (let quiet = day + 1; quiet < today; quiet += 1) returns.push(0);
      before = last;
    }
    day = today;
    last = value[index] ?? last;
  }
  if (day !== null) returns.push(last / before - 1);
  return returns;
}

/** Yearly deviation of daily returns: sample deviation times the root of 365. */
export function volatility(
  returns: readonly number[],
  { perYear = daysPerYear, least = returnsLeast }: AnnualOptions = {},
): number | null {
  return returns.length < least ? null : finite(deviation(returns) * Math.sqrt(perYear));
}

/**
 * Sharpe ratio: mean over sample deviation (n - 1) of daily returns, times the root of 365. The
 * risk-free rate is 0. Null below 20 returns, or where they do not vary.
 */
export function sharpe(
  returns: readonly number[],
  { perYear = daysPerYear, least = returnsLeast }: AnnualOptions = {},
): number | null {
  if (returns.length < least) return null;
  return ratio(mean(returns), deviation(returns), Math.sqrt(perYear));
}

/**
 * Sortino ratio: mean of daily returns over their downside deviation, times the root of 365. The
 * target is 0; the downside deviation is the root of the mean, over all returns (population), of
 * the squares of those below 0. Null below 20 returns, or where none is below 0.
 */
export function sortino(
  returns: readonly number[],
  { perYear = daysPerYear, least = returnsLeast }: AnnualOptions = {},
): number | null {
  if (returns.length < least) return null;
  const downside = Math.sqrt(mean(returns.map((each) => Math.min(each, 0) ** 2)));
  return ratio(mean(returns), downside, Math.sqrt(perYear));
}

/** Annual return over the greatest drawdown as a share. Null without either. */
export function calmar(annual: number | null, maxDrawdown: number): number | null {
  return annual === null ? null : ratio(annual, maxDrawdown, 1);
}

export interface Drawdowns {
  /** Greatest fall from a peak, as a share of that peak: 0.1 is 10 %. */
  readonly most: number;
  /**
   * Longest time from a peak until its value was reached again, or until the run ended, in
   * milliseconds: not always that of the deepest one.
   */
  readonly longestMs: number;
  /** Share of the run's time in which the equity was below a peak before; 0 of no time. */
  readonly underWater: number;
}

/** The first peak is the opening equity, at the time of the first mark. */
export function drawdowns({ at, value }: EquityCurve, opening: number): Drawdowns {
  let peak = opening;
  let peakAt = at[0] ?? 0;
  let most = 0;
  let longestMs = 0;
  let underMs = 0;
  for (let index = 0; index < at.length; index += 1) {
    const [now, worth] = [at[index] ?? 0, value[index] ?? opening];
    const before = at[index - 1] ?? now;
    // The time up to a mark is judged by the mark before it.
    const wasUnder = (value[index - 1] ?? opening) < peak;
    if (wasUnder) underMs += now - before;
    if (wasUnder || worth < peak) longestMs = Math.max(longestMs, now - peakAt);
    if (worth >= peak) {
      peak = worth;
      peakAt = now;
    }
    most = Math.max(most, 1 - worth / peak);
  }
  const spanMs = (at.at(-1) ?? 0) - (at[0] ?? 0);
  return { most, longestMs, underWater: spanMs > 0 ? underMs / spanMs : 0 };
}

/** Mean over the curve's marks; null of none. */
export function meanOrNull(values: Float64Array): number | null {
  return values.length === 0 ? null : mean(values);
}

/**
 * What buying and holding comes to, without costs: the mean of `last close / first open - 1` over
 * the run's symbols, each bought for an equal part at the start. Null where prices are not known.
 */
export function buyAndHold(
  held: readonly { readonly firstOpen: number; readonly lastClose: number }[],
): number | null {
  if (held.length === 0) return null;
  return mean(held.map(({ firstOpen, lastClose }) => lastClose / firstOpen - 1));
}

/** A ratio whose divisor is more than rounding noise; null otherwise. */
function ratio(value: number, divisor: number, factor: number): number | null {
  return divisor > 1e-15 ? finite((value / divisor) * factor) : null;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
