import type {
  ActorLogic,
  ActorScope,
  AnyActorRef,
  AnyMachineSnapshot,
  AnyStateMachine,
  EventObject,
} from "xstate";
import { AssertionError, assert } from "../../machines/domain/assert.ts";
import { compiled, type Transitions } from "./compiled.ts";
import type { GuardResults } from "./guards.ts";
import { restoreEvent, type Turn } from "./turn.ts";

/** What the durable logic tells of its actor, and asks. The actor system is the one host. */
export interface Host {
  /** The turn under way, or null. */
  turnUnderWay(): Turn | null;
  undoing(): boolean;
  /** Results of the guards tried since the last call. */
  takeGuards(): GuardResults;
  /** Puts back what was taken from an actor in the middle of its transition. */
  returnGuards(taken: GuardResults): void;
  /** The stored snapshot that an actor of this name is to go on from, or null. */
  stored(actor: string): unknown;
  /** Adds to a new actor's input what a machine cannot know: the time, and draws. */
  complete(actor: string, input: unknown, turn: Turn): unknown;
  find(actor: string): AnyActorRef | undefined;
  adopted(actor: string, ref: AnyActorRef, snapshot: AnyMachineSnapshot): void;
  /** A stored snapshot could not be restored: its actor is to be made anew. */
  rejected(actor: string, error: unknown): void;
}

type Scope = ActorScope<AnyMachineSnapshot, EventObject>;

// Parts of XState's actor system that its types keep to themselves and that built-in actions call
// on the scope they are handed. The tests of this file fail if a new XState changes them.
interface SystemInternals {
  get(actor: string): AnyActorRef | undefined;
  _relay(source: AnyActorRef | undefined, target: AnyActorRef, event: EventObject): void;
  readonly scheduler: {
    schedule(
      source: AnyActorRef,
      target: AnyActorRef,
      event: EventObject,
      delay: number,
      id: string,
    ): void;
    cancel(source: AnyActorRef, id: string): void;
    cancelAll(source: AnyActorRef): void;
  };
}

/** Logics made here: an actor of one is stopped only once its turn stands. */
const durables = new WeakSet<object>();

/** By its logic, for another actor may have its name already: the one that it is restarted as. */
function isDurable(actor: AnyActorRef): boolean {
  return durables.has((actor as unknown as { readonly logic: object }).logic);
}

/** Stands for an actor that is not there any more. */
interface DeadLetter {
  readonly deadLetter: string;
}

/**
 * What a machine is handed instead of its own scope: sends, timers, starts and stops are held back
 * until its transition has succeeded, and custom actions are refused, for XState would run them
 * inside `transition()`, before anything is durable.
 */
class HeldScope {
  readonly scope: Scope;
  private held: (() => void)[] | null = null;
  private isHolding = false;

  constructor(
    private readonly outer: Scope,
    host: Host,
  ) {
    const actor = outer.self.id;
    const system = outer.system as unknown as SystemInternals;
    const view: SystemInternals = Object.assign(Object.create(system), {
      get: (name: string) => host.find(name) ?? { deadLetter: name },
      _relay: (source: AnyActorRef, target: AnyActorRef | DeadLetter, event: EventObject) => {
        const turn = host.turnUnderWay();
        if ("deadLetter" in target) {
          turn?.deadLetters.push({ to: target.deadLetter, event: event.type });
          return;
        }
        turn?.sent(actor, event);
        system._relay(source, target, event);
      },
      scheduler: {
        schedule: (
          source: AnyActorRef,
          target: AnyActorRef,
          event: EventObject,
          delay: number,
          id: string,
        ) => {
          const turn = host.turnUnderWay();
          assert(turn !== null, `Cannot set timer "${id}" of "${actor}" outside a turn`);
          if (source !== target) {
            // Thrown from here, where XState lets go what was deferred, it would put the actor in
            // its error state, turn or no turn.
            const text = `Cannot keep timer "${id}" of "${actor}" for another actor`;
            turn.fail(actor, event, new TypeError(text));
            return;
          }
          turn.timers.push({ actor, id, timer: { deadline: turn.at + delay, event } });
        },
        cancel: (_source: AnyActorRef, id: string) => {
          host.turnUnderWay()?.timers.push({ actor, id, timer: null });
        },
        cancelAll: () => {},
      },
    });
    this.scope = {
      ...outer,
      system: view as unknown as Scope["system"],
      defer: (run) => {
        if (!this.isHolding) outer.defer(run);
        else if (this.held) this.held.push(run);
        else this.held = [run];
      },
      // XState cannot start again what it stopped: a durable child is stopped once its turn stands.
      stopChild: (child) => {
        const turn = host.turnUnderWay();
        if (turn && isDurable(child as AnyActorRef)) turn.stops.push(() => outer.stopChild(child));
        else outer.stopChild(child);
      },
      actionExecutor: (action) => {
        if (!action.type.startsWith("xstate.")) {
          throw new TypeError(`Cannot run custom action "${action.type}" in a durable machine`);
        }
        if (action.type === "xstate.stopChild") {
          // Undefined where the child is not there any more.
          const child = action.params as unknown as AnyActorRef | undefined;
          if (child && isDurable(child)) host.turnUnderWay()?.leaving.add(child.id);
        }
        outer.actionExecutor(action);
      },
    };
  }

