/** What an older desk left behind, and how this one is told to take it over. */
import { readFileSync, writeFileSync } from "node:fs";
import { machineKinds } from "../../actors/desk/mod.ts";
import type { MachineKind, StoredActor } from "../../actors/runtime/mod.ts";
import { type ActorKind, actorKinds } from "../../machines/domain/ids.ts";

export const fixtures = new URL("../fixtures/upgrade/", import.meta.url).pathname;

/** Writes a stored ledger where a test may change it. */
export function unpackLedger(name: string, path: string): string {
  writeFileSync(path, Bun.gunzipSync(readFileSync(`${fixtures}${name}.db.gz`)));
  return path;
}

type Fields = Readonly<Record<string, unknown>>;

/** Keys that version 0 of each machine did not have yet, with what they began as. */
export const sinceVersion0: Readonly<Partial<Record<ActorKind, Fields>>> = {
  order: { cancelsInVain: 0, learnedAt: 0 },
  position: { votedBy: ["trend"], exitHeld: false, failures: 0 },
  breaker: { failed: [] },
  feed: { gaps: 0 },
  reconciler: { unreadable: 0 },
  desk: { children: {} },
};

function withContext(snapshot: unknown, change: (context: Fields) => Fields): unknown {
  const { context, ...rest } = snapshot as { readonly context: Fields };
  return { ...rest, context: change(context) };
}

/** An actor as a desk of version 0 would have stored it. */
export function asVersion0(actor: StoredActor): StoredActor {
  const newer = Object.keys(sinceVersion0[actor.kind as ActorKind] ?? {});
  const snapshot = withContext(actor.snapshot, (context) =>
    Object.fromEntries(Object.entries(context).filter(([key]) => !newer.includes(key))),
  );
  return { ...actor, version: 0, snapshot };
}

/** This desk's kinds, with a step that brings version 0 to the present one. */
export function kindsSince0(): Record<ActorKind, MachineKind> {
  const entries = actorKinds.map((kind): [ActorKind, MachineKind] => {
    const began = sinceVersion0[kind] ?? {};
    const migrate = (snapshot: unknown) =>
      withContext(snapshot, (context) => ({ ...began, ...context }));
    const migrations = { ...machineKinds[kind].migrations, 0: migrate };
    return [kind, { ...machineKinds[kind], migrations }];
  });
  return Object.fromEntries(entries) as Record<ActorKind, MachineKind>;
}
