/**
 * Runs transitions of a machine that already happened, or never will: on plain data, with nobody
 * to send to and nothing to start. So the journal's few words on a transition come to edges, and to
 * guards with what they saw; and "what if" is answered.
 */
import {
  type ActorScope,
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  createMachine,
  type EventObject,
} from "xstate";
import type { PastState } from "../../machines/domain/transition.ts";
import { Watched } from "./watched.ts";

type Node = AnyStateMachine["root"];
type Scope = ActorScope<AnyMachineSnapshot, EventObject>;
type Guard = (args: GuardArgs, params: unknown) => boolean;

interface GuardArgs {
  readonly context: unknown;
  readonly event: EventObject;
}

/** A guard as it was tried. */
export interface TriedGuard {
  readonly name: string;
  readonly passed: boolean;
  /** What it looked at, by path such as `context.filled`; null where that cannot be told. */
  readonly saw: Readonly<Record<string, unknown>> | null;
}

/** What a machine would do beside changing its state. */
export type Want =
  | { readonly type: "send"; readonly to: string; readonly event: string }
  | { readonly type: "timer"; readonly event: string; readonly delayMs: number }
  | { readonly type: "cancelTimer"; readonly id: string }
  | { readonly type: "start"; readonly src: string; readonly id: string }
  | { readonly type: "stop"; readonly id: string };

export interface Replayed {
  readonly value: unknown;
  readonly context: Readonly<Record<string, unknown>>;
  /** Ids of the transitions taken, `source|event|index`, in their order. */
  readonly edges: readonly string[];
  readonly guards: readonly TriedGuard[];
  readonly wants: readonly Want[];
  /** Nothing in the machine answers the event. */
  readonly isIgnored: boolean;
}

/** A transition that a state has, as it would be judged now. */
export interface NextEdge {
  readonly id: string;
  readonly event: string;
  readonly targets: readonly string[];
  /** Null where it depends on what the event will say. */
  readonly passes: boolean | null;
}

/** Stable as long as a state, the event and the order of its transitions are. */
export function edgeId(source: string, event: string, index: number): string {
  return `${source}|${event}|${index}`;
}

/** A machine, made so that it tells what it does. */
export class ReplayMachine {
  private readonly machine: AnyStateMachine;
  private readonly edges = new Map<unknown, string>();
  private tried: TriedGuard[] = [];

  constructor(private readonly plain: AnyStateMachine) {
    const guards: Record<string, Guard> = {};
    for (const [name, guard] of Object.entries(plain.implementations.guards)) {
      // Those made of others tell through them.
      if (typeof guard !== "function" || "check" in guard) continue;
      guards[name] = this.watching(name, guard as unknown as Guard);
    }
    this.machine = plain.provide({ guards } as never);
    for (const node of nodesOf(this.machine.root)) {
      for (const [event, list] of transitionsOf(node)) {
        for (const [index, each] of list.entries()) {
          this.edges.set(each, edgeId(node.id, event, index));
        }
      }
    }
  }

  /**
   * Takes an event at a state.
   *
   * @throws what the machine throws, and where the state is none of this machine.
   */
  take(actor: string, { value, context }: PastState, event: EventObject): Replayed {
    const { machine } = this;
    this.tried = [];
    const before = machine.resolveState({ value, context, status: "active" } as never);
    const stage = new Stage(actor);
    const after = machine.transition(before as never, event as never, stage.scope as never);
    const { status, error } = after as AnyMachineSnapshot;
    if (status === "error") throw error instanceof Error ? error : new Error(String(error));
    const edges = stage.taken.flatMap((each) => this.edges.get(each) ?? []);
    return {
      ...{ value: after.value, context: after.context, edges, wants: stage.wants },
      guards: this.tried,
      isIgnored: edges.length === 0,
    };
  }

  /** The transitions of the active states, each state's own first, by what leads to them. */
  next({ value, context }: PastState): readonly NextEdge[] {
    const { _nodes: nodes } = this.plain.resolveState({ value, context } as never) as unknown as {
      readonly _nodes: readonly Node[];
    };
    const deepestFirst = nodes.toSorted((a, b) => b.path.length - a.path.length);
    return deepestFirst.flatMap((node) =>
      transitionsOf(node).flatMap(([event, list]) =>
        list.map((transition, index) => ({
          id: edgeId(node.id, event, index),
          event,
          targets: (transition.target ?? []).map(({ id }) => id),
          passes: this.judged(transition.guard, context, event),
        })),
      ),
    );
  }

