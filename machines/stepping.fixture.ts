import {
  type AnyStateMachine,
  createEmptyActor,
  type EventFromLogic,
  type EventObject,
  type InputFrom,
  type SnapshotFrom,
} from "xstate";

/** An event that a machine sent to another actor, by that actor's name. */
export interface Sent {
  readonly to: string;
  readonly event: EventObject & Readonly<Record<string, unknown>>;
}

/** An invoked effect as a snapshot holds it: a new `ref` is a new invocation. */
export interface Invoked {
  readonly src: string;
  readonly input: unknown;
  readonly ref: object;
}

interface Timer {
  readonly event: EventObject;
  readonly deadline: number;
}

export interface Action {
  readonly type: string;
  /** Undefined where an actor is to be stopped that is not there. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** One transition as XState made it, with the actions that it wanted. */
export interface Stepped {
  readonly machine: AnyStateMachine;
  /** Null for an actor that is made. */
  readonly before: unknown;
  /** The event, or the input of one that is made. */
  readonly given: unknown;
  readonly after: unknown;
  readonly actions: readonly Action[];
}

let follow: ((stepped: Stepped) => void) | null = null;

/** Has each step of every machine told, or no more: for what is to be held against XState. */
export function followSteps(told: ((stepped: Stepped) => void) | null): void {
  follow = told;
}

/** Runs one transition of a machine with nothing executed; gives what it would have done. */
export function stepWith<T>(run: (scope: never) => T): {
  readonly result: T;
  readonly actions: Action[];
} {
  const actions: Action[] = [];
  const self = createEmptyActor();
  // Machines find each other by name, so that a name stands for its actor.
  const system = Object.assign(Object.create(self.system), { get: (name: string) => ({ name }) });
  const scope = {
    self,
    system,
    id: "stepped",
    sessionId: "stepped",
    logger: () => {},
    defer: () => {},
    emit: () => {},
    stopChild: () => {},
    actionExecutor: (action: Action) => actions.push(action),
  };
  return { result: run(scope as never), actions };
}

/** The snapshot after an event, and nothing else: for walks over a machine's states. */
export function nextSnapshot<M extends AnyStateMachine>(
  machine: M,
  snapshot: SnapshotFrom<M>,
  event: EventFromLogic<M>,
): SnapshotFrom<M> {
  const { result, actions } = stepWith((scope) => machine.transition(snapshot, event, scope));
  follow?.({ machine, before: snapshot, given: event, after: result, actions });
  return result as SnapshotFrom<M>;
}

/** A machine stepped by hand under a clock of its own; it collects what the machine asks for. */
export class Stepper<M extends AnyStateMachine> {
  snapshot: SnapshotFrom<M>;
  now = 0;
  readonly sent: Sent[] = [];
  /** Kinds of the actors that were started or stopped, with their names. */
  readonly spawned: { readonly src: string; readonly id: string; readonly input: unknown }[] = [];
  readonly stopped: string[] = [];
  private readonly timers = new Map<string, Timer>();

  constructor(
    readonly machine: M,
    input: InputFrom<M>,
  ) {
    const { result, actions } = stepWith((scope) => machine.getInitialSnapshot(scope, input));
    this.snapshot = result as SnapshotFrom<M>;
    follow?.({ machine, before: null, given: input, after: result, actions });
    this.carryOut(actions);
  }

  /** Sends events, one after the other; returns itself. */
  send(...events: readonly EventFromLogic<M>[]): this {
    for (const event of events) this.take(event);
    return this;
  }

  /** Sends something that the machine's types would not allow. */
  sendForeign(event: EventObject): this {
    this.take(event as EventFromLogic<M>);
    return this;
  }

  /** Fires the pending timer of that delay's name. */
  fire(delay: string): this {
    for (const [id, { event, deadline }] of this.timers) {
      if (id !== delay && !id.startsWith(`xstate.after.${delay}.`)) continue;
      this.timers.delete(id);
      this.now = Math.max(this.now, deadline);
      this.take(event as EventFromLogic<M>);
      return this;
    }
    throw new Error(`Cannot fire timer "${delay}": pending are "${this.pendingTimers.join(" ")}"`);
  }

  /** Fires the timer that is due first. False if none is set. */
  fireNext(): boolean {
    const next = [...this.timers].sort(([, a], [, b]) => a.deadline - b.deadline)[0];
    if (!next) return false;
    const [id, { event, deadline }] = next;
    this.timers.delete(id);
    this.now = Math.max(this.now, deadline);
    this.take(event as EventFromLogic<M>);
    return true;
  }

  get nextDeadline(): number | null {
    const deadlines = [...this.timers.values()].map(({ deadline }) => deadline);
    return deadlines.length > 0 ? Math.min(...deadlines) : null;
  }

  get pendingTimers(): string[] {
    return [...this.timers.keys()];
  }

  /** The effects that the snapshot asks for. */
  get invoked(): Invoked[] {
    const { children } = this.snapshot as unknown as { children: Record<string, unknown> };
    return Object.values(children).map((child) => {
      const ref = child as { src: string; getSnapshot(): { context: unknown } };
      return { src: ref.src, input: ref.getSnapshot().context, ref };
    });
  }

  get wants(): string[] {
    return this.invoked.map(({ src }) => src);
  }

  /** What was ever sent to an actor. */
  sentTo(name: string): Sent["event"][] {
    return this.sent.filter(({ to }) => to === name).map(({ event }) => event);
  }

  private take(event: EventFromLogic<M>): void {
    const { result, actions } = stepWith((scope) =>
      this.machine.transition(this.snapshot, event, scope),
    );
    follow?.({
      machine: this.machine,
      before: this.snapshot,
      given: event,
      after: result,
      actions,
    });
    this.snapshot = result as SnapshotFrom<M>;
    this.carryOut(actions);
  }

  private carryOut(actions: readonly Action[]): void {
    for (const { type, params } of actions) {
      if (type === "xstate.sendTo") {
        const { to, event } = params as unknown as { to: { name: string }; event: Sent["event"] };
        this.sent.push({ to: to.name, event });
      } else if (type === "xstate.raise" && typeof params.delay === "number") {
        const deadline = this.now + params.delay;
        this.timers.set(String(params.id), { event: params.event as EventObject, deadline });
      } else if (type === "xstate.cancel") {
        this.timers.delete(String(params.sendId));
      } else if (type === "xstate.spawnChild") {
        const { src, actorRef } = params as { src: string; actorRef: { id: string } };
        this.spawned.push({ src, id: actorRef.id, input: params.input });
      } else if (type === "xstate.stopChild" && params) {
        this.stopped.push((params as unknown as { id: string }).id);
      }
    }
  }
}

interface Node {
  readonly id: string;
  readonly states: Readonly<Record<string, Node>>;
}

/** Ids of all state nodes of a machine, its root left out. */
export function allStates({ root }: { readonly root: Node }): string[] {
  const below = (node: Node): string[] =>
    Object.values(node.states).flatMap((child) => [child.id, ...below(child)]);
  return below(root).sort();
}

/** Ids of the state nodes that a snapshot is in. */
export function statesOf(snapshot: unknown): string[] {
  const { _nodes } = snapshot as { _nodes: readonly Node[] };
  return _nodes.map(({ id }) => id);
}