  /** A step of the machine begins: what it defers is held back. */
  begin(): void {
    this.held = null;
    this.isHolding = true;
  }

  /**
   * The step is over, with a result: what it deferred is let go. A snapshot in error, which is how
   * XState returns what an initial state throws and a rejection that no state takes, is thrown:
   * accepted, it would take down the root.
   */
  accept(result: AnyMachineSnapshot): AnyMachineSnapshot {
    if (result.status === "error") throw asError(result.error);
    if (this.held) for (const each of this.held) this.outer.defer(each);
    return result;
  }

  /** The step is over, whatever came of it. */
  end(): void {
    this.held = null;
    this.isHolding = false;
  }
}

const outside = (what: string) => new AssertionError(`Cannot ${what} outside a turn`);

/** What an effect was rejected with is told as text. */
function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** New values of the keys that differ. */
function difference(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  if (before === after) return changed;
  for (const key in after) {
    if (!Object.is(before[key], after[key])) changed[key] = after[key];
  }
  return changed;
}

/** Stands where an actor could not be made or restored: takes no event, is never started. */
const inert = { status: "stopped", children: {}, context: {} } as unknown as AnyMachineSnapshot;

type Logic = ActorLogic<AnyMachineSnapshot, EventObject, unknown>;

class DurableLogic {
  private readonly scopes = new WeakMap<AnyActorRef, HeldScope>();
  private readonly transitions: Transitions;

  constructor(
    private readonly machine: AnyStateMachine,
    private readonly host: Host,
    isCompiled: boolean,
  ) {
    this.transitions = isCompiled ? compiled(machine) : (machine as Transitions);
  }

  initial(outer: Scope, input: unknown): AnyMachineSnapshot {
    const { host } = this;
    const actor = outer.self.id;
    const turn = host.turnUnderWay();
    if (turn === null) throw outside(`make actor "${actor}"`);
    const held = this.scopeOf(outer);
    const stored = host.stored(actor);
    const first = turn.transitions.length;
    // An actor is made in the middle of its parent's transition.
    const guardsOfParent = host.takeGuards();
    try {
      const isFree = host.find(actor) === undefined || turn.leaving.has(actor);
      assert(isFree, `Cannot make actor "${actor}": it lives`);
      const snapshot =
        stored === null ? this.made(held, actor, input, turn) : this.restored(stored, outer);
      turn.made(actor, outer.self, snapshot, stored !== null);
      if (!turn.isJournaled) return snapshot;
      const event = { type: stored === null ? "xstate.init" : "novactor.revived" };
      const changed = stored === null ? { ...snapshot.context } : {};
      const guards = host.takeGuards();
      const to = snapshot.value;
      turn.record({ actor, event, cause: null, from: null, to, guards, changed }, first);
      return snapshot;
    } catch (error) {
      host.takeGuards();
      turn.fail(actor, { type: "xstate.init" }, error);
      // Thrown on, XState would end the process from a timer; the undone turn drops this actor.
      return inert;
    } finally {
      host.returnGuards(guardsOfParent);
    }
  }

  private made(held: HeldScope, actor: string, input: unknown, turn: Turn): AnyMachineSnapshot {
    held.begin();
    try {
      const given = this.host.complete(actor, input, turn);
      return held.accept(this.transitions.getInitialSnapshot(held.scope, given));
    } finally {
      held.end();
    }
  }

