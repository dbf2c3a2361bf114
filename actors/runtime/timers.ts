import type { EventObject } from "xstate";
import type { StoredActor, StoredTimer } from "./ports.ts";

export interface Timer extends StoredTimer {
  readonly actor: string;
  readonly event: EventObject;
}

function isBefore(a: Timer, b: Timer): boolean {
  if (a.deadline !== b.deadline) return a.deadline < b.deadline;
  if (a.actor !== b.actor) return a.actor < b.actor;
  return a.id < b.id;
}

/**
 * The deadlines of all live actors. XState does not arm its timers again after a restore; these
 * are stored with their actor and fire at their original deadline.
 */
export class TimerTable {
  private readonly byActor = new Map<string, Map<string, Timer>>();
  private earliest: Timer | null = null;

  set(timer: Timer): void {
    let own = this.byActor.get(timer.actor);
    if (!own) {
      own = new Map();
      this.byActor.set(timer.actor, own);
    }
    const replaced = own.get(timer.id);
    own.set(timer.id, timer);
    if (replaced && replaced === this.earliest) this.earliest = this.search();
    else if (!this.earliest || isBefore(timer, this.earliest)) this.earliest = timer;
  }

  /** Sets a stored actor's timers at their original deadlines. */
  arm({ name, timers }: StoredActor): void {
    for (const { id, deadline, event } of timers) this.set({ actor: name, id, deadline, event });
  }

  cancel(actor: string, id: string): void {
    const own = this.byActor.get(actor);
    const timer = own?.get(id);
    if (!own || !timer) return;
    own.delete(id);
    if (own.size === 0) this.byActor.delete(actor);
    if (timer === this.earliest) this.earliest = this.search();
  }

  forget(actor: string): void {
    if (this.byActor.delete(actor) && this.earliest?.actor === actor) {
      this.earliest = this.search();
    }
  }

  of(actor: string): Timer[] {
    return [...(this.byActor.get(actor)?.values() ?? [])];
  }

  /** The timer that is due first, ties by actor and id, or null. */
  next(): Timer | null {
    return this.earliest;
  }

  // Linear, which a few hundred live timers can bear; it runs only when the earliest one goes.
  private search(): Timer | null {
    let found: Timer | null = null;
    for (const own of this.byActor.values()) {
      for (const timer of own.values()) {
        if (!found || isBefore(timer, found)) found = timer;
      }
    }
    return found;
  }
}
