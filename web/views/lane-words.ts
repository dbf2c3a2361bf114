import { codeWords, type Explanation, gateWords, type LaneView } from "../../actors/desk/mod.ts";
import { timeframeMs } from "../../machines/domain/market.ts";
import type { ReplyOf } from "../api/route.ts";
import type { tradeRoutes } from "../api/trade.ts";
import type { Evaluated } from "./journal-tape.ts";

type Votes = ReplyOf<(typeof tradeRoutes)["GET /api/v1/lanes/:lane/votes/:seq"]>;
type DecisionView = NonNullable<Votes["decision"]>;
type EvaluationView = NonNullable<Votes["evaluation"]>;

/** `1m`, `15m`, `4h`: a timeframe as it is written. */
export function frameText(frameMs: number): string {
  for (const unit of ["1d", "1h", "1m"]) {
    const length = timeframeMs(unit);
    if (frameMs % length === 0) return `${frameMs / length}${unit.slice(1)}`;
  }
  return `${frameMs / 1_000}s`;
}

/** A number, or null for one that is not known. */
export const known = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** A decision in words; null for a turn that was undone. */
export function decisionView({ seq, at, code, gate }: Evaluated): DecisionView | null {
  if (code === null) return null;
  const told = gate && { ...gate, words: gateWords(gate) };
  return { seq, at, code, words: codeWords[code], gate: told };
}

/** What the timeframes of a lane say now. */
export function evaluationView({ evaluation }: LaneView): EvaluationView | null {
  if (!evaluation) return null;
  const { leaning, confidence, frames, gates } = evaluation;
  const told = gates.map(({ name, value, threshold, isOpen }) => {
    const texts = { name, value: String(value), limit: String(threshold) };
    return { ...texts, isOpen, words: gateWords(texts) };
  });
  return { leaning, confidence: known(confidence), frames: frames.map(frameView), gates: told };
}

/** What they said at a past evaluation. */
export function pastEvaluation({ again }: Explanation): EvaluationView {
  const { leaning, confidence, frames } = again.evaluation;
  const gates = again.gates.map(({ name, value, limit, isOpen }) => {
    return { name, value, limit, isOpen, words: gateWords({ name, value, limit }) };
  });
  return { leaning, confidence: known(confidence), frames: frames.map(frameView), gates };
}

type FrameEvaluation = NonNullable<LaneView["evaluation"]>["frames"][number];

function frameView(frame: FrameEvaluation): EvaluationView["frames"][number] {
  const { frameMs, isWarm, regime, score, votes } = frame;
  return {
    ...{ frame: frameText(frameMs), frameMs, isWarm, regime, score: known(score) },
    votes: votes.map(({ strategy, direction, strength, weight, words }) => {
      return { strategy, direction, strength: known(strength), weight, words };
    }),
  };
}
