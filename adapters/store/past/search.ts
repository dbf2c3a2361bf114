import type { Database } from "bun:sqlite";
import type { JournalRecord } from "../../../actors/runtime/ports.ts";
import type { PastEntry, PastFilter } from "../../../machines/domain/past.ts";
import { contentOf } from "./content.ts";
import type { Words } from "./words.ts";

interface Row {
  readonly seq: number;
  readonly at: number;
  readonly kind: number;
  readonly subject: number;
  readonly code: number | null;
  readonly correlation: number | null;
  readonly event: number | null;
  readonly transitions: number;
  readonly actors: string;
  readonly undone: number;
}

/** Columns that records are found by, those that tell most first. */
const columns = ["correlation", "code", "subject", "kind"] as const;

/** One search of the index, by whatever of it tells most. */
export class Search {
  private readonly terms: string[] = [];
  private readonly values: (string | number)[] = [];
  private readonly from: string;
  private readonly seq: "steps.seq" | "records.seq";
  private isImpossible = false;

  constructor(
    private readonly database: Database,
    private readonly words: Words,
    private readonly filter: PastFilter,
    bounds: { readonly since: number; readonly until: number },
  ) {
    const { actor, event, before, from, until } = filter;
    const isOfSteps = actor !== undefined || event !== undefined;
    this.seq = isOfSteps ? "steps.seq" : "records.seq";
    const first = columns.find((column) => filter[column] !== undefined);
    const byEvent = actor === undefined ? " INDEXED BY steps_by_event" : "";
    // The first table's index has its rows in the order of the records: nothing is sorted.
    this.from = isOfSteps
      ? `steps${byEvent} CROSS JOIN records ON records.seq = steps.seq`
      : `records${first ? ` INDEXED BY records_by_${first}` : ""}`;
    if (actor !== undefined) this.term("steps.actor = ?", this.number(actor));
    if (event !== undefined) this.term("steps.event = ?", this.number(event));
    this.term(`${this.seq} < ?`, before ?? Number.MAX_SAFE_INTEGER);
    if (from !== undefined || until !== undefined) {
      this.term(`${this.seq} >= ?`, bounds.since);
      this.term(`${this.seq} <= ?`, bounds.until);
    }
    if (from !== undefined) this.term("records.at >= ?", from);
    if (until !== undefined) this.term("records.at <= ?", until);
    for (const column of columns) {
      const text = filter[column];
      if (text !== undefined) this.term(`records.${column} = ?`, this.number(text));
    }
  }

  /** Whether nothing is asked for but what came before a record. */
  get isOpen(): boolean {
    const { before: _, ...rest } = this.filter;
    return Object.values(rest).every((value) => value === undefined);
  }

  /** Newest first. */
  page(most: number): PastEntry[] {
    if (this.isImpossible || most <= 0) return [];
    const sql =
      `SELECT DISTINCT records.* FROM ${this.from} WHERE ${this.terms.join(" AND ")}` +
      ` ORDER BY ${this.seq} DESC LIMIT ?`;
    const rows = this.database.query<Row, (string | number)[]>(sql).all(...this.values, most);
    return rows.map((row) => this.entry(row));
  }

  private number(text: string): number {
    const id = this.words.find(text);
    if (id === null) this.isImpossible = true;
    return id ?? -1;
  }

  private term(term: string, value: number): void {
    this.terms.push(term);
    this.values.push(value);
  }

  private entry(row: Row): PastEntry {
    const { words } = this;
    const { seq, at, code, correlation, event, transitions, actors } = row;
    const ids = actors === "" ? [] : actors.split(",").map(Number);
    return {
      ...{ seq, at, kind: words.text(row.kind), subject: words.text(row.subject) },
      code: code === null ? null : words.text(code),
      correlation: correlation === null ? null : words.text(correlation),
      event: event === null ? null : words.text(event),
      ...{ transitions, isUndone: row.undone === 1 },
      actors: ids.map((id) => words.text(id)),
    };
  }
}

/** A record as a search finds it. */
export function entryOf(record: JournalRecord): PastEntry {
  const { seq, at, kind, subject, code, correlation } = record;
  const { transitions = [], undone } = contentOf(record);
  return {
    ...{ seq, at, kind, subject, code, correlation },
    event: transitions[0]?.event.type ?? null,
    transitions: transitions.length,
    isUndone: undone !== undefined,
    actors: [...new Set(transitions.map(({ actor }) => actor))],
  };
}
