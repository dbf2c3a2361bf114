import type { ChangeLog } from "../matching/mod.ts";

interface QueuedRow<T> {
  readonly sequence: number;
  readonly dueAt: number;
  readonly item: T;
}

/**
 * Items held back until they are due, first due first, then in the order they came. Kept as rows,
 * so that a killed process does not forget them.
 */
export class DueQueue<T> {
  readonly #prefix: string;
  readonly #log: ChangeLog;
  readonly #limit: number;
  #rows: QueuedRow<T>[] = [];
  #lastSequence = 0;

  constructor(prefix: string, log: ChangeLog, limit: number) {
    this.#prefix = prefix;
    this.#log = log;
    this.#limit = limit;
  }

  /** Whether there was room for it. */
  add(item: T, dueAt: number): boolean {
    if (this.#rows.length >= this.#limit) return false;
    this.#lastSequence += 1;
    const row = { sequence: this.#lastSequence, dueAt, item };
    const before = this.#rows.findLastIndex((each) => each.dueAt <= dueAt);
    this.#rows.splice(before + 1, 0, row);
    this.#log.putNumbered(this.#prefix, row.sequence, row);
    this.#log.put(`${this.#prefix}last`, row.sequence);
    return true;
  }

  takeDue(now: number): T | null {
    const first = this.#rows[0];
    if (first === undefined || first.dueAt > now) return null;
    this.#rows.shift();
    this.#log.removeWrittenOnce(this.#prefix, first.sequence);
    return first.item;
  }

  nextDue(): number | null {
    return this.#rows[0]?.dueAt ?? null;
  }

  restore(entries: ReadonlyMap<string, unknown>): void {
    const lastKey = `${this.#prefix}last`;
    this.#lastSequence = (entries.get(lastKey) as number | undefined) ?? 0;
    this.#rows = Array.from(entries)
      .filter(([key]) => key.startsWith(this.#prefix) && key !== lastKey)
      .map(([, row]) => row as QueuedRow<T>)
      .sort((a, b) => a.dueAt - b.dueAt || a.sequence - b.sequence);
  }
}
