import type { Strategy } from "../strategy.ts";
import { BreakoutStrategy, breakoutRules } from "./breakout.ts";
import { IchimokuStrategy, ichimokuRules } from "./ichimoku.ts";
import { KeltnerStrategy, keltnerRules } from "./keltner.ts";
import { MeanReversionStrategy, meanReversionRules } from "./mean-reversion.ts";
import { MomentumStrategy, momentumRules } from "./momentum.ts";
import { OrderFlowStrategy, orderFlowRules } from "./order-flow.ts";
import type { ParameterRules, ParametersOf } from "./parameters.ts";
import { barsMax, checkParameters, real, standardOf, whole } from "./parameters.ts";
import { ReversalStrategy, reversalRules } from "./reversal.ts";
import { SmaCrossStrategy, smaCrossRules } from "./sma-cross.ts";
import { SqueezeStrategy, squeezeRules } from "./squeeze.ts";
import {
  StochasticDivergenceStrategy,
  stochasticDivergenceRules,
} from "./stochastic-divergence.ts";
import { SupertrendStrategy, supertrendRules } from "./supertrend.ts";
import { TrendStrategy } from "./trend.ts";

export const trendRules = {
  fast: whole(12, 2, barsMax, "Bars of the fast mean."),
  slow: whole(36, 3, barsMax, "Bars of the slow mean."),
  adx: whole(14, 2, barsMax, "Bars of the trend's strength (ADX)."),
  minAdx: real(20, 0, 100, "Strength of trend (ADX) from which on a trend counts as one."),
};

/** What a strategy lives on, which is what a regime favours or not. */
export type StrategyKind = "trend" | "reversion" | "breakout" | "flow";

interface CatalogEntry {
  readonly kind: StrategyKind;
  readonly rules: ParameterRules;
  readonly create: (parameters: Readonly<Record<string, number>>) => Strategy;
}

function entry<Rules extends ParameterRules>(
  kind: StrategyKind,
  rules: Rules,
  create: (parameters: ParametersOf<Rules>) => Strategy,
): CatalogEntry {
  // Sound, for `createStrategy` only calls it with what the rules of this very entry name.
  return { kind, rules, create: create as CatalogEntry["create"] };
}

/** All strategies by name, with what can be set about each. Weights are the strategies' own. */
export const strategyCatalog = {
  keltner: entry("breakout", keltnerRules, (set) => new KeltnerStrategy(set)),
  meanReversion: entry("reversion", meanReversionRules, (set) => new MeanReversionStrategy(set)),
  ichimoku: entry("trend", ichimokuRules, (set) => new IchimokuStrategy(set)),
  orderFlow: entry("flow", orderFlowRules, (set) => new OrderFlowStrategy(set)),
  trend: entry("trend", trendRules, (set) => new TrendStrategy(set)),
  stochasticDivergence: entry(
    "reversion",
    stochasticDivergenceRules,
    (set) => new StochasticDivergenceStrategy(set),
  ),
  squeeze: entry("breakout", squeezeRules, (set) => new SqueezeStrategy(set)),
  supertrend: entry("trend", supertrendRules, (set) => new SupertrendStrategy(set)),
  reversal: entry("reversion", reversalRules, (set) => new ReversalStrategy(set)),
  momentum: entry("trend", momentumRules, (set) => new MomentumStrategy(set)),
  breakout: entry("breakout", breakoutRules, (set) => new BreakoutStrategy(set)),
  smaCross: entry("trend", smaCrossRules, (set) => new SmaCrossStrategy(set)),
} as const satisfies Readonly<Record<string, CatalogEntry>>;

export type StrategyName = keyof typeof strategyCatalog;

export const strategyNames = Object.keys(strategyCatalog) as readonly StrategyName[];

export type StrategyParameters = Readonly<Record<string, number>>;

/**
 * A strategy by name; parameters that are not given are standard.
 * @throws {RangeError} for an unknown parameter, or a value out of its bounds
 */
export function createStrategy(name: StrategyName, parameters: StrategyParameters = {}): Strategy {
  const { rules, create } = strategyCatalog[name] as CatalogEntry;
  for (const given of Object.keys(parameters)) {
    if (Object.hasOwn(rules, given)) continue;
    throw new RangeError(
      `Cannot create strategy "${name}": unknown parameter "${given}", ` +
        `wanted one of ${Object.keys(rules).join(", ")}`,
    );
  }
  const values = { ...standardOf(rules), ...parameters };
  checkParameters(name, rules, values);
  return create(values);
}

/** What a strategy of this name lives on; undefined for one that is not in the catalog. */
export function kindOf(name: string): StrategyKind | undefined {
  return Object.hasOwn(strategyCatalog, name)
    ? strategyCatalog[name as StrategyName].kind
    : undefined;
}
