export * from "./metrics.ts";
export type * from "./ports.ts";
export { groupNames } from "./ports.ts";
export { metricsOf, runReport } from "./run-report.ts";
export * from "./trade-metrics.ts";
