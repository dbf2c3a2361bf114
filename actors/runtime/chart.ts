import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from "xstate";
import { spawnChild, stopChild } from "xstate";
import { assert } from "../../machines/domain/assert.ts";
import { type Act, type Action, actOf } from "./acts.ts";
import {
  ancestorsOf,
  EntrySet,
  initialStates,
  type StateNode,
  statesLeft,
  stateValue,
  type Transition,
  withoutConflicts,
} from "./entry-exit.ts";
import { nodesOf } from "./guards.ts";

/** Actions that run one after the other on a microstep. */
export interface Part {
  readonly actions: readonly Act[];
  /** Effects that the state entered here invokes: an action of its may send to them. */
  readonly invoked: readonly string[] | undefined;
}

/** What a set of transitions does to a configuration. */
export interface Step {
  readonly parts: readonly Part[];
  readonly to: Configuration;
}

/** What guards are asked with: one for all that are tried together. */
interface Asked {
  readonly context: unknown;
  readonly event: EventObject;
}

type Test = (asked: Asked, snapshot: AnyMachineSnapshot) => boolean;

interface Candidate {
  readonly transition: Transition;
  /** Null lets everything pass. */
  readonly test: Test | null;
  readonly guard: string | undefined;
}

/** How an event is asked for: of inner states first, and of their parent if none of them takes it. */
interface Plan {
  readonly node: StateNode;
  readonly inner: readonly Plan[];
  readonly candidates: readonly Candidate[];
}

interface Branch {
  readonly next: Map<Transition, Branch>;
  step: Step | null;
}

const none: readonly Transition[] = [];

const branch = (): Branch => ({ next: new Map(), step: null });

interface BuiltInGuard {
  (args: unknown, params: unknown): boolean;
  readonly check?: (snapshot: AnyMachineSnapshot, args: unknown, guard: unknown) => boolean;
  /** Of `stateIn` alone, which depends on nothing but the configuration. */
  readonly stateValue?: unknown;
}

/** The states that a machine is in at once, in the order in which it came to them. */
export class Configuration {
  readonly value: AnyMachineSnapshot["value"];
  readonly tags: Set<string>;
  /** Of each atomic state, its own transitions without an event and those of its ancestors. */
  private readonly eventless: readonly (readonly Candidate[])[];
  private readonly plans = new Map<string, Plan | null>();
  private readonly branch = branch();

  constructor(
    private readonly chart: Chart,
    readonly nodes: StateNode[],
  ) {
    this.value = stateValue(chart.root, nodes) as AnyMachineSnapshot["value"];
    this.tags = new Set(nodes.flatMap(({ tags }) => tags));
    this.eventless = nodes
      .filter(({ type }) => type === "atomic")
      .map((node) => [node, ...ancestorsOf(node)].flatMap((each) => chart.always(each)))
      .filter((candidates) => candidates.length > 0);
  }

  /** The transitions that an event enables. */
  takenOn(snapshot: AnyMachineSnapshot, event: EventObject): readonly Transition[] {
    const plan = this.plan(event.type);
    if (!plan) return none;
    const taken: Transition[] = [];
    select(plan, { context: snapshot.context, event }, snapshot, taken);
    return taken;
  }

  /** The transitions without an event that are enabled. */
  takenAtOnce(snapshot: AnyMachineSnapshot, event: EventObject): readonly Transition[] {
    if (this.eventless.length === 0) return none;
    let taken: Transition[] | null = null;
    const asked = { context: snapshot.context, event };
    for (const candidates of this.eventless) {
      for (const { test, transition } of candidates) {
        if (test && !test(asked, snapshot)) continue;
        if (!taken) taken = [transition];
        else if (!taken.includes(transition)) taken.push(transition);
        break;
      }
    }
    return taken ?? none;
  }

  /** Null if no state takes such an event. */
  private plan(eventType: string): Plan | null {
    let plan = this.plans.get(eventType);
    if (plan === undefined) {
      plan = this.planOf(this.chart.root, eventType);
      this.plans.set(eventType, plan);
    }
    return plan;
  }

  private planOf(node: StateNode, eventType: string): Plan | null {
    const inner: Plan[] = [];
    for (const child of this.nodes) {
      if (child.parent !== node) continue;
      const plan = this.planOf(child, eventType);
      if (plan) inner.push(plan);
    }
    const candidates = this.chart.candidates(node, eventType);
    return inner.length > 0 || candidates.length > 0 ? { node, inner, candidates } : null;
  }

