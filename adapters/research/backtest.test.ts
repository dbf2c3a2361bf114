/** What a backtest's curve, trades and costs come to, held against each other. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CandleSource } from "../../actors/market/ports.ts";
import { metricsOf, type RoundTrip } from "../../actors/research/mod.ts";
import { runConfig } from "../cli/run-config.ts";
import { usualGenerator } from "../cli/sources.ts";
import { startConfiguration } from "../cli/start-configuration.ts";
import { type BacktestRequest, runBacktest } from "./backtest.ts";
import { crossSettings } from "./reference-cross.ts";
import { outcomeOf } from "./run-outcome.ts";
import { costFactorsOf, sensitivityRow, withCosts } from "./sensitivity.ts";

// A bound on hanging, not on how fast a machine is.
setDefaultTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "novactor-backtest-"));
afterAll(() => rmSync(folder, { recursive: true }));

const cross = crossSettings(5, 15, "0.01", "0.001");
const hour = 3_600_000;
const begin = Date.UTC(2026, 0, 1);
const generated = usualGenerator(3).source;

/** Some of the generated symbols, in that order, each until a time. */
function sourceOf(ends: Readonly<Record<string, number>>): CandleSource {
  return {
    ...generated,
    length: null,
    symbols: Object.keys(ends).map((symbol) => {
      const found = generated.symbols.find((each) => each.symbol === symbol);
      if (!found) throw new Error(`Cannot find "${symbol}" in the generated market`);
      return found;
    }),
    cursor(symbol, from) {
      const cursor = generated.cursor(symbol, from);
      return {
        next() {
          const candle = cursor.next();
          return candle && candle.openedAt < (ends[symbol] ?? 0) ? candle : null;
        },
      };
    },
  };
}

function requestOf(source: CandleSource, set: readonly string[], config?: string) {
  const { settings } = startConfiguration({ set: [...set], ...(config && { config }) });
  return { config: runConfig(source, 3, "none", settings), source } satisfies BacktestRequest;
}

const sumOf = (trades: readonly RoundTrip[], of: (trade: RoundTrip) => string): number =>
  trades.reduce((sum, trade) => sum + Number(of(trade)), 0);

const half = begin + 12 * hour;
const whole = begin + 24 * hour;

describe("the curve", () => {
  test("goes on with the last symbol that has candles, whichever is named first", async () => {
    const run = (ends: Readonly<Record<string, number>>) =>
      runBacktest(requestOf(sourceOf(ends), cross));
    const first = await run({ "BTC/USD": half, "ETH/USD": whole });
    const other = await run({ "ETH/USD": whole, "BTC/USD": half });
    for (const result of [first, other]) {
      expect(result.equity.at.at(-1)).toBe(whole);
      expect(new Set(result.equity.at).size).toBe(result.equity.at.length);
      const open = sumOf(result.open, ({ profit }) => profit);
      const gained = sumOf(result.trades, ({ profit }) => profit) + open;
      const change = (result.equity.value.at(-1) ?? 0) - result.openingEquity;
      // An open position is worth its price in the curve, and less the fee of selling it in the trade.
      const fees = sumOf(
        result.open,
        (each) => `${Number(each.quantity) * Number(each.exitPrice) * 0.001}`,
      );
      expect(change).toBeCloseTo(gained + fees, 4);
    }
    expect(first.equity.value.at(-1)).toBeCloseTo(other.equity.value.at(-1) ?? 0, 6);
    expect(first.held.map(({ symbol }) => symbol).toSorted()).toEqual(["BTC/USD", "ETH/USD"]);
  });

  test("is that of all accounts, and so are its trades", async () => {
    const config = join(folder, "two.yaml");
    const account = [
      ...["venue: paper", "account: second", "symbols: ETH/USD", "rest: none", "stream: none"],
      ...["prices: market", "pricesRest: standard", "pricesStream: standard", "riskShare: 0.01"],
      ...["maxShare: 0.25", "positionCap: 3", "dailyLossShare: 0.05"],
    ];
    writeFileSync(config, `mode: paper\naccounts:\n  - ${account.join("\n    ")}\n`);
    const source = sourceOf({ "BTC/USD": whole, "ETH/USD": whole });
    const result = await runBacktest(requestOf(source, [], config));
    const owners = new Set(result.trades.map(({ positionId }) => positionId.split("/")[0]));
    expect(owners).toEqual(new Set(["paper:main", "paper:second"]));
    const profit = sumOf([...result.trades, ...result.open], (trade) => trade.profit);
    const change = (result.equity.value.at(-1) ?? 0) - result.openingEquity;
    expect(Math.abs(change - profit)).toBeLessThan(0.002 * result.openingEquity);
    expect(Math.max(...result.exposure)).toBeLessThan(1);
    expect(result.equity.value[0]).toBe(result.openingEquity);
    expect(result.exposure[0]).toBe(0);
  });
});

