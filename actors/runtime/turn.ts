import type { AnyActorRef, AnyMachineSnapshot, EventObject } from "xstate";
import type { Decision } from "../../machines/domain/decision.ts";
import type { LedgerChange } from "../../machines/domain/ledger.ts";
import type { RecordFields } from "./journal.ts";

/** One transition of one actor, as the journal keeps it. */
export interface Transition {
  readonly actor: string;
  readonly event: EventObject;
  /**
   * Index in the turn of the transition that sent the event, or that made the actor (it is recorded
   * after what it made); null for the input itself.
   */
  readonly cause: number | null;
  /** State value before; null for an actor that was just made. */
  readonly from: unknown;
  readonly to: unknown;
  /** Guards in the order tried, with their results. */
  readonly guards: readonly (readonly [name: string, passed: boolean])[];
  /** New values of the context keys that changed. */
  readonly changed: Readonly<Record<string, unknown>>;
  /** No transition was enabled. */
  readonly ignored?: true;
}

/** Puts an actor back to where an undone turn found it. Never journaled, never sent by a machine. */
export const restoreEvent = "novactor.restore";

/** What made a turn come to nothing. */
export interface Failure {
  readonly actor: string;
  readonly event: string;
  readonly error: string;
}

/** What enters the desk: one input makes one turn. */
export interface TurnInput {
  readonly kind: string;
  readonly subject: string;
  readonly correlation?: string | null;
  /** Plain data; goes to the journal as it is. */
  readonly payload: unknown;
}

export interface TimerChange {
  readonly actor: string;
  readonly id: string;
  /** Null cancels it. */
  readonly timer: { readonly deadline: number; readonly event: EventObject } | null;
}

/** An actor that was made in a turn, or changed in it. */
export interface Touched {
  readonly ref: AnyActorRef;
  /** Its snapshot before the turn; null if the turn made it. */
  readonly before: AnyMachineSnapshot | null;
  after: AnyMachineSnapshot;
  readonly revived: boolean;
}

/** What a turn did to actors and books. */
interface Outcome {
  readonly transitions: Transition[];
  readonly touched: Map<string, Touched>;
  readonly stops: (() => void)[];
  readonly timers: TimerChange[];
  readonly booked: LedgerChange[];
  readonly draws: Record<string, string>;
  readonly deadLetters: { to: string; event: string }[];
  makesActors: boolean;
  ends: Ends | null;
}

interface Ends {
  readonly stopped: Set<string>;
  readonly leaving: Set<string>;
  readonly buried: Map<string, AnyMachineSnapshot>;
}

const nothingYet = (): Outcome => ({
  transitions: [],
  touched: new Map(),
  stops: [],
  timers: [],
  booked: [],
  draws: {},
  deadLetters: [],
  makesActors: false,
  ends: null,
});

/** Of turns that are not journaled: never added to. */
const none = new Map<string, number>();
const noCauses = new WeakMap<EventObject, number>();

/** What one input set off, until it is committed or undone. */
export class Turn {
  decision: Decision | null = null;
  failure: Failure | null = null;
  /** Made when first asked for: nine turns in ten do nothing to anybody. */
  private outcome: Outcome | null = null;
  private readonly latest: Map<string, number>;
  private readonly causes: WeakMap<EventObject, number>;

  constructor(
    readonly input: TurnInput,
    readonly at: number,
    /** Whether it is journaled: its transitions are recorded for that alone. */
    readonly isJournaled = true,
  ) {
    this.latest = isJournaled ? new Map() : none;
    this.causes = isJournaled ? new WeakMap() : noCauses;
  }

  private get ofIt(): Outcome {
    this.outcome ??= nothingYet();
    return this.outcome;
  }

  get transitions(): Transition[] {
    return this.ofIt.transitions;
  }

  get touched(): Map<string, Touched> {
    return this.ofIt.touched;
  }

  /** Actors to be stopped if the turn stands. */
  get stops(): (() => void)[] {
    return this.ofIt.stops;
  }

