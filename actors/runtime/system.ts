import { type AnyActorRef, type AnyMachineSnapshot, createActor, type EventObject } from "xstate";
import { assert } from "../../machines/domain/assert.ts";
import { kindOf } from "../../machines/domain/ids.ts";
import { durable, type Host, restoreEvent } from "./durable.ts";
import { answerOf, EffectTable, type WantedEffect } from "./effects.ts";
import { type GuardResults, GuardTrace, invokedSources, traced } from "./guards.ts";
import { journalRecord } from "./journal.ts";
import { LiveActors } from "./live-actors.ts";
import type { SystemOptions } from "./options.ts";
import type { JournalHead, StoredActor } from "./ports.ts";
import { childrenOf, plainSnapshot, storedActor } from "./snapshot.ts";
import { TimerTable } from "./timers.ts";
import { Turn, type TurnInput } from "./turn.ts";
import { Uncommitted } from "./uncommitted.ts";
import { rejectedOf, type Started, upgradeAll } from "./upgrade.ts";

const rootName = "desk";

/**
 * The actor system: one door, one input at a time. Each input sets off one cascade of transitions,
 * the turn, which is journaled and committed as one before anything that it wants is done.
 */
export class ActorSystem implements Host {
  readonly timers = new TimerTable();
  readonly effects: EffectTable;
  private readonly live = new LiveActors();
  private readonly logics: Record<string, ReturnType<typeof durable>> = {};
  private readonly guards = new GuardTrace();
  private current: Turn | null = null;
  private isUndoing = false;
  private head: JournalHead = { seq: 0, hash: "" };
  private readonly uncommitted = new Uncommitted();
  private finished: string[] = [];
  /** Actors whose next creation goes on from what the archive holds. */
  private readonly reviving = new Map<string, unknown>();
  private committed: JournalHead = { seq: 0, hash: "" };
  /** Why stored snapshots could not be restored, by actor. */
  private readonly rejections = new Map<string, string>();
  /** What made memory and ledger part for good, or null. */
  private breach: unknown = null;

  constructor(private readonly options: SystemOptions) {
    const kinds = Object.entries(options.kinds);
    const invokers = new Set<string>();
    for (const [kind, { machine }] of kinds) {
      this.logics[kind] = durable(traced(machine, this.guards), this);
      for (const src of invokedSources(machine)) {
        const text = `Cannot run machine "${machine.id}": no handler of its effect "${src}"`;
        assert(options.effects[src] !== undefined, text);
        invokers.add(kind);
      }
    }
    this.effects = new EffectTable(new Set(Object.keys(options.effects)), invokers);
  }

  /**
   * Starts from what is stored, or anew. Nothing runs until the first turn. Actors whose snapshot
   * could not be taken over are told in `setAside` and are not there: the caller makes them anew.
   */
  start(): Started {
    const stored = this.options.store.load();
    this.head = stored.head;
    this.committed = stored.head;
    const { actors, setAside } = upgradeAll(stored.actors, this.options.kinds);
    const root = actors.find((actor) => actor.name === rootName);
    const logic = this.rootLogic();
    if (root) {
      const snapshot = { ...(root.snapshot as object), children: childrenOf(root, actors) };
      createActor(logic, { id: rootName, snapshot: snapshot as never }).start();
    }
    const isRootThere = this.live.get(rootName) !== undefined;
    if (!isRootThere) {
      // What was restored under a root that was then refused hangs in the air.
      this.live.clear();
      this.effects.clear();
      this.startRoot(logic, actors);
    }
    for (const actor of actors) {
      if (!isRootThere || this.rejections.has(actor.name)) continue;
      this.timers.arm(actor);
      this.live.mark(actor.name, actor.seq);
    }
    setAside.push(...rejectedOf(stored.actors, this.rejections));
    return { resumed: stored.actors.length > 0, head: this.head, setAside };
  }

  private rootLogic(): ReturnType<typeof durable> {
    // The root spawns all others: its own durable logic has theirs provided.
    const actors = { ...this.logics };
    delete actors[rootName];
    const machine = this.options.kinds.desk.machine.provide({ actors } as never);
    return durable(traced(machine, this.guards), this);
  }

  /** Makes the root anew; actors that are stored go on under it from where they were. */
  private startRoot(logic: ReturnType<typeof durable>, actors: readonly StoredActor[]): void {
    const others = actors.filter(({ name }) => name !== rootName);
    const { failure } = this.turn({ kind: "genesis", subject: rootName, payload: null }, () => {
      for (const { name, snapshot } of others) this.reviving.set(name, snapshot);
      createActor(logic, { id: rootName, input: this.options.rootInput }).start();
      for (const { name, kind } of others) {
        if (this.find(name)) continue;
        this.send(rootName, { type: "actor.revive", name, kind } as EventObject);
      }
    });
    if (failure) {
      const text = `Cannot start actor system: making "${failure.actor}" failed: ${failure.error}`;
      this.breach = new Error(text);
      throw this.breach;
    }
    for (const actor of others) this.timers.arm(actor);
  }

