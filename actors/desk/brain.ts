import { isPositive } from "../../machines/domain/decimal.ts";
import type { LaneName } from "../../machines/domain/ids.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import type { JournalRecord } from "../runtime/mod.ts";
import {
  type FramePlane,
  type KnownStanding,
  Standing,
  type StandingChange,
  type StandingState,
} from "../scanner/mod.ts";
import { type DeskConfig, lanesOf } from "./config.ts";
import { Features } from "./features.ts";
import { createPlane, noNews, type PlaneEvents, type StrategyNews, takeRecord } from "./planes.ts";

/** A strategy that took longer for one bar than it may. */
export interface SlowStrategy {
  readonly symbol: string;
  readonly strategy: string;
  readonly tookMs: number;
}

export interface SavedStanding {
  readonly state: StandingState;
  readonly notes: readonly string[];
  /** By lane: strategies that are to be heard again from its next input on. */
  readonly released?: readonly (readonly [LaneName, readonly string[]])[];
}

/** Texts that wait to be told: of more, the oldest are dropped. */
const textsMost = 100;

/** What the desk thinks with: each lane's data plane, and how its strategies stand. */
export class Brain {
  readonly planes = new Map<LaneName, FramePlane>();
  readonly features = new Features();
  standing: Standing;
  private readonly events: PlaneEvents;
  private alarms: readonly string[] = [];
  private notes: readonly string[] = [];
  private readonly released = new Map<LaneName, readonly string[]>();
  private readonly calledSlow = new Set<string>();
  private slow: SlowStrategy[] = [];
  private changed = false;
  private isReplaying = false;
  /** Of which standing a plane was told all: what it knows is compared once for each. */
  private readonly knownBy = new WeakMap<
    FramePlane,
    { readonly standing: Standing; readonly revision: number }
  >();

  /** @param keepsFeatures whether somebody takes the numbers of evaluations from it */
  constructor(
    config: DeskConfig,
    stopwatch: (() => number) | undefined,
    readonly keepsFeatures = true,
  ) {
    this.events = {
      onFailure: (symbol, { strategy, frameMs, isQuarantined, error }) => {
        if (this.isReplaying) return;
        const where = `strategy "${strategy}" on ${symbol}, frame of ${frameMs / 1_000} s`;
        const what = isQuarantined ? "is in quarantine: it failed again" : "failed and abstains";
        this.alarm(`${where}, ${what}: ${error instanceof Error ? error.message : String(error)}`);
      },
      ...(stopwatch ? { stopwatch } : {}),
      onSlow: (symbol, strategy, tookMs) => {
        if (this.isReplaying || this.calledSlow.has(strategy)) return;
        this.calledSlow.add(strategy);
        this.slow.push({ symbol, strategy, tookMs });
      },
    };
    this.standing = newStanding(config);
    for (const [lane, plane] of this.newPlanes(config)) this.planes.set(lane, plane);
  }

  /** Whether another configuration needs other planes. */
  differsUnder(config: DeskConfig): boolean {
    const planes = this.newPlanes(config);
    return [...planes].some(([lane, { key }]) => this.planes.get(lane)?.key !== key);
  }

  /**
   * Takes up another configuration: new planes hear all that the journal still has, so that they
   * are warm at once. Returns the first record that they heard; null for none.
   */
  rebuild(config: DeskConfig, records: Iterable<JournalRecord>): number | null {
    const planes = this.newPlanes(config);
    const first = this.replay(records, planes);
    for (const [lane, plane] of planes) {
      const known = this.planes.get(lane)?.quarantined() ?? [];
      for (const strategy of plane.quarantined()) {
        if (known.includes(strategy)) continue;
        this.alarm(
          `strategy "${strategy}" on ${lane} is in quarantine under the new configuration`,
        );
      }
      this.planes.set(lane, plane);
    }
    return first;
  }

  /**
   * Has planes hear journaled inputs again. What strategies do meanwhile is not told of: it was
   * when it happened. Returns the first record that a plane heard; null for none.
   */
  replay(records: Iterable<JournalRecord>, planes = this.planes): number | null {
    let first: number | null = null;
    this.isReplaying = true;
    try {
      for (const record of records) {
        const plane = planes.get(record.subject);
        if (!plane) continue;
        first ??= record.seq;
        takeRecord(plane, record);
      }
    } finally {
      this.isReplaying = false;
    }
    return first;
  }

