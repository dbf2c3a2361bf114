import { accountCases } from "./account-cases.ts";
import type { ConformanceCase } from "./case.ts";
import { chaseCases } from "./chase-cases.ts";
import { doubtCases } from "./doubt-cases.ts";
import { orderCases } from "./order-cases.ts";
import { refusalCases } from "./refusal-cases.ts";

/** Every case, by number. */
export const cases: readonly ConformanceCase[] = [
  ...orderCases,
  ...chaseCases,
  ...refusalCases,
  ...accountCases,
  ...doubtCases,
];
