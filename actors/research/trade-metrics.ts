/** Measures of closed trades, from their profits after fees, quote coin. */
import { deviation, mean } from "./metrics.ts";

/** Trades below which a measure of all of them says nothing. */
export const tradesLeast = 10;
/** As Van Tharp asks for it. */
export const sqnTradesLeast = 30;

const sumOf = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0);

/**
 * Share of trades with a profit above 0; one of exactly 0 is no win. Null below 10 trades.
 */
export function winRate(profits: readonly number[], least = tradesLeast): number | null {
  if (profits.length < least || profits.length === 0) return null;
  return profits.filter((each) => each > 0).length / profits.length;
}

/** Mean profit of the trades above 0; null without one. */
export function averageWin(profits: readonly number[]): number | null {
  const wins = profits.filter((each) => each > 0);
  return wins.length === 0 ? null : mean(wins);
}

/** Mean profit of the trades below 0, a negative number; null without one. */
export function averageLoss(profits: readonly number[]): number | null {
  const losses = profits.filter((each) => each < 0);
  return losses.length === 0 ? null : mean(losses);
}

/**
 * What was won over what was lost: sum of profits above 0 over the absolute sum of those below.
 * Null below 10 trades, or where nothing was lost: infinity is no measure.
 */
export function profitFactor(profits: readonly number[], least = tradesLeast): number | null {
  if (profits.length < least) return null;
  const lost = -sumOf(profits.filter((each) => each < 0));
  return lost > 0 ? sumOf(profits.filter((each) => each > 0)) / lost : null;
}

/** Mean profit of a trade after fees, quote coin. Null below 10 trades. */
export function expectancy(profits: readonly number[], least = tradesLeast): number | null {
  return profits.length < Math.max(1, least) ? null : mean(profits);
}

/**
 * System quality number (Van Tharp): root of the number of trades times their mean profit over its
 * sample deviation (n - 1). The number of trades is not cut at 100. Null below 30 trades, or where
 * profits do not vary.
 */
export function sqn(profits: readonly number[], least = sqnTradesLeast): number | null {
  if (profits.length < Math.max(2, least)) return null;
  const spread = deviation(profits);
  return spread > 0 ? (Math.sqrt(profits.length) * mean(profits)) / spread : null;
}

/** Most trades in a row, in order of closing, above 0 and below 0; one of exactly 0 ends both. */
export function longestStreaks(profits: readonly number[]): { wins: number; losses: number } {
  const longest = { wins: 0, losses: 0 };
  let run = 0;
  for (const profit of profits) {
    run =
      profit === 0
        ? 0
        : Math.sign(run) === Math.sign(profit)
          ? run + Math.sign(profit)
          : Math.sign(profit);
    longest.wins = Math.max(longest.wins, run);
    longest.losses = Math.max(longest.losses, -run);
  }
  return longest;
}

/**
 * Turnover: half of all that was bought and sold (entries' and exits' notional), over the mean
 * equity of the run. 1 means that the account was turned over once. Null without an equity.
 */
export function turnover(notional: number, meanEquity: number | null): number | null {
  return meanEquity !== null && meanEquity > 0 ? notional / 2 / meanEquity : null;
}
