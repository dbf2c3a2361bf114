import type { AnyStateMachine } from "xstate";

type Guard = (args: unknown, params: unknown) => boolean;

/** Guards in the order tried, with their results. */
export type GuardResults = readonly (readonly [name: string, passed: boolean])[];

/** Results of guards since they were last taken. */
export class GuardTrace {
  private tried: (readonly [string, boolean])[] = [];
  private static readonly none: GuardResults = [];

  /** @param isOn whether anybody reads them: where no journal is kept, none are traced */
  constructor(readonly isOn = true) {}

  push(name: string, passed: boolean): void {
    this.tried.push([name, passed]);
  }

  /** Puts back what was taken, as if it never had been. */
  giveBack(taken: GuardResults): void {
    if (taken.length > 0) this.tried = [...taken, ...this.tried];
  }

  take(): GuardResults {
    if (this.tried.length === 0) return GuardTrace.none;
    const taken = this.tried;
    this.tried = [];
    return taken;
  }
}

type Node = AnyStateMachine["root"];

/** A node and all below it. */
export function* nodesOf(node: Node): Iterable<Node> {
  yield node;
  for (const child of Object.values(node.states)) yield* nodesOf(child as Node);
}

/** The guards and actions that a machine's configuration gives inline, without a name. */
function anonymousParts(machine: AnyStateMachine): string[] {
  const found: string[] = [];
  for (const node of nodesOf(machine.root)) {
    const actionLists: (readonly unknown[])[] = [node.entry, node.exit];
    for (const transitions of [...node.transitions.values(), node.always ?? []]) {
      for (const transition of transitions) {
        if (typeof transition.guard === "function" && !("check" in transition.guard)) {
          found.push(`guard of "${transition.eventType}" in "${node.id}"`);
        }
        actionLists.push(transition.actions);
      }
    }
    for (const action of actionLists.flat()) {
      if (typeof action === "function" && !("resolve" in action)) {
        found.push(`action "${action.name || "(anonymous)"}" in "${node.id}"`);
      }
    }
  }
  for (const [name, action] of Object.entries(machine.implementations.actions)) {
    if (typeof action === "function" && !("resolve" in action)) found.push(`action "${name}"`);
  }
  return found;
}

/**
 * States that a durable machine cannot have: history is not stored, and an actor in a final state
 * is stopped by XState, which no undone turn could take back (a tag `finished` has it archived).
 */
function unfitStates({ root }: AnyStateMachine): string[] {
  const found: string[] = [];
  for (const node of nodesOf(root)) {
    const isOutermost = node.parent === root || node.parent?.parent === root;
    if (node.type === "history") found.push(`history state "${node.id}"`);
    if (node.type === "final" && isOutermost) found.push(`final state "${node.id}"`);
  }
  return found;
}

function requireDurable(machine: AnyStateMachine): void {
  const found = [...anonymousParts(machine), ...unfitStates(machine)];
  if (found.length === 0) return;
  throw new TypeError(`Cannot make machine "${machine.id}" durable: ${found.join(", ")}`);
}

/**
 * The machine with its guards' results traced: XState's inspection does not tell them. Guards
 * must be named and actions built in, or it is refused.
 *
 * @throws {TypeError} naming what is inline or custom, and states that cannot be durable.
 */
export function traced<T extends AnyStateMachine>(machine: T, trace: GuardTrace): T {
  requireDurable(machine);
  if (!trace.isOn) return machine;
  const guards: Record<string, Guard> = {};
  for (const [name, guard] of Object.entries(machine.implementations.guards)) {
    const inner = guard as unknown as Guard;
    // and(), or() and not() report through the guards that they are made of.
    if (typeof inner !== "function" || "check" in inner) continue;
    guards[name] = (args, params) => {
      const passed = inner(args, params);
      trace.push(name, passed);
      return passed;
    };
  }
  return machine.provide({ guards } as Parameters<T["provide"]>[0]) as T;
}

/** Names of what the machine's states invoke. */
export function invokedSources(machine: AnyStateMachine): ReadonlySet<string> {
  const sources = new Set<string>();
  for (const node of nodesOf(machine.root)) {
    for (const { src } of node.invoke) sources.add(typeof src === "string" ? src : "(inline)");
  }
  return sources;
}
