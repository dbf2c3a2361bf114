/** Runs writes to a ledger as transactions: each under the lease, each whole or not at all. */
import type { Database } from "bun:sqlite";
import { type BusyPolicy, whenFree } from "./connection.ts";
import { CommitFailed, LeaseLost } from "./errors.ts";
import { FileWatch } from "./file-watch.ts";
import type { Lease } from "./lease.ts";

export class Transactor {
  private files: FileWatch | null = null;
  private hasFailed = false;

  constructor(
    private readonly database: Database,
    private readonly path: string,
    private readonly busy: BusyPolicy,
    private readonly lease: Lease,
    /** Told of each rollback, so that what is in memory forgets it too. */
    private readonly onRollBack: () => void,
  ) {}

  /** Takes the lease, and from then on watches the file. @throws {LeaseHeld} SQLite's error */
  acquireLease(): void {
    const now = this.lease.now();
    whenFree(this.busy, () => this.database.run("BEGIN IMMEDIATE"));
    try {
      this.lease.acquire(now);
      this.database.run("COMMIT");
    } catch (error) {
      if (this.database.inTransaction) this.database.run("ROLLBACK");
      throw error;
    }
    this.lease.renewed(now);
    this.files = new FileWatch(this.path);
  }

  /**
   * @param isRenewal whether the lease is to be renewed even if that is not due.
   * @throws {CommitFailed} {@link LeaseLost} with nothing written
   */
  transact(write: () => void, isRenewal = false): void {
    const now = this.lease.now();
    let isRenewed = false;
    try {
      whenFree(this.busy, () => this.database.run("BEGIN IMMEDIATE"));
      isRenewed = this.lease.check(now, isRenewal);
      write();
      const missing = this.files?.missing();
      if (missing) throw new Error(`"${missing}" was deleted or replaced`);
      this.database.run("COMMIT");
    } catch (error) {
      this.hasFailed = true;
      const cause = this.rollBack(error);
      throw error instanceof LeaseLost ? error : new CommitFailed(this.path, this.rescue(cause));
    }
    if (isRenewed) this.lease.renewed(now);
  }

  /** Gives the lease back. Where that fails after a failure, the end of this process frees it. */
  releaseLease(): void {
    const hadFailed = this.hasFailed;
    try {
      this.transact(() => this.lease.release(this.lease.now()));
    } catch (error) {
      if (!hadFailed && !(error instanceof LeaseLost)) throw error;
    }
  }

  /** Undoes what is open and returns what to blame: the error, and the rollback's if it failed. */
  private rollBack(error: unknown): unknown {
    try {
      // SQLite rolls back by itself on some errors, a full disk for one.
      if (this.database.inTransaction) this.database.run("ROLLBACK");
      this.onRollBack();
      return error;
    } catch (second) {
      return new AggregateError(
        [error, second],
        `${textOf(error)}; and it could not be rolled back: ${textOf(second)}`,
      );
    }
  }

  /** Where the file is gone: saves what only this process still has, once, and says where. */
  private rescue(cause: unknown): unknown {
    const { files } = this;
    if (!files?.missing()) return cause;
    this.files = null;
    try {
      const copy = files.rescue(this.database);
      return new Error(`${textOf(cause)}; what was committed is saved in "${copy}"`, { cause });
    } catch (second) {
      return new AggregateError(
        [cause, second],
        `${textOf(cause)}; and what was committed could not be saved: ${textOf(second)}`,
      );
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
