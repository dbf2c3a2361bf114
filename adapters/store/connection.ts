/** Connections to a ledger file: one that writes, and any number that only read. */
import { Database } from "bun:sqlite";
import { sqliteCode } from "./errors.ts";

/** How long to insist on a file that another connection has locked. */
export interface BusyPolicy {
  readonly triesMax: number;
  /** Between two tries. The process stands still meanwhile. */
  readonly waitMs: number;
}

/** A tenth of a second: only a second writer holds the lock of a WAL file for longer. */
export const defaultBusyPolicy: BusyPolicy = { triesMax: 20, waitMs: 5 };

export const isInMemory = (path: string): boolean => path === ":memory:";

/** The write-ahead log is cut back to this after a checkpoint, so that one burst does not last. */
const walBytesMax = 64 * 1024 * 1024;

/** Opens or creates the file and changes nothing of it yet. @throws SQLite's error */
export function openWriter(path: string): Database {
  const database = new Database(path, { create: true, readwrite: true, strict: true });
  // Waiting is done by `whenFree`: SQLite's own would hide a second writer.
  database.run("PRAGMA busy_timeout = 0");
  return database;
}

/** Makes every commit reach the disk before it returns. @throws SQLite's error */
export function makeDurable(database: Database, path: string, busy: BusyPolicy): void {
  const mode = whenFree(busy, () =>
    database.query<{ journal_mode: string }, []>("PRAGMA journal_mode = WAL").get(),
  );
  if (mode?.journal_mode !== "wal" && !isInMemory(path)) {
    throw new Error(
      `Cannot open ledger "${path}": its journal mode is "${mode?.journal_mode}", wanted "wal"`,
    );
  }
  database.run("PRAGMA synchronous = FULL");
  database.run("PRAGMA foreign_keys = ON");
  database.run(`PRAGMA journal_size_limit = ${walBytesMax}`);
}

/** Opens an existing file so that nothing can be written through the connection. */
export function openReadOnly(path: string): Database {
  const database = new Database(path, { readonly: true, strict: true });
  // A reader waits only while a file that a crash left behind is being recovered.
  database.run("PRAGMA busy_timeout = 1000");
  return database;
}

/** Runs something again while the file is busy, so many times and no more. @throws what it threw. */
export function whenFree<T>({ triesMax, waitMs }: BusyPolicy, run: () => T): T {
  for (let tries = 1; ; tries++) {
    try {
      return run();
    } catch (error) {
      if (!sqliteCode(error)?.startsWith("SQLITE_BUSY") || tries >= triesMax) throw error;
      Bun.sleepSync(waitMs);
    }
  }
}
