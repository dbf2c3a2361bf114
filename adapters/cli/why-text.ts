import {
  codeWords,
  type Explanation,
  gateWords,
  type Judgement,
  shortNumber,
} from "../../actors/desk/mod.ts";
import type { FrameEvaluation, JudgedGate, WeighedVote } from "../../actors/scanner/mod.ts";
import type { Decision } from "../../machines/domain/decision.ts";

/** A decision in words, its code first: `lowConfidence - no trade: too little confidence`. */
export function decisionText({ code }: Decision): string {
  return `${code} - ${codeWords[code]}`;
}

const number = (value: number): string =>
  Number.isNaN(value) ? "unknown" : shortNumber(String(value));

const percent = (share: number): string =>
  Number.isNaN(share) ? "unknown" : `${number(share * 100)} %`;

/** `1m`, `15m`, `4h`: a timeframe as it is written. */
export function frameText(frameMs: number): string {
  for (const [size, unit] of [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "m"],
  ] as const) {
    if (frameMs % size === 0) return `${frameMs / size}${unit}`;
  }
  return `${frameMs / 1_000}s`;
}

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[], indent: string): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    (indent + row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")).trimEnd(),
  );
}

const barCells = 8;

/** Strength as a bar of eight cells. */
function bar(strength: number): string {
  const filled = Math.max(0, Math.min(barCells, Math.round(strength * barCells)));
  return "█".repeat(filled) + "·".repeat(barCells - filled);
}

const directionText = (direction: number): string =>
  direction > 0 ? "hold" : direction < 0 ? "leave" : "-";

function gateLines(gates: readonly JudgedGate[]): string[] {
  const rows = gates.map(({ name, code, value, limit, isOpen }) => {
    const wanted = gateWords({ name, value, limit }).split(", wanted ")[1] ?? limit;
    return [isOpen ? "✓" : "✗", name, shortNumber(value), `wanted ${wanted}`, isOpen ? "" : code];
  });
  return ["gates, in order", ...table(rows, "  ")];
}

function voteRow({ strategy, direction, strength, weight, words }: WeighedVote): string[] {
  const strengthCells = direction === 0 ? ["", ""] : [bar(strength), strength.toFixed(2)];
  return [strategy, directionText(direction), ...strengthCells, weight.toFixed(3), words];
}

function frameLines(frame: FrameEvaluation, isDetailed: boolean): string[] {
  const { frameMs, isWarm, regime, adx, relativeVolatility, score, atr, votes } = frame;
  const head =
    `timeframe ${frameText(frameMs)}  ${directionText(score)} ${number(score)}  ` +
    `regime ${regime} (ADX ${number(adx)}, volatility ${number(relativeVolatility)} of the usual)` +
    `  ATR ${number(atr)} ticks${isWarm ? "" : "  not warm yet"}`;
  const titles = ["strategy", "vote", "strength", "", "weight", "says"];
  const lines = [head, ...table([titles, ...votes.map(voteRow)], "  ")];
  if (!isDetailed) return lines;
  const numbers = votes.flatMap(({ strategy, numbers: values }) =>
    Object.entries(values).map(([name, value]) => [strategy, name, number(value)]),
  );
  return [...lines, "  indicator values (prices in ticks)", ...table(numbers, "    ")];
}

function confluenceLines({ evaluation, numbers }: Judgement): string[] {
  const { leaning, confidence, highestFrameMs } = evaluation;
  const rows = [
    ["leaning", directionText(leaning)],
    ["timeframes that agree", number(numbers.agreeingFrames)],
    ["highest of them", highestFrameMs === null ? "none" : frameText(highestFrameMs)],
    ["strategies that agree", number(numbers.agreeingStrategies)],
    ["confidence", number(confidence)],
    ["reward to risk", number(numbers.rewardToRisk)],
    ["hour's multiplier", number(numbers.session)],
    ["spread", percent(numbers.spreadShare)],
    ["book score", number(numbers.bookScore)],
    ["candles missing lately", percent(numbers.gapShare)],
  ];
  return ["confluence", ...table(rows, "  ")];
}

