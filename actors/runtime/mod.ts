export type { CrashPoint } from "../../machines/domain/crash-point.ts";
export { VirtualClock } from "./clock.ts";
export { keyedDraws } from "./draws.ts";
export type { EffectContext, EffectHandler, WantedEffect } from "./effects.ts";
export { canonicalJson, chainHash, genesis } from "./journal.ts";
export type { LiveActor } from "./live-actors.ts";
export type { Admission, MachineKind } from "./options.ts";
export type * from "./ports.ts";
export {
  edgeId,
  type NextEdge,
  nodesOf,
  type Replayed,
  ReplayMachine,
  type TriedGuard,
  transitionsOf,
  type Want,
} from "./replay.ts";
export { ActorSystem } from "./system.ts";
export type { Transition, Turn } from "./turn.ts";
export type { SetAside } from "./upgrade.ts";
export { type Finding, type Verified, verifyChain } from "./verify.ts";
