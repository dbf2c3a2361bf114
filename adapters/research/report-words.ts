/** The report's numbers as people read them: one list for the terminal and the page. */
import type { Metrics, RunReport } from "../../actors/research/mod.ts";

export const notEnough = "not enough data";

export function share(value: number | null, places = 2): string {
  return value === null ? notEnough : `${(value * 100).toFixed(places)} %`;
}

export function plain(value: number | null, places = 2): string {
  return value === null ? notEnough : value.toFixed(places);
}

/** Money grouped, with the places that its quote coin has use for. */
export function coins(amount: string | number | null, quote: string): string {
  if (amount === null) return notEnough;
  const places = quote === "BTC" ? 8 : 2;
  const options = { minimumFractionDigits: places, maximumFractionDigits: places };
  return `${Number(amount).toLocaleString("en-US", options)} ${quote}`;
}

/** A length of time in its two largest units: `3 d 4 h`. */
export function lasting(ms: number | null): string {
  if (ms === null) return notEnough;
  const minutes = Math.round(ms / 60_000);
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60)];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

export function minute(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}

export type Fact = readonly [name: string, value: string];

/** All measures with their names, by what they are of. */
export function factsOf({ metrics, quote }: Pick<RunReport, "metrics" | "quote">) {
  return {
    Returns: returnFacts(metrics),
    Risk: riskFacts(metrics),
    Trades: tradeFacts(metrics, quote),
    Costs: costFacts(metrics, quote),
  } as const;
}

function returnFacts(metrics: Metrics): Fact[] {
  return [
    ["total return", share(metrics.totalReturn)],
    ["annual return", share(metrics.annualReturn)],
    ["buy and hold", share(metrics.buyAndHold)],
    ["Sharpe", plain(metrics.sharpe)],
    ["Sortino", plain(metrics.sortino)],
    ["Calmar", plain(metrics.calmar)],
  ];
}

function riskFacts(metrics: Metrics): Fact[] {
  return [
    ["max drawdown", share(metrics.maxDrawdown)],
    ["longest drawdown", lasting(metrics.maxDrawdownMs)],
    ["time under water", share(metrics.timeUnderWater, 1)],
    ["volatility, annual", share(metrics.volatility)],
    ["exposure, mean", share(metrics.exposure, 1)],
    ["time in market", share(metrics.timeInMarket, 1)],
  ];
}

function tradeFacts(metrics: Metrics, quote: string): Fact[] {
  const open = metrics.openTrades > 0 ? `, ${metrics.openTrades} open` : "";
  return [
    ["trades", `${metrics.trades.toLocaleString("en-US")}${open}`],
    ["win rate", share(metrics.winRate, 1)],
    ["profit factor", plain(metrics.profitFactor)],
    ["expectancy", coins(metrics.expectancy, quote)],
    ["SQN", plain(metrics.sqn)],
    ["average win", coins(metrics.averageWin, quote)],
    ["average loss", coins(metrics.averageLoss, quote)],
    ["best trade", coins(metrics.bestTrade, quote)],
    ["worst trade", coins(metrics.worstTrade, quote)],
    ["longest streaks", `${metrics.longestWins} won, ${metrics.longestLosses} lost`],
    ["average duration", lasting(metrics.averageTradeMs)],
  ];
}

/** A cost, or that it is in prices which are of books, and cannot be told apart. */
export function paid(amount: string | null, quote: string): string {
  return amount === null ? "in each price" : coins(amount, quote);
}

function costFacts(metrics: Metrics, quote: string): Fact[] {
  return [
    ["profit after costs", coins(metrics.profit, quote)],
    ["fees paid", coins(metrics.feesPaid, quote)],
    ["spread paid", paid(metrics.spreadPaid, quote)],
    ["slippage paid", paid(metrics.slippagePaid, quote)],
    ["turnover", metrics.turnover === null ? notEnough : `${metrics.turnover.toFixed(2)} × equity`],
  ];
}

/** Below what a run would have come to at other costs. */
export const sensitivityNote =
  "The desk knows its costs and decides by them: at others it takes other trades.";
