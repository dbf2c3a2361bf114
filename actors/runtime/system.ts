import { type AnyActorRef, type AnyMachineSnapshot, createActor, type EventObject } from "xstate";
import { assert } from "../../machines/domain/assert.ts";
import { kindOf } from "../../machines/domain/ids.ts";
import { durable, type Host } from "./durable.ts";
import { answerOf, type EffectFilter, EffectTable, type WantedEffect } from "./effects.ts";
import { type GuardResults, GuardTrace, invokedSources, traced } from "./guards.ts";
import type { LiveActor } from "./live-actors.ts";
import type { SystemOptions } from "./options.ts";
import type { JournalHead, StoredActor } from "./ports.ts";
import { childrenOf, plainSnapshot } from "./snapshot.ts";
import { afterBreach, Standing } from "./standing.ts";
import type { TimerTable } from "./timers.ts";
import { type Failure, Turn, type TurnInput } from "./turn.ts";
import { rejectedOf, type SetAside, type Started, TakeOver } from "./upgrade.ts";

const rootName = "desk";

/**
 * The actor system: one door, one input at a time. Each input sets off one cascade of transitions,
 * the turn, which is journaled and committed as one before anything that it wants is done.
 */
export class ActorSystem implements Host {
  readonly timers: TimerTable;
  readonly effects: EffectTable;
  private readonly standing: Standing;
  private readonly takeOver: TakeOver;
  private readonly logics: Record<string, ReturnType<typeof durable>> = {};
  private readonly guards: GuardTrace;
  private current: Turn | null = null;
  private isUndoing = false;
  private head: JournalHead = { seq: 0, hash: "" };
  /** Actors whose next creation goes on from what the archive holds. */
  private readonly reviving = new Map<string, unknown>();
  /** Actors whose next creation begins from its input, whatever there is of them. */
  private readonly renewing = new Set<string>();
  private committed: JournalHead = { seq: 0, hash: "" };
  /** Why stored snapshots could not be restored, by actor. */
  private readonly rejections = new Map<string, string>();
  /** Why no further turn is taken: memory and ledger parted, or all was stopped. */
  private breach: unknown = null;

  constructor(private readonly options: SystemOptions) {
    this.guards = new GuardTrace(options.store.keeps === undefined);
    const invokers = new Set<string>();
    for (const [kind, { machine }] of Object.entries(options.kinds)) {
      this.logics[kind] = durable(traced(machine, this.guards), this, !this.guards.isOn);
      for (const src of invokedSources(machine)) {
        const text = `Cannot run machine "${machine.id}": no handler of its effect "${src}"`;
        assert(options.effects[src] !== undefined, text);
        invokers.add(kind);
      }
    }
    this.effects = new EffectTable(new Set(Object.keys(options.effects)), invokers);
    this.standing = new Standing(options, this.effects);
    this.timers = this.standing.timers;
    this.takeOver = new TakeOver(options.kinds);
  }

  /**
   * Starts from what is stored, or anew. Nothing runs until the first turn. Actors whose snapshot
   * could not be taken over are told in `setAside` and are not there: the caller makes them anew.
   */
  start(): Started {
    const stored = this.options.store.load();
    this.head = stored.head;
    this.committed = stored.head;
    const { actors, setAside } = this.takeOver.all(stored.actors);
    const root = actors.find((actor) => actor.name === rootName);
    if (root) {
      const snapshot = { ...(root.snapshot as object), children: childrenOf(root, actors) };
      createActor(this.rootLogic(), { id: rootName, snapshot: snapshot as never }).start();
    }
    const { live } = this.standing;
    if (live.get(rootName)) {
      for (const actor of actors) {
        if (this.rejections.has(actor.name)) continue;
        this.timers.arm(actor);
        live.mark(actor.name, actor.seq);
      }
    } else {
      // What was restored under a root that was then refused hangs in the air.
      this.standing.clear();
      this.startRoot(actors);
    }
    setAside.push(...rejectedOf(stored.actors, this.rejections));
    return { resumed: stored.actors.length > 0, head: this.head, setAside };
  }

  /** Stops all actors, the last started first; what is stored goes on at the next start. */
  stop(): void {
    assert(this.current === null, "Cannot stop inside a turn");
    if (this.breach === null) this.commit();
    this.breach ??= new Error("it was stopped");
    this.find(rootName)?.stop();
  }

