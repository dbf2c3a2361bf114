/** Looks for damage before anything is written over it. */
import type { Database } from "bun:sqlite";
import type { JournalHead } from "../../actors/runtime/ports.ts";
import { StoreDamaged } from "./errors.ts";

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
  for (const table of checkedTables) {
    const [found] = quickCheck(database, table, 1);
    if (found !== undefined) throw new StoreDamaged(path, `table "${table}": ${found}`);
  }
  const head = database.query<JournalHead, []>("SELECT seq, hash FROM head").get();
  if (!head) throw new StoreDamaged(path, "it has no journal head");
  const last = database
    .query<JournalHead, []>("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")
    .get();
  if (head.seq === (last?.seq ?? 0) && (last === null || last.hash === head.hash)) return;
  const reason = `its journal ends at record ${last?.seq ?? 0}, its head says ${head.seq}`;
  throw new StoreDamaged(path, head.seq === last?.seq ? "its head has another hash" : reason);
}

function quickCheck(database: Database, table: string, limit: number): string[] {
  return findingsOf(database, `PRAGMA quick_check('${table}')`).slice(0, limit);
}

/** Everything that SQLite finds wrong with the whole file, indexes included; empty if sound. */
export function integrityFindings(database: Database): string[] {
  return findingsOf(database, "PRAGMA integrity_check");
}

function findingsOf(database: Database, sql: string): string[] {
  const rows = database.query<Record<string, string>, []>(sql).all();
  const texts = rows.map((row) => Object.values(row)[0] ?? "");
  return texts.filter((text) => text !== "ok");
}
