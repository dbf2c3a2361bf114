import type { DeskStatus } from "../../actors/desk/mod.ts";
import { isZero, toNumber } from "../../machines/domain/decimal.ts";
import type { statusBody } from "./status-body.ts";

/** What a run came to. Money in quote coin. */
export interface RunReport {
  readonly candles: number;
  readonly decisions: number;
  readonly orders: number;
  readonly fills: number;
  /** Round trips that are closed. */
  readonly trades: number;
  readonly wins: number;
  /** Decisions by their code. */
  readonly codes: Readonly<Record<string, number>>;
  readonly realizedPnl: string;
  readonly fees: string;
  readonly equity: string;
  readonly quote: string;
  readonly maxDrawdown: number;
  readonly curve: readonly (readonly [at: number, equity: number])[];
  readonly journalHead: string;
  readonly ledgerHead: string;
  readonly elapsedMs: number;
  /** Candles that this process went through; the others were before a restart. */
  readonly candlesNow: number;
}

/** The machine's line of a run: the contract of `start --json`. */
export function reportJson(report: RunReport): string {
  const { candles, decisions, orders, fills, trades, realizedPnl, fees, equity } = report;
  const { journalHead, ledgerHead, elapsedMs, codes } = report;
  return JSON.stringify({
    candles,
    decisions,
    orders,
    fills,
    trades,
    realizedPnl,
    fees,
    equity,
    codes,
    journalHead,
    ledgerHead,
    elapsedMs,
  });
}

const blocks = " ▁▂▃▄▅▆▇█";

/** A curve as rows of text, highest on top. Empty for fewer than two points. */
export function textChart(values: readonly number[], width: number, height: number): string[] {
  if (values.length < 2) return [];
  const columns: number[] = [];
  for (let column = 0; column < Math.min(width, values.length); column += 1) {
    const index = Math.round((column * (values.length - 1)) / (Math.min(width, values.length) - 1));
    columns.push(values[index] ?? 0);
  }
  const low = Math.min(...columns);
  const high = Math.max(...columns);
  const span = high - low || 1;
  const rows: string[] = [];
  for (let row = height - 1; row >= 0; row -= 1) {
    const cells = columns.map((value) => {
      const filled = ((value - low) / span) * (height * 8 - 1) + 1 - row * 8;
      return blocks[Math.max(0, Math.min(8, Math.round(filled)))] ?? " ";
    });
    rows.push(cells.join(""));
  }
  return rows;
}

/** Money as people read it: grouped, two to eight places by its size. */
export function money(amount: string | number, quote: string): string {
  const places = quote === "BTC" ? 8 : 2;
  const text = Number(amount).toLocaleString("en-US", {
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  });
  return `${text} ${quote}`;
}

/** The report as an operator reads it in a terminal. */
export function reportText(report: RunReport, color: boolean): string {
  const { quote, trades, wins, curve, elapsedMs } = report;
  const winRate = trades > 0 ? `${((wins / trades) * 100).toFixed(1)} %` : "no trades";
  const rate = elapsedMs > 0 ? Math.round((report.candlesNow / elapsedMs) * 1000) : 0;
  const rows: [string, string][] = [
    [
      "candles",
      `${report.candles.toLocaleString("en-US")} (${rate.toLocaleString("en-US")} a second)`,
    ],
    ["decisions", report.decisions.toLocaleString("en-US")],
    ["orders, fills", `${report.orders}, ${report.fills}`],
    ["trades", String(trades)],
    ["win rate", winRate],
    ["realized PnL", money(report.realizedPnl, quote)],
    ["fees", money(report.fees, quote)],
    ["equity", money(report.equity, quote)],
    ["max drawdown", `${(report.maxDrawdown * 100).toFixed(2)} %`],
    ["journal head", report.journalHead],
    ["ledger head", report.ledgerHead],
  ];
  const lines = rows.map(([name, value]) => `  ${name.padEnd(14)} ${value}`);
  lines.push("", ...codesText(report.codes));
  const chart = textChart(
    curve.map(([, equity]) => equity),
    72,
    6,
  );
  const [first, last] = [curve[0], curve.at(-1)];
  if (chart.length > 0 && first && last) {
    const values = curve.map(([, equity]) => equity);
    const [open, close] = color ? ["\u001b[36m", "\u001b[0m"] : ["", ""];
    lines.push("", `  equity, ${day(first[0])} to ${day(last[0])}`);
    lines.push(...chart.map((row) => `  ${open}${row}${close}`));
    lines.push(
      `  low ${money(Math.min(...values), quote)}, high ${money(Math.max(...values), quote)}`,
    );
  }
  return lines.join("\n");
}

