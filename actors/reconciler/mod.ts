export { type Believed, type Comparison, compareAccount, deskOrderId } from "./compare.ts";
export { readAccountEffect } from "./effects.ts";
