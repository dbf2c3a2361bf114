/** The row that says who may write the ledger. */
import type { Database } from "bun:sqlite";
import type { ProcessIdentity } from "./process-identity.ts";

/** Who holds, or last held, the lease. */
export interface LeaseHolder extends ProcessIdentity {
  /** Greater with every holder: a commit under an earlier one is refused. */
  readonly token: number;
  /** Wall clock of the holder, Unix milliseconds. */
  readonly acquiredAt: number;
  readonly renewedAt: number;
  readonly durationMs: number;
  /** From then on anyone may take over. */
  readonly expiresAt: number;
  /** When it was given back; null while it is held. */
  readonly releasedAt: number | null;
}

interface LeaseColumns {
  token: number;
  host: string;
  machine_id: string;
  boot_id: string;
  namespace: string;
  pid: number;
  process_started_at: string;
  acquired_at: number;
  renewed_at: number;
  duration_ms: number;
  released_at: number | null;
}

/** Null before the first writer. */
export function leaseHolder(database: Database): LeaseHolder | null {
  const row = database.query<LeaseColumns, []>("SELECT * FROM lease").get();
  if (!row) return null;
  return {
    token: row.token,
    host: row.host,
    machineId: row.machine_id,
    bootId: row.boot_id,
    namespace: row.namespace,
    pid: row.pid,
    startedAt: row.process_started_at,
    acquiredAt: row.acquired_at,
    renewedAt: row.renewed_at,
    durationMs: row.duration_ms,
    expiresAt: row.renewed_at + row.duration_ms,
    releasedAt: row.released_at,
  };
}
