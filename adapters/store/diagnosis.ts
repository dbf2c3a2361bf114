/** What `novactor doctor` asks of SQLite itself. */
import { Database } from "bun:sqlite";
import { openReadOnly } from "./connection.ts";

/** The version of the SQLite that comes with Bun. */
export function sqliteVersion(): string {
  using database = new Database(":memory:");
  const row = database.query<{ version: string }, []>("SELECT sqlite_version() AS version").get();
  return row?.version ?? "";
}

/**
 * What SQLite finds wrong with a file's pages; empty if nothing. Looks at every page, but not
 * whether each index says what its table does.
 *
 * @throws SQLite's error if the file cannot be opened, or is damaged beyond looking.
 */
export function quickCheck(path: string): string[] {
  using database = openReadOnly(path);
  const rows = database.query<{ quick_check: string }, []>("PRAGMA quick_check").all();
  return rows.map(({ quick_check }) => quick_check).filter((text) => text !== "ok");
}
