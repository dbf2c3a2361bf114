export { decide, type Facts } from "./gates.ts";
export { SymbolPlane } from "./plane.ts";
export { type TrendParameters, TrendStrategy } from "./strategies/trend.ts";
export type { Strategy } from "./strategy.ts";
