import { drawBelow, type Stream, shuffle } from "./random.ts";
import { tradesLeast } from "./trade-metrics.ts";

/** Points of a distribution, by the share of the runs at or below them. */
export interface Quantiles {
  readonly least: number;
  readonly p05: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly most: number;
}

/** The nearest rank of each share: always a value that came up. Null of none. */
export function quantilesOf(values: readonly number[]): Quantiles | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
  return {
    ...{ least: sorted[0] as number, p05: at(0.05), p50: at(0.5) },
    ...{ p95: at(0.95), p99: at(0.99), most: sorted.at(-1) as number },
  };
}

/** Greatest fall from a peak as a share of it; profits are added to the opening equity in order. */
export function drawdownOf(profits: Iterable<number>, opening: number): number {
  let equity = opening;
  let peak = opening;
  let most = 0;
  for (const profit of profits) {
    equity += profit;
    peak = Math.max(peak, equity);
    most = Math.max(most, (peak - equity) / peak);
  }
  return most;
}

export interface MonteCarlo {
  readonly trades: number;
  readonly runs: number;
  /** Greatest drawdown in the order in which the trades were closed. */
  readonly drawdown: number;
  /** The same trades in other orders: what the end is does not change, the way there does. */
  readonly shuffled: Quantiles;
  /** As many trades drawn from them, each as often as it comes: drawdown, and return at the end. */
  readonly drawn: { readonly drawdown: Quantiles; readonly totalReturn: Quantiles };
  /** Share of the shuffled runs whose drawdown is at least that of the run itself. */
  readonly atLeastAsDeep: number;
}

/**
 * Monte-Carlo over the order of trades: how deep it might have gone with the same trades. Profits are
 * sums of quote coin and stay as they were, whatever the equity before them (no compounding). Null
 * for fewer than 10 trades.
 */
export function monteCarlo(
  profits: readonly number[],
  opening: number,
  runs: number,
  stream: Stream,
): MonteCarlo | null {
  if (profits.length < tradesLeast || runs < 1) return null;
  const drawdown = drawdownOf(profits, opening);
  const order = [...profits];
  const shuffled: number[] = [];
  const drawn: number[] = [];
  const ends: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    shuffled.push(drawdownOf(shuffle(order, stream), opening));
    const sample = profits.map(() => profits[drawBelow(stream, profits.length)] as number);
    drawn.push(drawdownOf(sample, opening));
    ends.push(sample.reduce((total, each) => total + each, 0) / opening);
  }
  return {
    ...{ trades: profits.length, runs, drawdown },
    shuffled: quantilesOf(shuffled) as Quantiles,
    drawn: {
      drawdown: quantilesOf(drawn) as Quantiles,
      totalReturn: quantilesOf(ends) as Quantiles,
    },
    atLeastAsDeep: shuffled.filter((each) => each >= drawdown).length / runs,
  };
}
