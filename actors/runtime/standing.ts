import { AssertionError } from "../../machines/domain/assert.ts";
import { kindOf } from "../../machines/domain/ids.ts";
import type { EffectTable } from "./effects.ts";
import { LiveActors } from "./live-actors.ts";
import type { SystemOptions } from "./options.ts";
import type { CommitBatch, StateChange, StoredActor } from "./ports.ts";
import { storedActor } from "./snapshot.ts";
import { TimerTable } from "./timers.ts";
import type { Turn } from "./turn.ts";
import { Uncommitted } from "./uncommitted.ts";

/** What says that memory and ledger have parted, or that all was stopped. */
export function afterBreach(breach: unknown): AssertionError {
  const text = breach instanceof Error ? breach.message : String(breach);
  return new AssertionError(`Cannot go on after a failure: ${text}`);
}

const none: ReadonlySet<string> = new Set();

/** Where the actors stand after the last turn, and what of it is not committed yet. */
export class Standing {
  readonly live = new LiveActors();
  readonly timers = new TimerTable();
  readonly uncommitted = new Uncommitted();
  /** Actors that came to their end and wait to be buried. */
  readonly finished: string[] = [];

  constructor(
    private readonly options: SystemOptions,
    readonly effects: EffectTable,
  ) {}

  /** Makes a turn's outcome the present state; it is journaled as record `seq`. */
  accept(turn: Turn, seq: number): void {
    if (!turn.isFelt) return;
    const { ledger, dirty } = this.uncommitted;
    // What was booked comes before what follows from it: later rows replace earlier ones.
    ledger.push(...turn.booked);
    for (const stop of turn.stops) stop();
    const replaced = turn.makesActors ? this.takeMade(turn) : none;
    for (const { actor, id, timer } of turn.timers) {
      if (timer) this.timers.set({ actor, id, ...timer });
      else this.timers.cancel(actor, id);
      this.live.mark(actor, seq);
      dirty.add(actor);
    }
    for (const [name, { ref, after, before, revived }] of turn.touched) {
      if (after === before) continue;
      const kind = this.live.get(name)?.kind ?? kindOf(name);
      this.live.set({ name, kind, ref, snapshot: after, seq });
      dirty.add(name);
      // An archived effect may have been under way when its owner was archived.
      if (before?.children !== after.children) this.effects.follow(name, kind, after, revived);
      ledger.push(...this.options.project(name, after, before, turn));
      if (after.hasTag("finished")) this.finished.push(name);
    }
    if (!turn.endsActors) return;
    for (const name of turn.stopped) if (!replaced.has(name)) this.bury(name, turn);
  }

  /** Sees to the timers of those that the turn made; returns those that lived already. */
  private takeMade(turn: Turn): ReadonlySet<string> {
    const replaced = new Set<string>();
    for (const [name, { before, revived }] of turn.touched) {
      if (before !== null) continue;
      const isReplaced = this.live.get(name) !== undefined;
      if (isReplaced) replaced.add(name);
      // The timers of a revived actor stand before the turn sets or cancels any; a restarted one
      // kept its own, one that was made anew over a living one begins without.
      if (revived && !isReplaced) this.revive(name);
      else if (isReplaced && !revived) this.timers.forget(name);
    }
    return replaced;
  }

  /** Actors that came to their end, until none waits; one that came back to life is let be. */
  *takeFinished(): Iterable<string> {
    for (let name = this.finished.shift(); name !== undefined; name = this.finished.shift()) {
      if (this.live.get(name)?.snapshot.hasTag("finished")) yield name;
    }
  }

  /** Forgets whoever was started; what is stored is not touched. */
  clear(): void {
    this.live.clear();
    this.effects.clear();
    this.finished.length = 0;
  }

  /** An archived actor as it was left, committed or not. */
  archivedActor(name: string): StoredActor | null {
    return this.uncommitted.archived.get(name) ?? this.options.store.archivedActor(name);
  }

  /** Moves a stored actor that nothing can be made of to the archive. */
  discard(actor: StoredActor): void {
    if (!this.live.get(actor.name)) this.uncommitted.archived.set(actor.name, actor);
  }

  /** A live actor as it is to be stored; none if there is no such actor. */
  store(name: string): StoredActor[] {
    const actor = this.live.get(name);
    if (!actor) return [];
    const { version } = this.options.kinds[actor.kind];
    return [storedActor(actor, version, this.effects.of(name), this.timers.of(name))];
  }

  /** What the next commit is to make durable. */
  batch(state: readonly StateChange[]): CommitBatch {
    const { keeps } = this.options.store;
    return this.uncommitted.batch(keeps ? null : (name) => this.store(name), state);
  }

  private revive(name: string): void {
    const stored = this.archivedActor(name);
    if (stored) this.timers.arm(stored);
    this.uncommitted.archived.delete(name);
    this.uncommitted.revived.add(name);
  }

  private bury(name: string, turn: Turn): void {
    const actor = this.live.get(name);
    if (!actor) return;
    const { archived, dirty, revived } = this.uncommitted;
    for (const stored of this.store(name)) archived.set(name, stored);
    turn.buried.set(name, actor.snapshot);
    this.live.delete(name);
    dirty.delete(name);
    revived.delete(name);
    this.timers.forget(name);
    this.effects.forget(name);
  }
}