test("nothing is entered while planes are warmed up", async () => {
  const source = sourceOf({ "BTC/USD": whole });
  const enterFrom = begin + 6 * hour;
  const all = await runBacktest(requestOf(source, cross));
  expect(all.trades.filter(({ openedAt }) => openedAt < enterFrom).length).toBeGreaterThan(3);
  const late = await runBacktest({ ...requestOf(source, cross), enterFrom });
  expect(Math.min(...late.trades.map(({ openedAt }) => openedAt))).toBeGreaterThanOrEqual(
    enterFrom,
  );
  expect(late.trades.length).toBeGreaterThan(3);
  const before = late.equity.value.filter((_, index) => (late.equity.at[index] ?? 0) <= enterFrom);
  expect(new Set(before)).toEqual(new Set([late.openingEquity]));
});

test("an open position has paid the fee of its entry, and no other yet", async () => {
  const source = sourceOf({ "BTC/USD": whole });
  const request = requestOf(source, cross);
  const { trades } = await runBacktest(request);
  const inside = trades[3];
  const until = ((inside?.openedAt ?? 0) + (inside?.closedAt ?? 0)) / 2;
  const { open } = await runBacktest({ ...request, until });
  expect(open).toHaveLength(1);
  const [{ entryPrice, fees, quantity }] = open as [RoundTrip];
  expect(Number(fees)).toBeCloseTo(Number(entryPrice) * Number(quantity) * 0.001, 8);
});

test("the spread is scaled with slippage: at none of both taking is free", async () => {
  const source = sourceOf({ "BTC/USD": half });
  const request = requestOf(source, [...cross, "matching.spreadTicks=40"]);
  const row = async (slippage: number) => {
    const factors = { fees: 1, slippage };
    const config = withCosts(request.config, factors);
    return sensitivityRow(factors, await runBacktest({ ...request, config }));
  };
  const [none, usual, twice] = [await row(0), await row(1), await row(2)];
  expect([none.spreadPaid, none.slippagePaid]).toEqual(["0", "0"]);
  expect(Number(usual.spreadPaid)).toBeGreaterThan(0);
  expect(twice.totalReturn).toBeLessThan(usual.totalReturn);
  expect(usual.totalReturn).toBeLessThan(none.totalReturn);
  expect(costFactorsOf(true).map((each) => each.slippage)).toEqual([1, 1, 1, 1]);
});

test("accounts of two quote coins are refused: a report is of one", async () => {
  const { config, source } = requestOf(sourceOf({ "BTC/USD": half }), cross);
  const other = { ...config.desk, quote: "EUR", at: { venue: "paper", account: "euro" } };
  const desk = { ...config.desk, others: [other] };
  expect(runBacktest({ config: { ...config, desk }, source })).rejects.toThrow(
    "Cannot backtest accounts of USD and EUR in one report: wanted one quote coin",
  );
});

test("buy and hold beside it is that of the candles", async () => {
  const result = await runBacktest(requestOf(sourceOf({ "BTC/USD": half }), cross));
  const cursor = sourceOf({ "BTC/USD": half }).cursor("BTC/USD", 0);
  const candles = [];
  for (let candle = cursor.next(); candle; candle = cursor.next()) candles.push(candle);
  const [first, last] = [candles[0], candles.at(-1)];
  const wanted = (last?.close ?? 0) / (first?.open ?? 1) - 1;
  expect(metricsOf(outcomeOf(result)).buyAndHold).toBeCloseTo(wanted, 10);
});