  /**
   * Lets one input in. `book` runs first and is kept even if the actors are undone; `act` sends
   * events to actors, and is undone with them if it throws itself.
   *
   * @throws what `book` throws, and what the commit throws that a full group makes: memory is not
   * to be trusted then, and the system takes no further turn.
   */
  turn(input: TurnInput, act: (turn: Turn) => void, book?: (turn: Turn) => void): Turn {
    assert(this.current === null, `Cannot start turn "${input.kind}" inside another`);
    this.assertWhole();
    const turn = new Turn(input, this.options.clock.now());
    this.current = turn;
    try {
      book?.(turn);
      turn.attempt(act);
      if (turn.failure) this.undo(turn);
      else this.accept(turn);
      this.journal(turn);
    } catch (error) {
      this.breach = error;
      throw error;
    } finally {
      this.current = null;
      this.reviving.clear();
    }
    this.options.onTurn(turn);
    if (this.uncommitted.records.length >= this.options.groupLimit) this.commit();
    return turn;
  }

  /** Sends an event to an actor, inside a turn. */
  send(actor: string, event: EventObject): void {
    const ref = this.find(actor);
    if (ref) ref.send(event);
    else this.current?.deadLetters.push({ to: actor, event: event.type });
  }

  /** Fires the timer that is due first. */
  fireTimer(): Turn {
    const timer = this.timers.next();
    assert(timer !== null, "Cannot fire a timer: none is set");
    this.timers.cancel(timer.actor, timer.id);
    this.live.mark(timer.actor, this.head.seq + 1);
    this.uncommitted.dirty.add(timer.actor);
    const payload = { id: timer.id, deadline: timer.deadline };
    return this.turn({ kind: "timer", subject: timer.actor, payload }, () =>
      this.send(timer.actor, timer.event),
    );
  }

  /**
   * Commits, does the effects that are wanted, and lets their answers in, until none is left. In
   * order and one at a time, so that the same run gives the same turns.
   */
  async settle(only: (effect: WantedEffect) => boolean = () => true): Promise<void> {
    for (;;) {
      this.reap();
      const effect = this.effects.next(only);
      if (!effect) return;
      this.commit();
      await this.perform(effect);
    }
  }

  /**
   * Makes every turn so far durable, then lets out what waited for it.
   *
   * @throws if it cannot; what is in memory is then not to be trusted, and no later call succeeds.
   */
  commit(): void {
    this.assertWhole();
    const { uncommitted } = this;
    const last = uncommitted.records.at(-1);
    if (!last) return;
    const { reached, store, outside } = this.options;
    try {
      const batch = uncommitted.batch((name) => this.store(name), outside());
      reached("commit.before");
      if (batch.archived.length > 0) reached("archive.before");
      store.commit(batch);
      reached("commit.after");
      if (batch.archived.length > 0) reached("archive.after");
    } catch (error) {
      this.breach = error;
      throw error;
    }
    const waiting = uncommitted.clear();
    this.committed = { seq: last.seq, hash: last.hash };
    this.options.onCommit();
    for (const run of waiting) run();
  }

  /** Runs something that the outside will see, once all turns so far are durable. */
  onceCommitted(run: () => void): void {
    if (this.uncommitted.records.length === 0 && this.current === null) run();
    else this.uncommitted.wait(run);
  }

  /** Whether effects or finished actors wait. */
  get isBusy(): boolean {
    return this.effects.size > 0 || this.finished.length > 0;
  }

  /** The last record, committed or not. */
  get journalHead(): JournalHead {
    return this.head;
  }

  /** The last committed record: what may be shown. */
  get committedHead(): JournalHead {
    return this.committed;
  }

  /** The latest snapshot of a live actor, ahead of the commit: for decisions, not for show. */
  snapshot(actor: string): AnyMachineSnapshot | undefined {
    return this.live.get(actor)?.snapshot;
  }

  /** The live actors in the order of their names, whatever was restarted. */
  *actors(): Iterable<readonly [name: string, snapshot: AnyMachineSnapshot]> {
    for (const { name, snapshot } of this.live) yield [name, snapshot];
  }

  /** Makes sure that an actor lives, from the archive if need be. False if nobody knows it. */
  ensureLive(actor: string): boolean {
    if (this.find(actor)) return true;
    const stored = this.archivedActor(actor);
    if (!stored) return false;
    this.reviving.set(actor, stored.snapshot);
    this.send(rootName, { type: "actor.revive", name: actor, kind: kindOf(actor) } as EventObject);
    return true;
  }

