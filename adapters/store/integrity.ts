/** Looks for damage before anything is written over it. */
import type { Database } from "bun:sqlite";
import type { JournalHead } from "../../actors/runtime/ports.ts";
import { StoreDamaged, sqliteCode } from "./errors.ts";

/**
 * All that a start reads, and all of the books. The journal, which is far the largest, is left to
 * `journal verify`: only its end is looked at.
 */
const checkedTables = [
  ...["meta", "segments", "head", "structures", "actors", "archive", "state", "lease", "archives"],
  ...["orders", "attempts", "fills", "positions", "postings", "balances"],
] as const;

/** @throws {StoreDamaged} naming the first damage found; SQLite's error if it cannot even look */
export function requireSound(database: Database, path: string): void {
  // Another desk may be writing: all of this is about one state of the file.
  database.run("BEGIN");
  try {
    requireSoundTables(database, path);
    requireEnd(database, path);
  } finally {
    if (database.inTransaction) database.run("ROLLBACK");
  }
}

/** A file of an earlier schema has fewer of them. */
function requireSoundTables(database: Database, path: string): void {
  const isThere = database.query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
  for (const table of checkedTables) {
    if (isThere.get(table) === null) continue;
    const [found] = findingsOf(database, `PRAGMA quick_check('${table}')`);
    if (found !== undefined) throw new StoreDamaged(path, `table "${table}": ${found}`);
  }
}

function requireEnd(database: Database, path: string): void {
  const head = database.query<JournalHead, []>("SELECT seq, hash FROM head").get();
  if (!head) throw new StoreDamaged(path, "it has no journal head");
  const last = database
    .query<JournalHead, []>("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")
    .get();
  const lastSeq = last?.seq ?? 0;
  if (head.seq !== lastSeq) {
    throw new StoreDamaged(
      path,
      `its journal ends at record ${lastSeq}, its head says ${head.seq}`,
    );
  }
  if (last && last.hash !== head.hash) {
    throw new StoreDamaged(path, `record ${lastSeq}, its last, has another hash than its head`);
  }
}

/** Everything that SQLite finds wrong with the whole file, indexes included; empty if sound. */
export function integrityFindings(database: Database): string[] {
  try {
    return findingsOf(database, "PRAGMA integrity_check");
  } catch (error) {
    // Some damage ends the check itself.
    if (!(error instanceof Error) || !sqliteCode(error)?.startsWith("SQLITE_CORRUPT")) throw error;
    return [error.message];
  }
}

function findingsOf(database: Database, sql: string): string[] {
  const rows = database.query<Record<string, string>, []>(sql).all();
  const texts = rows.map((row) => Object.values(row)[0] ?? "");
  return texts.filter((text) => text !== "ok");
}
