/** The arithmetic of standings: from results to multipliers, without state. */
import type { StandingSettings } from "./standing-settings.ts";

/** Results of closed positions, summed up. */
export interface Tally {
  readonly trades: number;
  /** Positions closed above their cost; one that made nothing is neither won nor lost. */
  readonly wins: number;
  /** Sum of the shares won, and of those lost; 0 or more. */
  readonly won: number;
  readonly lost: number;
}

/** How many positions were opened in an hour of the day, or in all, and how many of them won. */
export interface Hour {
  readonly trades: number;
  readonly wins: number;
}

/**
 * Multipliers have at most four decimals: short in a journal, and the same bit for bit whichever
 * way they were worked out.
 */
export const grain = 10_000;

export function rounded(value: number): number {
  return Math.round(value * grain) / grain;
}

export function tallyOf(profitShares: readonly number[]): Tally {
  let wins = 0;
  let won = 0;
  let lost = 0;
  for (const share of profitShares) {
    if (share > 0) {
      wins += 1;
      won += share;
    } else lost -= share;
  }
  return { trades: profitShares.length, wins, won, lost };
}

/** Won over lost. Infinity where something was won and nothing lost, 1 where neither was. */
export function profitFactorOf({ won, lost }: Tally): number {
  return won === 0 && lost === 0 ? 1 : won / lost;
}

/**
 * What a strategy's weight is multiplied by. With the profit factor f = won / lost:
 *
 *     least + (1 - least) × f       up to f = 1
 *     most - (most - 1) / f         from there on
 *
 * that is `least` with nothing won, half way to it at 0.5, 1 at 1, half way to `most` at 2, `most`
 * with nothing lost. It rises with f and has no jump. 1 with fewer than `minTrades` positions.
 */
export function performanceOf(tally: Tally, settings: StandingSettings): number {
  const { least, most, minTrades } = settings;
  const factor = profitFactorOf(tally);
  if (tally.trades < minTrades) return 1;
  const multiplier = factor <= 1 ? least + (1 - least) * factor : most - (most - 1) / factor;
  return withinBounds(multiplier, least, most);
}

/**
 * What an entry's confidence is multiplied by in an hour of the day: win rate of the positions
 * opened in it over that of all, within bounds. 1 with fewer than `minSessionTrades` in the hour,
 * and where none ever won.
 */
export function sessionOf(hour: Hour, all: Hour, settings: StandingSettings): number {
  if (hour.trades < settings.minSessionTrades || all.wins === 0) return 1;
  // Both products are whole, so that equal rates give exactly 1.
  const ratio = (hour.wins * all.trades) / (hour.trades * all.wins);
  return withinBounds(ratio, settings.sessionLeast, settings.sessionMost);
}

function withinBounds(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, rounded(value)));
}

/** A profit factor in words; never rounded up to the threshold that it is below. */
export function belowInWords(tally: Tally, threshold: number): string {
  const factor = profitFactorOf(tally);
  const short = rounded(factor);
  return (
    `profit factor ${short < threshold ? short : factor} over its last ${tally.trades} positions, ` +
    `below ${threshold}`
  );
}
