/** What research takes and gives: the outcome of a run, and the report that is made of it. */

/** A round trip of a run. Money in quote coin, prices averages of its fills, all exact. */
export interface RoundTrip {
  readonly positionId: string;
  readonly symbol: string;
  /** Whose it was: the symbol, or the symbol and the book that trades it. */
  readonly lane: string;
  /** Unix milliseconds. */
  readonly openedAt: number;
  /** Null while it is open. */
  readonly closedAt: number | null;
  readonly quantity: string;
  readonly entryPrice: string;
  readonly exitPrice: string | null;
  /** After fees; of an open one as if it were sold at the last close, the fee of that paid. */
  readonly profit: string;
  /** Those that were paid. */
  readonly fees: string;
  /**
   * What taking cost beyond the touch; in `profit` already, and apart from fees. Null where prices are
   * of books, which have it in them.
   */
  readonly slippage: string | null;
  /**
   * What taking cost up to the touch: half of the spread, apart from slippage; where one is set. Null
   * likewise.
   */
  readonly spread?: string | null;
  readonly exitReason: string | null;
  readonly votedBy: readonly string[];
}

/** The account's worth over the run, marked at bars. All of one length, times rising. */
export interface EquityCurve {
  /** Unix milliseconds. */
  readonly at: Float64Array;
  /** Quote coin. */
  readonly value: Float64Array;
  /** Share of the equity that is in positions. */
  readonly exposure: Float64Array;
}

/** Prices of one symbol at the run's ends, in quote coin: what holding it would have met. */
export interface HeldSymbol {
  readonly symbol: string;
  readonly firstOpen: number;
  readonly lastClose: number;
}

/** What a run came to, as far as a report needs it. */
export interface RunOutcome {
  readonly candles: number;
  readonly counts: {
    readonly decisions: number;
    readonly orders: number;
    readonly fills: number;
    readonly codes: Readonly<Record<string, number>>;
  };
  readonly trades: readonly RoundTrip[];
  readonly open: readonly RoundTrip[];
  readonly curve: EquityCurve;
  readonly quote: string;
  readonly openingEquity: number;
  readonly ledgerHead: string;
  readonly held: readonly HeldSymbol[];
}

/** Null wherever the sample is too small for a number. */
export interface Metrics {
  readonly totalReturn: number;
  readonly annualReturn: number | null;
  readonly volatility: number | null;
  readonly sharpe: number | null;
  readonly sortino: number | null;
  readonly calmar: number | null;
  readonly maxDrawdown: number;
  readonly maxDrawdownMs: number;
  readonly timeUnderWater: number;
  readonly exposure: number | null;
  readonly timeInMarket: number | null;
  readonly turnover: number | null;
  readonly buyAndHold: number | null;
  readonly trades: number;
  readonly openTrades: number;
  readonly winRate: number | null;
  readonly averageWin: number | null;
  readonly averageLoss: number | null;
  readonly bestTrade: number | null;
  readonly worstTrade: number | null;
  readonly profitFactor: number | null;
  readonly expectancy: number | null;
  readonly sqn: number | null;
  readonly longestWins: number;
  readonly longestLosses: number;
  readonly averageTradeMs: number | null;
  /** Exact sums over closed and open trades, quote coin; null where it is in the prices. */
  readonly feesPaid: string;
  readonly slippagePaid: string | null;
  readonly spreadPaid: string | null;
  /** Exact, of closed trades. */
  readonly profit: string;
}

/** Closed trades that have something in common. */
export interface GroupRow {
  readonly group: string;
  readonly trades: number;
  readonly wins: number;
  readonly winRate: number | null;
  readonly profit: number;
  readonly averageProfit: number;
  readonly profitFactor: number | null;
  readonly fees: number;
  /** Null where it is in the prices. */
  readonly slippage: number | null;
}

export const groupNames = ["symbol", "strategy", "exitReason", "hour", "weekday", "month"] as const;
export type GroupName = (typeof groupNames)[number];

export interface MonthReturn {
  /** `2022-01`. */
  readonly month: string;
  readonly return: number;
}

export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly trades: number;
}

/** A point of the curve as it is shown: time, equity, share below the peak, share in positions. */
export type CurvePoint = readonly [at: number, equity: number, drawdown: number, exposure: number];

/** What makes a run that run: who reads the report later can make it again. */
export interface RunIdentity {
  readonly market: string;
  readonly symbols: readonly string[];
  readonly seed: number;
  readonly configHash: string;
  readonly data: Readonly<Record<string, string | number>>;
  readonly version: string;
  /** Each cost as it was set, in words. */
  readonly costs: Readonly<Record<string, string>>;
}

/** A run again under other costs: fees times a factor, slippage and spread times another. */
export interface SensitivityRow {
  readonly fees: number;
  readonly slippage: number;
  readonly totalReturn: number;
  readonly profit: string;
  readonly feesPaid: string;
  readonly slippagePaid: string | null;
  readonly spreadPaid: string | null;
  readonly trades: number;
  readonly maxDrawdown: number;
}

/** Everything that is told of a run; plain JSON, and the same for the same run. */
export interface RunReport {
  readonly run: RunIdentity;
  readonly ledgerHead: string;
  readonly quote: string;
  readonly from: number | null;
  readonly until: number | null;
  readonly candles: number;
  readonly openingEquity: number;
  readonly closingEquity: number;
  readonly decisions: number;
  readonly orders: number;
  readonly fills: number;
  readonly metrics: Metrics;
  readonly groups: Readonly<Record<GroupName, readonly GroupRow[]>>;
  /** Decisions that were no trade, by code, the most frequent first. */
  readonly noTrade: readonly { readonly code: string; readonly count: number }[];
  readonly months: readonly MonthReturn[];
  readonly histogram: readonly Bucket[];
  readonly trades: readonly RoundTrip[];
  readonly open: readonly RoundTrip[];
  readonly curve: readonly CurvePoint[];
  readonly sensitivity: readonly SensitivityRow[];
}
