import type { AnyActorRef, AnyMachineSnapshot, EventObject } from "xstate";
import { assert } from "../../machines/domain/assert.ts";

/** What an effect is told beside its input. */
export interface EffectContext {
  /** Name of the actor that wants it. */
  readonly owner: string;
  /** The desk was restarted since the effect was first asked for: it may have happened already. */
  readonly again: boolean;
}

/**
 * Does the work of one kind of effect, after the turn that asked for it is committed. Resolves to
 * the event that tells the owner; rejecting is told as `xstate.error.actor.ID`.
 */
export type EffectHandler = (input: never, context: EffectContext) => Promise<EventObject>;

export interface WantedEffect {
  readonly owner: string;
  readonly id: string;
  readonly src: string;
  readonly input: unknown;
  readonly again: boolean;
  /** Identifies this invocation: entering the state again makes another. */
  readonly ref: AnyActorRef;
}

/** Whether an effect is among those that are meant. */
export type EffectFilter = (effect: WantedEffect) => boolean;

/** Which effects the live actors' snapshots ask for, in the order in which they were asked. */
export class EffectTable {
  private readonly byOwner = new Map<string, Map<string, AnyActorRef>>();
  private readonly wanted = new Map<AnyActorRef, WantedEffect>();
  /** Of the wanted ones, those that were begun. */
  private readonly begun = new Set<AnyActorRef>();

  constructor(
    private readonly kinds: ReadonlySet<string>,
    /** Kinds of actor whose machine invokes anything: the others' children are not looked at. */
    private readonly invokers: ReadonlySet<string>,
  ) {}

  /** Brings the table in line with an actor's snapshot. */
  follow(owner: string, kind: string, snapshot: AnyMachineSnapshot, again: boolean): void {
    if (!this.invokers.has(kind)) return;
    const known = this.byOwner.get(owner);
    const now = new Map<string, AnyActorRef>();
    for (const id in snapshot.children) {
      const child = snapshot.children[id];
      const ref = child as AnyActorRef;
      if (typeof ref.src !== "string" || !this.kinds.has(ref.src)) continue;
      now.set(id, ref);
      if (known?.get(id) === ref) continue;
      const input: unknown = ref.getSnapshot().context;
      this.wanted.set(ref, { owner, id, src: ref.src, input, again, ref });
    }
    for (const [id, ref] of known ?? []) {
      if (now.get(id) !== ref) this.drop(ref);
    }
    if (now.size > 0) this.byOwner.set(owner, now);
    else this.byOwner.delete(owner);
  }

  forget(owner: string): void {
    for (const ref of this.byOwner.get(owner)?.values() ?? []) this.drop(ref);
    this.byOwner.delete(owner);
  }

  /** An actor's effects as its snapshot has them, done or not. */
  of(owner: string): ReadonlyMap<string, AnyActorRef> | undefined {
    return this.byOwner.get(owner);
  }

  /** The effects not yet done, oldest first. */
  pending(): Iterable<WantedEffect> {
    return this.wanted.values();
  }

  /** The oldest effect not yet begun that passes, or null; it counts as begun from now on. */
  begin(only: EffectFilter): WantedEffect | null {
    for (const effect of this.wanted.values()) {
      if (this.begun.has(effect.ref) || !only(effect)) continue;
      this.begun.add(effect.ref);
      return effect;
    }
    return null;
  }

  /** Whether one is wanted and not begun. */
  get waits(): boolean {
    return this.wanted.size > this.begun.size;
  }

  clear(): void {
    this.byOwner.clear();
    this.wanted.clear();
    this.begun.clear();
  }

  get size(): number {
    return this.wanted.size;
  }

  /** Takes an effect off the list. False when nobody wants it any more. */
  done(effect: WantedEffect): boolean {
    return this.drop(effect.ref);
  }

  private drop(ref: AnyActorRef): boolean {
    this.begun.delete(ref);
    return this.wanted.delete(ref);
  }
}

/** Does the work of an effect; a rejection is an answer too. */
export async function answerOf(
  { owner, id, src, input, again }: WantedEffect,
  handler: EffectHandler | undefined,
): Promise<EventObject> {
  assert(handler !== undefined, `Cannot do effect "${src}" of "${owner}": no handler`);
  try {
    return await handler(input as never, { owner, again });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { type: `xstate.error.actor.${id}`, error: text, actorId: id } as EventObject;
  }
}
