import type { CommitBatch, Stored } from "../../actors/runtime/ports.ts";
import type { CommitListener } from "../log/mod.ts";

/** Records by which a desk hears the market. */
const marketKinds: readonly string[] = ["bar", "move"];

/** Feels when a desk last wrote a record, and last heard its market, by the process's clock. */
export class Pulse implements CommitListener {
  private seq = 0;
  private recordAt: number | null = null;
  private marketAt: number | null = null;

  /** `next` is told of everything in its turn. */
  constructor(
    private readonly next: CommitListener,
    private readonly now: () => number,
  ) {}

  loaded(stored: Stored): void {
    this.seq = stored.head.seq;
    this.next.loaded(stored);
  }

  committed(batch: CommitBatch): void {
    const last = batch.records.at(-1);
    if (last) {
      this.seq = last.seq;
      this.recordAt = this.now();
      if (batch.records.some(({ kind }) => marketKinds.includes(kind))) this.marketAt = this.now();
    }
    this.next.committed(batch);
  }

  /** Milliseconds ago; null for not yet. */
  read() {
    const since = (at: number | null) => (at === null ? null : Math.round(this.now() - at));
    return { recordAgeMs: since(this.recordAt), marketAgeMs: since(this.marketAt), seq: this.seq };
  }
}
