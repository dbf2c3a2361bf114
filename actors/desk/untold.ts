import type { VenueAccount } from "../../machines/domain/ids.ts";
import type { LedgerChange } from "../../machines/domain/ledger.ts";
import type { StateChange } from "../runtime/mod.ts";

/** A fill as the ledger has it. */
export type BookedFill = Extract<LedgerChange, { table: "fills" }>["row"];

const space = "untold";
const keyOf = (at: VenueAccount, tradeId: string): string => `${at.venue}:${at.account} ${tradeId}`;

/**
 * Fills that are booked and that their order does not know of, for the turn that told it was
 * undone. They are kept with the turns until a turn of their own has told them: an order that
 * never hears of a fill would leave it without a stop (P6).
 */
export class Untold {
  private readonly fills = new Map<string, BookedFill>();
  private readonly tried = new Set<string>();
  private changed: StateChange[] = [];

  restore(stored: ReadonlyMap<string, unknown>): void {
    for (const [key, fill] of stored) this.fills.set(key, fill as BookedFill);
  }

  add(fill: BookedFill): void {
    const key = keyOf(fill.venueAccount, fill.tradeId);
    this.fills.set(key, fill);
    this.changed.push({ space, key, value: fill });
  }

  told({ venueAccount, tradeId }: BookedFill): void {
    const key = keyOf(venueAccount, tradeId);
    this.fills.delete(key);
    this.tried.delete(key);
    this.changed.push({ space, key, value: null });
  }

  get isEmpty(): boolean {
    return this.fills.size === 0;
  }

  /** The next to be tried, once each until something changed; null if there is none. */
  next(): BookedFill | null {
    for (const [key, fill] of this.fills) {
      if (this.tried.has(key)) continue;
      this.tried.add(key);
      return fill;
    }
    return null;
  }

  /** Something was restarted: all are worth another try. */
  retry(): void {
    this.tried.clear();
  }

  /** Those of one position: its row counts them, and it will be told of them. */
  of(positionPrefix: string): BookedFill[] {
    return [...this.fills.values()].filter(({ intentId }) => intentId.startsWith(positionPrefix));
  }

  /** What changed since the last commit. */
  changes(): StateChange[] {
    const { changed } = this;
    this.changed = [];
    return changed;
  }
}
