export type { DeskConfig, TradedSymbol } from "./config.ts";
export type { Counts } from "./counts.ts";
export { Desk, type DeskOptions, type DeskStatus } from "./desk.ts";
export { machineKinds } from "./kinds.ts";
export type { Vital } from "./vitals.ts";
