import type { LedgerChange } from "../../machines/domain/ledger.ts";
import type { CommitBatch, JournalRecord, StateChange, StoredActor } from "./ports.ts";

/** What the turns since the last commit changed, and what waits for them to be durable. */
export class Uncommitted {
  records: JournalRecord[] = [];
  /** Live actors whose snapshot or timers changed. */
  readonly dirty = new Set<string>();
  readonly archived = new Map<string, StoredActor>();
  readonly revived = new Set<string>();
  readonly ledger: LedgerChange[] = [];
  private waiting: (() => void)[] = [];

  wait(run: () => void): void {
    this.waiting.push(run);
  }

  /** @param store makes what is stored of a live actor; null where none of it is */
  batch(
    store: ((name: string) => StoredActor[]) | null,
    state: readonly StateChange[],
  ): CommitBatch {
    return {
      records: this.records,
      actors: store ? [...this.dirty].flatMap(store) : [],
      archived: [...this.archived.values()],
      revived: [...this.revived],
      ledger: [...this.ledger],
      state,
    };
  }

  /** All of it is durable. Returns what waited for that. */
  clear(): readonly (() => void)[] {
    this.records = [];
    this.dirty.clear();
    this.archived.clear();
    this.revived.clear();
    this.ledger.length = 0;
    const { waiting } = this;
    this.waiting = [];
    return waiting;
  }
}
