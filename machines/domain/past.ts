/** What a look into a journal tells: for whoever reads it, and whoever shows it. */
import type { PastTransition } from "./transition.ts";

/** An actor's life in a journal: records, and how many steps it took. */
export interface PastLife {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly steps: number;
}

/** One transition with what its record says around it. */
export interface PastStep {
  readonly seq: number;
  /** Place among the transitions of its record. */
  readonly index: number;
  readonly at: number;
  readonly recordKind: string;
  readonly transition: PastTransition;
  readonly cause: { readonly actor: string; readonly event: string } | null;
}

/** A record in a few words. */
export interface PastEntry {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly subject: string;
  readonly code: string | null;
  readonly correlation: string | null;
  /** The first transition's. */
  readonly event: string | null;
  readonly transitions: number;
  readonly isUndone: boolean;
  readonly actors: readonly string[];
}

/** What records to find; what is left out is not asked for. */
export interface PastFilter {
  readonly kind?: string | undefined;
  readonly subject?: string | undefined;
  readonly actor?: string | undefined;
  readonly event?: string | undefined;
  readonly code?: string | undefined;
  readonly correlation?: string | undefined;
  /** Unix milliseconds of the desk's clock. */
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  readonly before?: number | undefined;
}
