import { type AnyActorRef, type AnyMachineSnapshot, createActor, type EventObject } from "xstate";
import { assert } from "../../machines/domain/assert.ts";
import { type ActorKind, kindOf } from "../../machines/domain/ids.ts";
import type { LedgerChange } from "../../machines/domain/ledger.ts";
import { durable, type Host, restoreEvent } from "./durable.ts";
import { EffectTable, type WantedEffect } from "./effects.ts";
import { GuardTrace, invokesAnything, traced } from "./guards.ts";
import { journalRecord } from "./journal.ts";
import type { SystemOptions } from "./options.ts";
import type { CommitBatch, JournalHead, JournalRecord, StoredActor } from "./ports.ts";
import { plainSnapshot } from "./snapshot.ts";
import { TimerTable } from "./timers.ts";
import { Turn, type TurnInput } from "./turn.ts";

interface LiveActor {
  readonly name: string;
  readonly kind: ActorKind;
  ref: AnyActorRef;
  snapshot: AnyMachineSnapshot;
}

const rootName = "desk";

/**
 * The actor system: one door, one input at a time. Each input sets off one cascade of transitions,
 * the turn, which is journaled and committed as one before anything that it wants is done.
 */
export class ActorSystem implements Host {
  readonly timers = new TimerTable();
  readonly effects: EffectTable;
  private readonly live = new Map<string, LiveActor>();
  private readonly logics: Record<string, ReturnType<typeof durable>> = {};
  private readonly guards = new GuardTrace();
  private current: Turn | null = null;
  private isUndoing = false;
  private head: JournalHead = { seq: 0, hash: "" };
  private records: JournalRecord[] = [];
  private readonly dirty = new Set<string>();
  private archived = new Map<string, StoredActor>();
  private revived = new Set<string>();
  private ledger: LedgerChange[] = [];
  private finished: string[] = [];
  private afterCommit: (() => void)[] = [];
  /** Actors whose next creation goes on from what the archive holds. */
  private readonly reviving = new Map<string, unknown>();
  private committed: JournalHead = { seq: 0, hash: "" };

  constructor(private readonly options: SystemOptions) {
    const kinds = Object.entries(options.kinds);
    this.effects = new EffectTable(
      new Set(Object.keys(options.effects)),
      new Set(kinds.filter(([, each]) => invokesAnything(each.machine)).map(([kind]) => kind)),
    );
    for (const [kind, { machine }] of kinds) {
      this.logics[kind] = durable(traced(machine, this.guards), this);
    }
  }

  /** Starts from what is stored, or anew. Nothing runs until the first turn. */
  start(): { readonly resumed: boolean; readonly head: JournalHead } {
    const stored = this.options.store.load();
    this.head = stored.head;
    this.committed = stored.head;
    const root = stored.actors.find((actor) => actor.name === rootName);
    // The root spawns all others: its own durable logic has theirs provided.
    const actors = { ...this.logics };
    delete actors[rootName];
    const machine = this.options.kinds.desk.machine.provide({ actors } as never);
    const logic = durable(traced(machine, this.guards), this);
    if (root) {
      const snapshot = { ...(root.snapshot as object), children: this.childrenOf(stored.actors) };
      createActor(logic, { id: rootName, snapshot: snapshot as never }).start();
      for (const actor of stored.actors) this.armTimers(actor);
    } else {
      this.turn({ kind: "genesis", subject: rootName, payload: null }, () => {
        createActor(logic, { id: rootName, input: this.options.rootInput }).start();
      });
    }
    return { resumed: root !== undefined, head: this.head };
  }