  /** The tags of a state. @throws where it is none of this machine */
  tags({ value, context }: PastState): readonly string[] {
    return [...this.plain.resolveState({ value, context } as never).tags];
  }

  private judged(guard: unknown, context: unknown, event: string): boolean | null {
    if (guard === undefined) return true;
    const { type, params } = typeof guard === "object" ? (guard as Named) : { type: guard };
    const inner = this.plain.implementations.guards[String(type)] as unknown as Guard | undefined;
    if (typeof inner !== "function" || "check" in inner || typeof params === "function")
      return null;
    const watched = new Watched({ event: { type: event } });
    try {
      const passes = inner({ context, event: watched.root.event } as GuardArgs, params);
      return watched.isBlindTo("event.type") ? passes : null;
    } catch {
      // It wanted more of the event than its type.
      return null;
    }
  }

  private watching(name: string, inner: Guard): Guard {
    return (args, params) => {
      const passed = inner(args, params);
      this.tried.push({ name, passed, saw: seenBy(inner, args, params, passed) });
      return passed;
    };
  }
}

interface Named {
  readonly type: unknown;
  readonly params?: unknown;
}

/** What a guard looks at, found by having it look again; null where it then judges otherwise. */
function seenBy(
  guard: Guard,
  { context, event, ...rest }: GuardArgs,
  params: unknown,
  passed: boolean,
): TriedGuard["saw"] {
  const watched = new Watched({ context, event });
  try {
    const again = guard({ ...rest, ...watched.root } as GuardArgs, params);
    return again === passed ? watched.seen() : null;
  } catch {
    // A guard that cannot be watched is still told with its result.
    return null;
  }
}

/** What a machine is handed instead of an actor: notes what it wants, and does none of it. */
class Stage {
  readonly taken: unknown[] = [];
  readonly wants: Want[] = [];
  readonly scope: Scope;

  constructor(actor: string) {
    const system = Object.assign(Object.create(nobody().system), {
      get: (name: string) => ({ id: name }),
      _sendInspectionEvent: (told: { type: string; _transitions?: readonly unknown[] }) => {
        if (told.type === "@xstate.microstep") this.taken.push(...(told._transitions ?? []));
      },
    });
    const self = { id: actor, sessionId: actor, system } as unknown as AnyActorRef;
    this.scope = {
      ...{ self, id: actor, sessionId: actor, system },
      logger: () => {},
      defer: () => {},
      emit: () => {},
      stopChild: () => {},
      actionExecutor: (action: { readonly type: string; readonly params: unknown }) => {
        const want = wantOf(action.type, (action.params ?? {}) as WantParams);
        if (want) this.wants.push(want);
      },
    } as unknown as Scope;
  }
}

let inertRoot: AnyActorRef | null = null;

/** Whoever's system the children are made in that are never started. */
function nobody(): AnyActorRef {
  inertRoot ??= createActor(createMachine({}));
  return inertRoot;
}

interface WantParams {
  readonly to?: { readonly id: string };
  readonly event?: EventObject;
  readonly delay?: number;
  readonly sendId?: string;
  readonly src?: unknown;
  readonly id?: unknown;
  readonly actorRef?: { readonly id: string };
}

function wantOf(type: string, params: WantParams): Want | null {
  const event = params.event?.type ?? "";
  switch (type) {
    case "xstate.sendTo":
      return { type: "send", to: params.to?.id ?? "", event };
    case "xstate.raise":
      return params.delay === undefined ? null : { type: "timer", event, delayMs: params.delay };
    case "xstate.cancel":
      return { type: "cancelTimer", id: params.sendId ?? "" };
    case "xstate.spawnChild":
      return { type: "start", src: String(params.src), id: params.actorRef?.id ?? "" };
    case "xstate.stopChild":
      return typeof params.id === "string" ? { type: "stop", id: params.id } : null;
    default:
      return null;
  }
}

export function* nodesOf(node: Node): Iterable<Node> {
  yield node;
  for (const child of Object.values(node.states)) yield* nodesOf(child as Node);
}

/** All transitions of a state, by event, those that need none first. */
export function transitionsOf(node: Node) {
  const always = node.always ?? [];
  return [
    ...(always.length > 0 ? [["", always] as const] : []),
    ...node.transitions.entries(),
  ] as readonly (readonly [event: string, list: typeof always])[];
}
