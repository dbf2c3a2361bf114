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

  put(key: string, value: unknown): void {
    this.#pending.set(key, value);
  }

  remove(key: string): void {
    this.#pending.set(key, null);
  }

  /** Removes a row that is written once: if it is still pending, nobody has to hear of it. */
  removeWrittenOnce(key: string): void {
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
export function sequenceKey(prefix: string, sequence: number): string {
  return `${prefix}${String(sequence).padStart(12, "0")}`;
}
