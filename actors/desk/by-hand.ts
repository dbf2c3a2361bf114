import type { AnyMachineSnapshot, EventObject } from "xstate";
import type { Command } from "../../machines/domain/command.ts";
import type { ActorKind } from "../../machines/domain/ids.ts";
import type { LiveActor } from "../runtime/mod.ts";
import type { DeskMode } from "./config.ts";

/** What sending by hand needs of the desk. */
export interface HandScope {
  mode(): DeskMode;
  live(): Iterable<LiveActor>;
  send(actor: string, event: EventObject): void;
}

/** What an event is completed with: an operator names it, and says no more. */
type Rest = Readonly<Record<string, string>>;

/**
 * What an operator may send to a machine: what asks it to look, or to leave something, in ways that
 * it takes at any time. Never what a venue, an effect, a timer or another actor would have said:
 * that would put into the books what did not happen.
 *
 * - `position`: sell it all, try an exit that is held back again, give up what works of its entry;
 * - `order`: ask the venue for the truth of it, changing nothing there;
 * - `reconciler`: read the account now;
 * - `breaker`: try again after a trip.
 *
 * The root's brakes, jobs and settlements have commands of their own, with checks of their own.
 */
const allowed: Readonly<Partial<Record<ActorKind, Readonly<Record<string, Rest>>>>> = {
  position: {
    "exit.wanted": { reason: "operator" },
    "exit.retry": {},
    "entry.abandon": { reason: "operator" },
  },
  order: { "order.doubt": {} },
  reconciler: { "reconcile.now": {} },
  breaker: { "breaker.probe": {} },
};

/** Whether an event is on the list of what may be sent to a kind of actor by hand. */
export function maySendByHand(kind: ActorKind, event: string): boolean {
  return Object.hasOwn(allowed[kind] ?? {}, event);
}

/** What the command is answered with, or why it is refused: said before anything happens. */
export function judgeSend({ target, details = {} }: Command, scope: HandScope) {
  const refuse = (why: string) => ({ done: false, text: `Cannot send: ${why}` });
  const mode = scope.mode();
  if (mode !== "paper") return refuse(`the desk's mode is "${mode}", wanted "paper"`);
  const actor = [...scope.live()].find(({ name }) => name === target);
  if (!actor) return refuse(`no actor "${target ?? ""}" lives`);
  const event = eventOf(details.event);
  if (event === null) return refuse('details "event" is no JSON object with a "type"');
  const { type, ...fields } = event;
  if (!maySendByHand(actor.kind, type)) {
    const list = Object.keys(allowed[actor.kind] ?? {}).join(", ");
    const wanted = list === "" ? "none: it takes nothing by hand" : `one of ${list}`;
    return refuse(`"${type}" is not on the list of ${actor.kind}, wanted ${wanted}`);
  }
  const rest = allowed[actor.kind]?.[type] ?? {};
  const wrong = Object.keys(fields).find((name) => fields[name] !== rest[name]);
  if (wrong !== undefined) return refuse(`"${type}" takes no field "${wrong}" of yours`);
  if (isOver(actor.snapshot)) return refuse(`"${actor.name}" is over`);
  const expected = Number(details.expectedSeq);
  if (details.expectedSeq === undefined || expected !== actor.seq) {
    const seen = details.expectedSeq ?? "none";
    return refuse(`"${actor.name}" was changed by record ${actor.seq}, seen was ${seen}`);
  }
  return { done: true, text: `sent "${type}" to "${actor.name}"` };
}

/** Sends what was judged to be fine, within its turn. */
export function obeySend(command: Command, scope: Pick<HandScope, "send" | "live">): void {
  const { target, details = {} } = command;
  const event = eventOf(details.event);
  const actor = [...scope.live()].find(({ name }) => name === target);
  if (!event || !actor) return;
  const { type } = event;
  scope.send(actor.name, { type, ...allowed[actor.kind]?.[type] });
}

const isOver = (snapshot: AnyMachineSnapshot): boolean =>
  snapshot.hasTag("over") || snapshot.hasTag("finished");

type GivenEvent = EventObject & Readonly<Record<string, unknown>>;

function eventOf(text: string | undefined): GivenEvent | null {
  try {
    const event: unknown = JSON.parse(text ?? "null");
    const isEvent =
      typeof event === "object" && event !== null && "type" in event && !Array.isArray(event);
    return isEvent && typeof event.type === "string" ? (event as GivenEvent) : null;
  } catch {
    // Told to the operator as what it is: no event.
    return null;
  }
}