  // Host, for the durable logics.

  turnUnderWay(): Turn | null {
    return this.current;
  }

  undoing(): boolean {
    return this.isUndoing;
  }

  takeGuards(): GuardResults {
    return this.guards.take();
  }

  returnGuards(taken: GuardResults): void {
    this.guards.giveBack(taken);
  }

  stored(actor: string): unknown {
    const archived = this.reviving.get(actor);
    if (archived !== undefined) return archived;
    // Made again while it lives: a restart, which goes on from its last good snapshot.
    const live = this.live.get(actor);
    return live ? plainSnapshot(live.snapshot, this.effects.of(actor)) : null;
  }

  find(actor: string): AnyActorRef | undefined {
    return this.current?.touched.get(actor)?.ref ?? this.live.get(actor)?.ref;
  }

  complete(actor: string, input: unknown, turn: Turn): unknown {
    return this.options.complete(kindOf(actor), input, turn);
  }

  adopted(name: string, ref: AnyActorRef, snapshot: AnyMachineSnapshot): void {
    this.live.set({ name, kind: kindOf(name), ref, snapshot, seq: 0 });
    this.effects.follow(name, snapshot, true);
    // The process ended between its end and its burial.
    if (snapshot.hasTag("finished")) this.finished.push(name);
  }

  rejected(name: string, error: unknown): void {
    this.rejections.set(name, error instanceof Error ? error.message : String(error));
  }

  private assertWhole(): void {
    const { breach } = this;
    const text = breach instanceof Error ? breach.message : String(breach);
    assert(breach === null, `Cannot go on after a failure: ${text}`);
  }

  private accept(turn: Turn): void {
    const { ledger, dirty } = this.uncommitted;
    // What was booked comes before what follows from it: later rows replace earlier ones.
    ledger.push(...turn.booked);
    for (const stop of turn.stops) stop();
    const restarted = new Set<string>();
    for (const [name, { revived }] of turn.touched) {
      if (!revived) continue;
      // The timers of a revived actor stand before the turn sets or cancels any; a restarted one
      // kept its own.
      if (this.live.get(name)) restarted.add(name);
      else this.revive(name);
    }
    const seq = this.head.seq + 1;
    for (const { actor, id, timer } of turn.timers) {
      if (timer) this.timers.set({ actor, id, ...timer });
      else this.timers.cancel(actor, id);
      this.live.mark(actor, seq);
      dirty.add(actor);
    }
    for (const [name, { ref, after, before, revived }] of turn.touched) {
      if (after === before) continue;
      this.live.set({ name, kind: kindOf(name), ref, snapshot: after, seq });
      dirty.add(name);
      // An archived effect may have been under way when its owner was archived.
      this.effects.follow(name, after, revived);
      ledger.push(...this.options.project(name, after, before, turn));
      if (after.hasTag("finished")) this.finished.push(name);
    }
    for (const name of turn.stopped) if (!restarted.has(name)) this.bury(name, turn);
  }

  private undo(turn: Turn): void {
    this.isUndoing = true;
    try {
      for (const { ref, before } of [...turn.touched.values()].reverse()) {
        if (before) ref.send({ type: restoreEvent, snapshot: before } as EventObject);
      }
    } finally {
      this.isUndoing = false;
      this.guards.take();
    }
    turn.transitions.length = 0;
    this.uncommitted.ledger.push(...turn.booked);
  }

  private archivedActor(name: string): StoredActor | null {
    return this.uncommitted.archived.get(name) ?? this.options.store.archivedActor(name);
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

  /** Stops and archives actors that came to their end: XState would keep them. */
  private reap(): void {
    while (this.finished.length > 0) {
      const name = this.finished.shift() ?? "";
      if (!this.live.get(name)?.snapshot.hasTag("finished")) continue;
      this.turn({ kind: "finished", subject: name, payload: null }, () =>
        this.send(rootName, { type: "actor.finished", name } as EventObject),
      );
    }
  }

  private async perform(effect: WantedEffect): Promise<void> {
    const { owner, src } = effect;
    const event = await answerOf(effect, this.options.effects[src]);
    if (!this.effects.done(effect)) return;
    const { act, book, correlation } = this.options.admit(effect, event);
    const payload = { effect: src, event };
    this.turn({ kind: "effect", subject: owner, correlation, payload }, act, book);
  }

  private journal(turn: Turn): void {
    const record = journalRecord(this.head, turn.fields());
    this.uncommitted.records.push(record);
    this.head = { seq: record.seq, hash: record.hash };
  }

  private store(name: string): StoredActor[] {
    const actor = this.live.get(name);
    if (!actor) return [];
    const { version } = this.options.kinds[actor.kind];
    return [storedActor(actor, version, this.effects.of(name), this.timers.of(name))];
  }
}
