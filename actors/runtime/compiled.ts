import {
  type AnyActorLogic,
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EventObject,
  stopChild,
} from "xstate";
import { assert } from "../../machines/domain/assert.ts";
import {
  type Act,
  type Action,
  type Assigns,
  type BuiltIn,
  isComputed,
  type Scope,
} from "./acts.ts";
import { Chart, type Configuration, type Part, type Step } from "./chart.ts";
import type { Transition } from "./entry-exit.ts";

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

interface Extra {
  readonly internalQueue: EventObject[];
  readonly deferredActorIds: readonly string[] | undefined;
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

const none: readonly Transition[] = [];

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
    const before = this.snapshotOf(chart.outside, given, {}, {});
    const entered = this.run(initial.parts, before, event, scope, queue);
    const first = this.in(initial.to, entered);
    return this.settle(initial.to, first, event, scope, queue);
  }

  transition(snapshot: AnyMachineSnapshot, event: EventObject, scope: Scope): AnyMachineSnapshot {
    if (event.type === "xstate.stop") return this.stopped(snapshot, event, scope);
    // Failures of children are rare: they are left to XState.
    if (event.type.startsWith("xstate.error.actor")) {
      return this.machine.transition(snapshot, event, scope) as AnyMachineSnapshot;
    }
    const queue: EventObject[] = [];
    const configuration = this.chart.configuration(snapshot._nodes);
    const taken = configuration.takenOn(snapshot, event);
    if (taken.length === 0) return this.settle(configuration, snapshot, event, scope, queue);
    const step = configuration.step(taken);
    const next = this.microstep(step, configuration, snapshot, event, scope, queue);
    return this.settle(step.to, next, event, scope, queue);
  }

  private stopped(
    snapshot: AnyMachineSnapshot,
    event: EventObject,
    scope: Scope,
  ): AnyMachineSnapshot {
    const stops = Object.values(snapshot.children).map((child) => stopChild(child as AnyActorRef));
    const acts = stops.map((stop) => this.chart.act(stop as Action));
    const extra = { internalQueue: [], deferredActorIds: undefined };
    return { ...this.act(acts, snapshot, event, scope, extra, null), status: "stopped" } as never;
  }

  /** Takes transitions without an event, and events that were raised, until none is left. */
  private settle(
    first: Configuration,
    snapshot: AnyMachineSnapshot,
    event: EventObject,
    scope: Scope,
    queue: EventObject[],
  ): AnyMachineSnapshot {
    let configuration = first;
    let now = snapshot;
    let cause = event;
    let isOpen = true;
    for (let steps = 1; now.status === "active"; steps++) {
      if (steps > this.mostSteps) {
        const text = `the machine has processed more than ${this.mostSteps} microsteps`;
        throw new Error(`Infinite loop detected: ${text} without reaching a stable state`);
      }
      let taken: readonly Transition[] = isOpen ? configuration.takenAtOnce(now, cause) : none;
      const before: AnyMachineSnapshot | null = taken.length > 0 ? now : null;
      if (taken.length === 0) {
        const raised = queue.shift();
        if (!raised) break;
        cause = raised;
        taken = configuration.takenOn(now, cause);
      }
      if (taken.length > 0) {
        const step = configuration.step(taken);
        now = this.microstep(step, configuration, now, cause, scope, queue);
        configuration = step.to;
      }
      isOpen = now !== before;
    }
    return now;
  }

  private microstep(
    { parts, to }: Step,
    from: Configuration,
    snapshot: AnyMachineSnapshot,
    event: EventObject,
    scope: Scope,
    queue: EventObject[],
  ): AnyMachineSnapshot {
    const after = this.run(parts, snapshot, event, scope, queue);
    return to === from ? after : this.in(to, after);
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
      if (!again) continue;
      for (const [action, params] of again) action.retryResolve?.(scope, now, params);
    }
    return now;
  }

  private act(
    actions: readonly Act[],
    snapshot: AnyMachineSnapshot,
    event: EventObject,
    scope: Scope,
    extra: Extra,
    again: [BuiltIn, unknown][] | null,
  ): AnyMachineSnapshot {
    let now = snapshot;
    // What is only assigned is made a snapshot of where something asks for one.
    let { context } = snapshot;
    for (const { action, builtIn: found, type, execute, isRetried, assigns } of actions) {
      const params = paramsOf(action, context, event);
      if (assigns) {
        context = assigned(context, assigns, event, scope, params);
        continue;
      }
      const args = { context, event, self: scope.self, system: scope.system };
      if (!found) {
        // Custom: refused by the scope of a durable machine.
        const name = typeof action === "object" ? action.type : String(action);
        scope.actionExecutor({ type: name, info: args, params, exec: undefined } as never);
        continue;
      }
      if (now.context !== context) now = this.with(now, context, now.children);
      const [next, resolved, more] = this.resolve(type, found, now, args, params, scope, extra);
      now = next;
      if (isRetried) again?.push([found, resolved]);
      if (execute) scope.actionExecutor(executable(type, args, resolved, execute, scope));
      if (more) {
        const acts = more.map((each) => this.chart.act(each));
        now = this.act(acts, now, event, scope, extra, again);
      }
      context = now.context;
    }
    return now.context === context ? now : this.with(now, context, now.children);
  }

  /** What XState's own way of it would copy the whole configuration for is done here. */
  private resolve(
    type: string,
    action: BuiltIn,
    snapshot: AnyMachineSnapshot,
    args: Arguments,
    params: unknown,
    scope: Scope,
    extra: Extra,
  ): ReturnType<BuiltIn["resolve"]> {
    if (type === "xstate.spawnChild") {
      return this.spawned(action as Spawn, snapshot, args, scope);
    }
    if (type === "xstate.stopChild") {
      const { actorRef } = action as Stop;
      const named = isComputed(actorRef) ? actorRef(args, params) : actorRef;
      const ref = (typeof named === "string" ? snapshot.children[named] : named) as AnyActorRef;
      const children = ref ? without(snapshot.children, ref.id) : snapshot.children;
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

  private with(
    snapshot: AnyMachineSnapshot,
    context: object,
    children: AnyMachineSnapshot["children"],
  ): AnyMachineSnapshot {
    const { _nodes: nodes, value, tags, historyValue } = snapshot;
    return this.snapshotOf({ nodes, value, tags }, context, children, historyValue);
  }

  private in(configuration: Configuration, snapshot: AnyMachineSnapshot): AnyMachineSnapshot {
    const { context, children, historyValue } = snapshot;
    return this.snapshotOf(configuration, context, children, historyValue);
  }

  /** As XState makes it, key for key. */
  private snapshotOf(
    { nodes, value, tags }: Pick<Configuration, "nodes" | "value" | "tags">,
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

/** A context after an assignment, all of whose values are of the context before. */
function assigned(
  context: object,
  assigns: Assigns,
  event: EventObject,
  scope: Scope,
  params: unknown,
): AnyMachineSnapshot["context"] {
  const args = { context, event, spawn: cannotSpawn, self: scope.self, system: scope.system };
  const after: Record<string, unknown> = { ...context };
  if (isComputed(assigns)) {
    const update = assigns(args, params) as Record<string, unknown>;
    for (const key in update) after[key] = update[key];
    return after;
  }
  for (const [key, value] of assigns) after[key] = isComputed(value) ? value(args, params) : value;
  return after;
}

/** Apart, so that nobody who has nothing to execute makes the scope that it closes over. */
function executable(
  type: string,
  info: unknown,
  params: unknown,
  execute: NonNullable<BuiltIn["execute"]>,
  scope: Scope,
): never {
  return { type, info, params, exec: () => execute(scope, params) } as never;
}

function without(children: AnyMachineSnapshot["children"], id: string) {
  const { [id]: _, ...left } = children;
  return left;
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
