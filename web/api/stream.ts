/**
 * What `GET /api/v1/stream` tells, as server-sent events, each with the journal sequence up to which
 * it has told as its id: `hello` once, then `entries`, `gap`, `strip` and `beat`. It goes on after
 * `Last-Event-ID`, or after `?after=SEQ`, or else from now.
 */

/** A journal record as the stream tells it: enough to know which views it makes stale. */
export interface StreamEntry {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly subject: string;
  readonly code: string | null;
  readonly correlation: string | null;
  /** Actors that made a transition. */
  readonly actors: readonly string[];
}

/** Said first. */
export interface StreamHello {
  /** Of the ledger: another one is another journal, in which sequences mean something else. */
  readonly run: string;
  /** After which sequence the stream goes on. */
  readonly seq: number;
  readonly version: string;
}

/** Records that are not told, both included: too many for the stream to catch up with. */
export interface StreamGap {
  readonly from: number;
  readonly to: number;
  /** In words. */
  readonly reason: string;
}

/** Said at least every two seconds, however quiet the desk is. */
export interface StreamBeat {
  /** The last record that is committed. */
  readonly seq: number;
}
