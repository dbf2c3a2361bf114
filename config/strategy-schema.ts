import { z } from "zod";
import { key, rowKey, safe } from "./key.ts";
import {
  duration,
  frameMultiples,
  numbersInRow,
  orWord,
  realNumber,
  trueOrFalse,
  wholeNumber,
} from "./kinds.ts";
import {
  barsMax,
  type ParameterDeclaration,
  type ParameterName,
  parametersOf,
  type RegimeName,
  regimes,
  type StrategyName,
  strategies,
  strategyNames,
} from "./strategies.ts";
import {
  confluenceRule,
  ichimokuRule,
  momentumRule,
  performanceRule,
  regimeRule,
  smaCrossRule,
  trendRule,
} from "./strategy-rules.ts";

const anew = safe("every bar of the ledger is read again under the new rules");
const nextStanding = safe(
  "counts from the next bar on; the results of every strategy are counted anew",
);

/** More frames than this look at the same market twice. */
const framesMax = 6;

function parameterKey({ least, most, isWhole, standard, meaning }: ParameterDeclaration) {
  const kind = isWhole
    ? wholeNumber(least, most)
    : realNumber({ from: String(least), to: String(most) }, String(standard));
  return key(kind, meaning, anew);
}

type NumberKey = ReturnType<typeof parameterKey>;

/** One strategy's branch: whether and with what weight it votes, and its own parameters. */
function vote<Name extends StrategyName>(name: Name) {
  const parameters = Object.fromEntries(
    parametersOf(name).map(([parameter, declared]) => [parameter, parameterKey(declared)]),
  ) as Record<ParameterName<Name>, NumberKey>;
  return z.strictObject({
    use: key(trueOrFalse, "Whether this strategy votes.", anew),
    weight: key(
      realNumber({ above: "0", to: "1" }, String(strategies[name].weight)),
      "What its vote weighs beside the others, before the regime and its own results.",
      anew,
    ),
    ...parameters,
  });
}

const votes = z.strictObject({
  keltner: vote("keltner"),
  meanReversion: vote("meanReversion"),
  ichimoku: vote("ichimoku").superRefine(ichimokuRule),
  orderFlow: vote("orderFlow"),
  trend: vote("trend").superRefine(trendRule),
  stochasticDivergence: vote("stochasticDivergence"),
  squeeze: vote("squeeze"),
  supertrend: vote("supertrend"),
  reversal: vote("reversal"),
  momentum: vote("momentum").superRefine(momentumRule),
  breakout: vote("breakout"),
  smaCross: vote("smaCross").superRefine(smaCrossRule),
} satisfies Record<StrategyName, z.ZodType>);

const confluence = z.strictObject({
  minFrames: key(wholeNumber(1, framesMax), "Timeframes that must agree.", anew),
  minStrategies: key(
    wholeNumber(1, strategyNames.length),
    "Distinct strategies that must agree, over the agreeing timeframes.",
    anew,
  ),
  minConfidence: key(
    realNumber({ above: "0", to: "1" }, "0.55"),
    "Confidence, 0 to 1, from which on an entry passes.",
    anew,
  ),
  minRewardToRisk: key(
    realNumber({ from: "-1", to: "20" }, "1.5"),
    "Distance of the target over that of the stop, both after costs, from which on an entry passes; -1 for any.",
    anew,
  ),
  maxSpreadShare: key(
    realNumber({ from: "0", to: "0.1" }, "0.001"),
    "Largest spread of the order book as a share of its mid: 0.001 is 0.1 %.",
    anew,
  ),
  maxGapShare: key(
    realNumber({ from: "0", to: "1" }, "0.05"),
    "Largest share of candles missing lately: 0.05 is 5 %.",
    anew,
  ),
  frameBonus: rowKey(
    numbersInRow(realNumber({ above: "0", to: "10" }, "1.3"), framesMax, "1, 1.3, 1.5"),
    "What confidence is multiplied by for the highest agreeing timeframe, the shortest first.",
    anew,
  ),
  bookWeight: key(
    realNumber({ from: "0", to: "1" }, "0.25"),
    "How far the order book's score moves an entry's confidence: 0.25 is from 75 to 125 %.",
    anew,
  ),
});

