import {
  type ActorScope,
  type AnyActorLogic,
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EventObject,
} from "xstate";
import { assert } from "../../machines/domain/assert.ts";
import { type Action, Chart, type Configuration, type Part } from "./chart.ts";
import type { Transition } from "./entry-exit.ts";

type Scope = ActorScope<AnyMachineSnapshot, EventObject>;

/** What `durable()` asks of a machine, and what is compiled of it. */
export interface Transitions {
  transition(snapshot: AnyMachineSnapshot, event: EventObject, scope: Scope): AnyMachineSnapshot;
  /** A snapshot in error, or a throw, for what its initial states throw. */
  getInitialSnapshot(scope: Scope, input: unknown): AnyMachineSnapshot;
}

interface Arguments {
  readonly context: unknown;
  readonly event: EventObject;
  readonly self: unknown;
  readonly system: unknown;
}

/** A built-in action, with what it was made of. */
interface BuiltIn {
  readonly type: string;
  readonly resolve: (
    scope: Scope,
    snapshot: AnyMachineSnapshot,
    args: Arguments,
    params: unknown,
    action: unknown,
    extra: Extra,
  ) => readonly [snapshot: AnyMachineSnapshot, params: unknown, actions: Action[] | undefined];
  readonly execute?: (scope: Scope, params: unknown) => void;
  readonly retryResolve?: (scope: Scope, snapshot: AnyMachineSnapshot, params: unknown) => void;
}

interface Extra {
  readonly internalQueue: EventObject[];
  readonly deferredActorIds: readonly string[] | undefined;
}

type Computed = (args: unknown, params?: unknown) => unknown;

interface Assign extends BuiltIn {
  readonly assignment: Computed | Readonly<Record<string, unknown>>;
}

interface Spawn extends BuiltIn {
  readonly src: string | AnyActorLogic;
  readonly id: unknown;
  readonly input: unknown;
  readonly systemId: string | undefined;
  readonly syncSnapshot: boolean;
}

interface Stop extends BuiltIn {
  readonly actorRef: unknown;
}

const isComputed = (value: unknown): value is Computed => typeof value === "function";

const cannotSpawn = () => {
  throw new TypeError("Cannot spawn an actor in an assignment of a compiled machine");
};

/**
 * A machine's transitions, compiled: the states of each configuration, what its transitions leave
 * and enter, and which of them may take an event, are worked out once and not on each microstep.
 * The snapshots, actions and their order are XState's (`compiled.test.ts` holds them against it).
 */
class CompiledMachine implements Transitions {
  private readonly chart: Chart;
  private readonly methods: Pick<
    AnyMachineSnapshot,
    "matches" | "hasTag" | "can" | "getMeta" | "toJSON"
  >;
  private readonly mostSteps: number;

  constructor(private readonly machine: AnyStateMachine) {
    this.chart = new Chart(machine);
    const { value } = this.chart.initial.to;
    const { matches, hasTag, can, getMeta, toJSON } = machine.resolveState({
      value: value as never,
      context: {},
    }) as AnyMachineSnapshot;
    this.methods = { matches, hasTag, can, getMeta, toJSON };
    this.mostSteps = machine.options?.maxIterations ?? Number.POSITIVE_INFINITY;
  }

  getInitialSnapshot(scope: Scope, input: unknown): AnyMachineSnapshot {
    const { chart, machine } = this;
    const event = { type: "xstate.init", input } as EventObject;
    const { context } = machine.config;
    const self = scope.self as never;
    const args = { spawn: cannotSpawn as never, input: input as never, self };
    const given = isComputed(context) ? { ...(context(args) as object) } : (context ?? {});
    const { initial } = chart;
    const queue: EventObject[] = [];
    // Entry actions see the machine as it is before it is in any state but its root.
    const before = this.snapshotOf(chart.configuration([chart.root]), given, {}, {});
    const entered = this.run(initial.parts, before, event, scope, queue);
    const first = this.in(initial.to, entered);
    return this.settle(first, event, scope, queue);
  }

