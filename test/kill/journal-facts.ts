/** What the journal says of moments that the books do not keep. */
import type { LedgerReader } from "../../adapters/store/reader.ts";
import type { Brake } from "../../machines/domain/brake.ts";
import { isForeseenAlarm } from "./alarms.ts";

interface JournalContent {
  readonly input: { readonly effect?: string; readonly event?: { type: string; cause?: string } };
  readonly transitions?: readonly {
    readonly actor: string;
    readonly event: { readonly type: string; readonly text?: string };
    readonly to: unknown;
    readonly changed: { readonly brakes?: readonly Brake[] };
  }[];
  readonly undone?: { readonly actor: string; readonly error: string };
}

/** A request that left the process, and what stopped new exposure when it did. */
export interface Sent {
  readonly seq: number;
  /** Virtual time. */
  readonly at: number;
  readonly intentId: string;
  readonly brakes: readonly Brake[];
  /** The account's state at that time. */
  readonly account: string;
}

export interface StateChange {
  readonly at: number;
  readonly state: string;
}

export interface JournalFacts {
  readonly submits: readonly Sent[];
  readonly amends: readonly Sent[];
  /** States of each position's actor, oldest first. */
  readonly positions: ReadonlyMap<string, readonly StateChange[]>;
  /** The brakes that were on after a record. */
  readonly brakesAfter: (seq: number) => readonly Brake[];
  /** Brakes of the operator's that went off without a `resume`, in words. */
  readonly releasedByNobody: readonly string[];
  /** Turns that were undone, and events that no state takes, in words. */
  readonly faults: readonly string[];
}

const restarted = "the desk was restarted";

export function journalFacts({ journal }: LedgerReader): JournalFacts {
  const walk = new FactWalk();
  for (const { seq, at, kind, subject, content } of journal.range()) {
    const parsed = JSON.parse(content) as JournalContent;
    walk.enter(`${kind} ${subject}`);
    if (kind === "effect") walk.effect(seq, at, subject, parsed);
    if (parsed.undone) walk.faults.push(`record ${seq}: undone: ${parsed.undone.error}`);
    for (const transition of parsed.transitions ?? []) walk.transition(seq, at, transition);
  }
  return walk;
}

class FactWalk implements JournalFacts {
  readonly submits: Sent[] = [];
  readonly amends: Sent[] = [];
  readonly positions = new Map<string, StateChange[]>();
  readonly faults: string[] = [];
  readonly releasedByNobody: string[] = [];
  private account = "gated";
  private input = "";
  private readonly brakeChanges: { seq: number; brakes: readonly Brake[] }[] = [];

  readonly brakesAfter = (seq: number): readonly Brake[] =>
    this.brakeChanges.findLast((change) => change.seq <= seq)?.brakes ?? [];

  /** A record begins: its kind and what it is about. */
  enter(input: string): void {
    this.input = input;
  }

  /** The effect's record follows the request: what stopped exposure is what the records before say. */
  effect(seq: number, at: number, subject: string, { input }: JournalContent): void {
    const { effect, event } = input;
    if (effect !== "submit" && effect !== "amend") return;
    // Neither went anywhere: the first was stopped, the second is asked for instead of sent again.
    if (event?.type === "submit.denied" || event?.cause === restarted) return;
    const intentId = subject.slice("order:".length);
    const sent = { seq, at, intentId, brakes: this.brakesAfter(seq), account: this.account };
    (effect === "submit" ? this.submits : this.amends).push(sent);
  }

  private brake(seq: number, brakes: readonly Brake[]): void {
    const kept = new Set(brakes.map(({ brakeId }) => brakeId));
    for (const { kind, brakeId } of this.brakesAfter(seq)) {
      const isOperators = kind === "pause" || kind === "halt";
      if (!isOperators || kept.has(brakeId) || this.input === "command resume") continue;
      this.releasedByNobody.push(`record ${seq}: "${this.input}" released ${brakeId}`);
    }
    this.brakeChanges.push({ seq, brakes });
  }

  transition(
    seq: number,
    at: number,
    { actor, event, to, changed }: NonNullable<JournalContent["transitions"]>[number],
  ): void {
    if (actor === "desk" && changed.brakes) this.brake(seq, changed.brakes);
    const isForeseen = isForeseenAlarm(String(event.text));
    if (actor === "desk" && event.type === "alarm.raised" && !isForeseen) {
      this.faults.push(`record ${seq}: ${event.text}`);
    }
    if (actor.startsWith("account:")) this.account = nameOf(to);
    if (!actor.startsWith("position:")) return;
    const id = actor.slice("position:".length);
    const states = this.positions.get(id) ?? [];
    states.push({ at, state: nameOf(to) });
    this.positions.set(id, states);
  }
}

/** `open` of `"open"`, `closing` of `{"closing": "selling"}`. */
function nameOf(state: unknown): string {
  return typeof state === "string" ? state : (Object.keys(state as object)[0] ?? "");
}
