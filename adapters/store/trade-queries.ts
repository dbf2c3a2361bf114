/** Closed round trips: filtered, in any order, paged by key. */
import type { Database } from "bun:sqlite";
import type { VenueAccount } from "../../machines/domain/ids.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import type { Column } from "./table.ts";
import { positions } from "./tables.ts";

/** Which round trips; what is left out is not asked for. Times are those of their end. */
export interface TradeFilter {
  readonly at?: VenueAccount;
  readonly symbol?: string;
  readonly strategy?: string;
  readonly exitReason?: string;
  /** Unix milliseconds, included. */
  readonly since?: number;
  /** Unix milliseconds, excluded. */
  readonly before?: number;
}

const sortings = {
  closed: "closed_at",
  opened: "opened_at",
  duration: "closed_at - opened_at",
  pnl: "CAST(realized_pnl AS REAL)",
  share: "CAST(realized_pnl AS REAL) / CAST(bought_for AS REAL)",
  fees: "CAST(fees AS REAL)",
} as const;
export type TradeSorting = keyof typeof sortings;

/** A place in a list: the last row's value of what it is sorted by, and its id. */
export interface TradeKey {
  readonly value: number;
  readonly positionId: string;
}

export interface TradePage {
  readonly sorting: TradeSorting;
  readonly isDescending: boolean;
  /** The last one of the page before; null for the first page. */
  readonly after: TradeKey | null;
  readonly limit: number;
}

export interface TradeRow {
  readonly row: PositionRow;
  readonly key: TradeKey;
}

/** What is closed and bought something. The plus has the index by close be taken, not that by state. */
const ended = ["closed_at IS NOT NULL", "+state = 'closed'", "bought <> '0'"];

type PositionColumns = Parameters<typeof positions.row>[0];

export class TradeQueries {
  constructor(private readonly database: Database) {}

  page(filter: TradeFilter, { sorting, isDescending, after, limit }: TradePage): TradeRow[] {
    const { terms, values } = termsOf(filter);
    const value = sortings[sorting];
    if (after) {
      terms.push(`(${value}, position_id) ${isDescending ? "<" : ">"} (?, ?)`);
      values.push(after.value, after.positionId);
    }
    const way = isDescending ? "DESC" : "ASC";
    const sql =
      `SELECT *, ${value} AS sort_value FROM positions WHERE ${terms.join(" AND ")}` +
      ` ORDER BY ${value} ${way}, position_id ${way} LIMIT ?`;
    return this.database
      .query<PositionColumns & { readonly sort_value: number }, Column[]>(sql)
      .all(...values, limit)
      .map((columns) => ({
        row: positions.row(columns),
        key: { value: columns.sort_value, positionId: columns.position_id },
      }));
  }
}

function termsOf({ at, symbol, strategy, exitReason, since, before }: TradeFilter) {
  const terms = [...ended];
  const values: Column[] = [];
  const ask = (term: string, ...given: readonly (Column | undefined)[]) => {
    const known = given.filter((each) => each !== undefined);
    if (known.length < given.length) return;
    terms.push(term);
    values.push(...known);
  };
  ask("venue = ? AND account = ?", at?.venue, at?.account);
  ask("symbol = ?", symbol);
  ask("EXISTS (SELECT 1 FROM json_each(voted_by) WHERE value = ?)", strategy);
  ask("exit_reason = ?", exitReason);
  ask("closed_at >= ?", since);
  ask("closed_at < ?", before);
  return { terms, values };
}
