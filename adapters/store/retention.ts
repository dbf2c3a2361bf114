/**
 * What a ledger keeps, and for how long.
 *
 * | what | kept | bound |
 * | --- | --- | --- |
 * | orders, attempts, fills, positions, postings, balances, meta | always | none: these are the books |
 * | segments, archives | always | a row for each 10,000 records |
 * | structures | always | 1,024 rows |
 * | actors, state | the latest of each | what is live |
 * | journal | the last records, and what a restart needs | {@link keptRecords} and 20,000 more |
 * | archive files | until the operator moves them | none: compressed to a tenth or less |
 * | archive (finished actors) | {@link revivableMs} | what finished within it |
 */
import type { Database } from "bun:sqlite";
import type { Segment } from "../../actors/runtime/ports.ts";
import type { RuntimeQueries } from "./runtime-queries.ts";

/** Records that stay in the journal unless told otherwise: what the panel and shell look into. */
export const keptRecords = 100_000;

/**
 * How long a finished actor can come back to life, by the desk's clock: 30 days. A late fill
 * reaches a desk within hours; one that is later still is booked all the same, without its actor.
 */
export const revivableMs = 30 * 24 * 3_600_000;

/** Where the data plane of each symbol was stored: a restart goes on from there. */
const checkpointSpace = "market";

/** What a restart reads: bars, and moves inside them, that the data plane heard since then. */
const replayedKinds = ["bar", "move"] as const;

/**
 * Why a segment must stay in the journal, in words; null if it need not. A restart replays the
 * bars that came after their symbol's checkpoint, and nothing else of the journal.
 */
export function neededBy(
  database: Database,
  runtime: RuntimeQueries,
  { number, firstSeq, lastSeq }: Segment,
): string | null {
  const checkpoints = runtime.state(checkpointSpace);
  const bars = database
    .query<{ subject: string; seq: number }, [number, number, string, string]>(
      "SELECT subject, max(seq) AS seq FROM journal WHERE seq BETWEEN ? AND ? AND kind IN (?, ?)" +
        " GROUP BY subject ORDER BY subject",
    )
    .all(firstSeq, lastSeq, ...replayedKinds);
  for (const { subject, seq } of bars) {
    const checkpoint = seqOf(checkpoints.get(subject));
    if (checkpoint >= seq) continue;
    const after =
      checkpoint === 0 ? "has no checkpoint yet" : `has its checkpoint at ${checkpoint}`;
    return `a restart needs bar ${seq} of "${subject}", which ${after}: segment ${number} stays`;
  }
  return null;
}

/** What is no checkpoint covers nothing. */
function seqOf(checkpoint: unknown): number {
  const { seq } = (checkpoint ?? {}) as { readonly seq?: unknown };
  return typeof seq === "number" && Number.isSafeInteger(seq) ? seq : 0;
}

/**
 * Drops finished actors whose last record is older than {@link revivableMs} before the head's, and
 * returns how many. An order of a position that is not closed stays as long as that.
 */
export function pruneFinished(database: Database, headSeq: number): number {
  const head = database
    .query<{ at: number }, [number]>("SELECT at FROM journal WHERE seq = ?")
    .get(headSeq);
  if (!head) return 0;
  // The first segment that is too young bounds it: a clock that was set back makes none older.
  const { last } = database
    .query<{ last: number }, [number]>(
      "SELECT coalesce(min(first_seq) - 1, (SELECT coalesce(max(last_seq), 0) FROM segments))" +
        " AS last FROM segments WHERE closed_at > ?",
    )
    .get(head.at - revivableMs) ?? { last: 0 };
  const sql =
    "DELETE FROM archive WHERE seq <= ? AND name NOT IN" +
    " (SELECT 'order:' || intent_id FROM orders JOIN positions USING (position_id)" +
    " WHERE positions.state <> 'closed')";
  return database.query(sql).run(last).changes;
}
