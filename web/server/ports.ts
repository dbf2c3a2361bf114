import type { Desk } from "../../actors/desk/mod.ts";

/** A committed journal record, as the ledger's reader gives it. */
export interface JournalRow {
  readonly seq: number;
  /** Unix milliseconds of the desk's clock. */
  readonly at: number;
  readonly kind: string;
  readonly subject: string;
  readonly code: string | null;
  readonly correlation: string | null;
  /** Canonical JSON. */
  readonly content: string;
  readonly hash: string;
}

/** The committed ledger, as far as the panel reads it. */
export interface PanelLedger {
  readonly journal: {
    range(first?: number, last?: number): Iterable<JournalRow>;
    record(seq: number): JournalRow | null;
  };
}

/** What the panel shows, and what it is told of the process around it. */
export interface PanelOptions {
  readonly desk: Desk;
  /** Reads what is committed, on a connection of its own. */
  readonly ledger: PanelLedger;
  /** The banner's words for the prices: never left out. */
  readonly market: string;
  /** How long this process runs, milliseconds. */
  readonly uptimeMs: () => number;
  readonly version: string;
}