  transition(snapshot: AnyMachineSnapshot, event: EventObject, scope: Scope): AnyMachineSnapshot {
    // Ends, and failures of children, are rare: they are left to XState.
    if (event.type === "xstate.stop" || event.type.startsWith("xstate.error.actor")) {
      return this.machine.transition(snapshot, event, scope) as AnyMachineSnapshot;
    }
    const queue: EventObject[] = [];
    const taken = this.configurationOf(snapshot).takenOn(snapshot, event);
    const next = this.microstep(taken, snapshot, event, scope, queue);
    return this.settle(next, event, scope, queue);
  }

  /** Takes transitions without an event, and events that were raised, until none is left. */
  private settle(
    snapshot: AnyMachineSnapshot,
    event: EventObject,
    scope: Scope,
    queue: EventObject[],
  ): AnyMachineSnapshot {
    let now = snapshot;
    let cause = event;
    let isOpen = true;
    for (let steps = 1; now.status === "active"; steps++) {
      if (steps > this.mostSteps) {
        const text = `the machine has processed more than ${this.mostSteps} microsteps`;
        throw new Error(`Infinite loop detected: ${text} without reaching a stable state`);
      }
      let taken: readonly Transition[] = isOpen
        ? this.configurationOf(now).takenAtOnce(now, cause)
        : [];
      const before: AnyMachineSnapshot | null = taken.length > 0 ? now : null;
      if (taken.length === 0) {
        const raised = queue.shift();
        if (!raised) break;
        cause = raised;
        taken = this.configurationOf(now).takenOn(now, cause);
      }
      now = this.microstep(taken, now, cause, scope, queue);
      isOpen = now !== before;
    }
    return now;
  }

  private microstep(
    transitions: readonly Transition[],
    snapshot: AnyMachineSnapshot,
    event: EventObject,
    scope: Scope,
    queue: EventObject[],
  ): AnyMachineSnapshot {
    if (transitions.length === 0) return snapshot;
    const configuration = this.configurationOf(snapshot);
    const { parts, to } = configuration.step(transitions);
    const after = this.run(parts, snapshot, event, scope, queue);
    return to === configuration ? after : this.in(to, after);
  }

  private configurationOf({ _nodes }: AnyMachineSnapshot): Configuration {
    return this.chart.configuration(_nodes);
  }

  private run(
    parts: readonly Part[],
    snapshot: AnyMachineSnapshot,
    event: EventObject,
    scope: Scope,
    internalQueue: EventObject[],
  ): AnyMachineSnapshot {
    let now = snapshot;
    for (const { actions, invoked } of parts) {
      const again: [BuiltIn, unknown][] | null = invoked ? [] : null;
      const extra = { internalQueue, deferredActorIds: invoked };
      now = this.act(actions, now, event, scope, extra, again);
      for (const [action, params] of again ?? []) action.retryResolve?.(scope, now, params);
    }
    return now;
  }

  private act(
    actions: readonly Action[],
    snapshot: AnyMachineSnapshot,
    event: EventObject,
    scope: Scope,
    extra: Extra,
    again: [BuiltIn, unknown][] | null,
  ): AnyMachineSnapshot {
    let now = snapshot;
    for (const action of actions) {
      const found = this.builtIn(action);
      const { context } = now;
      const args = { context, event, self: scope.self, system: scope.system };
      const params = paramsOf(action, context, event);
      if (!found) {
        // Custom: refused by the scope of a durable machine.
        const type = typeof action === "object" ? action.type : String(action);
        scope.actionExecutor({ type, info: args, params, exec: undefined } as never);
        continue;
      }
      if (found.type === "xstate.assign") {
        now = this.assigned(found as Assign, now, args, params);
        continue;
      }
      const [next, resolved, more] = this.resolve(found, now, args, params, scope, extra);
      now = next;
      if (found.retryResolve) again?.push([found, resolved]);
      const { type, execute } = found;
      if (execute) {
        const exec = () => execute(scope, resolved);
        scope.actionExecutor({ type, info: args, params: resolved, exec } as never);
      }
      if (more) now = this.act(more, now, event, scope, extra, again);
    }
    return now;
  }

  private builtIn(action: Action): BuiltIn | null {
    const { actions } = this.machine.implementations;
    const found: unknown =
      typeof action === "function"
        ? action
        : actions[typeof action === "string" ? action : action.type];
    return found && Object.hasOwn(found, "resolve") ? (found as BuiltIn) : null;
  }

