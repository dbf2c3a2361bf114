import { describe, expect, test } from "bun:test";
import type { RoundTrip, RunIdentity, RunOutcome } from "./ports.ts";
import { monthReturns, runReport, thinnedCurve } from "./run-report.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A Monday. */
const monday = Date.UTC(2022, 0, 31);

const run: RunIdentity = {
  ...{ market: "by hand", symbols: ["A/USD"], seed: 1, configHash: "c", version: "0" },
  ...{ data: {}, costs: {} },
};

function trade(profit: string, part: Partial<RoundTrip> = {}): RoundTrip {
  const openedAt = part.openedAt ?? monday;
  return {
    ...{ positionId: "1", symbol: "A/USD", lane: "A/USD", openedAt, closedAt: openedAt + hourMs },
    ...{ quantity: "2", entryPrice: "10", exitPrice: "15", profit, fees: "0.1", slippage: "0.02" },
    ...{ exitReason: "stop", votedBy: ["trend"] },
    ...part,
  };
}

function outcomeOf(trades: readonly RoundTrip[], part: Partial<RunOutcome> = {}): RunOutcome {
  return {
    candles: 3,
    counts: {
      decisions: 3,
      orders: 2,
      fills: 2,
      codes: { trade: 1, exit: 2, noSignal: 5, coolDown: 7 },
    },
    ...{ trades, open: [], quote: "USD", openingEquity: 100, ledgerHead: "head" },
    curve: {
      at: Float64Array.of(monday + hourMs, monday + dayMs, monday + 2 * dayMs),
      value: Float64Array.of(110, 121, 60.5),
      exposure: Float64Array.of(0.5, 0, 0.25),
    },
    held: [{ symbol: "A/USD", firstOpen: 10, lastClose: 12 }],
    ...part,
  };
}

describe("runReport()", () => {
  test("puts each trade into its groups, UTC, and into each strategy that voted", () => {
    const trades = [
      trade("5", { votedBy: ["trend", "range"], openedAt: monday + 13 * hourMs }),
      trade("-3", { symbol: "B/USD", exitReason: "signal", openedAt: monday + 6 * dayMs }),
      trade("1", { votedBy: [], exitReason: null }),
    ];
    const { groups } = runReport(outcomeOf(trades), run);
    const told = (name: keyof typeof groups) =>
      groups[name].map((row) => [row.group, row.trades, row.wins, row.profit]);
    expect(told("symbol")).toEqual([
      ["A/USD", 2, 2, 6],
      ["B/USD", 1, 0, -3],
    ]);
    expect(told("strategy")).toEqual([
      ["range", 1, 1, 5],
      ["trend", 2, 1, 2],
      ["unknown", 1, 1, 1],
    ]);
    expect(told("exitReason")).toEqual([
      ["signal", 1, 0, -3],
      ["stop", 1, 1, 5],
      ["unknown", 1, 1, 1],
    ]);
    expect(told("hour")).toEqual([
      ["00:00", 2, 1, -2],
      ["13:00", 1, 1, 5],
    ]);
    expect(told("weekday")).toEqual([
      ["1 Monday", 2, 2, 6],
      ["7 Sunday", 1, 0, -3],
    ]);
    expect(told("month")).toEqual([
      ["2022-01", 2, 2, 6],
      ["2022-02", 1, 0, -3],
    ]);
  });

  test("measures curve and trades, costs apart and exact, open trades among them", () => {
    const open = trade("4", { closedAt: null, fees: "0.2", slippage: "0.03" });
    const { metrics } = runReport(outcomeOf([trade("5")], { open: [open] }), run);
    expect(metrics).toMatchObject({
      totalReturn: 60.5 / 100 - 1,
      maxDrawdown: 0.5,
      maxDrawdownMs: dayMs,
      timeUnderWater: 0,
      exposure: 0.25,
      timeInMarket: 2 / 3,
      buyAndHold: 12 / 10 - 1,
      trades: 1,
      openTrades: 1,
      feesPaid: "0.3",
      slippagePaid: "0.05",
      profit: "5",
      averageTradeMs: hourMs,
      // Bought 20 twice, sold 30 once; the mean equity is 97.1666.
      turnover: 35 / ((110 + 121 + 60.5) / 3),
    });
    const { annualReturn, sharpe, sortino, calmar, winRate, profitFactor, sqn } = metrics;
    expect([annualReturn, sharpe, sortino, calmar, winRate, profitFactor, sqn]).toEqual(
      new Array(7).fill(null),
    );
  });

  test("counts decisions that were no trade by code, the most frequent first", () => {
    expect(runReport(outcomeOf([]), run).noTrade).toEqual([
      { code: "coolDown", count: 7 },
      { code: "noSignal", count: 5 },
    ]);
  });

  test("is plain JSON, the same for the same outcome, and stands without any trade", () => {
    const report = () => JSON.stringify(runReport(outcomeOf([trade("1"), trade("-2")]), run));
    expect(report()).toBe(report());
    expect(JSON.parse(report())).toEqual(runReport(outcomeOf([trade("1"), trade("-2")]), run));
    const empty = runReport(outcomeOf([]), run);
    expect([empty.histogram, empty.groups.symbol, empty.metrics.feesPaid]).toEqual([[], [], "0"]);
  });

  test("spreads profits over buckets of one width, each trade in one", () => {
    const trades = ["-4", "0", "0.1", "20"].map((profit) => trade(profit));
    const { histogram } = runReport(outcomeOf(trades), run);
    expect(histogram.length).toBe(24);
    expect([histogram[0]?.from, histogram.at(-1)?.to]).toEqual([-4, 20]);
    expect(histogram.map(({ trades: count }) => count).filter((count) => count > 0)).toEqual([
      1, 2, 1,
    ]);
  });
});

test("monthReturns() go from month to month, a mark at midnight being the month's before", () => {
  const { curve } = outcomeOf([]);
  expect(monthReturns(curve, 100)).toEqual([
    { month: "2022-01", return: 121 / 100 - 1 },
    { month: "2022-02", return: -0.5 },
  ]);
});

test("thinnedCurve() keeps the deepest mark of each stretch, and the last", () => {
  const value = Float64Array.of(100, 90, 99, 101, 100, 101);
  const at = Float64Array.of(1, 2, 3, 4, 5, 6);
  const points = thinnedCurve({ at, value, exposure: new Float64Array(6) }, 100, 2);
  expect(points.map(([time, worth]) => [time, worth])).toEqual([
    [2, 90],
    [6, 101],
  ]);
});
