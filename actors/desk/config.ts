import type { DeskInput } from "../../machines/desk.machine.ts";
import type { Decimal } from "../../machines/domain/decimal.ts";
import { accountKey, type VenueAccount } from "../../machines/domain/ids.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import type { OrderSettings } from "../../machines/order.types.ts";
import type { PositionSettings } from "../../machines/position.types.ts";
import type { SupervisionLimits } from "../../machines/supervision.ts";
import {
  type MeanReversionParameters,
  MeanReversionStrategy,
  type Strategy,
  type TrendParameters,
  TrendStrategy,
} from "../scanner/mod.ts";

export interface TradedSymbol {
  readonly instrument: Instrument;
  readonly timeframeMs: number;
}

/** Everything that sways a decision. Its hash is part of a ledger: another one is another run. */
export interface DeskConfig {
  readonly mode: "paper";
  readonly seed: number;
  readonly at: VenueAccount;
  /** All of one quote coin, in which the portfolio is counted. */
  readonly symbols: readonly TradedSymbol[];
  readonly quote: string;
  readonly strategy: {
    readonly use: "trend" | "meanReversion" | "both";
    readonly trend: TrendParameters;
    readonly meanReversion: MeanReversionParameters;
  };
  readonly risk: {
    /** Share of equity lost if the stop is hit. */
    readonly riskShare: Decimal;
    /** Largest share of equity in one position. */
    readonly maxShare: Decimal;
    readonly positionCap: number;
    /** Share of the day's first equity that may be lost before the breaker opens. */
    readonly dailyLossShare: Decimal;
  };
  readonly entry: {
    readonly type: "limit" | "market";
    /** Bars that an entry may rest before the desk cancels it. */
    readonly patienceBars: number;
  };
  readonly stop: {
    readonly atrPeriod: number;
    /** Initial distance below the entry, in average true ranges. */
    readonly atrMultiple: number;
    readonly trailAtrMultiple: number;
    /** Smallest raise worth an amend, in average true ranges. */
    readonly stepAtr: number;
  };
  readonly coolDownBars: number;
  readonly order: OrderSettings;
  readonly position: PositionSettings;
  readonly reconcile: {
    readonly intervalMs: number;
    readonly retryMs: number;
    readonly patience: number;
    /** How far before the last match fills are read again, milliseconds. */
    readonly overlapMs: number;
  };
}

/** Bars of the other symbols that may pass without one of this symbol. */
export const staleBars = 5;

/** How each kind of child is supervised. A session with a venue may fail more than an order. */
const supervision: SupervisionLimits = {
  faults: 3,
  faultWindowMs: 60_000,
  restarts: 3,
  restartWindowMs: 600_000,
  backoffMs: 1_000,
  backoffMostMs: 60_000,
};

export const dailyLossRule = "dailyLoss";
export const failuresRule = "repeatedFailures";
export const staleDataRule = "staleData";

/** What the process itself may suffer from: watched outside, told as inputs. */
export const vitalRules = ["eventLoopLag", "lowDisk"] as const;
export type VitalRule = (typeof vitalRules)[number];

const minuteMs = 60_000;

/** What the root actor starts on a new ledger. */
export function deskInput(config: DeskConfig): DeskInput {
  const { at, symbols, coolDownBars, reconcile } = config;
  return {
    feeds: symbols.map(({ instrument, timeframeMs }) => ({
      symbol: instrument.symbol,
      timeframeMs,
    })),
    scanners: symbols.map(({ instrument, timeframeMs }) => ({
      at,
      symbol: instrument.symbol,
      coolDownMs: coolDownBars * timeframeMs,
    })),
    accounts: [{ at }],
    supervision: {
      desk: supervision,
      feed: supervision,
      scanner: supervision,
      order: supervision,
      position: supervision,
      account: supervision,
      reconciler: { ...supervision, restarts: 10 },
      breaker: supervision,
    },
    reconcilers: [{ at, ...reconcile }],
    breakers: [
      {
        rule: dailyLossRule,
        scope: "desk",
        limit: config.risk.dailyLossShare,
        releasedBy: "the next day, UTC",
      },
      {
        rule: failuresRule,
        scope: accountKey(at),
        limit: "10 refused or unanswered requests in 10 minutes",
        releasedBy: "a quarter of an hour, then half-open",
        failures: { count: 10, windowMs: 10 * minuteMs },
        coolOffMs: 15 * minuteMs,
      },
      ...symbols.map(({ instrument }) => ({
        rule: staleDataRule,
        scope: `${accountKey(at)}/${instrument.symbol}`,
        limit: `${staleBars} bars`,
        releasedBy: "bars that come again",
      })),
      ...vitalRules.map((rule) => ({
        rule,
        scope: "desk",
        limit: rule === "lowDisk" ? "free space" : "pauses of the process",
        releasedBy: rule === "lowDisk" ? "enough free space" : "a while without pauses",
      })),
    ],
  };
}

/** The strategies that vote, each with state of its own: a symbol's plane takes new ones. */
export function strategiesOf({ strategy }: DeskConfig): Strategy[] {
  const { use, trend, meanReversion } = strategy;
  return [
    ...(use === "meanReversion" ? [] : [new TrendStrategy(trend)]),
    ...(use === "trend" ? [] : [new MeanReversionStrategy(meanReversion)]),
  ];
}
