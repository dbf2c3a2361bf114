/** A report as tables of CSV: trades, the whole curve, groups, decisions that were no trade. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type EquityCurve,
  groupNames,
  type RoundTrip,
  type RunReport,
} from "../../actors/research/mod.ts";
import { writeWhole } from "./candle-store.ts";

type Cell = string | number | null;

function tableText(header: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [header.join(",")];
  for (const row of rows) lines.push(row.map(cellText).join(","));
  return `${lines.join("\n")}\n`;
}

/** A text that holds what parts cells is quoted. */
function cellText(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

const tradeColumns = [
  ...["positionId", "symbol", "lane", "openedAt", "closedAt", "quantity", "entryPrice"],
  ...["exitPrice", "profit", "fees", "slippage", "spread", "exitReason", "votedBy"],
] as const satisfies readonly (keyof RoundTrip)[];

function tradeCells(trade: RoundTrip): Cell[] {
  return tradeColumns.map((column) => {
    const value = trade[column] ?? null;
    return typeof value === "object" && value !== null ? value.join(" ") : value;
  });
}

function* curveCells({ at, value, exposure }: EquityCurve, opening: number): Iterable<Cell[]> {
  let peak = opening;
  for (let index = 0; index < at.length; index += 1) {
    const worth = value[index] ?? 0;
    peak = Math.max(peak, worth);
    yield [at[index] ?? 0, worth, 1 - worth / peak, exposure[index] ?? 0];
  }
}

/**
 * Writes `trades.csv` (open ones last, without a close), `equity.csv` (every mark), `groups.csv`
 * and `no-trade.csv` into a folder. Times are Unix milliseconds, shares are not percents.
 */
export async function writeReportCsv(
  folder: string,
  report: RunReport,
  curve: EquityCurve,
): Promise<void> {
  const groups = groupNames.flatMap((by) =>
    report.groups[by].map((row): Cell[] => [
      ...[by, row.group, row.trades, row.wins, row.winRate, row.profit, row.averageProfit],
      ...[row.profitFactor, row.fees, row.slippage],
    ]),
  );
  const groupColumns =
    "by,group,trades,wins,winRate,profit,averageProfit,profitFactor,fees,slippage";
  const trades = [...report.trades, ...report.open].map(tradeCells);
  const codes = report.noTrade.map(({ code, count }) => [code, count]);
  const files: readonly (readonly [string, string])[] = [
    ["trades.csv", tableText(tradeColumns, trades)],
    [
      "equity.csv",
      tableText(
        ["timestamp_ms", "equity", "drawdown", "exposure"],
        curveCells(curve, report.openingEquity),
      ),
    ],
    ["groups.csv", tableText(groupColumns.split(","), groups)],
    ["no-trade.csv", tableText(["code", "count"], codes)],
  ];
  await mkdir(folder, { recursive: true });
  for (const [name, text] of files) await writeWhole(join(folder, name), text);
}