  /** What transitions do that are enabled together. */
  step(transitions: readonly Transition[]): Step {
    let at = this.branch;
    for (const transition of transitions) {
      let next = at.next.get(transition);
      if (!next) {
        next = branch();
        at.next.set(transition, next);
      }
      at = next;
    }
    at.step ??= this.stepOf(withoutConflicts(transitions, this.nodes));
    return at.step;
  }

  private stepOf(transitions: readonly Transition[]): Step {
    const left = statesLeft(transitions, this.nodes);
    const actions: Action[] = left.flatMap((node) => [
      ...(node.exit as Action[]),
      ...node.invoke.map(({ id }) => stopChild(id) as Action),
    ]);
    actions.push(...transitions.flatMap((transition) => transition.actions as Action[]));
    const nodes = new Set(this.nodes);
    for (const node of left) nodes.delete(node);
    const entry = new EntrySet(transitions);
    for (const node of entry.inOrder) nodes.add(node);
    const isSame = nodes.size === this.nodes.length && this.nodes.every((node) => nodes.has(node));
    return {
      parts: this.chart.parts([{ actions, invoked: [] }, ...entryParts(entry)]),
      to: isSame ? this : this.chart.configuration([...nodes]),
    };
  }
}

/** Whether any state of the plan takes the event; the transitions are added to `taken`. */
function select(
  { node, inner, candidates }: Plan,
  asked: Asked,
  snapshot: AnyMachineSnapshot,
  taken: Transition[],
): boolean {
  let isTaken = false;
  for (const plan of inner) {
    if (select(plan, asked, snapshot, taken)) isTaken = true;
  }
  if (isTaken) return true;
  for (const candidate of candidates) {
    if (!passes(candidate, node.id, asked, snapshot)) continue;
    taken.push(candidate.transition);
    return true;
  }
  return false;
}

function passes(
  { test, guard }: Candidate,
  state: string,
  asked: Asked,
  snapshot: AnyMachineSnapshot,
): boolean {
  if (!test) return true;
  try {
    return test(asked, snapshot);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const name = guard === undefined ? "" : `'${guard}' `;
    const where = `in transition for event '${asked.event.type}' in state node '${state}'`;
    throw new Error(`Unable to evaluate guard ${name}${where}:\n${text}`);
  }
}

interface Wanted {
  readonly actions: readonly Action[];
  readonly invoked: readonly string[];
}

function entryParts({ inOrder, byDefault }: EntrySet): Wanted[] {
  return inOrder.map((node) => ({
    actions: [
      ...(node.entry as Action[]),
      ...node.invoke.map((invoked) => spawnChild(invoked.src, spawnOptions(invoked)) as Action),
      ...(byDefault.has(node) ? ((node.initial.actions ?? []) as Action[]) : []),
    ],
    invoked: node.invoke.map(({ id }) => id),
  }));
}

function spawnOptions(invoked: StateNode["invoke"][number]): never {
  return { ...invoked, syncSnapshot: invoked.onSnapshot !== undefined } as never;
}

/** A machine's statechart with what follows from its definition worked out once. */
export class Chart {
  readonly root: StateNode;
  /** Before any state but the root is entered. */
  readonly outside: Configuration;
  /** What entering the machine does. */
  readonly initial: Step;
  private readonly byNodes = new WeakMap<readonly StateNode[], Configuration>();
  private readonly byOrder = new Map<string, Configuration>();
  private readonly ofAlways = new Map<StateNode, readonly Candidate[]>();

  /** @throws {AssertionError} for states that are not known here: history and final ones */
  constructor(readonly machine: AnyStateMachine) {
    this.root = machine.root;
    for (const { id, type } of nodesOf(machine.root)) {
      const text = `Cannot compile machine "${machine.id}": state "${id}" is of type "${type}"`;
      assert(type !== "history" && type !== "final", text);
    }
    const { root } = this;
    this.outside = this.configuration([root]);
    const target = initialStates(root);
    const first = { source: root, target, reenter: true, actions: [], eventType: "" };
    const entry = new EntrySet([first as unknown as Transition]);
    entry.byDefault.add(root);
    const nodes = [...new Set([root, ...entry.inOrder])];
    const to = this.configuration(nodes);
    this.initial = { parts: this.parts(entryParts(entry)), to };
  }

