import type { AnyStateMachine } from "xstate";

type Guard = (args: unknown, params: unknown) => boolean;

/** Results of guards since they were last taken. */
export class GuardTrace {
  private tried: [string, boolean][] = [];
  private static readonly none: readonly (readonly [string, boolean])[] = [];

  push(name: string, passed: boolean): void {
    this.tried.push([name, passed]);
  }

  take(): readonly (readonly [string, boolean])[] {
    if (this.tried.length === 0) return GuardTrace.none;
    const taken = this.tried;
    this.tried = [];
    return taken;
  }
}

/** The names of guards and actions that a machine's configuration gives inline, without a name. */
export function anonymousParts(machine: AnyStateMachine): string[] {
  const found: string[] = [];
  const visit = (node: AnyStateMachine["root"]): void => {
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
    for (const child of Object.values(node.states)) visit(child);
  };
  visit(machine.root);
  for (const [name, action] of Object.entries(machine.implementations.actions)) {
    if (typeof action === "function" && !("resolve" in action)) found.push(`action "${name}"`);
  }
  return found;
}

/**
 * The machine with its guards' results traced: XState's inspection does not tell them. Guards
 * must be named and actions built in, or it is refused.
 *
 * @throws {TypeError} naming what is inline or custom.
 */
export function traced<T extends AnyStateMachine>(machine: T, trace: GuardTrace): T {
  const found = anonymousParts(machine);
  if (found.length > 0) {
    throw new TypeError(`Cannot make machine "${machine.id}" durable: ${found.join(", ")}`);
  }
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

/** Whether any state of the machine invokes something. */
export function invokesAnything(machine: AnyStateMachine): boolean {
  const invokes = (node: AnyStateMachine["root"]): boolean =>
    node.invoke.length > 0 || Object.values(node.states).some(invokes);
  return invokes(machine.root);
}
