import type { RunReport, SensitivityRow } from "../../actors/research/mod.ts";
import { coins, factsOf, minute, paid, sensitivityNote, share } from "../research/report-words.ts";
import { codesText, textChart } from "./report.ts";

/** The report as an operator reads it in a terminal: short, the rest is in the files. */
export function backtestText(report: RunReport, elapsedMs: number): string {
  const { run, from, until, candles, decisions, orders, fills } = report;
  const rate = Math.round(candles / Math.max(elapsedMs / 1_000, 1e-3));
  const lines = [
    `NOVACTOR  BACKTEST  ${run.market}`,
    ...(from === null || until === null ? [] : [`  ${minute(from)} to ${minute(until)} UTC`]),
    `  ${count(candles)} candles in ${(elapsedMs / 1_000).toFixed(2)} s, ${count(rate)} a second; ` +
      `${count(decisions)} decisions, ${count(orders)} orders, ${count(fills)} fills`,
  ];
  for (const [name, facts] of Object.entries(factsOf(report))) {
    lines.push("", `  ${name}`);
    for (const [what, value] of facts) lines.push(`    ${what.padEnd(20)} ${value}`);
  }
  lines.push(...chartLines(report), "", "  decisions that were no trade");
  const codes = Object.fromEntries(report.noTrade.map(({ code, count: each }) => [code, each]));
  lines.push(...codesText(codes).map((line) => `  ${line}`));
  if (report.sensitivity.length > 0) lines.push("", ...sensitivityLines(report));
  lines.push("", `  ledger head ${report.ledgerHead}`);
  return lines.join("\n");
}

const count = (value: number): string => value.toLocaleString("en-US");

function chartLines({ curve, quote }: RunReport): string[] {
  const values = curve.map(([, equity]) => equity);
  const chart = textChart(values, 72, 6);
  if (chart.length === 0) return [];
  const [low, high] = [
    values.reduce((a, b) => Math.min(a, b)),
    values.reduce((a, b) => Math.max(a, b)),
  ];
  const range = `  equity from ${coins(low, quote)} to ${coins(high, quote)}`;
  return ["", ...chart.map((row) => `  ${row}`), range];
}

function sensitivityLines({ sensitivity, quote }: RunReport): string[] {
  const row = (each: SensitivityRow) =>
    [
      `${each.fees} ×`.padStart(6),
      `${each.slippage} ×`.padStart(10),
      share(each.totalReturn).padStart(12),
      share(each.maxDrawdown).padStart(13),
      String(each.trades).padStart(8),
      coins(each.feesPaid, quote).padStart(22),
      paid(each.slippagePaid, quote).padStart(22),
      paid(each.spreadPaid, quote).padStart(22),
    ].join("");
  // The second factor is that of spread and slippage: both are paid by taking.
  const head =
    "fees  slippage      return     drawdown  trades             fees paid" +
    "         slippage paid           spread paid";
  const rows = sensitivity.map((each) => `  ${row(each)}`);
  return ["  under other costs", `    ${head}`, ...rows, `    ${sensitivityNote}`];
}
