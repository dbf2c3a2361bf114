/** How much room a ledger has left. */
import type { Database } from "bun:sqlite";
import { statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { isInMemory } from "./connection.ts";

type PageCount = "page_count" | "max_page_count" | "freelist_count" | "page_size";

export function pragmaNumber(database: Database, name: PageCount): number {
  const row = database.query<Record<string, number>, []>(`PRAGMA ${name}`).get();
  return row?.[name] ?? 0;
}

/** Commits that would need more pages fail as on a full disk. */
export function limitPages(database: Database, pagesMax: number): void {
  database.run(`PRAGMA max_page_count = ${Math.trunc(pagesMax)}`);
}

/** Bytes free to others than the superuser on the disk that holds the file. */
export function diskBytesFree(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(resolve(path)));
  return bavail * bsize;
}

/** What fits before a commit fails: the disk's free bytes, or the pages left to the file. */
export function freeBytes(database: Database, path: string): number {
  const size = pragmaNumber(database, "page_size");
  const left = pragmaNumber(database, "max_page_count") - pragmaNumber(database, "page_count");
  const inFile = (left + pragmaNumber(database, "freelist_count")) * size;
  return isInMemory(path) ? inFile : Math.min(inFile, diskBytesFree(path));
}