  restored(persisted: unknown, outer: Scope): AnyMachineSnapshot {
    const { machine } = this;
    const held = this.scopeOf(outer);
    held.begin();
    try {
      const stored = persisted as Parameters<typeof machine.restoreSnapshot>[0];
      return held.accept(machine.restoreSnapshot(stored, held.scope) as AnyMachineSnapshot);
    } finally {
      held.end();
    }
  }

  /** Puts back what an undone turn found; children that it made are stopped. */
  putBack(snapshot: AnyMachineSnapshot, event: EventObject, outer: Scope): AnyMachineSnapshot {
    const before = (event as unknown as { snapshot: AnyMachineSnapshot }).snapshot;
    for (const [id, child] of Object.entries(snapshot.children)) {
      const known: AnyActorRef | undefined = before.children[id];
      if (child && known !== child) outer.stopChild(child as AnyActorRef);
    }
    return before;
  }

  next(snapshot: AnyMachineSnapshot, event: EventObject, outer: Scope): AnyMachineSnapshot {
    const { transitions, host } = this;
    const actor = outer.self.id;
    const held = this.scopeOf(outer);
    const turn = host.turnUnderWay();
    if (event.type === "xstate.stop") {
      if (!host.undoing()) turn?.stopped.add(actor);
      if (snapshot.status !== "active") return snapshot;
      if (!turn) {
        // The end of the process: who was started last is stopped first.
        for (const child of Object.values(snapshot.children).reverse()) {
          if (child) outer.stopChild(child as AnyActorRef);
        }
      }
      return transitions.transition(snapshot, event, held.scope);
    }
    if (turn === null) {
      throw outside(`take event "${event.type}" at "${actor}"`);
    }
    if (turn.failure || host.undoing()) return snapshot;
    const first = turn.transitions.length;
    try {
      held.begin();
      const next = held.accept(transitions.transition(snapshot, event, held.scope));
      turn.touch(actor, outer.self, snapshot, next);
      if (!turn.isJournaled) return next;
      const guards = host.takeGuards();
      const transition = {
        actor,
        event,
        cause: turn.causeOf(event),
        from: snapshot.value,
        to: next.value,
        guards,
        changed: difference(snapshot.context, next.context),
      };
      turn.record(
        this.isIgnored(snapshot, next, event) ? { ...transition, ignored: true } : transition,
        first,
      );
      return next;
    } catch (error) {
      host.takeGuards();
      turn.fail(actor, event, error);
      return snapshot;
    } finally {
      held.end();
    }
  }

  /** A transition that only sends leaves the very same snapshot, as one that is not there does. */
  private isIgnored(
    before: AnyMachineSnapshot,
    after: AnyMachineSnapshot,
    event: EventObject,
  ): boolean {
    if (after !== before) return false;
    const isTaken = before.can(event);
    this.host.takeGuards();
    return !isTaken;
  }

  private scopeOf(outer: Scope): HeldScope {
    let held = this.scopes.get(outer.self);
    if (!held) {
      held = new HeldScope(outer, this.host);
      this.scopes.set(outer.self, held);
    }
    return held;
  }
}

/**
 * Makes a machine durable, the way XState composes logic: each transition is reported to the turn,
 * a throw is held there, an earlier snapshot can be put back, and creation goes on from a stored
 * snapshot where there is one. The machine knows nothing of it.
 *
 * @param isCompiled whether its transitions are compiled, or XState's own
 */
export function durable(machine: AnyStateMachine, host: Host, isCompiled = false): Logic {
  const logic = new DurableLogic(machine, host, isCompiled);
  const durableLogic: Logic = {
    config: machine,
    getInitialSnapshot: (outer, input) => logic.initial(outer, input),
    restoreSnapshot(persisted, outer) {
      try {
        const snapshot = logic.restored(persisted, outer);
        host.adopted(outer.self.id, outer.self, snapshot);
        return snapshot;
      } catch (error) {
        host.rejected(outer.self.id, error);
        return inert;
      }
    },
    transition: (snapshot, event, outer) =>
      event.type === restoreEvent
        ? logic.putBack(snapshot, event, outer)
        : logic.next(snapshot, event, outer),
    start: (snapshot) => machine.start(snapshot),
    getPersistedSnapshot: (snapshot) => snapshot,
  };
  durables.add(durableLogic);
  return durableLogic;
}
