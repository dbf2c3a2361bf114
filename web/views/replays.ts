import {
  edgeId,
  machineKinds,
  nodesOf,
  type Replayed,
  ReplayMachine,
  type TriedGuard,
  transitionsOf,
} from "../../actors/desk/mod.ts";
import type { ActorKind } from "../../machines/domain/ids.ts";
import type { PastStep } from "../../machines/domain/past.ts";
import { folded, type PastState, type PastTransition } from "../../machines/domain/transition.ts";
import type { MomentView, StepView } from "../api/machines.ts";
import { activeIds } from "./actor-words.ts";
import { eventLabel, guardName } from "./chart-graph.ts";

type Plain = (value: unknown) => unknown;
type Next = MomentView["next"];

/** What the journal says of transitions, and what running them again adds to it. */
export class Replays {
  private readonly machines = new Map<ActorKind, ReplayMachine>();
  private readonly guardNames = new Map<ActorKind, ReadonlyMap<string, string | null>>();

  constructor(private readonly plain: Plain) {}

  machine(kind: ActorKind): ReplayMachine {
    let machine = this.machines.get(kind);
    if (!machine) {
      machine = new ReplayMachine(machineKinds[kind].machine);
      this.machines.set(kind, machine);
    }
    return machine;
  }

  /** Steps in their order, the first of them from a state. */
  steps(kind: ActorKind, start: PastState | null, steps: readonly PastStep[]): StepView[] {
    let state = start;
    return steps.map((step) => {
      const view = this.step(kind, state, step);
      state = folded(state, step.transition);
      return view;
    });
  }

  /** One step. Edges, and what guards saw, only where running it again comes to what is recorded. */
  step(kind: ActorKind, before: PastState | null, step: PastStep): StepView {
    const { seq, index, at, recordKind, transition, cause } = step;
    const { event, from, to, guards, changed, ignored } = transition;
    const replayed = before === null || from === null ? null : this.again(kind, before, transition);
    return {
      ...{ seq, index, at, recordKind, cause },
      event: this.plain(event) as StepView["event"],
      from: from === null ? [] : activeIds(kind, from),
      to: activeIds(kind, to),
      edges: replayed ? [...replayed.edges] : [],
      guards: this.guardViews(guards, replayed?.guards ?? []),
      changed: this.changes(before?.context ?? {}, changed),
      isIgnored: ignored ?? false,
    };
  }

  /** What each guard saw. The order in which regions are tried may be another one than then. */
  guardViews(recorded: PastTransition["guards"], tried: readonly TriedGuard[]): StepView["guards"] {
    const left = [...tried];
    return recorded.map(([name, passed]) => {
      const found = left.findIndex((each) => each.name === name && each.passed === passed);
      const [guard] = found < 0 ? [] : left.splice(found, 1);
      const saw = guard?.saw ?? null;
      return { name, passed, saw: saw && (this.plain(saw) as Record<string, unknown>) };
    });
  }

  changes(
    before: Readonly<Record<string, unknown>>,
    changed: Readonly<Record<string, unknown>>,
  ): StepView["changed"] {
    return Object.fromEntries(
      Object.entries(changed).map(([key, after]) => [
        key,
        { before: this.plain(before[key] ?? null), after: this.plain(after ?? null) },
      ]),
    );
  }

  tags(kind: ActorKind, state: PastState): string[] {
    try {
      return [...this.machine(kind).tags(state)];
    } catch {
      // A state that an older version of the machine had.
      return [];
    }
  }

  /** What the state hears, each event once; none where the machine does not have that state. */
  next(kind: ActorKind, state: PastState, maySend: (event: string) => boolean): Next {
    const byEvent = new Map<string, Next[number]>();
    for (const { id, event, targets, passes } of this.nextEdges(kind, state)) {
      if (event === "") continue;
      let entry = byEvent.get(event);
      if (!entry) {
        entry = { event, label: eventLabel(event), edges: [], maySend: maySend(event) };
        byEvent.set(event, entry);
      }
      entry.edges.push({ id, guard: this.guardOf(kind, id), targets: [...targets], passes });
    }
    return [...byEvent.values()];
  }

  private nextEdges(kind: ActorKind, state: PastState) {
    try {
      return this.machine(kind).next(state);
    } catch {
      // A state that an older version of the machine had: nothing can be said of it.
      return [];
    }
  }

  private guardOf(kind: ActorKind, edge: string): string | null {
    let names = this.guardNames.get(kind);
    if (!names) {
      names = guardNamesOf(kind);
      this.guardNames.set(kind, names);
    }
    return names.get(edge) ?? null;
  }

  private again(kind: ActorKind, before: PastState, transition: PastTransition): Replayed | null {
    let replayed: Replayed;
    try {
      replayed = this.machine(kind).take(transition.actor, before, transition.event);
    } catch {
      // Another version of the machine took it: what it did then is not known.
      return null;
    }
    return isSame(replayed, before, transition) ? replayed : null;
  }
}

/** Whether a run of today comes to what is recorded: state, context, and every guard's result. */
function isSame(replayed: Replayed, before: PastState, { to, changed, guards }: PastTransition) {
  if (!Bun.deepEquals(replayed.value, to)) return false;
  const now: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(replayed.context)) {
    if (!Object.is(before.context[key], value)) now[key] = value;
  }
  if (!Bun.deepEquals(JSON.parse(JSON.stringify(now)), changed)) return false;
  const told = (results: readonly (readonly [string, boolean])[]) =>
    results.map(([name, passed]) => `${name} ${passed}`).sort();
  const tried = replayed.guards.map(({ name, passed }) => [name, passed] as const);
  return Bun.deepEquals(told(tried), told(guards));
}

function guardNamesOf(kind: ActorKind): ReadonlyMap<string, string | null> {
  const names = new Map<string, string | null>();
  for (const node of nodesOf(machineKinds[kind].machine.root)) {
    for (const [event, list] of transitionsOf(node)) {
      for (const [index, { guard }] of list.entries()) {
        names.set(edgeId(node.id, event, index), guardName(guard));
      }
    }
  }
  return names;
}
