import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { Given } from "../api/route.ts";
import type { RouteKey, Routes } from "../api/routes.ts";
import type { StreamEntry } from "../api/stream.ts";
import { type Answer, call } from "./api.ts";

export type { StreamEntry };

/** When the stream was last heard, by this browser's clock; 0 before the first time. */
export const heardAt = signal(0);
/** The browser's clock, once a second. */
export const now = signal(Date.now());
/** Whether the stream is older than what may be called live. */
export const isStale = () => now.value - heardAt.value > 5_000;

type Listener = (entries: readonly StreamEntry[]) => void;
const listeners = new Set<Listener>();

/** Told of each batch of journal entries, in their order; returns what ends it. */
export function onEntries(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Opens the one stream of the page. */
export function listen(): void {
  setInterval(() => {
    now.value = Date.now();
  }, 1_000);
  const source = new EventSource("/api/v1/stream");
  source.addEventListener("entries", ({ data }) => {
    heardAt.value = Date.now();
    const entries = JSON.parse(data) as StreamEntry[];
    if (entries.length > 0) for (const listener of listeners) listener(entries);
  });
}

export interface View<T> {
  readonly data: T | null;
  /** Why it could not be read last, or null. */
  readonly error: string | null;
  /** When `data` was read, by the browser's clock. */
  readonly readAt: number;
  reload(): void;
}

/** Reads of one view at most, milliseconds apart. */
const leastPauseMs = 500;

/**
 * What a GET route answers, read again whenever `concerns` says that an entry makes it stale
 * (without one, at any entry), at most twice a second.
 */
export function useView<Key extends RouteKey & `GET ${string}`>(
  key: Key,
  given: Given<Key, Routes[Key]>,
  concerns: (entry: StreamEntry) => boolean = () => true,
): View<Answer<Key>> {
  const [view, setView] = useState<Omit<View<Answer<Key>>, "reload">>({
    ...{ data: null, error: null, readAt: 0 },
  });
  const [reader, setReader] = useState<() => void>(() => () => {});
  const asked = JSON.stringify(given);
  useEffect(() => {
    let isOver = false;
    let isReading = false;
    let wantsMore = false;
    const read = async () => {
      if (isReading) {
        wantsMore = true;
        return;
      }
      isReading = true;
      wantsMore = false;
      try {
        const data = await call(key, given);
        if (!isOver) setView({ data, error: null, readAt: Date.now() });
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        if (!isOver) setView((last) => ({ ...last, error: text }));
      }
      setTimeout(() => {
        isReading = false;
        if (wantsMore && !isOver) void read();
      }, leastPauseMs);
    };
    setReader(() => () => void read());
    void read();
    const stop = onEntries((entries) => {
      if (entries.some(concerns)) void read();
    });
    return () => {
      isOver = true;
      stop();
    };
  }, [key, asked]);
  return { ...view, reload: reader };
}
