/** Compiled transitions held against XState's, step for step. */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from "xstate";
import { type Action, type Stepped, stepWith } from "../../../machines/stepping.fixture.ts";
import { compiled, type Transitions } from "../compiled.ts";

interface Ref {
  readonly id?: string;
  readonly name?: string;
  readonly src?: unknown;
  readonly getSnapshot?: () => unknown;
}

/** Actors of two runs are never the same ones: they are told by id, kind and state. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "function") return "(function)";
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Set) return [...value];
  const { id, src, getSnapshot } = value as Ref;
  if (typeof getSnapshot !== "function") return value;
  const { status, context } = (value as Required<Ref>).getSnapshot() as AnyMachineSnapshot;
  return { id: String(id).startsWith("x:") ? "(drawn)" : id, src, status, context };
}

const textOf = (value: unknown) => JSON.stringify(value, plain);

function actionsOf(actions: readonly Action[]): string {
  // A spawned actor's reference holds its whole system.
  return actions.map(({ type, params }) => `${type} ${textOf(params)}`).join("\n");
}

function snapshotOf(snapshot: AnyMachineSnapshot): string {
  const { status, value, context, tags, children, historyValue, _nodes, machine } = snapshot;
  const nodes = _nodes.map(({ id }) => id);
  const keys = Object.keys(snapshot);
  const plainParts = { status, value, context, tags, children, historyValue };
  return textOf({ ...plainParts, nodes, keys, id: machine.id });
}

/** Goes with every step that XState makes, and makes it compiled. */
export class Twins {
  /** Steps that were held against each other. */
  held = 0;
  private readonly compiled = new Map<AnyStateMachine, Transitions>();
  private readonly twins = new WeakMap<object, AnyMachineSnapshot>();

  /** @throws {Error} saying both, where the compiled step is another one */
  follow({ machine, before, given, after, actions }: Stepped): void {
    const transitions = this.transitionsOf(machine);
    const known = before === null ? null : (before as AnyMachineSnapshot);
    const twin = known && (this.twins.get(known) ?? known);
    const what = known ? `"${(given as EventObject).type}" in ${textOf(known.value)}` : "its start";
    const { result, actions: own } = stepWith((scope) => {
      try {
        return twin
          ? transitions.transition(twin, given as EventObject, scope)
          : transitions.getInitialSnapshot(scope, given);
      } catch (error) {
        throw new Error(`Cannot go on: compiled, "${machine.id}" fails on ${what}: ${error}`);
      }
    });
    this.same(`actions of "${machine.id}" on ${what}`, actionsOf(actions), actionsOf(own));
    const wanted = after as AnyMachineSnapshot;
    this.same(`snapshot of "${machine.id}" after ${what}`, snapshotOf(wanted), snapshotOf(result));
    const isKept = `whether "${machine.id}" keeps its snapshot on ${what}`;
    this.same(isKept, String(after === before), String(known !== null && result === twin));
    this.twins.set(wanted, result);
    this.held += 1;
  }

  private same(what: string, wanted: string, found: string): void {
    if (wanted === found) return;
    throw new Error(`Cannot go on: ${what} differs\ncompiled: ${found}\nwanted: ${wanted}`);
  }

  private transitionsOf(machine: AnyStateMachine): Transitions {
    let transitions = this.compiled.get(machine);
    if (!transitions) {
      transitions = compiled(machine);
      this.compiled.set(machine, transitions);
    }
    return transitions;
  }
}
