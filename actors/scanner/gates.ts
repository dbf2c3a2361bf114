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

/** Sees the gates one by one. */
interface Watcher {
  /** Told of a gate before anybody puts it into words; false ends the judgement there. */
  see(name: string, code: DecisionCode, value: unknown, limit: unknown, isOpen: boolean): boolean;
}

const text = (value: unknown): string => (Number.isNaN(value) ? "unknown" : String(value));

/**
 * The gates in order; the first that is closed names the decision (P9). They end early where the
 * desk's facts are not known.
 */
export function gatesInOrder(question: Question): readonly JudgedGate[] {
  const gates: JudgedGate[] = [];
  judge(question, {
    see(name, code, value, limit, isOpen) {
      gates.push({ name, code, value: text(value), limit: text(limit), isOpen });
      return true;
    },
  });
  return gates;
}

/** Shows the gates one by one: what is behind the last one that is looked at is not asked for. */
function judge(question: Question, watcher: Watcher): void {
  const { market, facts } = question;
  if (!watcher.see("warmup", "warmingUp", market.bars, market.warmup, market.isWarm)) return;
  if (!watcher.see("gap", "missedBars", market.missed, 0, market.missed === 0)) return;
  // A bar that was filled in after a time without the market is the past: it must not signal.
  const age = question.at - market.lastClosedAt;
  if (!watcher.see("age", "lateBar", age, market.baseMs, !isLate(market, question.at))) return;
  if (facts?.scanner === "engaged") {
    const direction = market.directionAmong(facts.votedBy);
    watcher.see("heldVote", "inPosition", direction, -1, direction < 0);
    return;
  }
  const { leaning } = market;
  if (!watcher.see("signal", "noSignal", leaning, "1 or -1", leaning !== 0)) return;
  for (const { name, value, threshold, isOpen } of market.gates()) {
    if (!watcher.see(name, confluenceCodes[name], value, threshold, isOpen)) return;
  }
  if (leaning < 0) watcher.see("position", "nothingToExit", "none", "held", false);
  else if (facts !== null) judgeEntry(question, facts, watcher);
}

function judgeEntry(question: Question, facts: FreeFacts, watcher: Watcher): void {
  const { scanner, brake, reconciled, unsettled, openPositions } = facts;
  const cap = question.positionCap;
  const isFree =
    watcher.see("coolDown", "coolingDown", scanner, "scanning", scanner === "scanning") &&
    watcher.see("brake", "braked", brake ?? "none", "none", brake === null) &&
    watcher.see("coldStart", "notReconciled", reconciled, true, reconciled) &&
    watcher.see("unknownOrders", "symbolUnsettled", unsettled, 0, unsettled === 0) &&
    watcher.see("openPositions", "positionCap", openPositions, cap, openPositions < cap);
  if (!isFree) return;
  const sizing = question.size(facts);
  if (sizing.type === "size") watcher.see("size", "belowMinimumSize", sizing.quantity, "0", true);
  else watcher.see(sizing.gate, sizing.code, sizing.value, sizing.limit, false);
}

/** Remembers the first gate that is closed. */
class FirstClosed implements Watcher {
  gate: Decision["gate"] = null;
  code: DecisionCode = "noSignal";

  see(name: string, code: DecisionCode, value: unknown, limit: unknown, isOpen: boolean): boolean {
    if (isOpen) return true;
    this.code = code;
    this.gate = { name, value: text(value), limit: text(limit) };
    return false;
  }
}

/** What the gates come to. */
export function decide(question: Question): Decision {
  const { symbol, at, facts } = question;
  const closed = new FirstClosed();
  judge(question, closed);
  const { code, gate } = closed;
  if (gate) return { symbol, at, outcome: "noTrade", code, gate, facts };
  const open = facts?.scanner === "engaged" ? "exit" : "trade";
  return { symbol, at, outcome: "trade", code: open, gate: null, facts };
}