const regime = z
  .strictObject({
    adx: key(wholeNumber(2, barsMax), "Bars of the trend's strength (ADX).", anew),
    trendAdx: key(
      realNumber({ from: "0", to: "100" }, "25"),
      "Strength of trend (ADX) from which on a market trends.",
      anew,
    ),
    volatility: key(wholeNumber(2, barsMax), "Bars of the present volatility.", anew),
    usual: key(wholeNumber(2, barsMax), "Bars over which volatility is usual.", anew),
    low: key(
      realNumber({ above: "0", to: "10" }, "0.75"),
      "Present volatility, as a multiple of the usual, at or below which it is low.",
      anew,
    ),
    high: key(
      realNumber({ above: "0", to: "10" }, "1.4"),
      "Present volatility, as a multiple of the usual, from which on it is high.",
      anew,
    ),
  })
  .superRefine(regimeRule);

/** What the weights are multiplied by in one regime, by what a strategy lives on. */
function multipliersIn(name: RegimeName) {
  const multiplier = (of: string) =>
    key(
      realNumber({ from: "0", to: "5" }, "1.3"),
      `What the weights of ${of} are multiplied by in ${regimes[name]}; 0 for not at all.`,
      anew,
    );
  return z.strictObject({
    trend: multiplier("strategies that follow a trend"),
    reversion: multiplier("strategies that count on a return"),
    breakout: multiplier("strategies that count on a break"),
    flow: multiplier("strategies that watch the order book"),
  });
}

const multipliers = z.strictObject({
  rangeLow: multipliersIn("rangeLow"),
  rangeMid: multipliersIn("rangeMid"),
  rangeHigh: multipliersIn("rangeHigh"),
  trendLow: multipliersIn("trendLow"),
  trendMid: multipliersIn("trendMid"),
  trendHigh: multipliersIn("trendHigh"),
  unknown: multipliersIn("unknown"),
} satisfies Record<RegimeName, z.ZodType>);

// The bounds of both pairs meet at 1, at which results change nothing.
const performance = z
  .strictObject({
    window: key(
      wholeNumber(1, 1_000),
      "Closed positions of a strategy that are looked at, the latest.",
      nextStanding,
    ),
    minTrades: key(
      wholeNumber(1, 1_000),
      "Closed positions of a strategy from which on its results sway its weight.",
      nextStanding,
    ),
    least: key(
      realNumber({ from: "0.1", to: "1" }, "0.5"),
      "Least that bad results multiply a strategy's weight by.",
      nextStanding,
    ),
    most: key(
      realNumber({ from: "1", to: "2" }, "1.5"),
      "Most that good results multiply a strategy's weight by.",
      nextStanding,
    ),
  })
  .superRefine(performanceRule);

const guardrail = z.strictObject({
  disableBelow: key(
    realNumber({ from: "0", to: "5" }, "0.5"),
    "Profit factor (won over lost) over a full window below which a strategy is switched off; 0 for never.",
    nextStanding,
  ),
  off: key(
    duration("1m", "365d"),
    "How long a strategy stays switched off, unless the operator releases it.",
    nextStanding,
  ),
});

const session = z.strictObject({
  minTrades: key(
    wholeNumber(1, 10_000),
    "Closed positions, opened in an hour of the day, from which on that hour's results count.",
    nextStanding,
  ),
  least: key(
    realNumber({ from: "0.1", to: "1" }, "0.7"),
    "Least that an hour of bad results multiplies an entry's confidence by.",
    nextStanding,
  ),
  most: key(
    realNumber({ from: "1", to: "2" }, "1.3"),
    "Most that an hour of good results multiplies an entry's confidence by.",
    nextStanding,
  ),
});

/** What votes, and what the votes must come to. */
export const strategySchema = z
  .strictObject({
    frames: rowKey(
      orWord(frameMultiples(framesMax, 1_440), "standard", "standard" as const),
      "Timeframes that are looked at, as multiples of market.timeframe.",
      anew,
    ),
    eventPriceMovePct: key(
      realNumber({ from: "0", to: "50" }, "0.5"),
      "Move of the price since the last evaluation, in percent, at which a symbol is evaluated anew; 0 for never.",
      safe("counts from the next price on"),
    ),
    quarantineAfter: key(
      wholeNumber(1, 1_000),
      "Failures of a strategy on a timeframe from which on it is not heard there.",
      anew,
    ),
    confluence,
    votes,
    regime,
    multipliers,
    performance,
    guardrail,
    session,
  })
  .superRefine(confluenceRule);
