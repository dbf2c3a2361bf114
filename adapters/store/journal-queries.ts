/** Reads of the journal: ranges of any length one by one, pages by what they are about. */
import type { Database } from "bun:sqlite";
import type { JournalRecord, Segment } from "../../actors/runtime/ports.ts";
import type { Archive } from "./archive-file.ts";
import { type Column, eachRow } from "./table.ts";

/** What records to list; what is left out is not asked for. */
export interface JournalFilter {
  readonly kind?: string;
  readonly subject?: string;
  readonly correlation?: string;
  readonly code?: string;
  /** Only records that a decision was made in. */
  readonly decisions?: true;
  /** Only records before this sequence: the last one of the page before. */
  readonly before?: number;
}

const filtered = ["kind", "subject", "correlation", "code"] as const;

export class JournalQueries {
  constructor(private readonly database: Database) {}

  /** Records from one sequence to another, both included, oldest first. */
  range(first = 0, last = Number.MAX_SAFE_INTEGER): Iterable<JournalRecord> {
    const sql = "SELECT * FROM journal WHERE seq BETWEEN ? AND ? ORDER BY seq";
    return eachRow<JournalRecord>(this.database, sql, first, last);
  }

  /** Records of one kind after a sequence, oldest first. */
  after(kinds: readonly string[], seq: number): Iterable<JournalRecord> {
    const places = kinds.map(() => "?").join(", ");
    const sql = `SELECT * FROM journal WHERE seq > ? AND kind IN (${places}) ORDER BY seq`;
    return eachRow<JournalRecord>(this.database, sql, seq, ...kinds);
  }

  record(seq: number): JournalRecord | null {
    const sql = "SELECT * FROM journal WHERE seq = ?";
    return this.database.query<JournalRecord, [number]>(sql).get(seq);
  }

  /**
   * Records of a span that belong to nothing by themselves and yet tell of an actor: its lane's bars
   * and what operators asked for. Reads as many rows as the span has.
   */
  mentions(actor: string, lane: string, first: number, last: number): JournalRecord[] {
    const sql =
      "SELECT * FROM journal WHERE seq BETWEEN ? AND ? AND correlation IS NULL" +
      " AND (subject = ? OR kind NOT IN ('bar', 'move')) AND instr(content, ?) > 0 ORDER BY seq";
    return this.database
      .query<JournalRecord, [number, number, string, string]>(sql)
      .all(first, last, lane, JSON.stringify(actor));
  }

  /** The last records, oldest first. */
  tail(limit: number): JournalRecord[] {
    return this.page({}, limit).reverse();
  }

  /** Records that the filter lets through, newest first. */
  page(filter: JournalFilter, limit: number): JournalRecord[] {
    const values: Column[] = [filter.before ?? Number.MAX_SAFE_INTEGER];
    const terms = ["seq < ?"];
    for (const name of filtered) {
      const value = filter[name];
      if (value === undefined) continue;
      terms.push(`${name} = ?`);
      values.push(value);
    }
    if (filter.decisions) terms.push("code IS NOT NULL");
    const sql = `SELECT * FROM journal WHERE ${terms.join(" AND ")} ORDER BY seq DESC LIMIT ?`;
    return this.database.query<JournalRecord, Column[]>(sql).all(...values, limit);
  }

  /** Closed segments, oldest first, whether archived or not. */
  segments(): Iterable<Segment> {
    return eachRow<Segment>(this.database, `${selectSegments} ORDER BY number`);
  }

  /** The oldest closed segment whose records are still in the journal. */
  oldestSegment(): Segment | null {
    const sql =
      `${selectSegments} WHERE number > (SELECT coalesce(max(number), 0) FROM archives)` +
      " ORDER BY number LIMIT 1";
    return this.database.query<Segment, []>(sql).get();
  }

  /** Archived segments, oldest first. */
  archives(): Archive[] {
    const sql = "SELECT number, file, bytes, sha256, decisions FROM archives ORDER BY number";
    return this.database.query<Archive, []>(sql).all();
  }
}

const selectSegments =
  "SELECT number, first_seq AS firstSeq, last_seq AS lastSeq, previous_hash AS previousHash," +
  " head, closed_at AS closedAt FROM segments";
