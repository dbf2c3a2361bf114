export type { CrashPoint } from "../../machines/domain/crash-point.ts";
export { VirtualClock } from "./clock.ts";
export { keyedDraws } from "./draws.ts";
export type { EffectContext, EffectHandler, WantedEffect } from "./effects.ts";
export type { Admission, MachineKind } from "./options.ts";
export type * from "./ports.ts";
export { ActorSystem } from "./system.ts";
export type { Transition, Turn } from "./turn.ts";
