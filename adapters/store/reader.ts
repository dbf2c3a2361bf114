/** The reading side of a ledger: for the shell, the panel and the verifier. */
import type { Database } from "bun:sqlite";
import type { JournalHead, JournalRecord, StoredActor } from "../../actors/runtime/ports.ts";
import { type Archive, linesOf, recordsOf } from "./archive-file.ts";
import { BookQueries, type LedgerCounts } from "./book-queries.ts";
import { openReadOnly } from "./connection.ts";
import { openFailure } from "./errors.ts";
import { integrityFindings } from "./integrity.ts";
import { JournalQueries } from "./journal-queries.ts";
import { type LeaseHolder, leaseHolder } from "./lease-row.ts";
import { ListQueries } from "./list-queries.ts";
import { requireCurrent } from "./migrate.ts";
import { Unpacker } from "./packing.ts";
import { RuntimeQueries } from "./runtime-queries.ts";
import { type StoreStats, storeStats } from "./stats.ts";
import { TradeQueries } from "./trade-queries.ts";

/**
 * Reads what is committed, beside a desk that goes on writing. Has no method that writes, and its
 * connection to a file could not.
 */
export class LedgerReader {
  readonly journal: JournalQueries;
  readonly books: BookQueries;
  readonly lists: ListQueries;
  readonly trades: TradeQueries;
  private readonly runtime: RuntimeQueries;
  private readonly database: Database;
  private readonly ownsConnection: boolean;
  private holders = 0;

  /**
   * @param shared the writer's connection, for a ledger in memory, which no other connection sees.
   * @throws {StoreTooNew} {@link StoreTooOld} {@link StoreUnreadable} {@link StoreDamaged} if it
   * cannot be opened, or is not of this schema.
   */
  constructor(
    readonly path: string,
    shared: Database | null = null,
  ) {
    this.database = shared ?? opened(path);
    this.ownsConnection = shared === null;
    this.journal = new JournalQueries(this.database);
    this.books = new BookQueries(this.database);
    this.lists = new ListQueries(this.database);
    this.trades = new TradeQueries(this.database);
    this.runtime = new RuntimeQueries(this.database, path, new Unpacker(this.database));
    try {
      requireCurrent(this.database, path);
      // The first look into a table finds a schema that is damaged.
      this.runtime.head();
    } catch (error) {
      this.close();
      throw openFailure(path, error, "read");
    }
  }

  /** Where the store says that the journal ends; seq 0 and 64 zeros before the first record. */
  head(): JournalHead {
    return this.runtime.head();
  }

  counts(): LedgerCounts {
    return this.books.counts();
  }

  /** The run's configuration and whatever else was noted when the ledger was made. */
  meta(): ReadonlyMap<string, string> {
    const sql = "SELECT key, value FROM meta ORDER BY key";
    const rows = this.database.query<{ key: string; value: string }, []>(sql).all();
    return new Map(rows.map(({ key, value }) => [key, value]));
  }

  /** Live actors as of the last commit. */
  actors(): readonly StoredActor[] {
    return this.runtime.actors();
  }

  /** One live actor as of the last commit. */
  liveActor(name: string): StoredActor | null {
    return this.runtime.liveActor(name);
  }

  archivedActor(name: string): StoredActor | null {
    return this.runtime.archivedActor(name);
  }

  /** Values that a part beside the actors stored under its own name. */
  state(space: string): ReadonlyMap<string, unknown> {
    return this.runtime.state(space);
  }

  /** Who may write, or last did; null before the first writer. */
  lease(): LeaseHolder | null {
    return leaseHolder(this.database);
  }

  /**
   * The journal from its first record on, archived segments included, one segment in memory.
   *
   * @throws {ArchiveUnreadable} on the way, where a file is missing or changed.
   */
  *history(): Iterable<JournalRecord> {
    for (const archive of this.journal.archives()) yield* recordsOf(this.path, archive);
    yield* this.journal.range();
  }

  /** The records of one archived segment. @throws {ArchiveUnreadable} */
  archivedRecords(archive: Archive): Iterable<JournalRecord> {
    return recordsOf(this.path, archive);
  }

  /** The same as the JSON of each: for who wants few of them. @throws {ArchiveUnreadable} */
  archivedLines(archive: Archive): Iterable<string> {
    return linesOf(this.path, archive);
  }

  /** Everything that is wrong with the file's pages and indexes; reads all of it. */
  integrityFindings(): string[] {
    return integrityFindings(this.database);
  }

  /** Sizes, rows and room left. */
  stats(): StoreStats {
    return this.atOnce(() => storeStats(this.database, this.path));
  }

  /** Runs several reads on one state of the file, whatever is committed meanwhile. */
  atOnce<T>(read: () => T): T {
    this.hold();
    try {
      return read();
    } finally {
      this.release();
    }
  }

  /** As {@link atOnce}, for as long as the items are being taken; the log grows meanwhile. */
  *eachAtOnce<T>(items: () => Iterable<T>): Iterable<T> {
    this.hold();
    try {
      yield* items();
    } finally {
      this.release();
    }
  }

  /** As {@link atOnce}, until it is disposed: for reads that let others work in between. */
  held(): Disposable {
    this.hold();
    return { [Symbol.dispose]: () => this.release() };
  }

  close(): void {
    if (this.ownsConnection) this.database.close(true);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private hold(): void {
    // On the writer's connection a transaction would be the writer's.
    if (this.ownsConnection && this.holders === 0) this.database.run("BEGIN");
    this.holders += 1;
  }

  private release(): void {
    this.holders -= 1;
    if (!this.ownsConnection || this.holders > 0) return;
    // Some damage ends the transaction by itself, and cannot be committed; nothing was written.
    if (this.database.inTransaction) this.database.run("ROLLBACK");
  }
}

function opened(path: string): Database {
  try {
    return openReadOnly(path);
  } catch (error) {
    throw openFailure(path, error, "read");
  }
}