  private rootLogic(): ReturnType<typeof durable> {
    // The root spawns all others: its own durable logic has theirs provided.
    const actors = { ...this.logics };
    delete actors[rootName];
    const machine = this.options.kinds.desk.machine.provide({ actors } as never);
    return durable(traced(machine, this.guards), this, !this.guards.isOn);
  }

  /** Makes the root anew; actors that are stored go on under it, but for those that cannot. */
  private startRoot(actors: readonly StoredActor[]): void {
    for (;;) {
      const others = actors.filter(({ name }) => name !== rootName && !this.rejections.has(name));
      const failure = this.genesis(others);
      if (!failure) {
        for (const actor of others) this.timers.arm(actor);
        return;
      }
      if (!others.some(({ name }) => name === failure.actor)) {
        const text = `Cannot start actor system: making "${failure.actor}" failed: ${failure.error}`;
        this.breach = new Error(text);
        throw this.breach;
      }
      this.rejections.set(failure.actor, failure.error);
    }
  }

  private genesis(others: readonly StoredActor[]): Failure | null {
    const logic = this.rootLogic();
    const turn = this.turn({ kind: "genesis", subject: rootName, payload: null }, () => {
      for (const { name, snapshot } of others) this.reviving.set(name, snapshot);
      createActor(logic, { id: rootName, input: this.options.rootInput }).start();
      for (const { name, kind } of others) {
        if (this.find(name)) continue;
        this.send(rootName, { type: "actor.revive", name, kind } as EventObject);
      }
    });
    return turn.failure;
  }

  /**
   * Lets one input in. `book` runs first and is kept even if the actors are undone; `act` sends
   * events to actors, and is undone with them if it throws itself.
   *
   * @throws what `book` throws, and what the commit throws that a full group makes: memory is not
   * to be trusted then, and the system takes no further turn.
   */
  turn(input: TurnInput, act: (turn: Turn) => void, book?: (turn: Turn) => void): Turn {
    this.assertWhole();
    if (this.current) assert(false, `Cannot start turn "${input.kind}" inside another`);
    const turn = new Turn(input, this.options.clock.now(), this.guards.isOn);
    this.current = turn;
    try {
      book?.(turn);
      turn.attempt(act);
      if (turn.failure) this.undo(turn);
      else this.standing.accept(turn, this.head.seq + 1);
      this.journal(turn);
    } catch (error) {
      this.breach = error;
      throw error;
    } finally {
      this.current = null;
      // A clear makes another table: nine turns in ten leave nothing in them.
      if (this.reviving.size > 0) this.reviving.clear();
      if (this.renewing.size > 0) this.renewing.clear();
    }
    this.options.onTurn(turn);
    if (this.standing.uncommitted.turns >= this.options.groupLimit) this.commit();
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
    this.standing.live.mark(timer.actor, this.head.seq + 1);
    this.standing.uncommitted.dirty.add(timer.actor);
    const payload = { id: timer.id, deadline: timer.deadline };
    return this.turn({ kind: "timer", subject: timer.actor, payload }, () =>
      this.send(timer.actor, timer.event),
    );
  }

  /**
   * Does the effects that are wanted, each after a commit, and lets their answers in, until none
   * is left. In order and one at a time, so that the same run gives the same turns.
   */
  async settle(only?: EffectFilter): Promise<void> {
    for (let due = this.due(only); due; due = this.due(only)) await this.perform(due);
  }

  /**
   * Begins the effects that are wanted and not under way, none waiting for another: on a wire, a
   * cancel must not stand behind a read. Each answer makes its turn when it comes; `done` is
   * told then, or `failed` where the turn or its commit threw.
   */
  begin(done: () => void, failed: (error: unknown) => void, only?: EffectFilter): void {
    for (let due = this.due(only); due; due = this.due(only)) this.perform(due).then(done, failed);
  }

  /** The next effect to begin, all that led to it being durable; null for none. */
  private due(only: EffectFilter = () => true): WantedEffect | null {
    this.reap();
    const effect = this.effects.begin(only);
    if (effect) this.commit();
    return effect;
  }