  /**
   * Lets one input in. `book` runs first and is kept even if the actors are undone; `act` sends
   * events to actors.
   */
  turn(input: TurnInput, act: (turn: Turn) => void, book?: (turn: Turn) => void): Turn {
    assert(this.current === null, `Cannot start turn "${input.kind}" inside another`);
    const turn = new Turn(input, this.options.clock.now());
    this.current = turn;
    try {
      book?.(turn);
      act(turn);
      if (turn.failure) this.undo(turn);
      else this.accept(turn);
    } finally {
      this.current = null;
      this.reviving.clear();
    }
    this.journal(turn);
    this.options.onTurn(turn);
    if (this.records.length >= this.options.groupLimit) this.commit();
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
    this.dirty.add(timer.actor);
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
      const effect = this.nextEffect(only);
      if (!effect) return;
      this.commit();
      await this.perform(effect);
    }
  }

  /** Makes every turn so far durable, then lets out what waited for it. @throws if it cannot. */
  commit(): void {
    if (this.records.length === 0) return;
    const { reached, store } = this.options;
    const last = this.records.at(-1);
    assert(last !== undefined, "Cannot commit no records");
    const batch: CommitBatch = {
      records: this.records,
      actors: [...this.dirty].flatMap((name) => this.store(name)),
      archived: [...this.archived.values()],
      revived: [...this.revived],
      ledger: this.ledger,
      state: this.options.outside(),
    };
    reached("commit.before");
    if (batch.archived.length > 0) reached("archive.before");
    store.commit(batch);
    reached("commit.after");
    if (batch.archived.length > 0) reached("archive.after");
    this.records = [];
    this.dirty.clear();
    this.archived = new Map();
    this.revived = new Set();
    this.ledger = [];
    this.committed = { seq: last.seq, hash: last.hash };
    this.options.onCommit();
    const waiting = this.afterCommit;
    this.afterCommit = [];
    for (const run of waiting) run();
  }

  /** Runs something that the outside will see, once all turns so far are durable. */
  onceCommitted(run: () => void): void {
    if (this.records.length === 0) run();
    else this.afterCommit.push(run);
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

  *actors(): Iterable<readonly [name: string, snapshot: AnyMachineSnapshot]> {
    for (const [name, actor] of this.live) yield [name, actor.snapshot];
  }

  /** Makes sure that an actor lives, from the archive if need be. False if nobody knows it. */
  ensureLive(actor: string): boolean {
    if (this.live.has(actor)) return true;
    const stored = this.archived.get(actor) ?? this.options.store.archivedActor(actor);
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

  takeGuards(): readonly (readonly [string, boolean])[] {
    return this.guards.take();
  }

  stored(actor: string): unknown {
    return this.reviving.get(actor) ?? null;
  }

  find(actor: string): AnyActorRef | undefined {
    return this.current?.touched.get(actor)?.ref ?? this.live.get(actor)?.ref;
  }

  complete(actor: string, input: unknown, turn: Turn): unknown {
    return this.options.complete(kindOf(actor), input, turn);
  }

  adopted(name: string, ref: AnyActorRef, snapshot: AnyMachineSnapshot): void {
    this.live.set(name, { name, kind: kindOf(name), ref, snapshot });
    this.effects.follow(name, snapshot, true);
  }

  private childrenOf(actors: readonly StoredActor[]): Record<string, object> {
    const children: Record<string, object> = {};
    for (const { name, kind, snapshot } of actors) {
      if (name !== rootName) children[name] = { snapshot, src: kind, syncSnapshot: false };
    }
    return children;
  }

  private armTimers({ name, timers }: StoredActor): void {
    for (const { id, deadline, event } of timers) {
      this.timers.set({ actor: name, id, deadline, event });
    }
  }

  private accept(turn: Turn): void {
    // What was booked comes before what follows from it: later rows replace earlier ones.
    this.ledger.push(...turn.booked);
    for (const change of turn.timers) {
      const { actor, id, timer } = change;
      if (timer) this.timers.set({ actor, id, ...timer });
      else this.timers.cancel(actor, id);
    }
    for (const [name, { ref, after, before, revived }] of turn.touched) {
      this.live.set(name, { name, kind: kindOf(name), ref, snapshot: after });
      if (revived) this.revive(name);
      if (after !== before) {
        this.dirty.add(name);
        this.effects.follow(name, after, false);
        this.ledger.push(...this.options.project(name, after, before, turn));
        if (after.hasTag("finished")) this.finished.push(name);
      }
    }
    for (const name of turn.stopped) this.bury(name, turn);
  }

  private undo(turn: Turn): void {
    assert(turn.stopped.size === 0, `Cannot undo turn "${turn.input.kind}": it stopped an actor`);
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
    this.ledger.push(...turn.booked);
  }

  private revive(name: string): void {
    const stored = this.archived.get(name) ?? this.options.store.archivedActor(name);
    if (stored) this.armTimers(stored);
    this.archived.delete(name);
    this.revived.add(name);
  }

  private bury(name: string, turn: Turn): void {
    const actor = this.live.get(name);
    if (!actor) return;
    for (const stored of this.store(name)) this.archived.set(name, stored);
    turn.buried.set(name, actor.snapshot);
    this.live.delete(name);
    this.dirty.delete(name);
    this.revived.delete(name);
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

  private nextEffect(only: (effect: WantedEffect) => boolean): WantedEffect | null {
    for (const effect of this.effects.pending()) if (only(effect)) return effect;
    return null;
  }

  private async perform(effect: WantedEffect): Promise<void> {
    const { owner, id, src, input, again } = effect;
    const handler = this.options.effects[src];
    assert(handler !== undefined, `Cannot do effect "${src}" of "${owner}": no handler`);
    let event: EventObject;
    try {
      event = await handler(input as never, { owner, again });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      event = { type: `xstate.error.actor.${id}`, error: text, actorId: id } as EventObject;
    }
    if (!this.effects.done(effect)) return;
    const { act, book, correlation } = this.options.admit(effect, event);
    const payload = { effect: src, event };
    this.turn({ kind: "effect", subject: owner, correlation, payload }, act, book);
  }

  private journal(turn: Turn): void {
    const { input, at, decision, failure } = turn;
    const record = journalRecord(this.head, {
      at,
      kind: input.kind,
      subject: input.subject,
      code: decision?.code ?? null,
      correlation: input.correlation ?? null,
      input: input.payload,
      ...(turn.transitions.length > 0 ? { transitions: turn.transitions } : {}),
      ...(decision ? { decision } : {}),
      ...(Object.keys(turn.draws).length > 0 ? { draws: turn.draws } : {}),
      ...(turn.deadLetters.length > 0 ? { deadLetters: turn.deadLetters } : {}),
      ...(failure ? { undone: failure } : {}),
    });
    this.records.push(record);
    this.head = { seq: record.seq, hash: record.hash };
  }

  private store(name: string): StoredActor[] {
    const actor = this.live.get(name);
    if (!actor) return [];
    return [
      {
        name,
        kind: actor.kind,
        version: this.options.kinds[actor.kind].version,
        snapshot: plainSnapshot(actor.snapshot, this.effects.of(name)),
        timers: this.timers.of(name).map(({ id, deadline, event }) => ({ id, deadline, event })),
        seq: this.head.seq,
      },
    ];
  }
}
