import type { ChangeLog } from "../matching/mod.ts";

interface CallsRow {
  readonly count: number;
  /** Order in which subjects were first seen: the oldest is forgotten first. */
  readonly sequence: number;
}

/** Draws that belong to one call. */
export interface CallDraws {
  /** A number in [0, 1) for a purpose. */
  share(purpose: string): number;
}

const prefix = "calls/";
/** Subjects whose calls are counted; a forgotten one begins again at its first call. */
const subjectLimit = 10_000;
const hexDigits = 12;
const hexRange = 16 ** hexDigits;

/**
 * Draws keyed by seed, subject, purpose and number of the call: what one order draws does not
 * depend on what happens to others. The counts are state, kept as rows.
 */
export class KeyedFaultDraws {
  readonly #seed: string;
  readonly #log: ChangeLog;
  readonly #calls = new Map<string, CallsRow>();
  #lastSequence = 0;

  constructor(seed: string, log: ChangeLog) {
    this.#seed = seed;
    this.#log = log;
  }

  /** The draws of the next call about a subject. */
  call(subject: string): CallDraws {
    const before = this.#calls.get(subject);
    const sequence = before?.sequence ?? this.#lastSequence + 1;
    const row = { count: (before?.count ?? 0) + 1, sequence };
    this.#lastSequence = Math.max(this.#lastSequence, sequence);
    this.#calls.set(subject, row);
    this.#log.put(prefix + subject, row);
    this.#forgetOldest();
    return this.once(`${subject}#${row.count}`);
  }

  /** The draws of a subject that comes only once. */
  once(subject: string): CallDraws {
    return {
      share: (purpose) => {
        const hash = new Bun.CryptoHasher("sha256");
        hash.update(JSON.stringify([this.#seed, subject, purpose]));
        return Number.parseInt(hash.digest("hex").slice(0, hexDigits), 16) / hexRange;
      },
    };
  }

  restore(entries: ReadonlyMap<string, unknown>): void {
    const rows = Array.from(entries)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, row]) => [key.slice(prefix.length), row as CallsRow] as const)
      .sort((a, b) => a[1].sequence - b[1].sequence);
    this.#calls.clear();
    for (const [subject, row] of rows) this.#calls.set(subject, row);
    this.#lastSequence = rows.at(-1)?.[1].sequence ?? 0;
  }

  #forgetOldest(): void {
    if (this.#calls.size <= subjectLimit) return;
    for (const oldest of this.#calls.keys()) {
      this.#calls.delete(oldest);
      this.#log.remove(prefix + oldest);
      return;
    }
  }
}