  /**
   * Makes every turn so far durable, then lets out what waited for it.
   *
   * @throws if it cannot; what is in memory is then not to be trusted, and no later call succeeds.
   */
  commit(): void {
    this.assertWhole();
    const { uncommitted } = this.standing;
    if (uncommitted.turns === 0) return;
    const { reached, store, outside } = this.options;
    try {
      const batch = this.standing.batch(outside());
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
    this.committed = this.head;
    this.options.onCommit();
    for (const run of waiting) run();
  }

  /** Runs something that the outside will see, once all turns so far are durable. */
  onceCommitted(run: () => void): void {
    const { uncommitted } = this.standing;
    if (uncommitted.turns === 0 && this.current === null) run();
    else uncommitted.wait(run);
  }

  /** Whether effects or finished actors wait. */
  get isBusy(): boolean {
    return this.effects.size > 0 || this.standing.finished.length > 0;
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
    return this.standing.live.get(actor)?.snapshot;
  }

  /** The live actors in the order of their names, whatever was restarted. */
  *actors(): Iterable<readonly [name: string, snapshot: AnyMachineSnapshot]> {
    for (const { name, snapshot } of this.standing.live) yield [name, snapshot];
  }

  /** The live actors, each with the record that left it as it is. */
  get live(): Iterable<LiveActor> {
    return this.standing.live;
  }

  /** A finished actor as it was archived, committed or not. */
  archivedActor(name: string): StoredActor | null {
    return this.standing.archivedActor(name);
  }

  /** Makes sure that an actor lives, from the archive if need be. False if nobody knows it. */
  ensureLive(actor: string): boolean {
    if (this.find(actor)) return true;
    const stored = this.standing.archivedActor(actor);
    if (!stored) return false;
    const kind = kindOf(actor);
    const taken = this.takeOver.one(stored);
    if ("error" in taken) {
      const input = this.options.makeAnew?.(taken) ?? null;
      if (input === null) return false;
      this.rebuild(actor, input);
      return true;
    }
    this.reviving.set(actor, taken.snapshot);
    this.send(rootName, { type: "actor.revive", name: actor, kind } as EventObject);
    return true;
  }

  /** Makes an actor anew from an input, inside a turn; one that lives is replaced. */
  rebuild(actor: string, input: unknown): void {
    this.renewing.add(actor);
    const kind = kindOf(actor);
    this.send(rootName, { type: "actor.rebuild", name: actor, kind, input } as EventObject);
  }

  /** Takes an actor that was set aside, and that nothing can be made of, out of the live ones. */
  discard({ actor }: SetAside): void {
    this.standing.discard(actor);
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
    if (this.renewing.has(actor)) return null;
    const archived = this.reviving.get(actor);
    if (archived !== undefined) return archived;
    // Made again while it lives: a restart, which goes on from its last good snapshot.
    const live = this.standing.live.get(actor);
    return live ? plainSnapshot(live.snapshot, this.effects.of(actor)) : null;
  }

  find(actor: string): AnyActorRef | undefined {
    const { current } = this;
    const touched = current?.isFelt ? current.touched.get(actor) : undefined;
    return touched?.ref ?? this.standing.live.get(actor)?.ref;
  }

  complete(actor: string, input: unknown, turn: Turn): unknown {
    return this.options.complete(kindOf(actor), input, turn);
  }

  adopted(name: string, ref: AnyActorRef, snapshot: AnyMachineSnapshot): void {
    const kind = kindOf(name);
    this.standing.live.set({ name, kind, ref, snapshot, seq: 0 });
    this.effects.follow(name, kind, snapshot, true);
    // The process ended between its end and its burial.
    if (snapshot.hasTag("finished")) this.standing.finished.push(name);
  }

  rejected(name: string, error: unknown): void {
    this.rejections.set(name, error instanceof Error ? error.message : String(error));
  }

  private assertWhole(): void {
    if (this.breach !== null) throw afterBreach(this.breach);
  }

  private undo(turn: Turn): void {
    this.isUndoing = true;
    try {
      turn.putBack();
    } finally {
      this.isUndoing = false;
      this.guards.take();
    }
    turn.transitions.length = 0;
    this.standing.uncommitted.ledger.push(...turn.booked);
  }

  /** Stops and archives actors that came to their end: XState would keep them. */
  private reap(): void {
    for (const name of this.standing.takeFinished()) {
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
    this.head = this.standing.uncommitted.note(turn, this.head);
  }
}