/** Decisions by code, the most frequent first, as bars. */
export function codesText(codes: Readonly<Record<string, number>>): string[] {
  const sorted = Object.entries(codes).sort(([, a], [, b]) => b - a);
  const most = Math.max(1, ...sorted.map(([, count]) => count));
  return sorted.map(([code, count]) => {
    const bar = "█".repeat(Math.ceil((count / most) * 30));
    return `  ${code.padEnd(18)} ${count.toLocaleString("en-US").padStart(9)} ${bar}`;
  });
}

/** Each strategy with its results, and why it is off where it is. */
export function strategiesText(strategies: DeskStatus["strategies"]): string {
  const head = "strategy               trades  wins  won/lost  weight ×  state";
  const rows = strategies.map((each) => {
    const { strategy, trades, wins, profitFactor, performance, offUntil, reason } = each;
    const factor = profitFactor === null ? "–" : profitFactor.toFixed(2);
    const until = offUntil === null ? "on" : `off until ${new Date(offUntil).toISOString()}`;
    const numbers = [
      String(trades).padStart(6),
      String(wins).padStart(5),
      factor.padStart(9),
      performance.toFixed(2).padStart(9),
    ];
    return `${strategy.padEnd(22)} ${numbers.join(" ")}  ${until}${reason ? `: ${reason}` : ""}`;
  });
  return [head, ...rows].join("\n");
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}

/** The brakes that are on, one to a line, for `novactor brake list`. */
export function brakesText(brakes: DeskStatus["brakes"]): string {
  if (brakes.length === 0) return "no brake is on";
  return brakes
    .map(
      ({ brakeId, scope, since, reason, releasedBy }) =>
        `${brakeId}  scope ${scope}  since ${new Date(since).toISOString()}\n` +
        `    ${reason}\n    released by ${releasedBy}`,
    )
    .join("\n");
}

/** One line of a desk's status, for `novactor status`. */
export function statusText(status: ReturnType<typeof statusBody>): string {
  const { counts, brakes, positions } = status;
  const lines = [
    `${status.mode.toUpperCase()}  ${status.state}  ${status.market}`,
    `  desk time    ${new Date(status.at).toISOString()}`,
    `  equity       ${money(toNumber(status.equity), status.quote)}`,
    `  decisions    ${counts.decisions}   orders ${counts.orders}   fills ${counts.fills}   trades ${counts.trades}`,
    `  journal      ${status.journalSeq} ${status.journalHead}`,
  ];
  const { accounts } = status;
  for (const { account, state, equity, quote } of accounts) {
    if (accounts.length === 1) break;
    lines.push(`  account      ${account} ${state}, ${money(toNumber(equity), quote)}`);
  }
  for (const brake of brakes) {
    lines.push(
      `  brake        ${brake.brakeId}: ${brake.reason} (released by ${brake.releasedBy})`,
    );
  }
  for (const { positionId, state, quantity } of positions) {
    lines.push(`  position     ${positionId} ${state} ${quantity}`);
  }
  lines.push(...doubtLines(status.doubts), ...accountLines(status.accounts));
  for (const { strategy, offSince, reason } of status.strategies) {
    if (offSince !== null) lines.push(`  off          strategy ${strategy}: ${reason}`);
  }
  if (status.lastAlarm !== null) lines.push(`  last alarm   ${status.lastAlarm}`);
  return lines.join("\n");
}

/** Orders whose fate is not known, and how the operator settles one. */
function doubtLines(doubts: DeskStatus["doubts"]): string[] {
  return doubts.map(({ intentId, lookUps }) => {
    const cure = `novactor order resolve ${intentId} placed|absent --reason WHY`;
    return `  in doubt     ${intentId}, looked up ${lookUps} times ("${cure}")`;
  });
}

/** Why an account's venue could not be read. */
export function unreadText({ times, cause }: { times: number; cause: string }): string {
  const often = times === 1 ? "" : ` ${times} times in a row`;
  return `could not be read${often}: ${cause}; the desk goes on asking`;
}

/** What of each account is not the desk's own, and what differs. */
function accountLines(accounts: DeskStatus["accounts"]): string[] {
  return accounts.flatMap(({ account, coins, foreignOrders, differences, unreadable }) => {
    const unmanaged = coins.filter((each) => !isZero(each.unmanaged));
    const dust = coins.filter((each) => !isZero(each.dust));
    const line = (name: string, text: string) => `  ${name.padEnd(12)} ${account} ${text}`;
    return [
      ...(unreadable === null ? [] : [line("unread", unreadText(unreadable))]),
      ...unmanaged.map((each) => line("unmanaged", `${each.unmanaged} ${each.coin}`)),
      ...dust.map((each) => line("dust", `${each.dust} ${each.coin}, cost ${each.dustCost}`)),
      ...(foreignOrders.length === 0 ? [] : [line("not ours", `${foreignOrders.length} orders`)]),
      ...differences.map(({ text }) => line("differs", `${text} ("novactor reconcile show")`)),
    ];
  });
}
