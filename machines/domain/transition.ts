/** What the journal keeps of a transition, and how an actor's state follows from it. */

export interface PastTransition {
  readonly actor: string;
  readonly event: { readonly type: string; readonly [name: string]: unknown };
  /** Place in the record of the transition that sent the event; null for the input itself. */
  readonly cause: number | null;
  /** State value before; null for an actor that was just made. */
  readonly from: unknown;
  readonly to: unknown;
  /** Guards in the order tried, with their results. */
  readonly guards: readonly (readonly [name: string, passed: boolean])[];
  /** New values of the context keys that changed. */
  readonly changed: Readonly<Record<string, unknown>>;
  /** No transition was enabled. */
  readonly ignored?: true;
}

/** An actor's state after a transition: plain data. */
export interface PastState {
  readonly value: unknown;
  readonly context: Readonly<Record<string, unknown>>;
}

/**
 * The state that a transition leads to. Only what changed is journaled; an actor that goes on from
 * its stored snapshot says nothing of its context, which is the one that it had.
 */
export function folded(before: PastState | null, transition: PastTransition): PastState {
  const { event, to, changed } = transition;
  const isNew = before === null || event.type === "xstate.init";
  return { value: to, context: isNew ? changed : { ...before.context, ...changed } };
}
