export {
  type Believed,
  type CoinDifference,
  type Comparison,
  compareAccount,
  deskOrderId,
  isDeskOrderId,
  type OrderDifference,
  type Resting,
  roundingOf,
} from "./compare.ts";
export { readAccountEffect } from "./effects.ts";
export { type Explanation, explaining } from "./movements.ts";
