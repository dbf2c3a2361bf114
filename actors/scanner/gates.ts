import type { Decision, DecisionCode, DecisionFacts } from "../../machines/domain/decision.ts";
import type { Sizing } from "../risk/mod.ts";
import type { Gate, GateName } from "./confluence-gates.ts";

/** What the gates look at. */
export interface Question {
  readonly symbol: string;
  /** Unix milliseconds. */
  readonly at: number;
  readonly market: MarketReading;
  /** What the desk is in at this moment, as far as it is known. */
  readonly facts: DecisionFacts | null;
  readonly positionCap: number;
  /** Asked only when all other gates are open. */
  readonly size: (facts: Readonly<Pick<FreeFacts, "equity" | "free" | "exposure">>) => Sizing;
}

type FreeFacts = Exclude<DecisionFacts, { readonly scanner: "engaged" }>;

/** What a symbol's data plane says. */
export interface MarketReading {
  readonly isWarm: boolean;
  readonly bars: number;
  readonly warmup: number;
  /** Candles missing just before the last bar. */
  readonly missed: number;
  /** When the last bar closed, Unix milliseconds. */
  readonly lastClosedAt: number;
  /** Length of a bar. */
  readonly baseMs: number;
  readonly leaning: -1 | 0 | 1;
  /** The confluence's own gates, in order. */
  gates(): readonly Gate[];
  directionAmong(names: readonly string[]): number;
}

/** Whether the market's last bar is older than a bar may be when the next one comes. */
export function isLate({ lastClosedAt, baseMs }: MarketReading, at: number): boolean {
  return at - lastClosedAt > baseMs;
}

/** One gate as it stood, in the order in which it was judged. */
export interface JudgedGate {
  readonly name: string;
  readonly code: DecisionCode;
  readonly value: string;
  readonly limit: string;
  readonly isOpen: boolean;
}

const confluenceCodes: Readonly<Record<GateName, DecisionCode>> = {
  gaps: "tooManyGaps",
  frames: "framesDisagree",
  strategies: "tooFewStrategies",
  confidence: "lowConfidence",
  rewardToRisk: "poorReward",
  spread: "wideSpread",
};

/** A gate before anybody reads it: most are open, and are not put into words. */
interface RawGate extends Omit<JudgedGate, "value" | "limit"> {
  readonly value: unknown;
  readonly limit: unknown;
}

function gate(
  name: string,
  code: DecisionCode,
  value: unknown,
  limit: unknown,
  isOpen: boolean,
): RawGate {
  return { name, code, value, limit, isOpen };
}

const text = (value: unknown): string => (Number.isNaN(value) ? "unknown" : String(value));

/**
 * The gates in order; the first that is closed names the decision (P9). Whoever stops reading at
 * it asks nothing of those behind it. They end early where the desk's facts are not known.
 */
export function* gatesInOrder(question: Question): Generator<JudgedGate, void> {
  for (const each of rawGates(question)) {
    yield { ...each, value: text(each.value), limit: text(each.limit) };
  }
}

function* rawGates(question: Question): Generator<RawGate, void> {
  const { market, facts } = question;
  yield gate("warmup", "warmingUp", market.bars, market.warmup, market.isWarm);
  yield gate("gap", "missedBars", market.missed, 0, market.missed === 0);
  // A bar that was filled in after a time without the market is the past: it must not signal.
  const age = question.at - market.lastClosedAt;
  yield gate("age", "lateBar", age, market.baseMs, !isLate(market, question.at));
  if (facts?.scanner === "engaged") {
    const direction = market.directionAmong(facts.votedBy);
    yield gate("heldVote", "inPosition", direction, -1, direction < 0);
    return;
  }
  const { leaning } = market;
  yield gate("signal", "noSignal", leaning, "1 or -1", leaning !== 0);
  for (const each of market.gates()) {
    const { name, value, threshold, isOpen } = each;
    yield gate(name, confluenceCodes[name], value, threshold, isOpen);
  }
  if (leaning < 0) {
    yield gate("position", "nothingToExit", "none", "held", false);
    return;
  }
  if (facts === null) return;
  const { scanner, brake, reconciled, unsettled, openPositions } = facts;
  yield gate("coolDown", "coolingDown", scanner, "scanning", scanner === "scanning");
  yield gate("brake", "braked", brake ?? "none", "none", brake === null);
  yield gate("coldStart", "notReconciled", reconciled, true, reconciled);
  yield gate("unknownOrders", "symbolUnsettled", unsettled, 0, unsettled === 0);
  const cap = question.positionCap;
  yield gate("openPositions", "positionCap", openPositions, cap, openPositions < cap);
  const sizing = question.size(facts);
  if (sizing.type === "size") yield gate("size", "belowMinimumSize", sizing.quantity, "0", true);
  else yield gate(sizing.gate, sizing.code, sizing.value, sizing.limit, false);
}

/** What the gates come to. */
export function decide(question: Question): Decision {
  const { symbol, at, facts } = question;
  for (const { isOpen, code, name, value, limit } of rawGates(question)) {
    if (isOpen) continue;
    const closed = { name, value: text(value), limit: text(limit) };
    return { symbol, at, outcome: "noTrade", code, gate: closed, facts };
  }
  const code = facts?.scanner === "engaged" ? "exit" : "trade";
  return { symbol, at, outcome: "trade", code, gate: null, facts };
}
