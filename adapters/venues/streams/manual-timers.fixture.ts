import type { StreamTimers } from "./timers.ts";

/** Time that a test moves by hand. */
export class ManualTimers implements StreamTimers {
  readonly #pending = new Map<number, { readonly at: number; readonly run: () => void }>();
  #number = 0;

  constructor(private time: number) {}

  /** Timers not yet run or called off. */
  get pending(): number {
    return this.#pending.size;
  }

  now(): number {
    return this.time;
  }

  elapsed(): number {
    return this.time;
  }

  after(delayMs: number, run: () => void): () => void {
    this.#number += 1;
    const number = this.#number;
    this.#pending.set(number, { at: this.time + delayMs, run });
    return () => this.#pending.delete(number);
  }

  /** Time passes, and what is due is late: the process had no turn. */
  jump(durationMs: number): void {
    this.time += durationMs;
  }

  /** Lets time pass; what becomes due runs at its own time, and promises settle after each. */
  async pass(durationMs: number): Promise<void> {
    const end = this.time + durationMs;
    for (;;) {
      const due = [...this.#pending].filter(([, { at }]) => at <= end);
      const next = due.sort(([, a], [, b]) => a.at - b.at)[0];
      if (!next) break;
      this.#pending.delete(next[0]);
      this.time = Math.max(this.time, next[1].at);
      next[1].run();
      await settled();
    }
    this.time = end;
    await settled();
  }
}

/** Lets promises that are settled run what waits for them. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await Promise.resolve();
}
