/** The committed books as the panel reads them: lists by key, and never a table whole at once. */
import type { Fill } from "../../machines/domain/fill.ts";
import type { VenueAccount } from "../../machines/domain/ids.ts";
import type { OrderRow, Posting } from "../../machines/domain/ledger.ts";
import type { Attempt } from "../../machines/domain/order.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import type { JournalRow } from "./ports.ts";

export type FillEntry = Fill & { readonly intentId: string; readonly venueAccount: VenueAccount };

/** Which rows; what is left out is not asked for. Times in Unix milliseconds, `before` excluded. */
export interface RowFilter {
  readonly at?: VenueAccount;
  readonly symbol?: string;
  readonly since?: number;
  readonly before?: number;
}

/** Round trips by their end. */
export interface TripFilter extends RowFilter {
  readonly strategy?: string;
  readonly exitReason?: string;
}

export interface TripKey {
  readonly value: number;
  readonly positionId: string;
}

export interface TripPage {
  readonly sorting: "closed" | "opened" | "duration" | "pnl" | "share" | "fees";
  readonly isDescending: boolean;
  readonly after: TripKey | null;
  readonly limit: number;
}

/** How far a check of the whole books is, and what it found. */
export interface BooksCheck {
  readonly state: "never" | "running" | "done" | "failed";
  readonly done: number;
  readonly of: number;
  readonly error: string | null;
  readonly result: {
    readonly journalSeq: number;
    readonly ledgerHead: string;
    readonly entries: number;
    readonly postings: number;
    /** Ids of the first entries whose lines do not come to zero. */
    readonly unbalanced: readonly string[];
    readonly trial: readonly {
      readonly account: string;
      readonly ledgerAccount: string;
      readonly coin: string;
      readonly sum: string;
    }[];
    readonly differing: readonly {
      readonly account: string;
      readonly coin: string;
      readonly balance: string;
      readonly posted: string;
    }[];
  } | null;
}

export interface PanelBooks {
  trips(
    filter: TripFilter,
    page: TripPage,
  ): readonly { readonly row: PositionRow; readonly key: TripKey }[];
  position(positionId: string): PositionRow | null;
  ordersOfPosition(positionId: string): readonly OrderRow[];
  attemptsOf(intentId: string): readonly Attempt[];
  fillsOf(intentId: string): readonly FillEntry[];
  postingsOf(entryId: string): readonly Posting[];
  balances(): readonly {
    readonly at: VenueAccount;
    readonly coin: string;
    readonly total: string;
  }[];
  orders(
    filter: RowFilter & { readonly state?: string; readonly role?: string },
    after: { readonly createdAt: number; readonly intentId: string } | null,
    limit: number,
  ): readonly OrderRow[];
  fills(
    filter: RowFilter,
    after: number | null,
    limit: number,
  ): readonly { readonly row: FillEntry; readonly place: number }[];
  /** Lines of entries that no fill made, the newest entry first. */
  otherEntries(
    filter: RowFilter,
    after: { readonly time: number; readonly entryId: string } | null,
    limit: number,
  ): readonly (readonly Posting[])[];
  /** The context that an actor ended with; null where it is not kept. */
  archivedContext(actor: string): unknown;
  /** Journal records that tell of a position, oldest first, from its signal on. */
  storyOf(positionId: string, lane: string): Promise<readonly JournalRow[]>;
  /** When an actor's next timer is due, Unix milliseconds; null for none. */
  nextTimer(actor: string): number | null;
  checked(): BooksCheck;
  /** Begins a check of the whole books, unless one is under way. */
  check(): void;
  /** Lets others have the loop; to be awaited between parts of what is long. */
  pause(): Promise<void>;
}
