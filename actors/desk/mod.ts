export type { DeskConfig, TradedSymbol } from "./config.ts";
export type { Counts } from "./counts.ts";
export { Desk, type DeskOptions } from "./desk.ts";
export { machineKinds } from "./kinds.ts";
export type { DeskStatus } from "./status.ts";
export { type Vital, vitalBrakeId } from "./vitals.ts";
