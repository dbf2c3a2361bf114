import type { Brake } from "../../machines/domain/brake.ts";
import type { Decision, DecisionCode } from "../../machines/domain/decision.ts";
import type { Sizing } from "../risk/mod.ts";

/** What the gates look at, beside the bar itself. */
export interface Facts {
  readonly symbol: string;
  readonly at: number;
  readonly warm: boolean;
  readonly barsSeen: number;
  readonly barsWanted: number;
  /** Candles missing just before this bar. */
  readonly missed: number;
  readonly direction: number;
  readonly scanner: "scanning" | "engaged" | "coolingDown";
  readonly reconciled: boolean;
  readonly brake: Brake | undefined;
  /** Orders of this symbol whose fate is not known. */
  readonly unsettled: () => number;
  readonly openPositions: () => number;
  readonly positionCap: number;
}

function noTrade(
  facts: Facts,
  code: DecisionCode,
  name: string,
  value: unknown,
  limit: unknown,
): Decision {
  const gate = { name, value: String(value), limit: String(limit) };
  return { symbol: facts.symbol, at: facts.at, outcome: "noTrade", code, gate };
}

/**
 * Runs the gates in order; the first that closes names the decision (P9). Those that need no
 * money come first; `size` is asked only when all others are open.
 */
export function decide(facts: Facts, size: () => Sizing): Decision {
  const { symbol, at } = facts;
  if (!facts.warm) {
    return noTrade(facts, "warmingUp", "warmup", facts.barsSeen, facts.barsWanted);
  }
  if (facts.missed > 0) return noTrade(facts, "missedBars", "gap", facts.missed, 0);
  if (facts.direction === 0) {
    return { symbol, at, outcome: "noTrade", code: "noSignal", gate: null };
  }
  if (facts.direction < 0) {
    if (facts.scanner === "engaged") {
      return { symbol, at, outcome: "trade", code: "exit", gate: null };
    }
    return noTrade(facts, "nothingToExit", "position", facts.scanner, "engaged");
  }
  if (facts.scanner === "engaged") return noTrade(facts, "inPosition", "position", 1, 0);
  if (facts.scanner === "coolingDown") {
    return noTrade(facts, "coolingDown", "coolDown", facts.scanner, "scanning");
  }
  if (facts.brake) return noTrade(facts, "braked", "brake", facts.brake.brakeId, "none");
  if (!facts.reconciled) return noTrade(facts, "notReconciled", "coldStart", false, true);
  const unsettled = facts.unsettled();
  if (unsettled > 0) return noTrade(facts, "symbolUnsettled", "unknownOrders", unsettled, 0);
  const open = facts.openPositions();
  if (open >= facts.positionCap) {
    return noTrade(facts, "positionCap", "openPositions", open, facts.positionCap);
  }
  const sizing = size();
  if (sizing.type === "none") {
    return noTrade(facts, sizing.code, sizing.gate, sizing.value, sizing.limit);
  }
  return { symbol, at, outcome: "trade", code: "trade", gate: null };
}
