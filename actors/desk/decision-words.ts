import type { DecisionCode } from "../../machines/domain/decision.ts";
import type { JudgedGate } from "../scanner/mod.ts";

/** What each decision means, in words: for the shell and the panel alike. */
export const codeWords: Readonly<Record<DecisionCode, string>> = {
  trade: "buy: every gate was open",
  exit: "sell: who voted for the position says to leave it",
  warmingUp: "no trade: not enough bars yet",
  noSignal: "no trade: the timeframes lean nowhere",
  coolingDown: "no trade: the symbol cools down after a position",
  inPosition: "hold: who voted for the position does not say to leave it",
  entering: "no trade: an entry is under way",
  exiting: "no trade: an exit is under way",
  nothingToExit: "no trade: the signal is to leave, and nothing is held",
  quarantined: "no trade: the symbol is in quarantine",
  braked: "no trade: a brake is on",
  notReconciled: "no trade: the account is not reconciled",
  symbolUnsettled: "no trade: the fate of an order of the symbol is not known",
  positionCap: "no trade: as many positions are open as may be",
  belowMinimumSize: "no trade: the size would be below the venue's minimum",
  insufficientFunds: "no trade: too little is free",
  exposureCap: "no trade: positions and entries come to what live trading may hold at most",
  stopTooClose: "no trade: the stop would be too close",
  missedBars: "no trade: bars are missing just before",
  lateBar: "no trade: the bar is of the past, filled in after a time without the market",
  tooManyGaps: "no trade: too many bars are missing lately",
  framesDisagree: "no trade: too few timeframes agree",
  tooFewStrategies: "no trade: too few strategies agree",
  lowConfidence: "no trade: too little confidence",
  poorReward: "no trade: too little to win for what is risked",
  wideSpread: "no trade: the spread is too wide",
};

/** How a gate's value must stand to its limit; nothing for those that must be equal to it. */
const relations: Readonly<Record<string, string>> = {
  warmup: "at least ",
  age: "at most ",
  gaps: "at most ",
  frames: "at least ",
  strategies: "at least ",
  confidence: "at least ",
  rewardToRisk: "at least ",
  spread: "at most ",
  openPositions: "below ",
  stopDistance: "at least ",
  free: "at least ",
  exposure: "below ",
};

/** As many digits as a person reads, the whole ones all; whole numbers and words stay. */
export function shortNumber(text: string): string {
  if (!/^-?\d+\.\d{5,}(e-?\d+)?$|^-?\d+(\.\d+)?e-?\d+$/.test(text)) return text;
  const value = Number(text);
  const wholeDigits = String(Math.trunc(Math.abs(value))).length;
  return String(Number(value.toPrecision(Math.max(5, Math.min(wholeDigits, 15)))));
}

/** A gate in words: `confidence is 0.31, wanted at least 0.5`. */
export function gateWords({
  name,
  value,
  limit,
}: Pick<JudgedGate, "name" | "value" | "limit">): string {
  // An open size has no bound but nothing; a closed one has the venue's.
  const relation = name === "size" ? (limit === "0" ? "above " : "at least ") : relations[name];
  return `${name} is ${shortNumber(value)}, wanted ${relation ?? ""}${shortNumber(limit)}`;
}
