import type { MachineKind } from "./options.ts";
import type { JournalHead, StoredActor } from "./ports.ts";

/** A stored actor that could not be taken over as it was. */
export interface SetAside {
  readonly actor: StoredActor;
  /** For the operator. */
  readonly error: string;
}

/**
 * Brings a stored snapshot to the version of its machine, one step at a time.
 *
 * @throws {Error} if a step is missing or fails, or the snapshot is of a newer machine.
 */
export function upgraded(actor: StoredActor, kind: MachineKind): StoredActor {
  let { version, snapshot } = actor;
  if (version > kind.version) {
    throw new Error(`it is of version ${version}, newer than this desk's ${kind.version}`);
  }
  while (version < kind.version) {
    const migrate = kind.migrations?.[version];
    if (!migrate) throw new Error(`nothing brings it from version ${version} to ${version + 1}`);
    snapshot = migrate(snapshot);
    version += 1;
  }
  return version === actor.version ? actor : { ...actor, version, snapshot };
}

/** Upgrades what can be, and sets the rest aside. */
export function upgradeAll(
  actors: readonly StoredActor[],
  kinds: Readonly<Record<string, MachineKind>>,
): { readonly actors: readonly StoredActor[]; readonly setAside: SetAside[] } {
  const kept: StoredActor[] = [];
  const setAside: SetAside[] = [];
  for (const actor of actors) {
    const kind = kinds[actor.kind];
    try {
      if (!kind) throw new Error(`this desk has no actors of kind "${actor.kind}"`);
      kept.push(upgraded(actor, kind));
    } catch (error) {
      setAside.push({ actor, error: error instanceof Error ? error.message : String(error) });
    }
  }
  return { actors: kept, setAside };
}

/** Stored actors whose snapshot XState refused, with its words. */
export function rejectedOf(
  actors: readonly StoredActor[],
  rejections: ReadonlyMap<string, string>,
): SetAside[] {
  return actors.flatMap((actor) => {
    const error = rejections.get(actor.name);
    return error === undefined ? [] : [{ actor, error }];
  });
}

/** How a start came out. */
export interface Started {
  readonly resumed: boolean;
  readonly head: JournalHead;
  readonly setAside: readonly SetAside[];
}
