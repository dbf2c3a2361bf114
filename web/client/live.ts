import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { Given } from "../api/route.ts";
import type { RouteKey, Routes } from "../api/routes.ts";
import type { StreamEntry, StreamGap, StreamHello } from "../api/stream.ts";
import { type Answer, call } from "./api.ts";
import { notify } from "./notices.tsx";
import { plain } from "./parts/words.ts";
import { session } from "./session.ts";

export type { StreamEntry };
export type Strip = Answer<"GET /api/v1/strip">;

/** When the stream was last heard, by this browser's clock; 0 before the first time. */
export const heardAt = signal(0);
/** The browser's clock, once a second. */
export const now = signal(Date.now());
/** Whether the stream is older than what may be called live: with the clock above, 5 s at most. */
export const isStale = () => now.value - heardAt.value > 4_000;
/** What every page shows of the desk, as the stream told it last. */
export const strip = signal<Strip | null>(null);
/** The last journal record that the stream told. */
export const toldSeq = signal(0);

type Listener = (entries: readonly StreamEntry[]) => void;
const listeners = new Set<Listener>();
const readers = new Set<() => void>();
let run: string | null = null;
let source: EventSource | null = null;

/** The stream is opened anew after so long without a word, milliseconds. */
const silenceMost = 8_000;

/** How long a page that is not seen keeps its stream, milliseconds. */
const hiddenMost = 30_000;

/** Told of each batch of journal entries, in their order; returns what ends it. */
export function onEntries(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Told when views are to be read anew: entries were missed; returns what ends it. */
export function onGap(reader: () => void): () => void {
  readers.add(reader);
  return () => readers.delete(reader);
}

/** Opens the one stream of the page, and again whenever it ends. */
export function listen(): void {
  setInterval(() => {
    now.value = Date.now();
    if (isAway) return;
    if (!session.value) {
      source?.close();
      return;
    }
    const isOver = source?.readyState === EventSource.CLOSED;
    // A stream does not say why it ends; a route does.
    if (isOver) call("GET /api/v1/session", {}).catch(() => {});
    if (isOver || Date.now() - Math.max(heardAt.value, openedAt) > silenceMost) open();
  }, 1_000);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", comeBack);
  let leaving: ReturnType<typeof setTimeout>;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(leaving);
    if (document.hidden) leaving = setTimeout(leave, hiddenMost);
    else comeBack();
  });
  open();
}

/** A browser holds six streams to a host at most: pages that nobody sees are to hold none. */
let isAway = false;

function leave(): void {
  isAway = true;
  source?.close();
}

function comeBack(): void {
  if (isAway) open();
}

let openedAt = 0;

function open(): void {
  source?.close();
  isAway = false;
  openedAt = Date.now();
  const after = run === null ? "" : `?after=${toldSeq.value}`;
  source = new EventSource(`/api/v1/stream${after}`);
  const hear = <T>(name: string, take: (told: T) => void) => {
    source?.addEventListener(name, ({ data, lastEventId }) => {
      heardAt.value = Date.now();
      now.value = heardAt.value;
      take(JSON.parse(data) as T);
      toldSeq.value = Number(lastEventId);
    });
  };
  hear<StreamHello>("hello", greet);
  hear<readonly StreamEntry[]>("entries", (entries) => {
    for (const listener of [...listeners]) listener(entries);
  });
  hear<StreamGap>("gap", ({ from, to, reason }) => {
    const missed = `${plain(to - from + 1)} records were not shown live`;
    notify(`Reconnected, ${missed} (${reason}); views were read anew`, "warn");
    readAll();
  });
  hear<Strip>("strip", (told) => {
    const before = strip.value;
    strip.value = told;
    if (before && told.alarms > before.alarms) notify(`Alarm: ${told.lastAlarm}`, "bad");
  });
  hear("beat", () => {});
}

function greet({ run: told, seq }: StreamHello): void {
  const isOther = run !== null && (run !== told || seq < toldSeq.value);
  run = told;
  if (!isOther) return;
  notify("Another ledger answers here now; views were read anew", "warn");
  readAll();
}

function readAll(): void {
  for (const reader of [...readers]) reader();
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
  const subject = JSON.stringify(given.params);
  useEffect(() => {
    // What was read of one thing is not shown under the name of another.
    return () => setView({ data: null, error: null, readAt: 0 });
  }, [key, subject]);
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
    const stops = [
      onGap(() => void read()),
      onEntries((entries) => {
        if (entries.some(concerns)) void read();
      }),
    ];
    return () => {
      isOver = true;
      for (const stop of stops) stop();
    };
  }, [key, asked]);
  return { ...view, reload: reader };
}
