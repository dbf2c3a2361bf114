/** A ledger's sizes, for the operator. */
import type { Database } from "bun:sqlite";
import { statSync } from "node:fs";
import { isInMemory } from "./connection.ts";
import { type LeaseHolder, leaseHolder } from "./lease-row.ts";
import { diskBytesFree, pragmaNumber } from "./space.ts";

const tables = [
  ...["meta", "journal", "segments", "archives", "actors", "archive", "state", "structures"],
  ...["orders", "attempts", "fills", "positions", "postings", "balances"],
] as const;

export interface StoreStats {
  readonly path: string;
  readonly fileBytes: number;
  /** The write-ahead log beside it. */
  readonly walBytes: number;
  readonly pageBytes: number;
  readonly pages: number;
  /** Pages of the file that hold nothing: used again, or given back by `db vacuum`. */
  readonly pagesFree: number;
  /** Of the disk; null for a ledger in memory. */
  readonly diskBytesFree: number | null;
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Records in the journal, first and last; null where it is empty. */
  readonly journal: { readonly firstSeq: number; readonly lastSeq: number } | null;
  readonly segments: { readonly closed: number; readonly archived: number };
  /** Bytes of all archive files together, as they were written. */
  readonly archiveBytes: number;
  readonly lease: LeaseHolder | null;
}

export function storeStats(database: Database, path: string): StoreStats {
  const number = (sql: string): number =>
    database.query<{ value: number }, []>(`SELECT ${sql} AS value`).get()?.value ?? 0;
  const rows = Object.fromEntries(
    tables.map((table) => [table, number(`(SELECT count(*) FROM ${table})`)]),
  );
  const pageBytes = pragmaNumber(database, "page_size");
  const pages = pragmaNumber(database, "page_count");
  const firstSeq = number("(SELECT min(seq) FROM journal)");
  const lastSeq = number("(SELECT max(seq) FROM journal)");
  return {
    path,
    fileBytes: isInMemory(path) ? pages * pageBytes : bytesOf(path),
    walBytes: isInMemory(path) ? 0 : bytesOf(`${path}-wal`),
    pageBytes,
    pages,
    pagesFree: pragmaNumber(database, "freelist_count"),
    diskBytesFree: isInMemory(path) ? null : diskBytesFree(path),
    rows,
    journal: lastSeq === 0 ? null : { firstSeq, lastSeq },
    segments: { closed: rows.segments ?? 0, archived: rows.archives ?? 0 },
    archiveBytes: number("(SELECT coalesce(sum(bytes), 0) FROM archives)"),
    lease: leaseHolder(database),
  };
}

function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
