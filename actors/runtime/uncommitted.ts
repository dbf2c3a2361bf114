import type { LedgerChange } from "../../machines/domain/ledger.ts";
import { journalRecord } from "./journal.ts";
import type { CommitBatch, JournalHead, JournalRecord, StateChange, StoredActor } from "./ports.ts";
import type { Turn } from "./turn.ts";

/** What the turns since the last commit changed, and what waits for them to be durable. */
export class Uncommitted {
  /** How many turns there were. */
  turns = 0;
  private records: JournalRecord[] = [];
  /** Live actors whose snapshot or timers changed. */
  readonly dirty = new Set<string>();
  readonly archived = new Map<string, StoredActor>();
  readonly revived = new Set<string>();
  readonly ledger: LedgerChange[] = [];
  private waiting: (() => void)[] = [];

  wait(run: () => void): void {
    this.waiting.push(run);
  }

  /** Notes a turn, and where a journal is kept its record; returns the journal's head after it. */
  note(turn: Turn, head: JournalHead): JournalHead {
    this.turns += 1;
    if (!turn.isJournaled) return { seq: head.seq + 1, hash: "" };
    const record = journalRecord(head, turn.fields());
    this.records.push(record);
    return { seq: record.seq, hash: record.hash };
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
    this.turns = 0;
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
