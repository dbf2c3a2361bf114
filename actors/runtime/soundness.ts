import type { AnyMachineSnapshot } from "xstate";
import { canonicalJson } from "./journal.ts";
import type { MachineKind } from "./options.ts";
import type { StoredActor } from "./ports.ts";

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a state asks for: the ids of the effects that a snapshot in it must have. */
type Wanted = readonly string[];

/**
 * Whether a stored snapshot is one that its machine could have written. XState completes what is
 * missing in silence: a state would be entered that nobody left the actor in, or an effect that
 * was under way would never be done again.
 */
export class Soundness {
  /** State values seen, as text, with the effects that they ask for. */
  private readonly values = new Map<string, Wanted>();

  constructor(private readonly kind: MachineKind) {}

  /** @throws {Error} saying what is wrong with it. */
  require({ snapshot, timers }: StoredActor): void {
    if (!isFields(snapshot)) throw new Error(`it is ${kindOfValue(snapshot)}, wanted an object`);
    const { status, context, value, children } = snapshot;
    if (status !== "active") throw new Error(`its status is "${String(status)}", wanted "active"`);
    if (!isFields(context)) {
      throw new Error(`its context is ${kindOfValue(context)}, wanted an object`);
    }
    if (!Array.isArray(timers)) throw new Error("its timers are not a list");
    const missing = this.kind.contextKeys?.filter((key) => !(key in context)) ?? [];
    if (missing.length > 0) throw new Error(`its context lacks "${missing.join('", "')}"`);
    const held = isFields(children) ? children : {};
    const lacking = this.wantedIn(value, context).filter((id) => !(id in held));
    if (lacking.length > 0) throw new Error(`its state lacks effect "${lacking.join('", "')}"`);
  }

  private wantedIn(value: unknown, context: Fields): Wanted {
    const text = canonicalJson(value ?? null);
    const known = this.values.get(text);
    if (known) return known;
    const { machine } = this.kind;
    const state: AnyMachineSnapshot = machine.resolveState({ value: value as never, context });
    if (canonicalJson(state.value) !== text) {
      throw new Error(`its state is ${text}, wanted a whole one of machine "${machine.id}"`);
    }
    const wanted = state._nodes.flatMap((node) => node.invoke.map(({ id }) => id));
    this.values.set(text, wanted);
    return wanted;
  }
}

function kindOfValue(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `of type ${typeof value}`;
}
