/** What is read of a record's content: what the actors did in it. */
import type { JournalRecord } from "../../../actors/runtime/ports.ts";
import type { PastTransition } from "../../../machines/domain/transition.ts";

export interface RecordContent {
  readonly transitions?: readonly PastTransition[];
  readonly undone?: { readonly actor: string; readonly event: string; readonly error: string };
}

const hasTransitions = '"transitions":[';
const isUndone = '"undone":{';

/** A record's content, if anything in it is of the actors: most records of bars are not read. */
export function contentOf({ content }: JournalRecord): RecordContent {
  if (!content.includes(hasTransitions) && !content.includes(isUndone)) return {};
  return JSON.parse(content) as RecordContent;
}
