/** The report of a run, made of its outcome: pure, so the same run has the same report. */
import { type Decimal, decimal, sum } from "../../machines/domain/decimal.ts";
import {
  annualReturn,
  buyAndHold,
  calmar,
  dailyReturns,
  drawdowns,
  mean,
  meanOrNull,
  sharpe,
  sortino,
  totalReturn,
  volatility,
} from "./metrics.ts";
import {
  type CurvePoint,
  type EquityCurve,
  type GroupName,
  type GroupRow,
  groupNames,
  type Metrics,
  type MonthReturn,
  type RoundTrip,
  type RunIdentity,
  type RunOutcome,
  type RunReport,
  type SensitivityRow,
} from "./ports.ts";
import { groupRows, histogram, noTradeRows, tradeTable } from "./tables.ts";
import {
  averageLoss,
  averageWin,
  expectancy,
  longestStreaks,
  profitFactor,
  sqn,
  turnover,
  winRate,
} from "./trade-metrics.ts";

const dayMs = 86_400_000;
/** Points of the curve in a report, at most; a CSV has them all. */
const curvePointsMost = 2_000;

/** Puts a run's report together. */
export function runReport(
  outcome: RunOutcome,
  run: RunIdentity,
  sensitivity: readonly SensitivityRow[] = [],
): RunReport {
  const { curve, trades, open, counts, quote, openingEquity, candles, ledgerHead } = outcome;
  const table = tradeTable(trades);
  const groups = Object.fromEntries(
    groupNames.map((name) => [name, trades.length === 0 ? [] : groupRows(table, name)]),
  ) as Record<GroupName, GroupRow[]>;
  return {
    ...{ run, ledgerHead, quote, candles, openingEquity },
    from: curve.at[0] ?? null,
    until: curve.at.at(-1) ?? null,
    closingEquity: closingEquity(outcome),
    ...{ decisions: counts.decisions, orders: counts.orders, fills: counts.fills },
    metrics: metricsOf(outcome),
    groups,
    noTrade: noTradeRows(counts.codes),
    months: monthReturns(curve, openingEquity),
    histogram: histogram(profitsOf(trades)),
    ...{ trades, open, sensitivity },
    curve: thinnedCurve(curve, openingEquity, curvePointsMost),
  };
}

/** Every measure of a run; each one's formula stands at its own function. */
export function metricsOf(outcome: RunOutcome): Metrics {
  const { curve, trades, open, openingEquity, held } = outcome;
  const profits = profitsOf(trades);
  const returns = dailyReturns(curve, openingEquity);
  const total = totalReturn(openingEquity, closingEquity(outcome));
  const days = ((curve.at.at(-1) ?? 0) - (curve.at[0] ?? 0)) / dayMs;
  const annual = annualReturn(total, days);
  const { most, longestMs, underWater } = drawdowns(curve, openingEquity);
  const streaks = longestStreaks(profits);
  const all = [...trades, ...open];
  return {
    totalReturn: total,
    annualReturn: annual,
    volatility: volatility(returns),
    sharpe: sharpe(returns),
    sortino: sortino(returns),
    calmar: calmar(annual, most),
    maxDrawdown: most,
    maxDrawdownMs: longestMs,
    timeUnderWater: underWater,
    exposure: meanOrNull(curve.exposure),
    timeInMarket: meanOrNull(curve.exposure.map((each) => (each > 0 ? 1 : 0))),
    turnover: turnover(notionalOf(all), meanOrNull(curve.value)),
    buyAndHold: buyAndHold(held),
    trades: trades.length,
    openTrades: open.length,
    winRate: winRate(profits),
    averageWin: averageWin(profits),
    averageLoss: averageLoss(profits),
    bestTrade: profits.length === 0 ? null : profits.reduce((a, b) => Math.max(a, b)),
    worstTrade: profits.length === 0 ? null : profits.reduce((a, b) => Math.min(a, b)),
    profitFactor: profitFactor(profits),
    expectancy: expectancy(profits),
    sqn: sqn(profits),
    longestWins: streaks.wins,
    longestLosses: streaks.losses,
    averageTradeMs: averageTradeMs(trades),
    feesPaid: exactSum(all, ({ fees }) => fees),
    slippagePaid: knownSum(all, ({ slippage }) => slippage),
    spreadPaid: knownSum(all, ({ spread = "0" }) => spread),
    profit: exactSum(trades, ({ profit }) => profit),
  };
}

const profitsOf = (trades: readonly RoundTrip[]) => trades.map(({ profit }) => Number(profit));

const closingEquity = ({ curve, openingEquity }: RunOutcome): number =>
  curve.value.at(-1) ?? openingEquity;

function exactSum(trades: readonly RoundTrip[], of: (trade: RoundTrip) => string): Decimal {
  return sum(trades.map((trade) => decimal(of(trade))));
}

/** Null where any is not known. */
function knownSum(
  trades: readonly RoundTrip[],
  of: (trade: RoundTrip) => string | null,
): Decimal | null {
  return trades.some((trade) => of(trade) === null)
    ? null
    : exactSum(trades, (trade) => of(trade) ?? "0");
}

/** Bought and sold: of an open trade the entry alone. */
function notionalOf(trades: readonly RoundTrip[]): number {
  return trades.reduce((total, { quantity, entryPrice, exitPrice, closedAt }) => {
    const sold = closedAt === null ? 0 : Number(exitPrice ?? 0);
    return total + Number(quantity) * (Number(entryPrice) + sold);
  }, 0);
}

function averageTradeMs(trades: readonly RoundTrip[]): number | null {
  if (trades.length === 0) return null;
  return mean(trades.map(({ openedAt, closedAt }) => (closedAt ?? openedAt) - openedAt));
}

/** Returns from month to month, UTC, the first from the opening equity on. */
export function monthReturns({ at, value }: EquityCurve, opening: number): MonthReturn[] {
  const closes = new Map<string, number>();
  for (let index = 0; index < at.length; index += 1) {
    const month = new Date((at[index] ?? 0) - 1).toISOString().slice(0, 7);
    closes.set(month, value[index] ?? opening);
  }
  let before = opening;
  return [...closes].map(([month, close]) => {
    const gained = close / before - 1;
    before = close;
    return { month, return: gained };
  });
}

/**
 * The curve in at most `most` points: of each stretch of one length the mark that lies lowest under
 * its peak, so that no drawdown is hidden, and always the last mark.
 */
export function thinnedCurve(
  { at, value, exposure }: EquityCurve,
  opening: number,
  most: number,
): CurvePoint[] {
  const stretch = Math.max(1, Math.ceil(at.length / most));
  const points: CurvePoint[] = [];
  let peak = opening;
  let worst: CurvePoint | null = null;
  for (let index = 0; index < at.length; index += 1) {
    const worth = value[index] ?? opening;
    peak = Math.max(peak, worth);
    const point: CurvePoint = [at[index] ?? 0, worth, 1 - worth / peak, exposure[index] ?? 0];
    if (worst === null || point[2] > worst[2]) worst = point;
    const isLast = index === at.length - 1;
    if ((index + 1) % stretch !== 0 && !isLast) continue;
    points.push(isLast ? point : worst);
    worst = null;
  }
  return points;
}