function levelLines({ levels, evaluation }: Judgement): string[] {
  const { stopPrice, targetPrice, frameMs, quantity } = levels;
  if (frameMs === null || evaluation.leaning < 1) return [];
  const parts = [`stop ${stopPrice ?? "none"}`, `target ${targetPrice ?? "none"}`];
  if (quantity !== null) parts.push(`size ${quantity}`);
  return [`levels    ${parts.join(", ")}, from timeframe ${frameText(frameMs)}`];
}

function bookLines({ book, standing }: Explanation): string[] {
  const parts = Object.entries(book ?? {}).map(([name, value]) => `${name} ${number(value)}`);
  const swayed = Object.entries(standing.performance).filter(([, value]) => value !== 1);
  const weighed = swayed.map(([name, value]) => `${name} × ${number(value)}`);
  return [
    `book      ${parts.length === 0 ? "none" : parts.join(", ")}`,
    `standing  ${weighed.length === 0 ? "all strategies × 1" : weighed.join(", ")}`,
  ];
}

/** What stood in the way of a trade, the first of it first. */
function wishLines({ gates, lacks }: Judgement): string[] {
  const closed = gates.filter(({ isOpen }) => !isOpen);
  const lines = closed.map((gate) => `  ${gateWords(gate)}`);
  if (lacks !== null) lines.push(`  not known: ${lacks}`);
  return lines.length === 0 ? [] : ["what would have to change", ...lines];
}

/** Two texts with their numbers as short as still tells them apart. */
function apart(before: string | null, after: string | null): readonly string[] {
  const texts = [before ?? "not there", after ?? "not there"];
  const brief = texts.map((text) => text.replace(/-?\d+\.\d{5,}(e-?\d+)?/g, shortNumber));
  const [left = "", right = ""] = brief[0] === brief[1] ? texts : brief;
  return [left, "->", right];
}

function changeLines({ changed }: Explanation, settings: readonly string[]): string[] {
  if (changed === null) return [];
  const { judgement, differences } = changed;
  const { decision, lacks } = judgement;
  const rows = differences.map(({ what, before, after }) => [what, ...apart(before, after)]);
  return [
    `with ${settings.join(", ")}`,
    decision ? `  ${decisionText(decision)}` : `  not known without ${lacks}`,
    ...(decision?.gate ? [`  ${gateWords(decision.gate)}`] : []),
    ...(rows.length === 0 ? ["  nothing becomes different"] : table(rows, "  ")),
    "",
  ];
}

/** What was done about an entry that works. */
function chaseLines({ facts }: Decision): string[] {
  return facts?.scanner === "engaged" && facts.chase ? [`  its entry: ${facts.chase}`] : [];
}

function headLines({ lane, at, price, record, recorded }: Explanation): string[] {
  const { seq, hash, kind } = record;
  const time = new Date(at).toISOString();
  return [
    `${lane}  ${time}  ${price}  ${kind}, record ${seq}, hash ${hash}`,
    decisionText(recorded),
    ...(recorded.gate ? [`  ${gateWords(recorded.gate)}`] : []),
    ...chaseLines(recorded),
  ];
}

/** Both decisions, exactly, where they are not the same; nothing where they are. */
export function mismatchText({ isSame, recorded, again, record }: Explanation): string | null {
  if (isSame) return null;
  return [
    `The decision of record ${record.seq} does not come out again`,
    `  recorded   ${JSON.stringify(recorded)}`,
    `  run again  ${again.decision ? JSON.stringify(again.decision) : `not known without ${again.lacks}`}`,
  ].join("\n");
}

/**
 * An explanation for people. @param frameMs shows this frame only, with its indicators' values
 */
export function whyText(
  explanation: Explanation,
  settings: readonly string[],
  frameMs: number | null,
): string {
  const { again } = explanation;
  const frames = again.evaluation.frames.filter(
    (each) => (frameMs ?? each.frameMs) === each.frameMs,
  );
  const parts = [
    headLines(explanation),
    changeLines(explanation, settings),
    ...frames.map((each) => frameLines(each, frameMs !== null)),
    confluenceLines(again),
    [...levelLines(again), ...bookLines(explanation)],
    gateLines(again.gates),
    wishLines(again),
  ];
  const blocks = parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n").trimEnd());
  return blocks.join("\n\n");
}
