/**
 * What can be set about each strategy. The scanner, which this folder may not import, says the same
 * in its catalog; a test holds the two against each other.
 */

/** Longest window: far more than a strategy has use for, and a bound on memory. */
export const barsMax = 2_000;

export interface ParameterDeclaration {
  readonly standard: number;
  readonly least: number;
  readonly most: number;
  readonly isWhole: boolean;
  /** In plain words, with its unit. */
  readonly meaning: string;
}

function whole(standard: number, least: number, most: number, meaning: string) {
  return { standard, least, most, isWhole: true, meaning } satisfies ParameterDeclaration;
}

function real(standard: number, least: number, most: number, meaning: string) {
  return { standard, least, most, isWhole: false, meaning } satisfies ParameterDeclaration;
}

/** By name: its own weight among the votes, and its parameters. */
export const strategies = {
  keltner: {
    weight: 0.3,
    parameters: {
      period: whole(20, 2, barsMax, "Bars of the mean in the middle of the channel."),
      range: whole(10, 2, barsMax, "Bars of the average true range."),
      width: real(2, 0.1, 20, "Distance of either line from the middle, in average true ranges."),
      slope: whole(5, 1, 200, "Bars over which the middle must have moved the same way."),
    },
  },
  meanReversion: {
    weight: 0.25,
    parameters: {
      period: whole(20, 2, barsMax, "Bars of the Bollinger bands."),
      width: real(2, 0.1, 20, "Distance of the bands from the mean, in standard deviations."),
      rsi: whole(14, 2, barsMax, "Bars of the relative strength index (RSI)."),
      oversold: real(30, 1, 50, "RSI at or below which a market counts as oversold."),
      overbought: real(70, 50, 99, "RSI at or above which a market counts as overbought."),
    },
  },
  ichimoku: {
    weight: 0.15,
    parameters: {
      conversion: whole(9, 1, barsMax, "Bars of the conversion line."),
      base: whole(26, 2, barsMax, "Bars of the base line, and by which the cloud is drawn ahead."),
      span: whole(52, 3, barsMax, "Bars of the slow line of the cloud."),
    },
  },
  orderFlow: {
    weight: 0.15,
    parameters: {
      smoothing: whole(
        5,
        1,
        200,
        "Bars over which the flow is smoothed; so many readings in a row.",
      ),
      threshold: real(0.2, 0.01, 0.99, "Smoothed flow, 0 to 1, from which on it counts."),
      maxSuspicion: real(
        0.5,
        0,
        1,
        "Suspicion of spoofing, 0 to 1, above which the book is not heard.",
      ),
    },
  },
  trend: {
    weight: 0.15,
    parameters: {
      fast: whole(12, 2, barsMax, "Bars of the fast mean."),
      slow: whole(36, 3, barsMax, "Bars of the slow mean."),
      adx: whole(14, 2, barsMax, "Bars of the trend's strength (ADX)."),
      minAdx: real(20, 0, 100, "Strength of trend (ADX) from which on a trend counts as one."),
    },
  },
  stochasticDivergence: {
    weight: 0.12,
    parameters: {
      period: whole(14, 2, barsMax, "Bars of the range that the stochastic measures in."),
      slowing: whole(3, 1, 200, "Bars over which %K is averaged."),
      signal: whole(3, 1, 200, "Bars over which %D is averaged."),
      zone: real(30, 1, 50, "%K at or below which a trough counts; 100 less it for peaks."),
      minChange: real(3, 0.1, 50, "Points by which %K must not follow price."),
      maxBars: whole(60, 2, barsMax, "Most bars between the two troughs or peaks."),
      freshBars: whole(5, 0, 100, "Bars for which a divergence counts."),
    },
  },
  squeeze: {
    weight: 0.12,
    parameters: {
      period: whole(20, 2, barsMax, "Bars of bands, channel and momentum."),
      band: real(2, 0.1, 20, "Width of the Bollinger bands, in standard deviations."),
      channel: real(1.5, 0.1, 20, "Width of the Keltner channel, in mean true ranges."),
      minBars: whole(6, 1, 500, "Bars that a squeeze must have lasted to count."),
      freshBars: whole(5, 0, 100, "Bars for which a release counts."),
    },
  },
  supertrend: {
    weight: 0.1,
    parameters: {
      period: whole(10, 2, barsMax, "Bars of the average true range."),
      width: real(3, 0.1, 20, "Distance of the line from the middle of the bar, in true ranges."),
      freshBars: whole(10, 0, 200, "Bars for which a turn counts in full."),
    },
  },
  reversal: {
    weight: 0.1,
    parameters: {
      period: whole(10, 2, barsMax, "Bars before, whose extreme the reversal bar must pass."),
      range: whole(14, 2, barsMax, "Bars of the average true range."),
      minRange: real(1.2, 0.1, 20, "Least height of the reversal bar, in average true ranges."),
      closeShare: real(0.7, 0.5, 1, "Share of its height by which it must close off its extreme."),
      freshBars: whole(3, 0, 100, "Bars for which a reversal counts."),
    },
  },
  momentum: {
    weight: 0.1,
    parameters: {
      period: whole(10, 2, barsMax, "Bars over which the line through the closes is fitted."),
      range: whole(14, 2, barsMax, "Bars of the average true range."),
      minRise: real(1.5, 0.1, 50, "Rise of that line over its bars, in average true ranges."),
      fast: whole(12, 2, barsMax, "Bars of MACD's fast mean."),
      slow: whole(26, 3, barsMax, "Bars of MACD's slow mean."),
      signal: whole(9, 1, barsMax, "Bars of MACD's signal line."),
    },
  },
  breakout: {
    weight: 0.1,
    parameters: {
      period: whole(20, 2, barsMax, "Bars before, above whose highest high a close breaks out."),
      exit: whole(10, 2, barsMax, "Bars before, below whose lowest low a close breaks down."),
      volume: whole(20, 1, barsMax, "Bars of the mean volume."),
      volumeFactor: real(1.5, 0, 100, "Volume, in mean volumes, that confirms a break."),
      freshBars: whole(5, 0, 100, "Bars for which a break counts."),
    },
  },
  smaCross: {
    weight: 0.1,
    parameters: {
      fast: whole(10, 1, barsMax, "Bars of the fast simple mean."),
      slow: whole(30, 2, barsMax, "Bars of the slow simple mean."),
    },
  },
} as const;

export type StrategyName = keyof typeof strategies;

/** Those that vote only where they are switched on: what backtests are compared by. */
export const restingStrategies: readonly StrategyName[] = ["smaCross"];

export type ParameterName<Name extends StrategyName> =
  keyof (typeof strategies)[Name]["parameters"];

export const strategyNames = Object.keys(strategies) as readonly StrategyName[];

/** A strategy's parameters by name, in their order. */
export function parametersOf(
  name: StrategyName,
): readonly (readonly [string, ParameterDeclaration])[] {
  return Object.entries(strategies[name].parameters);
}

/** Market regimes, and what strategies live on, which a regime favours or not. */
export const regimes = {
  rangeLow: "a range of low volatility",
  rangeMid: "a range of usual volatility",
  rangeHigh: "a range of high volatility",
  trendLow: "a trend of low volatility",
  trendMid: "a trend of usual volatility",
  trendHigh: "a trend of high volatility",
  unknown: "a market of which too little was seen",
} as const;

export type RegimeName = keyof typeof regimes;

/** Frames where none are set. */
export const standardFrames = 3;
