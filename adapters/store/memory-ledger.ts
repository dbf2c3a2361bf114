import { LRUCache } from "lru-cache";
import type { LedgerHistory, LedgerLookUp } from "../../actors/account/ports.ts";
import type {
  CommitBatch,
  JournalRecord,
  Lease,
  RuntimeStore,
  Stored,
  StoredActor,
} from "../../actors/runtime/ports.ts";
import { ByAccount } from "../../machines/domain/by-account.ts";
import { isZero } from "../../machines/domain/decimal.ts";
import { type LaneName, lanePath, type VenueAccount } from "../../machines/domain/ids.ts";
import type { LedgerChange, OrderRow, Posting } from "../../machines/domain/ledger.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import type { LedgerRows } from "./ledger-head.ts";
import type { AttemptRow, BalanceRow, FillRow } from "./tables.ts";

/** Finished actors that are kept for a fill that comes late. */
const archivedMost = 2_000;

/** In the order in which SQLite gives them: byte by byte; ids of the desk are plain ASCII. */
const inOrder = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

/**
 * The books of a run that nobody will go on with, in memory: orders, fills, positions and postings,
 * as the tables of a ledger file have them. No journal, no snapshots, no state: what would be made
 * of them alone is not made. The desk over it decides and trades as over a file.
 */
export class MemoryLedger implements RuntimeStore, Lease, LedgerLookUp, LedgerHistory, LedgerRows {
  readonly keeps = "books";
  private readonly orders = new Map<string, OrderRow>();
  private readonly orderByClientId = new ByAccount<string>();
  private readonly orderByVenueId = new ByAccount<string>();
  private readonly attempts = new Map<string, AttemptRow[]>();
  private readonly fills = new ByAccount<FillRow>();
  private readonly positions = new Map<string, PositionRow>();
  /** Lines of each entry. */
  private readonly postings = new Map<string, Posting[]>();
  private readonly totals = new ByAccount<BalanceRow>();
  private readonly archive = new LRUCache<string, StoredActor>({ max: archivedMost });

  load(): Stored {
    return { head: { seq: 0, hash: "" }, actors: [] };
  }

  commit({ ledger, archived, revived }: CommitBatch): void {
    for (const change of ledger) this.put(change);
    for (const actor of archived) this.bury(actor);
    for (const name of revived) this.archive.delete(name);
  }

  private put(change: LedgerChange): void {
    switch (change.table) {
      case "orders":
        this.putOrder(change.row);
        return;
      case "attempts":
        this.putAttempt(change.row);
        return;
      case "fills":
        this.fills.set(change.row.venueAccount, change.row.tradeId, change.row);
        return;
      case "positions":
        this.positions.set(change.row.positionId, change.row);
        return;
      case "postings":
        this.putPosting(change.row);
        return;
      case "balances":
        this.totals.set(change.row.at, change.row.coin, change.row);
    }
  }

  private putOrder(row: OrderRow): void {
    const { intent, venueOrderId } = row;
    const known = this.orders.get(intent.intentId)?.venueOrderId;
    this.orders.set(intent.intentId, row);
    if (venueOrderId !== null && venueOrderId !== known) {
      this.orderByVenueId.set(intent.at, venueOrderId, intent.intentId);
    }
  }

  private putAttempt(row: AttemptRow): void {
    const others = this.attempts.get(row.intentId)?.filter(({ number }) => number !== row.number);
    this.attempts.set(row.intentId, others ? [...others, row] : [row]);
    this.orderByClientId.set(row.at, row.clientOrderId, row.intentId);
  }

  private putPosting(row: Posting): void {
    const lines = this.postings.get(row.entryId);
    if (lines) lines[row.line] = row;
    else this.postings.set(row.entryId, [row]);
  }

  private bury(actor: StoredActor): void {
    this.archive.set(actor.name, actor);
  }

  archivedActor(name: string): StoredActor | null {
    return this.archive.get(name) ?? null;
  }

  stateOf(): ReadonlyMap<string, unknown> {
    return new Map();
  }

  recordsAfter(): Iterable<JournalRecord> {
    return [];
  }

  /** Nobody else can write it. */
  holdsLease(): boolean {
    return true;
  }

  hasFill(at: VenueAccount, tradeId: string): boolean {
    return this.fills.has(at, tradeId);
  }

  orderByClientOrderId(at: VenueAccount, clientOrderId: string): OrderRow | null {
    return this.order(this.orderByClientId.get(at, clientOrderId) ?? "");
  }

  orderByVenueOrderId(at: VenueAccount, venueOrderId: string): OrderRow | null {
    return this.order(this.orderByVenueId.get(at, venueOrderId) ?? "");
  }

  order(intentId: string): OrderRow | null {
    return this.orders.get(intentId) ?? null;
  }

  attemptsOf(intentId: string): readonly AttemptRow[] {
    return this.attempts.get(intentId) ?? [];
  }

  ordersOfPosition(positionId: string): readonly OrderRow[] {
    return [...this.orders.values()].filter(({ intent }) => intent.positionId === positionId);
  }

  lastPositionNumber(at: VenueAccount, lane: LaneName): number {
    const prefix = `${lanePath(at, lane)}/`;
    let last = 0;
    for (const { intent } of this.orders.values()) {
      const { positionId } = intent;
      if (!positionId.startsWith(prefix)) continue;
      last = Math.max(last, Number(positionId.slice(prefix.length)) || 0);
    }
    return last;
  }

  position(positionId: string): PositionRow | null {
    return this.positions.get(positionId) ?? null;
  }

  openPositions(): readonly PositionRow[] {
    return [...this.positions.values()].filter(({ state }) => state === "open");
  }

  leftovers(): Iterable<PositionRow> {
    return [...this.positions.values()].filter(
      ({ state, quantity }) => state === "closed" && !isZero(quantity),
    );
  }

  hasEntry(entryId: string): boolean {
    return this.postings.has(entryId);
  }

  balances(): readonly BalanceRow[] {
    return [...this.totals.values()];
  }

  eachOrder(): Iterable<OrderRow> {
    return sorted(this.orders);
  }

  eachFill(): Iterable<FillRow> {
    const byKey = (one: FillRow, other: FillRow) =>
      inOrder(one.venueAccount.venue, other.venueAccount.venue) ||
      inOrder(one.venueAccount.account, other.venueAccount.account) ||
      inOrder(one.tradeId, other.tradeId);
    return [...this.fills.values()].sort(byKey);
  }

  eachPosition(): Iterable<PositionRow> {
    return sorted(this.positions);
  }

  eachPosting(): Iterable<Posting> {
    return sorted(this.postings).flat();
  }
}

function sorted<Row>(rows: ReadonlyMap<string, Row>): Row[] {
  // By code units, as `inOrder` has them.
  return [...rows.keys()].sort().map((key) => rows.get(key) as Row);
}
