import type { SavedState } from "../market/mod.ts";
import type { RuntimeStore, StateChange, StoredActor } from "../runtime/mod.ts";
import type { Brain, SavedStanding } from "./brain.ts";
import type { Counts } from "./counts.ts";
import type { EquityState, EquityTracker } from "./equity.ts";
import { featuresSpace } from "./features.ts";
import { planeRecordKinds, takeRecord } from "./planes.ts";

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
  private storesAll = false;
  private isAnew = false;
  /**
   * After a start that made planes anew: the first record that they heard, null for none; undefined
   * where all went on from their checkpoints.
   */
  planesFrom: number | null | undefined;

  constructor(
    private readonly store: RuntimeStore,
    private readonly brain: Brain,
    private readonly equity: EquityTracker,
    private readonly counts: Counts,
  ) {}

  /** Goes on from what is stored; the planes then hold the same bits as before. */
  restore(): void {
    const own = this.store.stateOf("desk");
    const counts = own.get("counts") as Counts | undefined;
    if (counts) Object.assign(this.counts, { codes: {} }, counts);
    const equity = own.get("equity") as EquityState | undefined;
    if (equity) this.equity.restore(equity);
    const standing = own.get("standing") as SavedStanding | undefined;
    if (standing) this.brain.restoreStanding(standing);
    this.brain.features.restore((own.get(featuresSpace) as number | undefined) ?? 0);
    for (const [key, text] of this.store.stateOf("commands")) {
      this.commands.set(key, text as string);
    }
    this.restorePlanes();
  }

  /** Each plane from its checkpoint, and what the journal has of its symbol since. */
  private restorePlanes(): void {
    const seqs = new Map<string, number>();
    for (const [symbol, value] of this.store.stateOf("market")) {
      const { saved, seq } = value as Checkpoint;
      const plane = this.brain.planes.get(symbol);
      if (plane?.key !== saved.key) {
        // Of another configuration or version: all of the journal that is there makes it anew.
        if (plane) this.isAnew = true;
        continue;
      }
      plane.restore(saved);
      seqs.set(symbol, seq);
      this.checkpointed.set(symbol, { bars: plane.bars, seq });
    }
    const oldest = Math.min(
      ...[...this.brain.planes.keys()].map((symbol) => seqs.get(symbol) ?? 0),
    );
    for (const record of this.store.recordsAfter(planeRecordKinds, oldest)) {
      if (record.seq <= (seqs.get(record.subject) ?? 0)) continue;
      const plane = this.brain.planes.get(record.subject);
      if (!plane) continue;
      if (this.isAnew) this.planesFrom ??= record.seq;
      takeRecord(plane, record);
    }
    if (this.isAnew) {
      this.planesFrom ??= null;
      this.rememberPlanes();
    }
    // What it says of the past was told when it happened.
    this.brain.takeAlarms();
  }

  /** Has every plane stored anew with the next commit: they are other ones than before. */
  rememberPlanes(): void {
    this.checkpointed.clear();
    this.storesAll = true;
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
    const changes: StateChange[] = [
      { space: "desk", key: "counts", value: { ...this.counts, codes: { ...this.counts.codes } } },
    ];
    if (this.counts.candles !== this.lastCandles) {
      this.lastCandles = this.counts.candles;
      changes.push({ space: "desk", key: "equity", value: this.equity.save() });
    }
    if (this.brain.takeChanged()) {
      changes.push({ space: "desk", key: "standing", value: this.brain.saveStanding() });
    }
    changes.push(...this.brain.features.changes());
    for (const [symbol, plane] of this.brain.planes) {
      const last = this.checkpointed.get(symbol) ?? { bars: 0, seq: 0 };
      // A symbol whose bars stay away must not keep the journal from being archived.
      const isOld = seq - last.seq >= checkpointRecords;
      if (!this.storesAll && plane.bars - last.bars < checkpointBars && !isOld) continue;
      if (plane.bars === 0) continue;
      this.checkpointed.set(symbol, { bars: plane.bars, seq });
      const value: Checkpoint = { saved: plane.save(), seq };
      changes.push({ space: "market", key: symbol, value });
    }
    this.storesAll = false;
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
