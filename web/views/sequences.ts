import type { PastTransition } from "../../machines/domain/transition.ts";
import type { MessageView } from "../api/machines.ts";
import type { JournalRow } from "../server/ports.ts";
import { stateChange } from "./actor-words.ts";
import { eventLabel } from "./chart-graph.ts";

/** Messages that one diagram holds. */
export const messagesMost = 2_000;

interface Sequence {
  readonly actors: string[];
  readonly messages: MessageView[];
  readonly isCut: boolean;
}

/**
 * What the actors of one position said to each other, in order: all of a record that is marked as
 * the position's, and of others what hangs together, by who sent what, with one of its actors.
 */
export function sequenceOf(correlation: string, records: readonly JournalRow[]): Sequence {
  const messages: MessageView[] = [];
  for (const record of records) {
    const { transitions = [] } = JSON.parse(record.content) as {
      readonly transitions?: readonly PastTransition[];
    };
    const groups = groupsOf(transitions);
    const own = new Set(groups.filter((_, index) => isOwn(correlation, transitions[index])));
    for (const [index, transition] of inOrder(transitions)) {
      const isMeant = record.correlation === correlation || own.has(groups[index] ?? -1);
      if (!isMeant) continue;
      if (messages.length === messagesMost) return { ...cast(messages), isCut: true };
      messages.push(message(record, index, transition, transitions));
    }
  }
  return { ...cast(messages), isCut: false };
}

/** What made an actor is recorded after it: here it comes before. */
function* inOrder(
  transitions: readonly PastTransition[],
): Iterable<readonly [index: number, transition: PastTransition]> {
  const after = new Map<number, number[]>();
  for (const [index, { cause }] of transitions.entries()) {
    if (cause !== null && cause > index) after.set(cause, [...(after.get(cause) ?? []), index]);
  }
  const from = function* (index: number): Iterable<readonly [number, PastTransition]> {
    const transition = transitions[index];
    if (transition) yield [index, transition];
    for (const made of after.get(index) ?? []) yield* from(made);
  };
  for (const [index, { cause }] of transitions.entries()) {
    if (cause === null || cause < index) yield* from(index);
  }
}

function message(
  { seq, at }: JournalRow,
  index: number,
  { actor, event, cause, from, to, changed, ignored }: PastTransition,
  transitions: readonly PastTransition[],
): MessageView {
  return {
    ...{ seq, index, at, to: actor, event: eventLabel(event.type) },
    from: cause === null ? null : (transitions[cause]?.actor ?? null),
    effect: from === null ? "made" : stateChange(from, to) || keysChanged(changed),
    isIgnored: ignored ?? false,
  };
}

function keysChanged(changed: PastTransition["changed"]): string {
  const keys = Object.keys(changed);
  return keys.length === 0 ? "" : `changes ${keys.join(", ")}`;
}

/** Senders and receivers in the order of their first message. */
function cast(messages: MessageView[]): Pick<Sequence, "actors" | "messages"> {
  const actors = new Set<string>();
  for (const { from, to } of messages) {
    if (from !== null) actors.add(from);
    actors.add(to);
  }
  return { actors: [...actors], messages };
}

function isOwn(correlation: string, transition: PastTransition | undefined): boolean {
  const { actor = "" } = transition ?? {};
  return actor === `position:${correlation}` || actor.startsWith(`order:${correlation}/`);
}

/** For each transition the first one of those that hang together with it. */
function groupsOf(transitions: readonly PastTransition[]): number[] {
  const groups = transitions.map((_, index) => index);
  for (const [index, { cause }] of transitions.entries()) {
    if (cause === null) continue;
    const [one, other] = [groups[index] ?? index, groups[cause] ?? cause];
    if (one === other) continue;
    const kept = Math.min(one, other);
    for (const [each, group] of groups.entries()) {
      if (group === one || group === other) groups[each] = kept;
    }
  }
  return groups;
}
