/** The reading side of a ledger: for the shell, the panel and the verifier. */
import type { Database } from "bun:sqlite";
import type { JournalHead, StoredActor } from "../../actors/runtime/ports.ts";
import { BookQueries, type LedgerCounts } from "./book-queries.ts";
import { openReadOnly } from "./connection.ts";
import { JournalQueries } from "./journal-queries.ts";
import { requireCurrent } from "./migrate.ts";
import { Unpacker } from "./packing.ts";
import { RuntimeQueries } from "./runtime-queries.ts";

/**
 * Reads what is committed, beside a desk that goes on writing. Has no method that writes, and its
 * connection to a file could not.
 */
export class LedgerReader {
  readonly journal: JournalQueries;
  readonly books: BookQueries;
  private readonly runtime: RuntimeQueries;
  private readonly database: Database;
  private readonly ownsConnection: boolean;
  private holders = 0;

  /**
   * @param shared the writer's connection, for a ledger in memory, which no other connection sees.
   * @throws {StoreTooNew} {@link StoreTooOld} {@link StoreUnreadable} if it is not of this schema;
   * SQLite's error if the file cannot be opened.
   */
  constructor(
    readonly path: string,
    shared: Database | null = null,
  ) {
    this.database = shared ?? openReadOnly(path);
    this.ownsConnection = shared === null;
    try {
      requireCurrent(this.database, path);
    } catch (error) {
      this.close();
      throw error;
    }
    this.journal = new JournalQueries(this.database);
    this.books = new BookQueries(this.database);
    this.runtime = new RuntimeQueries(this.database, path, new Unpacker(this.database));
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

  archivedActor(name: string): StoredActor | null {
    return this.runtime.archivedActor(name);
  }

  /** Values that a part beside the actors stored under its own name. */
  state(space: string): ReadonlyMap<string, unknown> {
    return this.runtime.state(space);
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
    if (this.ownsConnection && this.holders === 0) this.database.run("COMMIT");
  }
}
