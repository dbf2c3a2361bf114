/**
 * Why a ledger file could not be opened, read or written. None of these is recoverable: a start is
 * refused, or the desk ends and its next start is braked until the ledger can be written.
 *
 * | what happens | outcome | nothing lost because |
 * | --- | --- | --- |
 * | file locked by another connection | tried again for 0.1 s, then {@link CommitFailed} | rolled back |
 * | disk full, or `pagesMax` reached | {@link CommitFailed}; `freeBytes()` warns before | rolled back |
 * | disk full, or file locked, when opened | {@link StoreNotWritable} | nothing was begun |
 * | write or sync fails (EIO) | {@link CommitFailed} | at most the refused commit is there too |
 * | file or folder is read-only | {@link StoreNotWritable} | nothing was begun |
 * | pages of the books or actors damaged | {@link StoreDamaged} when opened | never written over |
 * | pages of the journal damaged | found by `journal verify`; archiving refuses | never written over |
 * | bytes of a journal record changed | found by `journal verify`, by the hash chain | |
 * | log (`-wal`) left behind by a crash | recovered when opened | every commit was synced |
 * | log cut inside its last transaction | that one is gone, it was never acknowledged | |
 * | log cut further back | opens at an earlier commit: shows by `journal verify --head` only | |
 * | file or log deleted or replaced under the desk | {@link CommitFailed}; a copy is left in `.rescued` | the open file still has it |
 * | clock set back | journal takes any time; a lease in the future is not expired | hash chain has no clock |
 * | not a database, or that of something else | {@link StoreUnreadable}, file untouched | |
 * | written by newer code | {@link StoreTooNew}, file untouched | |
 * | a migration fails | SQLite's error; file as before, its copy in `.vN.bak` | one transaction |
 * | another desk holds the lease | {@link LeaseHeld} | |
 * | a desk stopped inside a commit | {@link StoreNotWritable} for others, until it ends | SQLite's lock |
 * | another desk took the lease | {@link LeaseLost}, nothing is sent any more | token in every commit |
 */
import type { LeaseHolder } from "./lease-row.ts";

/** The file was written by a newer version of the desk: an older one could only damage it. */
export class StoreTooNew extends Error {
  override readonly name = "StoreTooNew";
  constructor(
    readonly path: string,
    readonly version: number,
    readonly wanted: number,
  ) {
    super(
      `Cannot open ledger "${path}": its schema is version ${version}, wanted ${wanted} or less`,
    );
  }
}

/** The file needs migrating, which only its writer does. */
export class StoreTooOld extends Error {
  override readonly name = "StoreTooOld";
  constructor(
    readonly path: string,
    readonly version: number,
    readonly wanted: number,
  ) {
    super(
      `Cannot read ledger "${path}": its schema is version ${version}, wanted ${wanted}: start the desk on it once`,
    );
  }
}

/** The file is no ledger, or holds something that a ledger cannot hold. */
export class StoreUnreadable extends Error {
  override readonly name = "StoreUnreadable";
  constructor(
    readonly path: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`Cannot read ledger "${path}": ${reason}`, options);
  }
}

/** The file's pages do not fit together: to go on writing could only make it worse. */
export class StoreDamaged extends Error {
  override readonly name = "StoreDamaged";
  constructor(
    readonly path: string,
    /** What SQLite, or a look at the journal's end, found. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `Cannot use ledger "${path}": it is damaged: ${reason}. Keep a copy of it, "-wal" file included, ` +
        'and put back the latest good one; "novactor ledger export" and "novactor journal verify" ' +
        "read what can still be read",
      options,
    );
  }
}

/** The file cannot be opened for writing: a lock, a right, a full disk, or a failing one. */
export class StoreNotWritable extends Error {
  override readonly name = "StoreNotWritable";
  constructor(
    readonly path: string,
    /** SQLite's name of it, such as `SQLITE_READONLY`. */
    readonly code: string,
    cause: Error,
  ) {
    super(`Cannot open ledger "${path}" for writing: ${cause.message}`, { cause });
  }
}

/** Nothing of the batch was made durable. What is in memory is not to be trusted any more. */
export class CommitFailed extends Error {
  override readonly name = "CommitFailed";
  /** SQLite's name of it, such as `SQLITE_BUSY` or `SQLITE_FULL`; null if SQLite was not asked. */
  readonly code: string | null;
  constructor(
    readonly path: string,
    cause: unknown,
  ) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot commit to ledger "${path}": ${reason}`, { cause });
    this.code = sqliteCode(cause);
  }
}

/** Another desk writes this ledger, or nobody can say that it does not. */
export class LeaseHeld extends Error {
  override readonly name = "LeaseHeld";
  constructor(
    readonly path: string,
    readonly holder: LeaseHolder,
  ) {
    const until = new Date(holder.expiresAt).toISOString();
    super(
      `Cannot open ledger "${path}" for writing: process ${holder.pid} on host "${holder.host}" ` +
        `holds its lease, until ${until} unless it renews it`,
    );
  }
}

/** Another desk took over: this one must send nothing more, and end. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
  constructor(
    readonly path: string,
    /** Who holds it now; null if nothing says. */
    readonly holder: LeaseHolder | null,
  ) {
    const by = holder ? `process ${holder.pid} on host "${holder.host}"` : "someone else";
    super(`Cannot write ledger "${path}" any more: ${by} took over its lease`);
  }
}

/** Records were left in the journal, for what was to hold them in their stead could not be made. */
export class ArchiveFailed extends Error {
  override readonly name = "ArchiveFailed";
  constructor(
    readonly path: string,
    readonly segment: number,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`Cannot archive segment ${segment} of ledger "${path}": ${reason}`, options);
  }
}

/** A file of archived records is missing, or is not what the ledger says of it. */
export class ArchiveUnreadable extends Error {
  override readonly name = "ArchiveUnreadable";
  constructor(
    readonly path: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`Cannot read archive "${path}": ${reason}`, options);
  }
}

/** SQLite's name of an error, such as `SQLITE_BUSY`; null if the error is not SQLite's. */
export function sqliteCode(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : null;
}

/** What an error of SQLite's while opening means for the ledger; other errors as they are. */
export function openFailure(path: string, error: unknown, purpose: "read" | "write"): unknown {
  const code = sqliteCode(error);
  if (code === null || !(error instanceof Error)) return error;
  if (code.startsWith("SQLITE_CORRUPT")) {
    return new StoreDamaged(path, error.message, { cause: error });
  }
  if (code === "SQLITE_NOTADB" || purpose === "read") {
    return new StoreUnreadable(path, error.message, { cause: error });
  }
  const isRefusal = /^SQLITE_(BUSY|READONLY|CANTOPEN|PERM|AUTH|FULL|IOERR)/.test(code);
  return isRefusal ? new StoreNotWritable(path, code, error) : error;
}