  /** What XState's own way of it would copy the whole configuration for is done here. */
  private resolve(
    action: BuiltIn,
    snapshot: AnyMachineSnapshot,
    args: Arguments,
    params: unknown,
    scope: Scope,
    extra: Extra,
  ): ReturnType<BuiltIn["resolve"]> {
    if (action.type === "xstate.spawnChild") {
      return this.spawned(action as Spawn, snapshot, args, scope);
    }
    if (action.type === "xstate.stopChild") {
      const { actorRef } = action as Stop;
      const named = isComputed(actorRef) ? actorRef(args, params) : actorRef;
      const ref = (typeof named === "string" ? snapshot.children[named] : named) as AnyActorRef;
      const children = { ...snapshot.children };
      if (ref) delete children[ref.id];
      return [this.with(snapshot, snapshot.context, children), ref, undefined];
    }
    return action.resolve(scope, snapshot, args, params, action, extra);
  }

  private spawned(
    { src, id, input, systemId, syncSnapshot }: Spawn,
    snapshot: AnyMachineSnapshot,
    args: Arguments,
    scope: Scope,
  ): ReturnType<BuiltIn["resolve"]> {
    const logic = typeof src === "string" ? this.machine.implementations.actors[src] : src;
    const text = `Cannot start actor "${String(src)}" of machine "${this.machine.id}": no logic`;
    assert(logic !== undefined, text);
    const { event, self } = args;
    const given = isComputed(input) ? input({ context: snapshot.context, event, self }) : input;
    const name = (isComputed(id) ? id(args) : id) as string;
    const options = { id: name, src, parent: scope.self, syncSnapshot, systemId, input: given };
    const actorRef = createActor(logic as AnyActorLogic, options as never);
    const children = { ...snapshot.children, [name]: actorRef };
    const next = this.with(snapshot, snapshot.context, children);
    return [next, { id, systemId, actorRef, src, input: given }, undefined];
  }

  private assigned(
    { assignment }: Assign,
    snapshot: AnyMachineSnapshot,
    { event, self, system }: Arguments,
    params: unknown,
  ): AnyMachineSnapshot {
    const { context } = snapshot;
    const args = { context, event, spawn: cannotSpawn, self, system };
    let update: Record<string, unknown>;
    if (isComputed(assignment)) update = assignment(args, params) as Record<string, unknown>;
    else {
      update = {};
      for (const key in assignment) {
        const value = assignment[key];
        update[key] = isComputed(value) ? value(args, params) : value;
      }
    }
    return this.with(snapshot, { ...context, ...update }, snapshot.children);
  }

  private with(
    snapshot: AnyMachineSnapshot,
    context: object,
    children: AnyMachineSnapshot["children"],
  ): AnyMachineSnapshot {
    return this.snapshotOf(
      this.configurationOf(snapshot),
      context,
      children,
      snapshot.historyValue,
    );
  }

  private in(configuration: Configuration, snapshot: AnyMachineSnapshot): AnyMachineSnapshot {
    const { context, children, historyValue } = snapshot;
    return this.snapshotOf(configuration, context, children, historyValue);
  }

  /** As XState makes it, key for key. */
  private snapshotOf(
    { nodes, value, tags }: Configuration,
    context: object,
    children: AnyMachineSnapshot["children"],
    historyValue: AnyMachineSnapshot["historyValue"],
  ): AnyMachineSnapshot {
    const { matches, hasTag, can, getMeta, toJSON } = this.methods;
    return {
      status: "active",
      output: undefined,
      error: undefined,
      machine: this.machine,
      context,
      _nodes: nodes,
      value,
      tags,
      children,
      historyValue,
      matches,
      hasTag,
      can,
      getMeta,
      toJSON,
    } as unknown as AnyMachineSnapshot;
  }
}

function paramsOf(action: Action, context: unknown, event: EventObject): unknown {
  if (typeof action !== "object") return undefined;
  const { params } = action;
  return isComputed(params) ? params({ context, event }) : params;
}

/**
 * @throws {AssertionError} for a machine with what is not known here: history, final states,
 * guards that are not there
 */
export function compiled(machine: AnyStateMachine): Transitions {
  return new CompiledMachine(machine);
}
