/** All that can be read from a ledger, as plain data: for comparing one with another. */
import { exportLedger } from "./export.ts";
import type { LedgerReader } from "./reader.ts";

/** Plain JSON of it; a typed array, which JSON would turn into an object, keeps its kind. */
export function contentsOf(reader: LedgerReader): Readonly<Record<string, unknown>> {
  const contents = {
    head: reader.head(),
    counts: reader.counts(),
    records: [...reader.journal.range()],
    segments: [...reader.journal.segments()],
    rows: [...exportLedger(reader)].map((line): unknown => JSON.parse(line)),
    actors: reader.actors(),
    archived: reader.archivedActor("order:0"),
    source: [...reader.state("source")],
    market: [...reader.state("market")],
    meta: [...reader.meta()],
  };
  return JSON.parse(JSON.stringify(contents, asPlain)) as typeof contents;
}

function asPlain(_: string, value: unknown): unknown {
  return value instanceof Float64Array ? { float64: [...value].map(textOf) } : value;
}

/** JSON writes -0 as 0 and has no NaN. */
function textOf(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
