import type { SymbolName } from "./ids.ts";

export const decisionCodes = [
  "trade",
  "exit",
  "warmingUp",
  "noSignal",
  "coolingDown",
  "inPosition",
  "entering",
  "exiting",
  "nothingToExit",
  "quarantined",
  "braked",
  "notReconciled",
  "symbolUnsettled",
  "positionCap",
  "belowMinimumSize",
  "insufficientFunds",
  "stopTooClose",
  "missedBars",
] as const;
/** Why a decision came out as it did. Every code but `trade` and `exit` is a reason not to act. */
export type DecisionCode = (typeof decisionCodes)[number];

/** The outcome of one evaluation, always recorded (P9). */
export interface Decision {
  readonly symbol: SymbolName;
  readonly at: number;
  readonly outcome: "trade" | "noTrade";
  readonly code: DecisionCode;
  /** The gate that stopped it, with what it saw and what it wanted; null when none did. */
  readonly gate: { readonly name: string; readonly value: string; readonly limit: string } | null;
}
