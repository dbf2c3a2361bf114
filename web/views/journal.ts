import type { PastEntry } from "../../machines/domain/past.ts";
import type { JournalEntryView } from "../api/machines.ts";
import { eventLabel } from "./chart-graph.ts";

/** A record as the journal's page lists it. */
export function entryView(entry: PastEntry): JournalEntryView {
  const { seq, at, kind, subject, code, correlation, actors, isUndone } = entry;
  return {
    ...{ seq, at, kind, subject, code, correlation, isUndone },
    actors: [...actors],
    summary: summaryOf(entry),
  };
}

function summaryOf({ event, code, transitions, isUndone }: PastEntry): string {
  const what = event === null ? (code ?? "") : eventLabel(event);
  const count = `${transitions} transition${transitions === 1 ? "" : "s"}`;
  const words = [what, ...(transitions > 0 ? [count] : []), ...(isUndone ? ["undone"] : [])];
  return words.filter((word) => word !== "").join(", ") || "no transition";
}
