/** The writing side of a ledger: one file, one connection, one transaction per commit. */
import type { Database } from "bun:sqlite";
import type {
  CommitBatch,
  JournalHead,
  JournalRecord,
  Reached,
  RuntimeStore,
  Stored,
  StoredActor,
} from "../../actors/runtime/ports.ts";
import { BatchWriter } from "./batch-writer.ts";
import {
  type BusyPolicy,
  defaultBusyPolicy,
  isInMemory,
  openWriter,
  whenFree,
} from "./connection.ts";
import { CommitFailed } from "./errors.ts";
import { JournalQueries } from "./journal-queries.ts";
import { migrate } from "./migrate.ts";
import { Packer, Unpacker } from "./packing.ts";
import { LedgerReader } from "./reader.ts";
import { RuntimeQueries } from "./runtime-queries.ts";

export interface LedgerOptions {
  readonly busy?: BusyPolicy;
  /** Told of `commit.inside`: everything is written, nothing of it is committed. */
  readonly reached?: Reached;
}

/** A ledger file that is open for writing; `:memory:` for one that is kept nowhere. */
export class Ledger implements RuntimeStore {
  private readonly database: Database;
  private readonly busy: BusyPolicy;
  private readonly reached: Reached;
  private readonly packer: Packer;
  private readonly batches: BatchWriter;
  private readonly journal: JournalQueries;
  private readonly runtime: RuntimeQueries;
  private head: JournalHead;

  /**
   * Opens the file, creates it if there is none, and migrates it.
   *
   * @throws {StoreTooNew} {@link StoreUnreadable} if it is not a ledger that this code can write;
   * SQLite's error if it cannot be opened or stays busy.
   */
  constructor(
    readonly path: string,
    options: LedgerOptions = {},
  ) {
    this.busy = options.busy ?? defaultBusyPolicy;
    this.reached = options.reached ?? (() => {});
    this.database = openWriter(path, this.busy);
    try {
      whenFree(this.busy, () => migrate(this.database, path));
      this.packer = new Packer(this.database);
      this.batches = new BatchWriter(this.database, this.packer);
      this.journal = new JournalQueries(this.database);
      this.runtime = new RuntimeQueries(this.database, path, new Unpacker(this.database));
      this.head = this.runtime.head();
    } catch (error) {
      this.database.close(true);
      throw error;
    }
  }

  load(): Stored {
    return { head: this.runtime.head(), actors: this.runtime.actors() };
  }

  /** @throws {CommitFailed} if anything of it could not be made durable; then nothing of it was. */
  commit(batch: CommitBatch): void {
    const last = batch.records.at(-1);
    this.transact(() => {
      this.requireHead();
      this.batches.write(batch, this.head);
      this.reached("commit.inside");
    });
    if (last) this.head = { seq: last.seq, hash: last.hash };
  }

  /**
   * Notes what the ledger is about: the run's configuration, its hash, when it was made.
   *
   * @throws {CommitFailed} as {@link commit} does.
   */
  writeMeta(entries: Readonly<Record<string, string>>): void {
    const sql =
      "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    this.transact(() => {
      for (const [key, value] of Object.entries(entries)) this.database.query(sql).run(key, value);
    });
  }

  archivedActor(name: string): StoredActor | null {
    return this.runtime.archivedActor(name);
  }

  stateOf(space: string): ReadonlyMap<string, unknown> {
    return this.runtime.state(space);
  }

  recordsAfter(kind: string, seq: number): Iterable<JournalRecord> {
    return this.journal.after(kind, seq);
  }

  /** A reader of this ledger, on a connection of its own where there can be one. */
  reader(): LedgerReader {
    return new LedgerReader(this.path, isInMemory(this.path) ? this.database : null);
  }

  close(): void {
    this.database.close(true);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** A second writer would have moved the journal on; what is in memory is then of no worth. */
  private requireHead(): void {
    const { seq, hash } = this.runtime.head();
    if (seq === this.head.seq && hash === this.head.hash) return;
    throw new Error(
      `the journal ends at record ${seq}, wanted ${this.head.seq}: someone else wrote`,
    );
  }

  private transact(write: () => void): void {
    try {
      whenFree(this.busy, () => this.database.run("BEGIN IMMEDIATE"));
      write();
      this.database.run("COMMIT");
    } catch (error) {
      throw new CommitFailed(this.path, this.rollBack(error));
    }
  }

  /** Undoes what is open and returns what to blame: the error, and the rollback's if it failed. */
  private rollBack(error: unknown): unknown {
    try {
      // SQLite rolls back by itself on some errors, a full disk for one.
      if (this.database.inTransaction) this.database.run("ROLLBACK");
      this.packer.reset();
      return error;
    } catch (second) {
      const text = error instanceof Error ? error.message : String(error);
      return new AggregateError([error, second], `${text}; and it could not be rolled back`);
    }
  }
}
