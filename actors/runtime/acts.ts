/** The actions of a machine, with what their names stand for looked up once. */
import type { ActorScope, AnyMachineSnapshot, AnyStateMachine, EventObject } from "xstate";

export type Scope = ActorScope<AnyMachineSnapshot, EventObject>;

/** An action as a machine's configuration gives it: by name, with parameters, or built in. */
export type Action =
  | string
  | { readonly type: string; readonly params?: unknown }
  | ((...args: never) => unknown);

/** A built-in action, with what it was made of. */
export interface BuiltIn {
  readonly type: string;
  readonly resolve: (
    scope: Scope,
    snapshot: AnyMachineSnapshot,
    args: unknown,
    params: unknown,
    action: unknown,
    extra: unknown,
  ) => readonly [snapshot: AnyMachineSnapshot, params: unknown, actions: Action[] | undefined];
  readonly execute?: (scope: Scope, params: unknown) => void;
  readonly retryResolve?: (scope: Scope, snapshot: AnyMachineSnapshot, params: unknown) => void;
}

type Computed = (args: unknown, params?: unknown) => unknown;

export const isComputed = (value: unknown): value is Computed => typeof value === "function";

/** What an assignment assigns: computed as a whole, or key by key. */
export type Assigns = Computed | readonly (readonly [key: string, value: unknown])[];

/** An action with what its name stands for, looked up once. */
export interface Act {
  readonly action: Action;
  /** Null for a custom one. */
  readonly builtIn: BuiltIn | null;
  /** Of the built-in one; empty for none. */
  readonly type: string;
  readonly execute: BuiltIn["execute"] | null;
  readonly isRetried: boolean;
  /** Null for what is no assignment. */
  readonly assigns: Assigns | null;
}

export function actOf(action: Action, machine: AnyStateMachine): Act {
  const { actions } = machine.implementations;
  const found: unknown =
    typeof action === "function"
      ? action
      : actions[typeof action === "string" ? action : action.type];
  const isBuiltIn = found !== undefined && Object.hasOwn(found as object, "resolve");
  const builtIn = isBuiltIn ? (found as BuiltIn) : null;
  return {
    action,
    builtIn,
    type: builtIn?.type ?? "",
    execute: builtIn?.execute ?? null,
    isRetried: builtIn?.retryResolve !== undefined,
    assigns: builtIn?.type === "xstate.assign" ? assignsOf(builtIn) : null,
  };
}

function assignsOf(action: BuiltIn): Assigns {
  const { assignment } = action as BuiltIn & { readonly assignment: object };
  return isComputed(assignment) ? assignment : Object.entries(assignment);
}
