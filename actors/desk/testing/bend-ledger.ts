/** Changes what a ledger keeps of its actors, as another desk or a fault would have left it. */
import { Ledger } from "../../../adapters/store/ledger.ts";
import type { StoredActor } from "../../runtime/mod.ts";

export type Change = (actor: StoredActor) => StoredActor;

/** @throws if no stored actor is named so. */
export function bendActors(path: string, names: readonly string[], change: Change): void {
  using ledger = new Ledger(path);
  const { actors } = ledger.load();
  const bent = names.map((name) => {
    const actor = actors.find((each) => each.name === name);
    if (!actor) throw new RangeError(`Cannot bend actor "${name}": it is not stored`);
    return change(actor);
  });
  ledger.commit({ records: [], actors: bent, archived: [], revived: [], ledger: [], state: [] });
}

const withSnapshot =
  (snapshot: (before: Readonly<Record<string, unknown>>) => unknown): Change =>
  (actor) => ({
    ...actor,
    snapshot: snapshot(actor.snapshot as Readonly<Record<string, unknown>>),
  });

/** What a snapshot can be that no machine takes. */
export const garbage: readonly (readonly [name: string, change: Change])[] = [
  ["newer than this desk", (actor) => ({ ...actor, version: 99 })],
  ["not an object", withSnapshot(() => 7)],
  ["nothing", withSnapshot(() => null)],
  ["empty", withSnapshot(() => ({}))],
  ["of an unknown state", withSnapshot((before) => ({ ...before, value: "limbo" }))],
  ["without its context", withSnapshot((before) => ({ ...before, context: {} }))],
];

/** Newer, and readable still. */
export const newer: Change = (actor) => ({ ...actor, version: 99 });
/** Nothing of it can be read. */
export const unreadable: Change = withSnapshot(() => "\u0000");
