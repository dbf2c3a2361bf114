/** A run's report as one page that needs nothing else: no script, no address, no font. */
import {
  type GroupName,
  type GroupRow,
  groupNames,
  type RunReport,
} from "../../actors/research/mod.ts";
import { reportStyle } from "./report-style.ts";
import {
  coins,
  factsOf,
  minute,
  notEnough,
  paid,
  plain,
  sensitivityNote,
  share,
} from "./report-words.ts";
import { type Bar, barChart, dataTable, escaped, factList, lineChart } from "./svg-charts.ts";

/** Trades in the page; all of them are in the CSV and the JSON. */
const tradesShown = 500;

const groupTitles: Readonly<Record<GroupName, string>> = {
  symbol: "By symbol",
  strategy: "By strategy that voted for it",
  exitReason: "By reason of the exit",
  hour: "By hour of the entry, UTC",
  weekday: "By weekday of the entry, UTC",
  month: "By month of the entry, UTC",
};

/** The whole page. */
export function reportHtml(report: RunReport): string {
  const title = `Backtest of ${report.run.symbols.join(", ")}`;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title><style>${reportStyle}</style></head><body><main>`,
    heading(title, report),
    headline(report),
    `<div class="charts">${charts(report)}</div>`,
    measures(report),
    sensitivity(report),
    groups(report),
    noTrade(report),
    trades(report),
    provenance(report),
    "</main></body></html>\n",
  ].join("\n");
}

function heading(title: string, { from, until, candles, run }: RunReport): string {
  const span = from === null || until === null ? "" : `${minute(from)} to ${minute(until)} UTC, `;
  const count = `${candles.toLocaleString("en-US")} candles, seed ${run.seed}`;
  return `<header><h1>${escaped(title)}</h1><p>${escaped(span + count)}</p></header>`;
}

function headline({ metrics, closingEquity, quote }: RunReport): string {
  const tone = (value: number | null) =>
    value === null || value === 0 ? "" : value > 0 ? "up" : "down";
  const heads: readonly (readonly [string, string, string])[] = [
    ["total return", share(metrics.totalReturn), tone(metrics.totalReturn)],
    ["buy and hold", share(metrics.buyAndHold), tone(metrics.buyAndHold)],
    ["max drawdown", share(metrics.maxDrawdown), metrics.maxDrawdown > 0 ? "down" : ""],
    ["Sharpe", plain(metrics.sharpe), tone(metrics.sharpe)],
    ["trades", metrics.trades.toLocaleString("en-US"), ""],
    ["equity at the end", coins(closingEquity, quote), ""],
  ];
  const cells = heads.map(
    ([name, value, kind]) =>
      `<div class="head"><b class="${kind}">${escaped(value)}</b><span>${escaped(name)}</span></div>`,
  );
  return `<div class="heads">${cells.join("")}</div>`;
}

function charts({ curve, quote, months, histogram }: RunReport): string {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  const money = (value: number) => coins(value, quote).replace(` ${quote}`, "");
  const equity = lineChart({
    ...{ title: `Equity, ${quote}`, kind: "equity", text: money, at: day },
    points: curve.map(([at, value]) => [at, value]),
  });
  const deepest = curve.reduce((most, [, , drawdown]) => Math.max(most, drawdown), 0);
  const drawdown = lineChart({
    ...{ title: "Drawdown below the peak", kind: "drawdown", at: day },
    points: curve.map(([at, , below]) => [at, -below]),
    range: [-(deepest || 0.01), 0],
    text: (value) => share(value === 0 ? 0 : value),
  });
  const exposure = lineChart({
    ...{ title: "Exposure: share of equity in positions", kind: "exposure", at: day },
    points: curve.map(([at, , , exposed]) => [at, exposed]),
    range: [0, Math.max(0.01, ...curve.map(([, , , exposed]) => exposed))],
    text: (value) => share(value, 1),
  });
  const monthBars = months.map(({ month, return: gained }): Bar => {
    return { value: gained, words: `${month}: ${share(gained)}`, isLoss: gained < 0 };
  });
  const monthly = barChart(
    "Return by month",
    monthBars,
    (value) => share(value),
    monthLabels(months),
    "around",
  );
  const buckets = histogram.map(({ from, to, trades: count }): Bar => {
    const words = `${coins(from, quote)} to ${coins(to, quote)}: ${count}`;
    return { value: count, words, isLoss: (from + to) / 2 < 0 };
  });
  const [lowest, highest] = [histogram[0]?.from ?? 0, histogram.at(-1)?.to ?? 0];
  const ends = [lowest, (lowest + highest) / 2, highest].map(money);
  const profits = barChart(
    `Trades by profit, ${quote}`,
    buckets,
    (value) => value.toFixed(0),
    ends,
  );
  return [
    equity.replace("<figure>", '<figure class="wide">'),
    drawdown,
    exposure,
    monthly,
    profits,
  ].join("\n");
}

function monthLabels(months: RunReport["months"]): string[] {
  const names = months.map(({ month }) => month);
  if (names.length <= 4) return names;
  return [names[0] ?? "", names[Math.floor(names.length / 2)] ?? "", names.at(-1) ?? ""];
}

function measures(report: RunReport): string {
  const cards = Object.entries(factsOf(report)).map(
    ([name, facts]) => `<div class="card"><h3>${name}</h3>${factList(facts)}</div>`,
  );
  return (
    `<h2>Measures</h2><div class="cards">${cards.join("\n")}</div>` +
    '<p class="note">Ratios are of daily returns (UTC), over 365 days, without a risk-free rate. ' +
    `Where a sample is too small for a number it says "${notEnough}".</p>`
  );
}

function sensitivity({ sensitivity: rows, quote }: RunReport): string {
  if (rows.length === 0) return "";
  const head = [
    ...["fees", "slippage and spread", "total return", "max drawdown", "trades"],
    ...["fees paid", "slippage paid", "spread paid"],
  ];
  const cells = rows.map((row) => [
    ...[`${row.fees} ×`, `${row.slippage} ×`, share(row.totalReturn), share(row.maxDrawdown)],
    ...[String(row.trades), coins(row.feesPaid, quote)],
    ...[paid(row.slippagePaid, quote), paid(row.spreadPaid, quote)],
  ]);
  const table = `<div class="card">${dataTable(head, cells)}</div>`;
  return `<h2>Under other costs</h2>${table}<p class="note">${sensitivityNote}</p>`;
}

function groups({ groups: all, quote }: RunReport): string {
  const head = ["", "trades", "won", "profit", "average", "profit factor"];
  const cards = groupNames.map((name) => {
    const rows = all[name].map((row) => groupCells(row, quote));
    const body = rows.length > 0 ? dataTable(head, rows) : `<p class="none">${notEnough}</p>`;
    return `<div class="card"><h3>${groupTitles[name]}</h3>${body}</div>`;
  });
  return `<h2>Closed trades</h2><div class="charts">${cards.join("\n")}</div>`;
}

function groupCells(row: GroupRow, quote: string): string[] {
  const money = (value: number) => coins(value, quote).replace(` ${quote}`, "");
  return [
    ...[row.group, String(row.trades), String(row.wins), money(row.profit)],
    ...[money(row.averageProfit), row.profitFactor === null ? "–" : plain(row.profitFactor)],
  ];
}

function noTrade({ noTrade: rows, decisions }: RunReport): string {
  if (rows.length === 0) return "";
  const cells = rows.map(({ code, count }) => [
    ...[code, count.toLocaleString("en-US"), share(count / Math.max(1, decisions), 1)],
  ]);
  const table = dataTable(["code", "decisions", "share"], cells);
  return `<h2>Decisions that were no trade</h2><div class="card">${table}</div>`;
}

function trades({ trades: all, open, quote }: RunReport): string {
  const shown = [...all, ...open].slice(0, tradesShown);
  if (shown.length === 0) return "";
  const head = [
    "symbol",
    "opened",
    "closed",
    "quantity",
    "entry",
    "exit",
    "profit",
    "fees",
    "slippage",
    "exit by",
  ];
  const money = (text: string) => coins(text, quote).replace(` ${quote}`, "");
  const rows = shown.map((each) => [
    ...[
      each.symbol,
      minute(each.openedAt),
      each.closedAt === null ? "open" : minute(each.closedAt),
    ],
    ...[Number(each.quantity).toPrecision(6), short(each.entryPrice), short(each.exitPrice ?? "–")],
    ...[
      money(each.profit),
      money(each.fees),
      paid(each.slippage, quote).replace(` ${quote}`, ""),
      each.exitReason ?? "–",
    ],
  ]);
  const rest = all.length + open.length - shown.length;
  const note = rest > 0 ? `<p class="note">and ${rest} more, in the CSV and the JSON</p>` : "";
  return (
    `<details><summary>Trades (${all.length + open.length})</summary>` +
    `<div class="card">${dataTable(head, rows)}${note}</div></details>`
  );
}

/** An average price to ten digits. */
function short(price: string): string {
  return Number.isFinite(Number(price)) ? String(Number(Number(price).toPrecision(10))) : price;
}

function provenance({ run, ledgerHead, decisions, orders, fills }: RunReport): string {
  const facts: (readonly [string, string])[] = [
    ["market", run.market],
    ...Object.entries(run.data).map(([name, value]) => [name, String(value)] as const),
    ...Object.entries(run.costs),
    [
      "decisions, orders, fills",
      [decisions, orders, fills].map((each) => each.toLocaleString("en-US")).join(", "),
    ],
    ["configuration hash", run.configHash],
    ["ledger head", ledgerHead],
    ["program", `novactor ${run.version}`],
  ];
  return `<h2>What was run</h2><div class="card">${factList(facts)}</div>`;
}
