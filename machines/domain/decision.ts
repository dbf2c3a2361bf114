import type { Decimal } from "./decimal.ts";
import type { LaneName } from "./ids.ts";

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
  "exposureCap",
  "stopTooClose",
  "missedBars",
  "lateBar",
  "tooManyGaps",
  "framesDisagree",
  "tooFewStrategies",
  "lowConfidence",
  "poorReward",
  "wideSpread",
] as const;
/** Why a decision came out as it did. Every code but `trade` and `exit` is a reason not to act. */
export type DecisionCode = (typeof decisionCodes)[number];

/**
 * What a decision looked at beside the market: all that its gates were told of the desk, so that
 * they can be judged again. Kept where the market's own gates do not stop it.
 */
export type DecisionFacts =
  | {
      readonly scanner: "engaged";
      readonly votedBy: readonly string[];
      /** What was done about its entry, which works unfilled, in words. */
      readonly chase?: string;
    }
  | {
      readonly scanner: "scanning" | "coolingDown";
      readonly brake: string | null;
      readonly reconciled: boolean;
      /** Orders of the symbol whose fate was not known. */
      readonly unsettled: number;
      readonly openPositions: number;
      /** Quote coin. */
      readonly equity: Decimal;
      readonly free: Decimal;
      /** What positions have cost and entries may cost, quote coin; where that is capped. */
      readonly exposure?: Decimal;
    };

/** The outcome of one evaluation, always recorded (P9). */
export interface Decision {
  /** What it is on: the symbol, or one strategy book's lane of it. */
  readonly symbol: LaneName;
  readonly at: number;
  readonly outcome: "trade" | "noTrade";
  readonly code: DecisionCode;
  /** The gate that stopped it, with what it saw and what it wanted; null when none did. */
  readonly gate: { readonly name: string; readonly value: string; readonly limit: string } | null;
  /** Null where nothing of the desk could have made a difference. */
  readonly facts: DecisionFacts | null;
}
