/** The writing side of a ledger: one file, one connection, one transaction per commit. */
import type { Database } from "bun:sqlite";
import type {
  CommitBatch,
  JournalHead,
  JournalRecord,
  Lease as LeasePort,
  Reached,
  RuntimeStore,
  Stored,
  StoredActor,
} from "../../actors/runtime/ports.ts";
import { type ArchiveOptions, Archiver, type ArchiveStep } from "./archiver.ts";
import { BatchWriter } from "./batch-writer.ts";
import {
  type BusyPolicy,
  defaultBusyPolicy,
  isInMemory,
  makeDurable,
  openWriter,
  whenFree,
} from "./connection.ts";
import { LeaseLost, openFailure, StoreTooNew } from "./errors.ts";
import { requireSound } from "./integrity.ts";
import { JournalQueries } from "./journal-queries.ts";
import { Lease, type LeaseOptions } from "./lease.ts";
import { migrate, versionOf } from "./migrate.ts";
import { leaseVersion, migrations } from "./migrations/index.ts";
import { Packer, Unpacker } from "./packing.ts";
import { LedgerReader } from "./reader.ts";
import { RuntimeQueries } from "./runtime-queries.ts";
import { freeBytes, limitPages } from "./space.ts";
import { Transactor } from "./transactor.ts";

export interface LedgerOptions {
  readonly busy?: BusyPolicy;
  /** Told of `commit.inside`: everything is written, nothing of it is committed. */
  readonly reached?: Reached;
  readonly lease?: LeaseOptions;
  /** The most pages of 4096 bytes that the file may have; as many as the disk takes unless told. */
  readonly pagesMax?: number;
}

/** A ledger file that is open for writing; `:memory:` for one that is kept nowhere. */
export class Ledger implements RuntimeStore, LeasePort {
  private readonly database: Database;
  private readonly busy: BusyPolicy;
  private readonly reached: Reached;
  private readonly lease: Lease;
  private readonly transactor: Transactor;
  private readonly batches: BatchWriter;
  private readonly journal: JournalQueries;
  private readonly runtime: RuntimeQueries;
  private readonly archiver: Archiver;
  private head: JournalHead;
  private isClosed = false;

  /**
   * Opens the file, creates it if there is none, looks for damage, takes the lease and migrates.
   *
   * @throws {LeaseHeld} if another process may still write it; {@link StoreTooNew}
   * {@link StoreUnreadable} {@link StoreDamaged} {@link StoreNotWritable} as `errors.ts` says;
   * SQLite's error if a migration fails.
   */
  constructor(
    readonly path: string,
    options: LedgerOptions = {},
  ) {
    this.busy = options.busy ?? defaultBusyPolicy;
    this.reached = options.reached ?? (() => {});
    let database: Database | null = null;
    try {
      database = openWriter(path);
      this.database = database;
      this.lease = new Lease(database, path, options.lease);
      let packer: Packer | null = null;
      this.transactor = new Transactor(database, path, this.busy, this.lease, () =>
        packer?.reset(),
      );
      this.takeOver(options);
      packer = new Packer(database);
      this.batches = new BatchWriter(database, packer);
      this.journal = new JournalQueries(database);
      this.runtime = new RuntimeQueries(database, path, new Unpacker(database));
      this.archiver = new Archiver(database, path, this.transactor);
      this.head = this.runtime.head();
    } catch (error) {
      database?.close(true);
      throw openFailure(path, error, "write");
    }
  }

  load(): Stored {
    return { head: this.runtime.head(), actors: this.runtime.actors() };
  }

  /**
   * @throws {CommitFailed} if anything of it could not be made durable; then nothing of it was.
   * {@link LeaseLost} if another process writes the ledger now.
   */
  commit(batch: CommitBatch): void {
    const last = batch.records.at(-1);
    this.transactor.transact(() => {
      this.requireHead();
      this.batches.write(batch, this.head);
      this.reached("commit.inside");
    });
    if (last) this.head = { seq: last.seq, hash: last.hash };
  }

