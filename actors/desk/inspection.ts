import type { DeskContext } from "../../machines/desk.machine.ts";
import { type ActorKind, actorName, kindOf } from "../../machines/domain/ids.ts";
import { type ChildRecord, unblemished } from "../../machines/supervision.ts";
import type { ActorSystem, StoredActor, StoredTimer } from "../runtime/mod.ts";

/** An actor as it is durable now. */
export interface ActorNow {
  readonly name: string;
  readonly kind: ActorKind;
  readonly status: "live" | "archived";
  /** State value, as XState has it. */
  readonly value: unknown;
  readonly context: unknown;
  readonly tags: readonly string[];
  readonly timers: readonly StoredTimer[];
  /** Effects that it wants and that are not answered yet, oldest first. */
  readonly waiting: readonly { readonly src: string; readonly id: string }[];
  /** What the root keeps of its faults and restarts, as far as they still count. */
  readonly supervision: ChildRecord;
  /** The record that left it so; 0 for one that no record since the start changed. */
  readonly seq: number;
}

/** What the visualiser is shown of the actors: only what is durable. */
export class Inspection {
  constructor(private readonly system: () => ActorSystem) {}

  /** The live actors by name, all as of one record. */
  actors(): readonly ActorNow[] {
    const system = this.system();
    system.commit();
    const waiting = new Map<string, { src: string; id: string }[]>();
    for (const { owner, src, id } of system.effects.pending()) {
      waiting.set(owner, [...(waiting.get(owner) ?? []), { src, id }]);
    }
    const desk = system.snapshot(actorName.desk)?.context as DeskContext | undefined;
    const children = desk?.children ?? {};
    return [...system.live].map(({ name, kind, snapshot, seq }) => ({
      ...{ name, kind, status: "live" as const, seq },
      ...{ value: snapshot.value, context: snapshot.context, tags: [...snapshot.tags] },
      timers: system.timers.of(name),
      waiting: waiting.get(name) ?? [],
      supervision: children[name] ?? unblemished,
    }));
  }

  /** An actor that lives, or as it was archived; null for one that nobody knows. */
  actor(name: string): ActorNow | null {
    const live = this.actors().find((each) => each.name === name);
    if (live) return live;
    const stored = this.system().archivedActor(name);
    return stored ? actorStored(stored, "archived") : null;
  }

  /** The last durable record. */
  get seq(): number {
    return this.system().committedHead.seq;
  }
}

/** An actor as a ledger has it stored. @throws {RangeError} where its name is of no known kind */
export function actorStored(stored: StoredActor, status: ActorNow["status"]): ActorNow {
  const { name, snapshot, timers, seq } = stored;
  const { value, context } = snapshot as { readonly value: unknown; readonly context: unknown };
  return {
    ...{ name, kind: kindOf(name), status, value, context, timers, seq },
    tags: [],
    waiting: waitingOf(snapshot),
    supervision: unblemished,
  };
}

/** A snapshot that is stored keeps its effects as children; which are answered it does not say. */
function waitingOf(snapshot: unknown): ActorNow["waiting"] {
  const { children = {} } = snapshot as {
    readonly children?: Readonly<Record<string, { readonly src: string }>>;
  };
  return Object.entries(children).map(([id, { src }]) => ({ id, src }));
}
