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
