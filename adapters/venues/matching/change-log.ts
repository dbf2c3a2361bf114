/** One row of a state space that changed; null removes it. */
export interface KeyedChange {
  readonly key: string;
  readonly value: unknown;
}

/**
 * What changed since it was last asked: at most one entry per key, in the order of first change.
 * Values are handed on as they are, so whoever puts one never changes it afterwards.
 */
export class ChangeLog {
  readonly #pending = new Map<string, unknown>();
  readonly #isRead: boolean;

  /** @param isRead whether anybody asks: of one that nobody reads, nothing is kept */
  constructor(isRead = true) {
    this.#isRead = isRead;
  }

  put(key: string, value: unknown): void {
    if (this.#isRead) this.#pending.set(key, value);
  }

  /** A row whose key ends with a number. */
  putNumbered(prefix: string, sequence: number, value: unknown): void {
    if (this.#isRead) this.#pending.set(sequenceKey(prefix, sequence), value);
  }

  remove(key: string): void {
    this.put(key, null);
  }

  /** Removes a numbered row that is written once: if it is still pending, nobody has to hear of it. */
  removeWrittenOnce(prefix: string, sequence: number): void {
    if (!this.#isRead) return;
    const key = sequenceKey(prefix, sequence);
    if (!this.#pending.delete(key)) this.#pending.set(key, null);
  }

  take(): KeyedChange[] {
    if (this.#pending.size === 0) return [];
    const changes = Array.from(this.#pending, ([key, value]) => ({ key, value }));
    this.#pending.clear();
    return changes;
  }

  clear(): void {
    this.#pending.clear();
  }
}

/** Sequence numbers as row keys whose text order is their number order. */
function sequenceKey(prefix: string, sequence: number): string {
  return `${prefix}${String(sequence).padStart(12, "0")}`;
}
