import type { AnyActorRef, AnyMachineSnapshot } from "xstate";
import type { ActorKind } from "../../machines/domain/ids.ts";

export interface LiveActor {
  readonly name: string;
  readonly kind: ActorKind;
  readonly ref: AnyActorRef;
  readonly snapshot: AnyMachineSnapshot;
  /** The journal record that left it so. */
  seq: number;
}

/**
 * The actors that live, by name. They are walked in the order of their names: one that a restart
 * keeps, so that what is sent to each of several is sent in the same order.
 */
export class LiveActors implements Iterable<LiveActor> {
  private readonly byName = new Map<string, LiveActor>();
  private names: readonly string[] | null = null;

  get(name: string): LiveActor | undefined {
    return this.byName.get(name);
  }

  set(actor: LiveActor): void {
    if (!this.byName.has(actor.name)) this.names = null;
    this.byName.set(actor.name, actor);
  }

  clear(): void {
    this.byName.clear();
    this.names = null;
  }

  delete(name: string): void {
    if (this.byName.delete(name)) this.names = null;
  }

  /** Notes the journal record that changed an actor. */
  mark(name: string, seq: number): void {
    const actor = this.byName.get(name);
    if (actor) actor.seq = seq;
  }

  *[Symbol.iterator](): Iterator<LiveActor> {
    this.names ??= [...this.byName.keys()].sort();
    for (const name of this.names) {
      const actor = this.byName.get(name);
      if (actor) yield actor;
    }
  }
}
