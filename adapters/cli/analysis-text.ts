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

export function warmUpText({ rows, values, tolerance, endless, moments }: WarmUpReport): string {
  if (moments === 0) return "not enough data: no shorter history became warm";
  const asked = `${values} values at ${moments} moments, within ${percent(tolerance)}`;
  if (rows.length === 0) return `warm-up holds: ${asked}, all as after the longer history`;
  const head = ["value", "differs", "in the last quarter"];
  const lines = rows
    .slice(0, 20)
    .map(({ name, values: all, differing, differingAtEnd }) => [
      ...[name, percent(differing / all), String(differingAtEnd)],
    ]);
  const verdict =
    endless.length === 0
      ? "WARM-UP IS SHORT, but every value settles"
      : `RECURSION: ${endless.length} values never forget where they began`;
  return `${verdict}: ${asked}\n${table([head, ...lines])}`;
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
