import type { MonteCarlo, Quantiles, Significance } from "../../actors/research/mod.ts";
import type { LookAheadReport, WarmUpReport } from "../research/analyses.ts";
import { table } from "./config.ts";

const timeOf = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", " ");
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

export function notEnough(what: string, count: number): string {
  return `not enough data: ${count} ${what}, wanted at least 10`;
}

export function lookAheadText({ cuts, values, differing, first }: LookAheadReport): string {
  const asked = `${values} values of decisions, cut off at ${cuts.length} times`;
  if (differing === 0) return `no look-ahead: ${asked}, all as in the whole run`;
  const rows = first.map(({ at, subject, name, whole, part }) => [
    ...[timeOf(at), subject, name, String(whole ?? "none"), String(part ?? "none")],
  ]);
  const head = ["decided at", "on", "value", "whole run", "cut off"];
  return `LOOK-AHEAD: ${asked}, ${differing} differ\n${table([head, ...rows])}`;
}

const hours = (ms: number): string => `${(ms / 3_600_000).toFixed(1)} h`;

/** The part of a table that a terminal has room for. */
const shownMost = 20;

export function warmUpText(report: WarmUpReport): string {
  const { rows, values, tolerance, endless, moments, early } = report;
  if (moments === 0) return "not enough data: no shorter history became warm";
  const asked = `${values} values at ${moments} moments, within ${percent(tolerance)}`;
  const joining =
    early.values === 0
      ? ""
      : "\nA desk decides from when as many timeframes as must agree are warm. Until all are, at most " +
        `${hours(early.settledMs)} in,\n${percent(early.differing / early.values)} of what they come ` +
        "to together (confidence, reward to risk) is otherwise, for the longest do not vote in full";
  if (rows.length === 0) {
    return `warm-up holds: ${asked}, all as after the longer history${joining}`;
  }
  const head = ["value", "differs", "settled after", "differs at the end"];
  const lines = rows
    .slice(0, shownMost)
    .map(({ name, values: all, differing, differingAtEnd, settledMs }) => [
      ...[name, percent(differing / all), hours(settledMs), String(differingAtEnd)],
    ]);
  const more = rows.length > shownMost ? `and ${rows.length - shownMost} more\n` : "";
  const verdict =
    endless.length === 0
      ? "WARM-UP IS SHORT, but every value settles (what waits for a cross or a turn: at the first one)"
      : `RECURSION: ${endless.length} values never forget where they began`;
  return `${verdict}: ${asked}\n${table([head, ...lines])}${more}${joining.slice(1)}`;
}

const quantileRow = (name: string, { least, p05, p50, p95, p99, most }: Quantiles): string[] => [
  name,
  ...[least, p05, p50, p95, p99, most].map(percent),
];

export function monteCarloText(report: MonteCarlo): string {
  const { trades, runs, drawdown, shuffled, drawn, atLeastAsDeep } = report;
  const head = ["", "least", "5 %", "half", "95 %", "99 %", "most"];
  const rows = [
    quantileRow("drawdown, shuffled", shuffled),
    quantileRow("drawdown, drawn", drawn.drawdown),
    quantileRow("return, drawn", drawn.totalReturn),
  ];
  return (
    `${trades} trades in ${runs} other orders: their own drawdown is ${percent(drawdown)}, ` +
    `${percent(atLeastAsDeep)} of the orders go as deep\n${table([head, ...rows])}`
  );
}

export function significanceText(report: Significance): string {
  const { entries, runs, meanReturn, randomMean, pValue, isSignificant } = report;
  const verdict = isSignificant ? "yes" : "no";
  return (
    `${verdict}: ${entries} entries gained ${percent(meanReturn)} each before costs, as many at random ` +
    `${percent(randomMean)}; ${percent(pValue)} of ${runs} random runs did as well`
  );
}
