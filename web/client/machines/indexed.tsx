import { useEffect } from "preact/hooks";
import type { View } from "../live.ts";
import { plain } from "../parts/words.ts";

interface Indexed {
  readonly indexed: { readonly seq: number; readonly of: number };
}

/** How long the index is given before it is asked again, milliseconds. */
export const indexPauseMs = 400;

/** A journal of which more than this is not indexed yet is one that is being read in. */
const behindMost = 2_000;

interface IndexedView<T> extends View<T> {
  readonly data: (T & Indexed) | null;
}

/** Reads a view again until the index of the past has what was in the journal when it was read. */
export function useIndexed<T>(view: IndexedView<T>, isHeld = false): IndexedView<T> {
  const { indexed } = view.data ?? {};
  useEffect(() => {
    if (!indexed || isHeld || indexed.seq >= indexed.of) return;
    const timer = setTimeout(view.reload, indexPauseMs);
    return () => clearTimeout(timer);
  }, [view.readAt, isHeld]);
  return view;
}

/** Whether much of the journal is still to be read in. */
export const isBehind = (indexed: Indexed["indexed"] | undefined) =>
  indexed !== undefined && indexed.of - indexed.seq > behindMost;

/** Says that a journal is still being read in, so that what is later is not found. */
export function IndexNote({ indexed }: { readonly indexed: Indexed["indexed"] | undefined }) {
  if (!indexed || !isBehind(indexed)) return null;
  return (
    <p class="warn" role="status">
      Being read in: up to record {plain(indexed.seq)} of {plain(indexed.of)}; what is later is not
      found yet
    </p>
  );
}
