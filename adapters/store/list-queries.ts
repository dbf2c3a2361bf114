/** Lists of orders, fills and entries: filtered, newest first, paged by key. */
import type { Database } from "bun:sqlite";
import type { VenueAccount } from "../../machines/domain/ids.ts";
import type { OrderRow, Posting } from "../../machines/domain/ledger.ts";
import { type Column, TableQueries } from "./table.ts";
import { type FillRow, fills, orders, postings } from "./tables.ts";

/** Which rows; what is left out is not asked for. */
export interface ListFilter {
  readonly at?: VenueAccount;
  readonly symbol?: string;
  /** Unix milliseconds, included and excluded. */
  readonly since?: number;
  readonly before?: number;
}

export interface OrderFilter extends ListFilter {
  readonly state?: string;
  readonly role?: string;
}

export interface OrderKey {
  readonly createdAt: number;
  readonly intentId: string;
}

/** A fill, and its place in the order of booking. */
export interface BookedFill {
  readonly row: FillRow;
  readonly place: number;
}

/** What was posted together for something else than a fill. */
export interface EntryKey {
  readonly time: number;
  readonly entryId: string;
}

/** Entry ids of fills begin with `fill/`; the next character after the slash is a zero. */
const notOfFill = "(entry_id < 'fill/' OR entry_id >= 'fill0')";

type FillColumns = Parameters<typeof fills.row>[0];

class Terms {
  readonly terms: string[] = [];
  readonly values: Column[] = [];

  ask(term: string, ...given: readonly (Column | undefined)[]): this {
    const known = given.filter((each) => each !== undefined);
    if (known.length === given.length) {
      this.terms.push(term);
      this.values.push(...known);
    }
    return this;
  }

  get where(): string {
    return this.terms.length === 0 ? "" : `WHERE ${this.terms.join(" AND ")}`;
  }
}

export class ListQueries {
  private readonly orders;
  private readonly postings;

  constructor(private readonly database: Database) {
    this.orders = new TableQueries(database, orders);
    this.postings = new TableQueries(database, postings);
  }

  /** Orders, the newest intent first. */
  ordersPage(filter: OrderFilter, after: OrderKey | null, limit: number): OrderRow[] {
    const { at, symbol, state, role, since, before } = filter;
    const by = new Terms()
      .ask("venue = ? AND account = ?", at?.venue, at?.account)
      .ask("symbol = ?", symbol)
      .ask("state = ?", state)
      .ask("role = ?", role)
      .ask("created_at >= ?", since)
      .ask("created_at < ?", before)
      .ask("(created_at, intent_id) < (?, ?)", after?.createdAt, after?.intentId);
    const order = "ORDER BY created_at DESC, intent_id DESC LIMIT ?";
    return this.orders.list(`${by.where} ${order}`, ...by.values, limit);
  }

  /** Fills, the last booked first. */
  fillsPage(filter: ListFilter, after: number | null, limit: number): BookedFill[] {
    const { at, symbol, since, before } = filter;
    const by = new Terms()
      .ask("venue = ? AND account = ?", at?.venue, at?.account)
      .ask("symbol = ?", symbol)
      .ask("at >= ?", since)
      .ask("at < ?", before)
      .ask("rowid < ?", after ?? undefined);
    const sql = `SELECT *, rowid AS place FROM fills ${by.where} ORDER BY rowid DESC LIMIT ?`;
    return this.database
      .query<FillColumns & { readonly place: number }, Column[]>(sql)
      .all(...by.values, limit)
      .map(({ place, ...columns }) => ({ row: fills.row(columns), place }));
  }

  /** Lines of the entries that no fill made, the newest entry first: openings, adjustments. */
  otherEntries(filter: ListFilter, after: EntryKey | null, limit: number): Posting[][] {
    const { at, since, before } = filter;
    const by = new Terms()
      .ask(notOfFill)
      .ask("line = 0")
      .ask("venue = ? AND venue_account = ?", at?.venue, at?.account)
      .ask("time >= ?", since)
      .ask("time < ?", before)
      .ask("(time, entry_id) < (?, ?)", after?.time, after?.entryId);
    const order = "ORDER BY time DESC, entry_id DESC LIMIT ?";
    const first = this.postings.list(`${by.where} ${order}`, ...by.values, limit);
    return first.map(({ entryId }) =>
      this.postings.list("WHERE entry_id = ? ORDER BY line", entryId),
    );
  }

  /** Lines after one entry's last, whole entries, in the order of their ids. */
  postingsAfter(entryId: string, limit: number): Posting[] {
    const part = this.postings.list(
      "WHERE entry_id > ? ORDER BY entry_id, line LIMIT ?",
      entryId,
      limit,
    );
    const last = part.at(-1)?.entryId;
    if (part.length < limit || last === undefined) return part;
    // The last one may be cut: it is read whole.
    const whole = part.filter((each) => each.entryId !== last);
    return [...whole, ...this.postings.list("WHERE entry_id = ? ORDER BY line", last)];
  }
}
