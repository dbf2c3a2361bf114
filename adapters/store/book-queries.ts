/** Reads of the books: orders, attempts, fills, positions, postings and balances. */
import type { Database } from "bun:sqlite";
import {
  type LaneName,
  lanePath,
  symbolOfLane,
  type VenueAccount,
} from "../../machines/domain/ids.ts";
import type { OrderRow, Posting } from "../../machines/domain/ledger.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import { TableQueries } from "./table.ts";
import {
  type AttemptRow,
  attempts,
  type BalanceRow,
  balances,
  type FillRow,
  fills,
  orders,
  positions,
  postings,
} from "./tables.ts";

/** A part of a long list, newest first. */
export interface Page {
  readonly limit: number;
  /** How many to pass over; none unless told. */
  readonly offset?: number;
}

/** What the ledger holds, in numbers. */
export interface LedgerCounts {
  /** Journal records in which a decision was made, archived ones included. */
  readonly decisions: number;
  readonly orders: number;
  readonly fills: number;
  /** Closed positions that held something. */
  readonly trades: number;
}

export class BookQueries {
  private readonly orders;
  private readonly attempts;
  private readonly fills;
  private readonly positions;
  private readonly postings;
  private readonly balances;

  constructor(private readonly database: Database) {
    this.orders = new TableQueries(database, orders);
    this.attempts = new TableQueries(database, attempts);
    this.fills = new TableQueries(database, fills);
    this.positions = new TableQueries(database, positions);
    this.postings = new TableQueries(database, postings);
    this.balances = new TableQueries(database, balances);
  }

  counts(): LedgerCounts {
    const sql = `SELECT
      (SELECT count(*) FROM journal WHERE code IS NOT NULL)
        + (SELECT coalesce(sum(decisions), 0) FROM archives) AS decisions,
      (SELECT count(*) FROM orders) AS orders,
      (SELECT count(*) FROM fills) AS fills,
      (SELECT count(*) FROM positions WHERE state = 'closed' AND bought <> '0') AS trades`;
    const counts = this.database.query<LedgerCounts, []>(sql).get();
    return counts ?? { decisions: 0, orders: 0, fills: 0, trades: 0 };
  }

  /** Rows of a table, counted one by one. */
  rowsOf(table: "orders" | "fills" | "positions" | "postings"): number {
    const sql = `SELECT count(*) AS rows FROM ${table}`;
    return this.database.query<{ rows: number }, []>(sql).get()?.rows ?? 0;
  }

  order(intentId: string): OrderRow | null {
    return this.orders.one("WHERE intent_id = ?", intentId);
  }

  /** The order that an attempt under this client order id belongs to. */
  orderByClientId(at: VenueAccount, clientOrderId: string): OrderRow | null {
    const where =
      "WHERE intent_id = (SELECT intent_id FROM attempts" +
      " WHERE client_order_id = ? AND venue = ? AND account = ?)";
    return this.orders.one(where, clientOrderId, at.venue, at.account);
  }

  /** The order that the venue knows under this id of its own. */
  orderByVenueId(at: VenueAccount, venueOrderId: string): OrderRow | null {
    const where = "WHERE venue_order_id = ? AND venue = ? AND account = ?";
    return this.orders.one(where, venueOrderId, at.venue, at.account);
  }

  /** Orders, newest intent first. */
  ordersPage({ limit, offset = 0 }: Page): OrderRow[] {
    return this.orders.list(
      "ORDER BY created_at DESC, intent_id DESC LIMIT ? OFFSET ?",
      limit,
      offset,
    );
  }

  ordersOfPosition(positionId: string): OrderRow[] {
    return this.orders.list("WHERE position_id = ? ORDER BY created_at, intent_id", positionId);
  }

  /** The highest number in the ids of a lane's positions, by their orders; 0 for none. */
  lastPositionNumber({ venue, account }: VenueAccount, lane: LaneName): number {
    const prefix = `${lanePath({ venue, account }, lane)}/`;
    const sql =
      "SELECT max(CAST(substr(position_id, ? + 1) AS INTEGER)) AS last FROM orders" +
      " WHERE venue = ? AND account = ? AND symbol = ? AND substr(position_id, 1, ?) = ?";
    const length = [...prefix].length;
    const row = this.database
      .query<{ last: number | null }, [number, string, string, string, number, string]>(sql)
      .get(length, venue, account, symbolOfLane(lane), length, prefix);
    return row?.last ?? 0;
  }

  attemptsOf(intentId: string): AttemptRow[] {
    return this.attempts.list("WHERE intent_id = ? ORDER BY number", intentId);
  }

  fillsOf(intentId: string): FillRow[] {
    return this.fills.list("WHERE intent_id = ? ORDER BY at, trade_id", intentId);
  }

  /** Whether the venue's trade is booked already (P4). */
  hasFill(venue: string, account: string, tradeId: string): boolean {
    const sql = "SELECT 1 FROM fills WHERE venue = ? AND account = ? AND trade_id = ?";
    return this.database.query(sql).get(venue, account, tradeId) !== null;
  }

  position(positionId: string): PositionRow | null {
    return this.positions.one("WHERE position_id = ?", positionId);
  }

  /** Positions of a state, the last opened first. */
  positionsPage(state: PositionRow["state"], { limit, offset = 0 }: Page): PositionRow[] {
    const where = "WHERE state = ? ORDER BY opened_at DESC, position_id DESC LIMIT ? OFFSET ?";
    return this.positions.list(where, state, limit, offset);
  }

  /** Closed positions by when they ended, oldest first, one by one. */
  closedSince(from: number): Iterable<PositionRow> {
    return this.positions.eachOf("WHERE closed_at >= ? ORDER BY closed_at, position_id", from);
  }

  /**
   * Closed positions of one lane that were opened until a time, the last opened first.
   * @param lanePath what the names of its positions begin with: see `lanePath`
   */
  closedOfLane(lanePath: string, until: number): Iterable<PositionRow> {
    const prefix = `${lanePath}/`;
    const where =
      "WHERE state = 'closed' AND opened_at <= ? AND substr(position_id, 1, ?) = ?" +
      " ORDER BY opened_at DESC, position_id DESC";
    return this.positions.eachOf(where, until, [...prefix].length, prefix);
  }

  /** Closed positions of which something is left: too small to be sold. */
  leftovers(): PositionRow[] {
    return this.positions.list("WHERE state = 'closed' AND quantity <> '0'");
  }

  hasEntry(entryId: string): boolean {
    return this.database.query("SELECT 1 FROM postings WHERE entry_id = ?").get(entryId) !== null;
  }

  /** The lines of one entry. */
  postingsOf(entryId: string): Posting[] {
    return this.postings.list("WHERE entry_id = ? ORDER BY line", entryId);
  }

  allBalances(): BalanceRow[] {
    return this.balances.list("ORDER BY venue, account, coin");
  }

  // Whole tables, one row at a time, in the order of their keys.

  eachOrder(): Iterable<OrderRow> {
    return this.orders.each();
  }

  eachAttempt(): Iterable<AttemptRow> {
    return this.attempts.each();
  }

  eachFill(): Iterable<FillRow> {
    return this.fills.each();
  }

  eachPosition(): Iterable<PositionRow> {
    return this.positions.each();
  }

  eachPosting(): Iterable<Posting> {
    return this.postings.each();
  }

  eachBalance(): Iterable<BalanceRow> {
    return this.balances.each();
  }
}
