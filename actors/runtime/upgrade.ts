import { kindOf } from "../../machines/domain/ids.ts";
import type { MachineKind } from "./options.ts";
import type { JournalHead, StoredActor } from "./ports.ts";
import { Soundness } from "./soundness.ts";

/** A stored actor that could not be taken over as it was. */
export interface SetAside {
  readonly actor: StoredActor;
  /** For the operator. */
  readonly error: string;
}

/** How a start came out. */
export interface Started {
  readonly resumed: boolean;
  readonly head: JournalHead;
  readonly setAside: readonly SetAside[];
}

/**
 * Brings a stored snapshot to the version of its machine, one step at a time.
 *
 * @throws {Error} if a step is missing or fails, or the snapshot is of a newer machine.
 */
export function upgraded(actor: StoredActor, kind: MachineKind): StoredActor {
  let { version, snapshot } = actor;
  if (!Number.isSafeInteger(version) || version > kind.version) {
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

/** Takes over what earlier runs stored, whatever desk wrote it. */
export class TakeOver {
  private readonly sound = new Map<string, Soundness>();

  constructor(private readonly kinds: Readonly<Record<string, MachineKind>>) {}

  /** The actor as this desk's machine has it, or why it cannot be taken over. */
  one(stored: StoredActor): StoredActor | SetAside {
    const kind = this.kinds[stored.kind];
    try {
      if (!kind) throw new Error(`this desk has no actors of kind "${stored.kind}"`);
      const named = kindOf(stored.name);
      if (named !== stored.kind) throw new Error(`its name is that of kind "${named}"`);
      const actor = upgraded(stored, kind);
      this.soundnessOf(stored.kind, kind).require(actor);
      return actor;
    } catch (error) {
      return { actor: stored, error: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Takes over what can be, and sets the rest aside. */
  all(stored: readonly StoredActor[]): {
    readonly actors: readonly StoredActor[];
    readonly setAside: SetAside[];
  } {
    const actors: StoredActor[] = [];
    const setAside: SetAside[] = [];
    for (const each of stored) {
      const taken = this.one(each);
      if ("error" in taken) setAside.push(taken);
      else actors.push(taken);
    }
    return { actors, setAside };
  }

  private soundnessOf(name: string, kind: MachineKind): Soundness {
    let soundness = this.sound.get(name);
    if (!soundness) {
      soundness = new Soundness(kind);
      this.sound.set(name, soundness);
    }
    return soundness;
  }
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
