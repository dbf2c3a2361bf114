/** Why a ledger file could not be opened, read or written. None of these is recoverable. */

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

/** SQLite's name of an error, such as `SQLITE_BUSY`; null if the error is not SQLite's. */
export function sqliteCode(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : null;
}
