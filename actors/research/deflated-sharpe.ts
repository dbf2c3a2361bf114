/**
 * The deflated Sharpe ratio: D. H. Bailey and M. Lopez de Prado, "The Deflated Sharpe Ratio:
 * Correcting for Selection Bias, Backtest Overfitting and Non-Normality", Journal of Portfolio
 * Management 40 (5), 2014. Ratios here are those of one period (a day), not of a year: divide a
 * yearly one by the root of the periods in a year.
 */

/** Euler and Mascheroni's constant. */
const gamma = 0.5772156649015329;

/** What a series of returns says of itself; ratios of one period. */
export interface ReturnMoments {
  /** Returns in the series. */
  readonly count: number;
  /** Mean over sample standard deviation (n - 1), risk-free rate 0. */
  readonly sharpe: number;
  /** Third standardised moment, population: 0 of a normal distribution. */
  readonly skewness: number;
  /** Fourth standardised moment, population, not less 3: 3 of a normal distribution. */
  readonly kurtosis: number;
}

/** Null of fewer than 20 returns, or where they do not vary. */
export function momentsOf(returns: readonly number[], least = 20): ReturnMoments | null {
  const count = returns.length;
  if (count < least) return null;
  const mean = returns.reduce((total, each) => total + each, 0) / count;
  const central = (power: number) =>
    returns.reduce((total, each) => total + (each - mean) ** power, 0) / count;
  const variance = central(2);
  if (!(variance > 1e-30)) return null;
  return {
    count,
    sharpe: mean / Math.sqrt((variance * count) / (count - 1)),
    skewness: central(3) / variance ** 1.5,
    kurtosis: central(4) / variance ** 2,
  };
}

/** Normal distribution: share below `x`, to about 15 digits (Marsaglia 2004). */
export function normalBelow(x: number): number {
  if (x < -8) return 0;
  if (x > 8) return 1;
  let sum = x;
  let term = x;
  let before = 0;
  for (let odd = 3; sum !== before; odd += 2) {
    before = sum;
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 + sum * Math.exp(-0.5 * x * x - 0.9189385332046728);
}

/** The value below which that share of a normal distribution lies; by bisection, to 1e-12. */
export function normalQuantile(share: number): number {
  if (!(share > 0 && share < 1)) {
    throw new RangeError(`Cannot take quantile ${share}: wanted above 0 and below 1`);
  }
  let [low, high] = [-8, 8];
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if (normalBelow(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The Sharpe ratio that the best of so many trials without any skill is expected to show:
 * `sqrt(V) * ((1 - g) * Z(1 - 1/N) + g * Z(1 - 1/(N e)))`, V being the variance of the trials'
 * ratios (sample, n - 1), g Euler's constant, Z the normal quantile. 0 for a single trial.
 */
export function expectedBestSharpe(trials: number, variance: number): number {
  if (trials <= 1) return 0;
  const [first, second] = [
    normalQuantile(1 - 1 / trials),
    normalQuantile(1 - 1 / (trials * Math.E)),
  ];
  return Math.sqrt(variance) * ((1 - gamma) * first + gamma * second);
}

/**
 * Probability that the true ratio is above `benchmark` (the probabilistic Sharpe ratio):
 * `Phi((SR - SR0) * sqrt(T - 1) / sqrt(1 - skew * SR + (kurtosis - 1) / 4 * SR^2))`.
 * Null where the moments allow no estimate.
 */
export function probabilisticSharpe(moments: ReturnMoments, benchmark: number): number | null {
  const { count, sharpe, skewness, kurtosis } = moments;
  const spread = 1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe ** 2;
  if (!(spread > 0) || count < 2) return null;
  return normalBelow(((sharpe - benchmark) * Math.sqrt(count - 1)) / Math.sqrt(spread));
}

export interface Deflated {
  /** Trials that were counted: those whose ratio is known. */
  readonly trials: number;
  /** Sample variance of their ratios of one period. */
  readonly variance: number;
  /** What the best of them was to be expected to show by chance, of one period. */
  readonly expectedBest: number;
  /** Probability, 0 to 1, that the chosen one has skill nonetheless. */
  readonly probability: number | null;
}

/**
 * The chosen trial's ratio corrected for the number of trials it was chosen among: its probabilistic
 * Sharpe ratio against the best expected of chance. Trials are taken as independent, which makes the
 * correction the stricter the more alike they are.
 */
export function deflatedSharpe(
  chosen: ReturnMoments | null,
  ratios: readonly (number | null)[],
): Deflated {
  const known = ratios.filter((each) => each !== null);
  const trials = known.length;
  const mean = known.reduce((total, each) => total + each, 0) / trials;
  const squares = known.reduce((total, each) => total + (each - mean) ** 2, 0);
  const variance = trials > 1 ? squares / (trials - 1) : 0;
  const expectedBest = expectedBestSharpe(trials, variance);
  const probability = chosen === null ? null : probabilisticSharpe(chosen, expectedBest);
  return { trials, variance, expectedBest, probability };
}