  /** Weighs strategies by other rules, or other ones: their results count anew. */
  restand(config: DeskConfig): void {
    this.standing = newStanding(config);
    this.changed = true;
  }

  /** A round trip ended: it counts for those who voted for it. */
  closed({ realizedPnl, boughtFor, openedAt, closedAt }: PositionRow, votedBy: readonly string[]) {
    if (!isPositive(boughtFor)) return;
    const profitShare = Number(realizedPnl) / Number(boughtFor);
    const result = { votedBy, profitShare, openedAt, closedAt: closedAt ?? openedAt };
    this.changed = true;
    this.tell(this.standing.closed(result));
  }

  tell(changes: readonly StandingChange[]): void {
    if (changes.length > 0) this.changed = true;
    for (const { strategy, type, reason } of changes) {
      const what = type === "disabled" ? "is off" : "is back";
      this.notes = addedTo(this.notes, `strategy "${strategy}" ${what}: ${reason}`);
    }
  }

  /** Strategies that are not heard: switched off, or in quarantine on some lane. */
  silenced(): readonly string[] {
    const off = this.standing.view().filter(({ offSince }) => offSince !== null);
    const names = off.map(({ strategy }) => strategy);
    return [...new Set([...names, ...this.planes.values().flatMap((each) => each.quarantined())])];
  }

  /** Hears a strategy again, from each lane's next input on. */
  enable(strategy: string, at: number): void {
    this.tell(this.standing.release(strategy, at));
    for (const [lane, plane] of this.planes) {
      if (!plane.quarantined().includes(strategy)) continue;
      this.released.set(lane, [...(this.released.get(lane) ?? []), strategy]);
    }
    this.changed = true;
  }

  /** What is new of the strategies for a lane, whose next input it goes into. */
  takeNews(lane: LaneName, at: number): StrategyNews {
    this.tell(this.standing.at(at));
    const standing = this.newsFor(this.planes.get(lane) as FramePlane);
    const released = this.released.get(lane);
    const { notes } = this;
    if (!standing && !released && notes.length === 0) return noNews;
    if (released || notes.length > 0) this.changed = true;
    this.released.delete(lane);
    this.notes = [];
    return {
      ...(standing && { standing }),
      ...(released && { released }),
      ...(notes.length > 0 && { notes }),
    };
  }

  /** What a plane does not know of the standing: looked for where that may have changed. */
  private newsFor(plane: FramePlane): KnownStanding | null {
    const { standing } = this;
    const known = this.knownBy.get(plane);
    if (known?.standing === standing && known.revision === standing.revision) return null;
    this.knownBy.set(plane, { standing, revision: standing.revision });
    return standing.differencesFrom(plane.standing);
  }

  /** How the strategies stand, and what is still to be told of it. */
  saveStanding(): SavedStanding {
    return { state: this.standing.save(), notes: this.notes, released: [...this.released] };
  }

  /** Of other strategies or rules: results count anew. */
  restoreStanding({ state, notes, released = [] }: SavedStanding): void {
    for (const [lane, names] of released) this.released.set(lane, names);
    if (state.key !== this.standing.save().key) {
      // What is stored must not come back with the configuration that it is of.
      this.changed = true;
      return;
    }
    this.standing.restore(state);
    this.notes = notes;
  }

  /** Whether the standing is another one than when this was last asked. */
  takeChanged(): boolean {
    const { changed } = this;
    this.changed = false;
    return changed;
  }

  /** What the operator is to be told, until it was. */
  get untold(): readonly string[] {
    return this.alarms;
  }

  told(): void {
    if (this.alarms.length > 0) this.alarms = [];
  }

  takeSlow(): readonly SlowStrategy[] {
    const { slow } = this;
    if (slow.length > 0) this.slow = [];
    return slow;
  }

  private newPlanes(config: DeskConfig): Map<LaneName, FramePlane> {
    return new Map(
      lanesOf(config).map((lane) => [lane.lane, createPlane(lane, config.stop, this.events)]),
    );
  }

  private alarm(text: string): void {
    this.alarms = addedTo(this.alarms, text);
  }
}

const addedTo = (texts: readonly string[], text: string): readonly string[] =>
  [...texts, text].slice(-textsMost);

function newStanding({ strategy }: DeskConfig): Standing {
  return new Standing(strategy.standing, Object.keys(strategy.votes));
}
