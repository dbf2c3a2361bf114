import type { SavedState } from "../market/mod.ts";
import type { RuntimeStore, StateChange, StoredActor } from "../runtime/mod.ts";
import type { Brain, SavedStanding } from "./brain.ts";
import type { Counts } from "./counts.ts";
import type { Equities, EquityState } from "./equity.ts";
import { featuresSpace } from "./features.ts";
import { planeRecordKinds } from "./planes.ts";

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
  /**
   * After a start that made planes anew: the first record that they heard, null for none; undefined
   * where all went on from their checkpoints.
   */
  planesFrom: number | null | undefined;

  constructor(
    private readonly store: RuntimeStore,
    private readonly brain: Brain,
    private readonly equities: Equities,
    private readonly counts: Counts,
  ) {}

  /** Goes on from what is stored; the planes then hold the same bits as before. */
  restore(): void {
    const own = this.store.stateOf("desk");
    const counts = own.get("counts") as Counts | undefined;
    if (counts) Object.assign(this.counts, { codes: {} }, counts);
    this.equities.restore((name) => own.get(name) as EquityState | undefined);
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
    const { brain, store } = this;
    const stored = [...(store.stateOf("market") as Map<string, Checkpoint>)];
    const isOther = ([lane, { saved }]: readonly [string, Checkpoint]) =>
      (brain.planes.get(lane)?.key ?? saved.key) !== saved.key;
    if (stored.some(isOther)) {
      // Of another configuration or version: all of the journal that is there makes them anew.
      this.planesFrom = brain.replay(store.recordsAfter(planeRecordKinds, 0));
      return;
    }
    for (const [lane, { saved, seq }] of stored) {
      const plane = brain.planes.get(lane);
      if (!plane) continue;
      plane.restore(saved);
      this.checkpointed.set(lane, { bars: plane.bars, seq });
    }
    const seqOf = (lane: string) => this.checkpointed.get(lane)?.seq ?? 0;
    const oldest = Math.min(...brain.planes.keys().map(seqOf));
    const records = store.recordsAfter(planeRecordKinds, oldest);
    brain.replay(Iterator.from(records).filter(({ seq, subject }) => seq > seqOf(subject)));
  }

  /** Has every plane stored anew with the next commit: they are other ones than before. */
  rememberPlanes(): void {
    this.checkpointed.clear();
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
    if (this.equities.takeShifted() || this.counts.candles !== this.lastCandles) {
      this.lastCandles = this.counts.candles;
      for (const [key, equity] of this.equities.named()) {
        changes.push({ space: "desk", key, value: equity.save() });
      }
    }
    if (this.brain.takeChanged()) {
      changes.push({ space: "desk", key: "standing", value: this.brain.saveStanding() });
    }
    changes.push(...this.brain.features.changes());
    for (const [symbol, plane] of this.brain.planes) {
      const last = this.checkpointed.get(symbol);
      // A symbol whose bars stay away must not keep the journal from being archived. The first one
      // is stored at once, for it tells which planes heard what the journal begins with.
      const isOld = !last || seq - last.seq >= checkpointRecords;
      if (!isOld && plane.bars - last.bars < checkpointBars) continue;
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
