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
  /** Sorted; another list after each change, so that a walk goes over those that there were. */
  private names: readonly string[] = [];

  get(name: string): LiveActor | undefined {
    return this.byName.get(name);
  }

  set(actor: LiveActor): void {
    const { name } = actor;
    if (!this.byName.has(name)) this.names = this.names.toSpliced(this.placeOf(name), 0, name);
    this.byName.set(name, actor);
  }

  clear(): void {
    this.byName.clear();
    this.names = [];
  }

  delete(name: string): void {
    if (this.byName.delete(name)) this.names = this.names.toSpliced(this.placeOf(name), 1);
  }

  /** Notes the journal record that changed an actor. */
  mark(name: string, seq: number): void {
    const actor = this.byName.get(name);
    if (actor) actor.seq = seq;
  }

  /** Where a name stands, or would. */
  private placeOf(name: string): number {
    let [low, high] = [0, this.names.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.names[middle] as string) < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  *[Symbol.iterator](): Iterator<LiveActor> {
    for (const name of this.names) {
      const actor = this.byName.get(name);
      if (actor) yield actor;
    }
  }
}