  get timers(): TimerChange[] {
    return this.ofIt.timers;
  }

  /** Booked before any actor saw the input: these stay when the actors are undone. */
  get booked(): LedgerChange[] {
    return this.ofIt.booked;
  }

  get draws(): Record<string, string> {
    return this.ofIt.draws;
  }

  get deadLetters(): { to: string; event: string }[] {
    return this.ofIt.deadLetters;
  }

  /** Whether anything was done or told to anybody. */
  get isFelt(): boolean {
    return this.outcome !== null;
  }

  /** Whether any actor was made. */
  get makesActors(): boolean {
    return this.outcome?.makesActors ?? false;
  }

  /** Whether any was asked to stop, or stopped. */
  get endsActors(): boolean {
    return (this.outcome?.ends ?? null) !== null;
  }

  /** Names of the actors that were stopped. */
  get stopped(): Set<string> {
    return this.ends.stopped;
  }

  /** Actors that were asked to stop: within the turn, another may be made under such a name. */
  get leaving(): Set<string> {
    return this.ends.leaving;
  }

  /** Last snapshots of the actors that the turn stopped for good. */
  get buried(): Map<string, AnyMachineSnapshot> {
    return this.ends.buried;
  }

  private get ends(): Ends {
    this.ofIt.ends ??= { stopped: new Set(), leaving: new Set(), buried: new Map() };
    return this.ofIt.ends;
  }

  /** Remembers which transition an event came from. */
  sent(source: string, event: EventObject): void {
    if (!this.isJournaled) return;
    const index = this.latest.get(source);
    if (index !== undefined) this.causes.set(event, index);
  }

  causeOf(event: EventObject): number | null {
    return this.causes.get(event) ?? null;
  }

  /** Records a transition; the actors made since `first` were made by it. */
  record(transition: Transition, first: number): void {
    const index = this.transitions.length;
    for (let made = first; made < index; made++) {
      const each = this.transitions[made];
      if (each && each.cause === null) this.transitions[made] = { ...each, cause: index };
    }
    this.latest.set(transition.actor, index);
    this.transitions.push(transition);
  }

  touch(actor: string, ref: AnyActorRef, before: AnyMachineSnapshot, after: AnyMachineSnapshot) {
    const touched = this.touched.get(actor);
    if (touched) touched.after = after;
    else this.touched.set(actor, { ref, before, after, revived: false });
  }

  made(actor: string, ref: AnyActorRef, snapshot: AnyMachineSnapshot, revived: boolean): void {
    this.ofIt.makesActors = true;
    this.touched.set(actor, { ref, before: null, after: snapshot, revived });
  }

  /** Runs the part of the turn that is undone if it throws. */
  attempt(act: (turn: Turn) => void): void {
    try {
      act(this);
    } catch (error) {
      this.fail(this.input.subject, { type: this.input.kind }, error);
    }
  }

  /** Has every actor that it changed go back to where the turn found it, the last one first. */
  putBack(): void {
    for (const { ref, before } of [...this.touched.values()].reverse()) {
      if (before) ref.send({ type: restoreEvent, snapshot: before } as EventObject);
    }
  }

  fail(actor: string, event: EventObject, error: unknown): void {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.failure ??= { actor, event: event.type, error: text };
  }

  /** What the journal keeps of the turn. */
  fields(): RecordFields {
    const { input, at, decision, failure, transitions, draws, deadLetters } = this;
    return {
      at,
      kind: input.kind,
      subject: input.subject,
      code: decision?.code ?? null,
      correlation: input.correlation ?? null,
      input: input.payload,
      ...(transitions.length > 0 ? { transitions } : {}),
      ...(decision ? { decision } : {}),
      ...(Object.keys(draws).length > 0 ? { draws } : {}),
      ...(deadLetters.length > 0 ? { deadLetters } : {}),
      ...(failure ? { undone: failure } : {}),
    };
  }
}
