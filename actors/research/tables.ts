/** Closed trades as a table, and what they come to by what they have in common. */
import { desc, op, table } from "arquero";
import type { Bucket, GroupName, GroupRow, RoundTrip } from "./ports.ts";
import { profitFactor, winRate } from "./trade-metrics.ts";

const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** What a trade without a known reason, or that nobody voted for, is filed under. */
const unknown = "unknown";

type TradeTable = ReturnType<typeof table>;

/**
 * One row for each closed trade, by columns. Hour, weekday and month are those in which it was
 * opened, UTC; weekdays carry their number from Monday on, so that they sort.
 */
export function tradeTable(trades: readonly RoundTrip[]): TradeTable {
  const opened = trades.map(({ openedAt }) => new Date(openedAt));
  return table({
    symbol: trades.map(({ symbol }) => symbol),
    strategy: trades.map(({ votedBy }) => (votedBy.length > 0 ? [...votedBy] : [unknown])),
    exitReason: trades.map(({ exitReason }) => exitReason ?? unknown),
    hour: opened.map((at) => `${String(at.getUTCHours()).padStart(2, "0")}:00`),
    weekday: opened.map((at) => `${at.getUTCDay() || 7} ${weekdays[at.getUTCDay()]}`),
    month: opened.map((at) => at.toISOString().slice(0, 7)),
    profit: trades.map(({ profit }) => Number(profit)),
    fees: trades.map(({ fees }) => Number(fees)),
    slippage: trades.map(({ slippage }) => (slippage === null ? Number.NaN : Number(slippage))),
  });
}

interface Rolled {
  readonly group: string;
  readonly profits: readonly number[];
  readonly profit: number;
  readonly fees: number;
  readonly slippage: number;
}

/**
 * What the trades of each group came to. By strategy, a trade counts for each that voted for it:
 * those rows add up to more than the whole.
 */
export function groupRows(trades: TradeTable, name: GroupName): GroupRow[] {
  const rows = name === "strategy" ? trades.unroll("strategy") : trades;
  const rolled = rows
    .rename({ [name]: "group" })
    .groupby("group")
    .rollup({
      profits: op.array_agg("profit"),
      profit: op.sum("profit"),
      fees: op.sum("fees"),
      slippage: op.sum("slippage"),
    })
    .orderby("group")
    .objects() as Rolled[];
  return rolled.map(({ group, profits, profit, fees, slippage }) => ({
    group,
    trades: profits.length,
    wins: profits.filter((each) => each > 0).length,
    winRate: winRate(profits),
    profit,
    averageProfit: profit / profits.length,
    profitFactor: profitFactor(profits),
    fees,
    slippage: Number.isNaN(slippage) ? null : slippage,
  }));
}

/** Decisions not to act (all but `trade` and `exit`), by code, the most frequent first; equal ones by name. */
export function noTradeRows(codes: Readonly<Record<string, number>>) {
  const names = Object.keys(codes).filter((code) => code !== "trade" && code !== "exit");
  if (names.length === 0) return [];
  return table({ code: names, count: names.map((code) => codes[code] ?? 0) })
    .orderby(desc("count"), "code")
    .objects() as { code: string; count: number }[];
}

/** How many trades came to how much: buckets of one width over all profits. */
export function histogram(profits: readonly number[], buckets = 24): Bucket[] {
  if (profits.length === 0) return [];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const profit of profits) {
    low = Math.min(low, profit);
    high = Math.max(high, profit);
  }
  if (low === high) return [{ from: low, to: high, trades: profits.length }];
  const width = (high - low) / buckets;
  const counts = new Array<number>(buckets).fill(0);
  for (const profit of profits) {
    const index = Math.min(buckets - 1, Math.floor((profit - low) / width));
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts.map((trades, index) => {
    return { from: low + index * width, to: low + (index + 1) * width, trades };
  });
}
