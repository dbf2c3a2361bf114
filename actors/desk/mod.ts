export { FrameAggregator } from "../market/mod.ts";
export {
  edgeId,
  type NextEdge,
  nodesOf,
  type Replayed,
  ReplayMachine,
  type StoredActor,
  type TriedGuard,
  transitionsOf,
  type Want,
} from "../runtime/mod.ts";
export type { AccountView, CoinView, DifferenceTold } from "./account-reading.ts";
export { maySendByHand } from "./by-hand.ts";
export { releaseRefusal } from "./commands.ts";
export {
  type AccountConfig,
  accountsOf,
  type DeskConfig,
  type DeskMode,
  lanesOf,
  type TradedSymbol,
} from "./config.ts";
export { ConfigurationHistory, configurationRecordKind } from "./configuration-history.ts";
export type { Counts } from "./counts.ts";
export { codeWords, gateWords, shortNumber } from "./decision-words.ts";
export { Desk } from "./desk.ts";
export { type Difference, differencesOf } from "./differences.ts";
export { featureNamesAt } from "./feature-names.ts";
export { type FeatureRow, featuresKept, featuresSpace } from "./features.ts";
export type { WiredStart } from "./first-readings.ts";
export { type ActorNow, actorStored, type Inspection } from "./inspection.ts";
export { type JobNews, type JobView, jobsOf } from "./jobs.ts";
export type { ConfluenceNumbers, EntryLevels, Judgement } from "./judgement.ts";
export { machineKinds } from "./kinds.ts";
export {
  type LaneView,
  type OrderView,
  type PositionView as LanePosition,
  stateText,
} from "./lane-views.ts";
export type { DeskOptions } from "./options.ts";
export { type PositionView, positionsOf } from "./position-commands.ts";
export type { DeskStatus } from "./status.ts";
export { coldStartBrakeId, type Vital, vitalBrakeId } from "./vitals.ts";
export type { AccountWatched, DeskWatch } from "./watch.ts";
export {
  type Explanation,
  explanations,
  isEvaluation,
  Rerun,
  type RerunState,
  type WhyOptions,
} from "./why.ts";
