/** What a run of many days says of memory, for people and machines. */
import type { DaySample } from "./desk-days.ts";
import { type Slope, slopeOf, slopeOfRuns } from "./slope.ts";

export interface SoakReport {
  readonly days: readonly Omit<DaySample, "collections" | "objectTypes">[];
  /** Days that are left out of the slopes: caches fill, limits are reached. */
  readonly warmUpDays: number;
  /** Live JavaScript objects, bytes a day. */
  readonly heap: Slope;
  /** The whole process as the system counts it, bytes a day. */
  readonly rss: Slope;
  /** Collections of the desk that were larger at the end than at any time of the middle third. */
  readonly grown: readonly { readonly path: string; readonly from: number; readonly to: number }[];
  /** Kinds of object that there were more of, most first. */
  readonly moreObjects: readonly { readonly type: string; readonly by: number }[];
}

/** Collections that grow by less are noise: an order more or less is live at midnight. */
const grownBy = 20;

export function soakReport(samples: readonly DaySample[]): SoakReport {
  const warmUpDays = Math.floor(samples.length / 3);
  const steady = samples.slice(warmUpDays);
  return {
    days: samples.map(({ collections: _, objectTypes: __, ...day }) => day),
    warmUpDays,
    heap: slopeOf(steady.map(({ heapBytes }) => heapBytes)),
    rss: slopeOf(steady.map(({ rssBytes }) => rssBytes)),
    grown: grownCollections(steady),
    moreObjects: moreObjects(steady),
  };
}

function grownCollections(steady: readonly DaySample[]): SoakReport["grown"] {
  const last = steady.at(-1);
  const before = steady.slice(0, Math.ceil(steady.length / 2));
  return [...(last?.collections ?? [])].flatMap(([path, to]) => {
    const from = Math.max(...before.map(({ collections }) => collections.get(path) ?? 0));
    return to > from + grownBy ? [{ path, from, to }] : [];
  });
}

function moreObjects(steady: readonly DaySample[]): SoakReport["moreObjects"] {
  const [first, last] = [steady[0], steady.at(-1)];
  return Object.entries(last?.objectTypes ?? {})
    .map(([type, count]) => ({ type, by: count - (first?.objectTypes[type] ?? 0) }))
    .filter(({ by }) => by > 0)
    .sort((a, b) => b.by - a.by)
    .slice(0, 5);
}

/** A day as a line of JSON. */
export function sampleText({ collections, ...rest }: DaySample): string {
  return JSON.stringify({ ...rest, collections: [...collections] });
}

/** The day of a line that {@link sampleText} made. */
export function sampleOf(line: string): DaySample {
  const sample = JSON.parse(line) as DaySample & { collections: Iterable<[string, number]> };
  return { ...sample, collections: new Map(sample.collections) };
}

const columns = [
  ["day", 4],
  ["rss MB", 8],
  ["heap MB", 8],
  ["candles/s", 10],
  ["file MB", 8],
  ["journal", 8],
  ["archived", 9],
  ["orders", 7],
  ["fills", 7],
  ["actors", 7],
  ["timers", 7],
  ["effects", 8],
  ["outbox", 7],
  ["pending", 8],
  ["venue", 7],
] as const;

const aligned = (cells: readonly string[]): string =>
  cells.map((cell, index) => cell.padStart(columns[index]?.[1] ?? 0)).join("");

/** The names of a day's numbers. */
export const dayHeading = aligned(columns.map(([name]) => name));

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

export function dayLine({
  day,
  rssBytes,
  heapBytes,
  candlesPerSecond,
  ...rest
}: DaySample): string {
  const { store, queues } = rest;
  const { rows } = store;
  return aligned([
    String(day),
    megabytes(rssBytes),
    megabytes(heapBytes),
    String(Math.round(candlesPerSecond)),
    megabytes(store.fileBytes + store.walBytes),
    ...[rows.journal, rows.archive, rows.orders, rows.fills].map((count) => String(count ?? 0)),
    ...[queues.liveActors, queues.timers, queues.effects, queues.outbox].map(String),
    ...[queues.archivedPending, queues.venueRows].map(String),
  ]);
}

/** Table sizes of the last day, then the slopes and what grew. */
export function soakText({ days, warmUpDays, heap, rss, grown, moreObjects }: SoakReport): string {
  const tables = Object.entries(days.at(-1)?.tableBytes ?? {})
    .sort(([, a], [, b]) => b - a)
    .map(([name, bytes]) => `${name} ${megabytes(bytes)}`);
  const grew = grown.map(({ path, from, to }) => `  ${path}: ${from} -> ${to}`);
  return [
    "",
    `tables at the end, MB with indexes: ${tables.join(", ")}`,
    `after ${warmUpDays} days of warm-up, a day:`,
    slopeText("heap", heap),
    slopeText("rss ", rss),
    grew.length === 0 ? "no collection of the desk grew" : "collections that grew:",
    ...grew,
    `objects there are more of: ${moreObjects.map(({ type, by }) => `${type} +${by}`).join(", ")}`,
  ].join("\n");
}

/** What several runs say together. */
export interface RunsReport {
  readonly runs: readonly SoakReport[];
  /** Of the live JavaScript objects, and of the whole process, bytes a day. */
  readonly heap: Slope;
  readonly rss: Slope;
}

export function runsReport(runs: readonly SoakReport[]): RunsReport {
  return {
    runs,
    heap: slopeOfRuns(runs.map(({ heap }) => heap)),
    rss: slopeOfRuns(runs.map(({ rss }) => rss)),
  };
}

export function runsText({ runs, heap, rss }: RunsReport): string {
  return [
    "",
    `${runs.length} runs together, by the spread between them, a day:`,
    slopeText("heap", heap),
    slopeText("rss ", rss),
  ].join("\n");
}

function slopeText(name: string, { perStep, error, margin, mean, verdict }: Slope): string {
  const kilobytes = (bytes: number): string => (bytes / 1e3).toFixed(1);
  return (
    `  ${name} ${kilobytes(perStep)} kB, standard error ${kilobytes(error)}, ` +
    `95 % within ${kilobytes(margin)} of that; mean ${megabytes(mean)} MB: ${verdict}`
  );
}
