import { hashOf, type Value, valuesOf } from "./hash.ts";
import { keyAt } from "./keys.ts";
import type { Configuration } from "./schema.ts";

/** A changed key; null where the key is set on one side only. */
export interface Change {
  readonly path: string;
  readonly from: Value;
  readonly to: Value;
}

export interface RefusedChange extends Change {
  /** What it takes instead. */
  readonly needs: "restart" | "newLedger";
  readonly reason: string;
}

export interface ReloadPlan {
  /** What a running desk may take up now. */
  readonly apply: readonly Change[];
  readonly refuse: readonly RefusedChange[];
  /** The configuration with `apply` and nothing else. */
  readonly configuration: Configuration;
  /** Hash of that configuration. */
  readonly hash: string;
}

/** What the journal says of a change: enough to follow the configuration through a run. */
export interface ConfigurationChanged {
  readonly type: "configuration.changed";
  readonly changes: readonly Change[];
  readonly refused: readonly RefusedChange[];
  /** Of the whole, after the change. */
  readonly hash: string;
}

/** Every key in which two configurations differ, by meaning, not by how it is written. */
export function changesOf(current: Configuration, next: Configuration): Change[] {
  const before = valuesOf(current);
  const after = valuesOf(next);
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((path) => ({ path, from: before.get(path) ?? null, to: after.get(path) ?? null }))
    .filter(({ from, to }) => from !== to);
}

function factsOf({ path }: Change) {
  const known = keyAt(path);
  if (known === undefined) throw new RangeError(`Cannot judge change of "${path}": not a key`);
  return known;
}

/** As the configuration holds it: a row is no text there. */
function valueIn(node: object, names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (within, name) => (within as Readonly<Record<string, unknown>>)[name],
    node,
  );
}

/** `undefined` takes the key away. Safe keys lie in groups, never in lists: a path is names. */
function withValue(node: object, [name = "", ...rest]: readonly string[], value: unknown): object {
  const { [name]: child, ...others } = node as Readonly<Record<string, unknown>>;
  const isGroup = rest.length > 0 && typeof child === "object" && child !== null;
  if (isGroup) return { ...node, [name]: withValue(child, rest, value) };
  return value === undefined ? others : { ...node, [name]: value };
}

/** A strategy that a book votes with stays on for as long as the run has the book. */
function heldByBook({ books }: Configuration, { path, to }: Change): string | undefined {
  if (to !== false) return undefined;
  const index = books.findIndex(({ votes }) =>
    votes.some((name) => path === `strategy.votes.${name}.use`),
  );
  return index < 0 ? undefined : `books[${index}].votes has it, and a run keeps its books`;
}

/**
 * What of a new configuration a running desk may take up, and what not and why. Keys that a rule
 * compares with each other are all of one kind, but for books and the strategies that they hold, so
 * that a part of the new configuration is never at odds with the rest of the old one.
 */
export function planReload(current: Configuration, next: Configuration): ReloadPlan {
  const apply: Change[] = [];
  const refuse: RefusedChange[] = [];
  let configuration = current;
  for (const change of changesOf(current, next)) {
    const { reload, reason } = factsOf(change);
    if (reload !== "safe") {
      refuse.push({ ...change, needs: reload, reason });
      continue;
    }
    const held = heldByBook(current, change);
    if (held !== undefined) {
      refuse.push({ ...change, needs: "newLedger", reason: held });
      continue;
    }
    apply.push(change);
    const names = change.path.split(".");
    configuration = withValue(configuration, names, valueIn(next, names)) as Configuration;
  }
  return { apply, refuse, configuration, hash: hashOf(configuration) };
}

/** The journal's record of a reload, or null if it came to nothing at all. */
export function configurationChanged(plan: ReloadPlan): ConfigurationChanged | null {
  const { apply, refuse, hash } = plan;
  if (apply.length === 0 && refuse.length === 0) return null;
  return { type: "configuration.changed", changes: apply, refused: refuse, hash };
}

/** For the operator: `Cannot change seed from 7 to 8 now: ...; it takes a new ledger`. */
export function refusalText({ path, from, to, needs, reason }: RefusedChange): string {
  const remedy = needs === "restart" ? "it takes a restart" : "it takes a new ledger";
  return `Cannot change ${path} from ${from ?? "not set"} to ${to ?? "not set"} now: ${reason}; ${remedy}`;
}
