import type { AnyActorRef, AnyMachineSnapshot } from "xstate";
import type { LiveActor } from "./live-actors.ts";
import type { StoredActor } from "./ports.ts";
import type { Timer } from "./timers.ts";

/**
 * A snapshot as plain data, to be stored: value, context, and the invoked effects, without which
 * XState would never start them again. Durable children are stored by themselves.
 */
export function plainSnapshot(
  snapshot: AnyMachineSnapshot,
  effects: ReadonlyMap<string, AnyActorRef> | undefined,
): unknown {
  const children: Record<string, unknown> = {};
  for (const [id, ref] of effects ?? []) {
    const { status, context } = ref.getSnapshot();
    children[id] = { src: ref.src, snapshot: { status, context }, syncSnapshot: false };
  }
  const { status, value, context } = snapshot;
  return { status, value, context, historyValue: {}, children };
}

/** All other durable actors as the children of the root, for XState to restore with it. */
export function childrenOf(
  root: StoredActor,
  actors: readonly StoredActor[],
): Record<string, object> {
  const children: Record<string, object> = {};
  for (const actor of actors) {
    if (actor === root) continue;
    children[actor.name] = { snapshot: actor.snapshot, src: actor.kind, syncSnapshot: false };
  }
  return children;
}

/** A live actor as it is to be stored. */
export function storedActor(
  { name, kind, snapshot, seq }: LiveActor,
  version: number,
  effects: ReadonlyMap<string, AnyActorRef> | undefined,
  timers: readonly Timer[],
): StoredActor {
  return {
    name,
    kind,
    version,
    snapshot: plainSnapshot(snapshot, effects),
    timers: timers.map(({ id, deadline, event }) => ({ id, deadline, event })),
    seq,
  };
}
