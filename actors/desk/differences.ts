import type { FrameEvaluation, JudgedGate, WeighedVote } from "../scanner/mod.ts";
import type { Judgement } from "./judgement.ts";

/** One thing that came out otherwise; null where it is not there at all. */
export interface Difference {
  /** `decision`, `gate confidence`, `vote trend@60s`, `stop price` and the like. */
  readonly what: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Everything in which two judgements of the same moment differ, what matters most first. */
export function differencesOf(before: Judgement, after: Judgement): readonly Difference[] {
  const [old, young] = [textsOf(before), textsOf(after)];
  return [...new Set([...old.keys(), ...young.keys()])]
    .map((what) => ({ what, before: old.get(what) ?? null, after: young.get(what) ?? null }))
    .filter((each) => each.before !== each.after);
}

function textsOf({ decision, lacks, gates, levels, evaluation }: Judgement): Map<string, string> {
  const { stopPrice, targetPrice, quantity } = levels;
  return new Map([
    ["decision", decision?.code ?? `not known without ${lacks}`],
    ...gates.map((gate) => [`gate ${gate.name}`, gateText(gate)] as const),
    ["leaning", directionText(evaluation.leaning)],
    ["stop price", stopPrice ?? "none"],
    ["target price", targetPrice ?? "none"],
    ["size", quantity ?? "none"],
    ...evaluation.frames.flatMap(frameTexts),
  ]);
}

function gateText({ isOpen, value, limit }: JudgedGate): string {
  return `${isOpen ? "open" : "closed"}: ${value}, limit ${limit}`;
}

function frameTexts({ frameMs, isWarm, regime, score, votes }: FrameEvaluation) {
  const name = `${frameMs / 1_000}s`;
  return [
    [`regime@${name}`, regime],
    [`score@${name}`, isWarm ? String(score) : `${score}, not warm`],
    ...votes.map((vote) => [`vote ${vote.strategy}@${name}`, voteText(vote)] as const),
  ] as const;
}

function voteText({ direction, strength, weight }: WeighedVote): string {
  return direction === 0 ? "none" : `${directionText(direction)} ${strength} of weight ${weight}`;
}

function directionText(direction: number): string {
  return direction > 0 ? "hold" : direction < 0 ? "leave" : "none";
}