  /**
   * Notes what the ledger is about: the run's configuration, its hash, when it was made.
   *
   * @throws as {@link commit} does.
   */
  writeMeta(entries: Readonly<Record<string, string>>): void {
    const sql =
      "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    this.transactor.transact(() => {
      for (const [key, value] of Object.entries(entries)) this.database.query(sql).run(key, value);
    });
  }

  /**
   * Whether this process may send anything to the outside. Costs nothing while the lease was
   * renewed lately; otherwise it is renewed first.
   *
   * @throws {CommitFailed} if the file cannot be written.
   */
  holdsLease(): boolean {
    if (this.lease.isFresh()) return true;
    try {
      this.renew();
      return true;
    } catch (error) {
      if (error instanceof LeaseLost) return false;
      throw error;
    }
  }

  /** Renews the lease, as commits do: for a desk that has nothing to commit. @throws as they do */
  renew(): void {
    this.transactor.transact(() => {}, true);
  }

  /** Bytes that can still be written before a commit fails: a low-disk brake's warning. */
  freeBytes(): number {
    return freeBytes(this.database, this.path);
  }

  /**
   * Moves the oldest segment that nobody needs from the journal to a file, one a call: it takes
   * some tenths of a second, in which the process does nothing else.
   *
   * @throws {ArchiveFailed} if the file could not be written and read again, or the segment's
   * records are not what was journaled; otherwise as {@link commit} does.
   */
  archiveOldest(options: ArchiveOptions): ArchiveStep {
    return this.archiver.archiveOldest(options, this.head.seq);
  }

  /**
   * Drops finished actors that no late fill can be expected for any more. @returns how many
   *
   * @throws as {@link commit} does.
   */
  pruneActors(): number {
    return this.archiver.pruneActors(this.head.seq);
  }

  /** Gives free pages back to the disk. No one else may read meanwhile. @throws SQLite's error */
  vacuum(): void {
    this.renew();
    whenFree(this.busy, () => this.database.run("VACUUM"));
    this.database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  archivedActor(name: string): StoredActor | null {
    return this.runtime.archivedActor(name);
  }

  stateOf(space: string): ReadonlyMap<string, unknown> {
    return this.runtime.state(space);
  }

  recordsAfter(kinds: readonly string[], seq: number): Iterable<JournalRecord> {
    return this.journal.after(kinds, seq);
  }

  /** A reader of this ledger, on a connection of its own where there can be one. */
  reader(): LedgerReader {
    return new LedgerReader(this.path, isInMemory(this.path) ? this.database : null);
  }

  /** Gives the lease back. @throws {CommitFailed} if that fails, and nothing had failed before */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    try {
      this.transactor.releaseLease();
    } finally {
      this.database.close(true);
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Nothing of the file is changed before it is known to be a sound ledger of nobody else's. */
  private takeOver({ pagesMax }: LedgerOptions): void {
    const { database, path, busy } = this;
    const version = whenFree(busy, () => versionOf(database, path));
    if (version > migrations.length) throw new StoreTooNew(path, version, migrations.length);
    if (version > 0) whenFree(busy, () => requireSound(database, path));
    makeDurable(database, path, busy);
    if (pagesMax !== undefined) limitPages(database, pagesMax);
    // An older desk may be running: its file is not migrated under its feet.
    if (version >= leaseVersion) this.transactor.acquireLease();
    whenFree(busy, () => migrate(database, path));
    if (version < leaseVersion) this.transactor.acquireLease();
  }

  /** A second writer would have moved the journal on; what is in memory is then of no worth. */
  private requireHead(): void {
    const { seq, hash } = this.runtime.head();
    if (seq === this.head.seq && hash === this.head.hash) return;
    throw new Error(
      `the journal ends at record ${seq}, wanted ${this.head.seq}: someone else wrote`,
    );
  }
}
