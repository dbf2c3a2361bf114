import type { Fill } from "../../../machines/domain/fill.ts";
import type { Balance } from "../../../machines/domain/ledger.ts";
import type { VenueOrder } from "../../../machines/domain/order.ts";
import {
  type BalanceRow,
  type EngineOrder,
  rowPrefix,
  type TradeRow,
  toFill,
  toVenueOrder,
} from "./rows.ts";
import { rowsUnder } from "./state.ts";

/** Everything that ever happened at a venue, by its own rows. */
export interface VenueRecord {
  /** In order of acceptance. */
  readonly orders: readonly VenueOrder[];
  /** In order of execution. */
  readonly trades: readonly Fill[];
  readonly balances: readonly Balance[];
}

/**
 * Reads the venue's own record from the rows of its state space (`RuntimeStore.stateOf`): what a
 * desk's ledger is compared with. It knows also what left the engine's memory,
 * as far back as the settings' `recordLimit`.
 */
export function venueRecord(entries: ReadonlyMap<string, unknown>): VenueRecord {
  const orders = rowsUnder<EngineOrder>(entries, rowPrefix.orders).map(([, order]) => order);
  const trades = rowsUnder<TradeRow>(entries, rowPrefix.trades).map(([, trade]) => trade);
  const bySequence = (a: { sequence: number }, b: { sequence: number }) => a.sequence - b.sequence;
  return {
    orders: orders.sort(bySequence).map(toVenueOrder),
    trades: trades.sort(bySequence).map(toFill),
    balances: rowsUnder<BalanceRow>(entries, rowPrefix.balances)
      .map(([coin, row]) => ({ coin, ...row }))
      .sort((a, b) => (a.coin < b.coin ? -1 : 1)),
  };
}
