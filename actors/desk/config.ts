import type { DeskInput } from "../../machines/desk.machine.ts";
import type { Decimal } from "../../machines/domain/decimal.ts";
import type { VenueAccount } from "../../machines/domain/ids.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import type { OrderSettings } from "../../machines/order.types.ts";
import type { PositionSettings } from "../../machines/position.types.ts";
import type { TrendParameters } from "../scanner/mod.ts";

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
  readonly strategy: { readonly trend: TrendParameters };
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

export const dailyLossRule = "dailyLoss";

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
    reconcilers: [{ at, ...reconcile }],
    breakers: [
      {
        rule: dailyLossRule,
        scope: "desk",
        limit: config.risk.dailyLossShare,
        releasedBy: "the next day, UTC",
      },
    ],
  };
}
