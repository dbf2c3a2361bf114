import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RoundTrip } from "../../actors/research/mod.ts";
import { compare, decimal, fromFloat } from "../../machines/domain/decimal.ts";
import { runConfig } from "../cli/run-config.ts";
import { openCandleFiles } from "../cli/sources.ts";
import { startConfiguration } from "../cli/start-configuration.ts";
import { runBacktest } from "./backtest.ts";
import { crossSettings } from "./reference-cross.ts";

const shared = join(import.meta.dir, "../../../shared");

/** A trade as the reference has it: times of open of the candles, prices, profit of one unit. */
type Row = readonly [string, string, string, string, string];

function reference(name: string): Row[] {
  const text = readFileSync(join(shared, "golden", `sma-cross-${name}.csv`), "utf8");
  const rows = text.trim().split("\n").slice(1);
  return rows.map((row) => row.split(",") as unknown as Row);
}

function rowOf(trade: RoundTrip, lastOpenedAt: number): Row {
  const { openedAt, entryPrice, closedAt, exitPrice, profit } = trade;
  return [String(openedAt), entryPrice, String(closedAt ?? lastOpenedAt), exitPrice ?? "", profit];
}

/** The reference writes small numbers with an exponent; their shortest float is what it wrote. */
const exact = (cell: string) => (cell.includes("e") ? fromFloat(Number(cell), 20) : decimal(cell));

const same = (one: Row, other: Row) =>
  one.every((cell, index) => compare(exact(cell), exact(other[index] ?? "")) === 0);

describe.skipIf(!existsSync(join(shared, "golden")))("the cross of means", () => {
  test.each([
    ["btc-usd-perp-1m-2022-01", "BTC/USD", "1m", 60_000, 945],
    ["eth-btc-5m-2018-01", "ETH/BTC", "5m", 300_000, 138],
  ])("over %s trades as the reference does, to the last digit of profit", async (...row) => {
    const [name, symbol, timeframe, barMs, count] = row;
    const path = join(shared, "data", `${name}.csv.gz`);
    const { source } = await openCandleFiles([{ path, symbol, timeframe }]);
    const { settings } = startConfiguration({ set: crossSettings(10, 30, "1", "0.001") });
    const config = runConfig(source, 1, "none", settings);
    // One unit a trade loses nearly all of the usual account: it is to end by no lack of money.
    const { quote } = config.desk;
    const rich = { ...config, balances: { [quote]: decimal(1_000_000) } };
    const result = await runBacktest({ config: rich, source });
    const last = (result.equity.at.at(-1) ?? 0) - barMs;
    const trades = [...result.trades, ...result.open].map((trade) => rowOf(trade, last));
    const wanted = reference(name);
    expect([trades.length, wanted.length]).toEqual([count, count]);
    expect(trades.filter((trade, index) => !same(trade, wanted[index] as Row))).toEqual([]);
    expect(result.counts.poison).toBe(0);
  });
});
