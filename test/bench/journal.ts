/**
 * The past of a desk that ran for long: what it takes to see it for the first time, to search it and
 * to go through it, without ever holding it.
 */
import { heapStats } from "bun:jsc";
import { discardIndex } from "../../adapters/store/past/index-file.ts";
import { Past } from "../../adapters/store/past/past.ts";
import { PastThread } from "../../adapters/store/past/past-thread.ts";
import { journalPattern, longJournal } from "./long-journal.ts";
import type { BenchRow } from "./row.ts";

const million = 1_000_000;
const moments = 300;

export interface JournalFigures {
  /** Milliseconds to the newest page, the timeline and an actor, where nothing is indexed yet. */
  readonly firstViewMs: number;
  /** The same with an index. */
  readonly viewMs: number;
  readonly indexedPerSecond: number;
  readonly indexBytes: number;
  readonly searchMs: number;
  readonly scrubMs: readonly [median: number, late: number];
  /** Bytes of live objects once all was indexed, searched and gone through. */
  readonly heap: number;
}

function timed(run: () => unknown): number {
  const begun = performance.now();
  run();
  return performance.now() - begun;
}

/** What a page of the journal and one of an actor ask for. */
function view(past: Past): void {
  past.extent();
  past.search({}, 100);
  past.parts(undefined, 200);
  past.moment("desk");
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** Measures over a ledger; its index is made anew. */
export function journalFigures(path: string): JournalFigures {
  discardIndex(path);
  let past: Past | null = null;
  const firstViewMs = timed(() => {
    past = new Past(path);
    past.index(500);
    view(past);
  });
  (past as Past | null)?.[Symbol.dispose]();
  using level = new Past(path);
  const indexMs = timed(() => {
    while (level.index(2_000));
  });
  const { of } = level.indexed();
  let again: Past | null = null;
  const viewMs = timed(() => {
    again = new Past(path);
    again.index(500);
    view(again);
  });
  (again as Past | null)?.[Symbol.dispose]();
  const [order] = level.lives("order:", [], 1);
  const filters = [
    { actor: order?.name ?? "" },
    { event: "order.fill" },
    { code: "trade", kind: "bar" },
    { actor: "desk", event: "alarm.raised" },
    { correlation: order?.name.slice("order:".length, -"/entry".length) ?? "" },
  ];
  const searches = filters.map((filter) => timed(() => level.search(filter, 100)));
  const scrubs = Array.from({ length: moments }, (_, index) => {
    const seq = Math.floor(((index * 7_919) % moments) * (of / moments)) + 1;
    return timed(() => level.moment("desk", seq));
  }).sort((a, b) => a - b);
  Bun.gc(true);
  return {
    ...{ firstViewMs, viewMs, indexedPerSecond: (of / indexMs) * 1_000 },
    indexBytes: Bun.file(`${path}.index`).size,
    searchMs: Math.max(...searches),
    scrubMs: [at(scrubs, 0.5), at(scrubs, 0.99)],
    heap: heapStats().heapSize,
  };
}

/** For so long, milliseconds. */
const stallLookedFor = 10_000;

/** The longest that the main loop stood still while a thread indexed a journal, milliseconds. */
async function longestStall(path: string): Promise<number> {
  discardIndex(path);
  using thread = new PastThread(path);
  let longest = 0;
  let last = performance.now();
  const beat = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  try {
    const until = performance.now() + stallLookedFor;
    for (let isLevel = false; !isLevel && performance.now() < until; await Bun.sleep(50)) {
      const { indexed } = await thread.ask(undefined, "search", {}, 100);
      isLevel = indexed.seq === indexed.of;
    }
  } finally {
    clearInterval(beat);
  }
  return longest;
}

export async function benchJournal(records = million): Promise<BenchRow[]> {
  const pattern = await journalPattern(24);
  using ledger = longJournal(pattern, records, 100_000);
  const figures = journalFigures(ledger.path);
  const stall = await longestStall(ledger.path);
  const of = `${records.toLocaleString("en-US")} records`;
  return [
    { name: `first view of ${of}, nothing indexed yet`, value: figures.firstViewMs, unit: "ms" },
    { name: "first view with an index", value: figures.viewMs, unit: "ms" },
    { name: "records indexed a second", value: figures.indexedPerSecond, unit: "/s" },
    { name: "main loop's longest wait meanwhile", value: stall, unit: "ms" },
    { name: "index", value: figures.indexBytes / 2 ** 20, unit: "MiB" },
    { name: "slowest of five searches", value: figures.searchMs, unit: "ms" },
    { name: "an actor at any moment, median", value: figures.scrubMs[0], unit: "ms" },
    { name: "an actor at any moment, 99 of 100", value: figures.scrubMs[1], unit: "ms" },
    { name: "live objects after all of it", value: figures.heap / 2 ** 20, unit: "MiB" },
  ];
}
