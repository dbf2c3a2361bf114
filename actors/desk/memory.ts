import type { Candle } from "../../machines/domain/market.ts";
import type { SavedState } from "../market/mod.ts";
import type { RuntimeStore, StateChange, StoredActor } from "../runtime/mod.ts";
import type { SymbolPlane } from "../scanner/mod.ts";
import type { Counts } from "./counts.ts";
import type { EquityState, EquityTracker } from "./equity.ts";

/** Bars between two checkpoints of a symbol's data plane; the rest is read from the journal. */
const checkpointBars = 500;

/** Records after which even a symbol without new bars is checkpointed again. */
const checkpointRecords = 50_000;

/** Idempotency keys that are remembered. */
const maxCommands = 1_000;

interface Checkpoint {
  readonly saved: SavedState;
  /** Bars with a higher sequence are not in it. */
  readonly seq: number;
}

/**
 * What the desk knows beside its actors, kept with the turns: the data plane by checkpoint and the
 * journal's bars since, equity, counts, and the commands that were obeyed.
 */
export class Memory {
  private readonly checkpointed = new Map<string, { bars: number; seq: number }>();
  private readonly commands = new Map<string, string>();
  private readonly aside: StoredActor[] = [];
  private newConfig: string | null = null;
  private newCommands: string[] = [];
  private forgotten: string[] = [];
  private lastCandles = -1;

  constructor(
    private readonly store: RuntimeStore,
    private readonly planes: ReadonlyMap<string, SymbolPlane>,
    private readonly equity: EquityTracker,
    private readonly counts: Counts,
  ) {}

  /** Goes on from what is stored; the planes then hold the same bits as before. */
  restore(): void {
    const own = this.store.stateOf("desk");
    const counts = own.get("counts") as Counts | undefined;
    if (counts) Object.assign(this.counts, counts);
    const equity = own.get("equity") as EquityState | undefined;
    if (equity) this.equity.restore(equity);
    for (const [key, text] of this.store.stateOf("commands")) {
      this.commands.set(key, text as string);
    }
    const seqs = new Map<string, number>();
    for (const [symbol, value] of this.store.stateOf("market")) {
      const { saved, seq } = value as Checkpoint;
      const plane = this.planes.get(symbol);
      if (!plane) continue;
      plane.restore(saved);
      seqs.set(symbol, seq);
      this.checkpointed.set(symbol, { bars: plane.bars, seq });
    }
    const oldest = Math.min(...[...this.planes.keys()].map((symbol) => seqs.get(symbol) ?? 0));
    for (const record of this.store.recordsAfter("bar", oldest)) {
      if (record.seq <= (seqs.get(record.subject) ?? 0)) continue;
      const { input } = JSON.parse(record.content) as { input: Omit<Candle, "symbol"> };
      this.planes.get(record.subject)?.update({ symbol: record.subject, ...input });
    }
  }

  /** Keeps the configuration that a running desk took up. */
  rememberConfig(text: string): void {
    this.newConfig = text;
  }

  /** Keeps a snapshot that could not be restored, for a look at it. */
  setAside(actor: StoredActor): void {
    this.aside.push(actor);
  }

  commandDone(key: string): string | undefined {
    return this.commands.get(key);
  }

  rememberCommand(key: string, text: string): void {
    this.commands.set(key, text);
    this.newCommands.push(key);
    const [oldest] = this.commands.keys();
    if (this.commands.size > maxCommands && oldest !== undefined) {
      this.commands.delete(oldest);
      this.forgotten.push(oldest);
    }
  }

  /** What changed since the last commit, which ends with record `seq`. */
  changes(seq: number): StateChange[] {
    const changes: StateChange[] = [{ space: "desk", key: "counts", value: { ...this.counts } }];
    if (this.counts.candles !== this.lastCandles) {
      this.lastCandles = this.counts.candles;
      changes.push({ space: "desk", key: "equity", value: this.equity.save() });
    }
    for (const [symbol, plane] of this.planes) {
      const last = this.checkpointed.get(symbol) ?? { bars: 0, seq: 0 };
      // A symbol whose bars stay away must not keep the journal from being archived.
      if (plane.bars - last.bars < checkpointBars && seq - last.seq < checkpointRecords) continue;
      if (plane.bars === 0) continue;
      this.checkpointed.set(symbol, { bars: plane.bars, seq });
      const value: Checkpoint = { saved: plane.save(), seq };
      changes.push({ space: "market", key: symbol, value });
    }
    if (this.newConfig !== null) {
      changes.push({ space: "desk", key: "config", value: this.newConfig });
      this.newConfig = null;
    }
    for (const actor of this.aside.splice(0)) {
      changes.push({ space: "setAside", key: `${actor.name}@${actor.seq}`, value: actor });
    }
    for (const key of this.newCommands) {
      changes.push({ space: "commands", key, value: this.commands.get(key) ?? null });
    }
    for (const key of this.forgotten) changes.push({ space: "commands", key, value: null });
    this.newCommands = [];
    this.forgotten = [];
    return changes;
  }
}