  /** The configuration of a list of nodes, always the same one. */
  configuration(nodes: StateNode[]): Configuration {
    const known = this.byNodes.get(nodes);
    if (known) return known;
    const key = nodes.map(({ order }) => order).join(" ");
    let configuration = this.byOrder.get(key);
    if (!configuration) {
      configuration = new Configuration(this, nodes);
      this.byOrder.set(key, configuration);
    }
    this.byNodes.set(nodes, configuration);
    return configuration;
  }

  /** Lists of actions one after the other: what invokes nothing goes with what comes before. */
  parts(wanted: readonly Wanted[]): Part[] {
    const parts: { actions: Act[]; invoked: readonly string[] | undefined }[] = [];
    for (const { actions, invoked } of wanted) {
      const acts = actions.map((action) => this.act(action));
      const last = parts.at(-1);
      if (acts.length === 0) continue;
      if (invoked.length > 0) parts.push({ actions: acts, invoked });
      else if (last && last.invoked === undefined) last.actions.push(...acts);
      else parts.push({ actions: acts, invoked: undefined });
    }
    return parts;
  }

  act(action: Action): Act {
    return actOf(action, this.machine);
  }

  always(node: StateNode): readonly Candidate[] {
    let candidates = this.ofAlways.get(node);
    if (!candidates) {
      candidates = (node.always ?? []).map((transition) => this.candidate(transition));
      this.ofAlways.set(node, candidates);
    }
    return candidates;
  }

  /** Transitions of a node for a type of event: its own first, then those for groups of them. */
  candidates(node: StateNode, eventType: string): Candidate[] {
    const others = [...node.transitions.keys()]
      .filter((descriptor) => descriptor !== eventType && covers(descriptor, eventType))
      .sort((one, other) => other.length - one.length);
    return [eventType, ...others]
      .flatMap((descriptor) => node.transitions.get(descriptor) ?? [])
      .map((transition) => this.candidate(transition));
  }

  private candidate(transition: Transition): Candidate {
    const { guard } = transition;
    if (guard === undefined) return { transition, test: null, guard: undefined };
    const name = typeof guard === "string" ? guard : (guard as { readonly type?: string }).type;
    return { transition, test: this.test(guard), guard: name };
  }

  private test(guard: NonNullable<Transition["guard"]>): Test {
    const isInline = typeof guard === "function";
    const name = typeof guard === "string" ? guard : (guard as { readonly type: string }).type;
    const found: unknown = isInline ? guard : this.machine.implementations.guards[name];
    const text = `Cannot compile machine "${this.machine.id}": guard "${name}" is not a function`;
    assert(typeof found === "function", text);
    const passes = found as BuiltInGuard;
    const { check } = passes;
    if (check)
      return passes.stateValue === undefined ? checked(check, passes) : inState(check, passes);
    const params =
      typeof guard === "object" ? (guard as { readonly params?: unknown }).params : null;
    if (params === null) return (asked) => passes(asked, undefined);
    return (asked) => passes(asked, typeof params === "function" ? params(asked) : params);
  }
}

type Check = NonNullable<BuiltInGuard["check"]>;

const checked =
  (check: Check, guard: BuiltInGuard): Test =>
  (asked, snapshot) =>
    check(snapshot, asked, guard);

/** Depends on the states alone: asked once for each configuration. */
function inState(check: Check, guard: BuiltInGuard): Test {
  const known = new WeakMap<object, boolean>();
  return (_, snapshot) => {
    let passed = known.get(snapshot._nodes);
    if (passed === undefined) {
      passed = check(snapshot, null, guard);
      known.set(snapshot._nodes, passed);
    }
    return passed;
  };
}

function covers(descriptor: string, eventType: string): boolean {
  if (descriptor === "*") return true;
  if (!descriptor.endsWith(".*")) return false;
  const wanted = descriptor.split(".");
  const given = eventType.split(".");
  const end = wanted.indexOf("*");
  // A star in the middle covers nothing.
  return end === wanted.length - 1 && wanted.slice(0, end).every((part, at) => part === given[at]);
}
