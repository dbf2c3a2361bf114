export {
  Confluence,
  type ConfluenceInputs,
  type ConfluenceSettings,
  confluenceStandard,
  type FrameOpinion,
  weightedVote,
} from "./confluence.ts";
export {
  firstClosedGate,
  type Gate,
  type GateName,
  gateNames,
  gatesOf,
} from "./confluence-gates.ts";
export type { StrategyFailure, WeighedVote } from "./frame.ts";
export { FramePlane } from "./frames.ts";
export { decide, gatesInOrder, isLate, type JudgedGate, type Question } from "./gates.ts";
export { confluenceNumberNames } from "./plane-numbers.ts";
export type {
  ConfluenceEvaluation,
  FrameEvaluation,
  FramePlaneOptions,
} from "./plane-options.ts";
export {
  type RegimeMultipliers,
  type RegimeName,
  type RegimeSettings,
  regimeMultipliersStandard,
  regimeNames,
  regimeStandard,
} from "./regime.ts";
export {
  type KnownStanding,
  type PositionResult,
  Standing,
  type StandingChange,
  type StandingState,
  type StrategyStanding,
} from "./standing.ts";
export { checkStanding, type StandingSettings } from "./standing-settings.ts";
export { type BookReading, BookWatch } from "./strategies/book-reading.ts";
export {
  createStrategy,
  type StrategyKind,
  type StrategyName,
  type StrategyParameters,
  strategyCatalog,
  strategyNames,
} from "./strategies/catalog.ts";
export {
  type MeanReversionParameters,
  MeanReversionStrategy,
} from "./strategies/mean-reversion.ts";
export type { ParameterRule, ParameterRules } from "./strategies/parameters.ts";
export { type TrendParameters, TrendStrategy } from "./strategies/trend.ts";
export type { Strategy } from "./strategy.ts";
