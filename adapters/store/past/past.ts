import { LRUCache } from "lru-cache";
import type { JournalRecord, StoredActor } from "../../../actors/runtime/ports.ts";
import type { PastEntry, PastFilter, PastLife, PastStep } from "../../../machines/domain/past.ts";
import { folded, type PastState } from "../../../machines/domain/transition.ts";
import { contentOf, type RecordContent } from "./content.ts";
import { Indexer } from "./indexer.ts";
import { Records } from "./records.ts";
import { entryOf, Search } from "./search.ts";

/** Records that are kept as they were read last: an actor's steps often share them. */
const contentsMost = 500;

interface Place {
  readonly seq: number;
  readonly place: number;
}

/**
 * Everything that was in one ledger's journal, found by its index. Nothing here holds more than a
 * page, a keyframe's records or a few unpacked segments, however long the journal is.
 */
export class Past implements Disposable {
  private readonly records: Records;
  private readonly indexer: Indexer;
  private readonly contents = new LRUCache<number, RecordContent>({ max: contentsMost });

  /** @throws as `LedgerReader` does, and where no index can be kept beside the ledger. */
  constructor(readonly path: string) {
    this.records = new Records(path);
    try {
      this.indexer = new Indexer(this.records, (actor, seq) => this.stateAfter(actor, seq));
    } catch (error) {
      this.records[Symbol.dispose]();
      throw error;
    }
  }

  /** Takes some more records into the index; false once it is level with the journal. */
  index(most: number): boolean {
    return this.indexer.step(most);
  }

  /** How far the index goes, and how far the journal does. */
  indexed(): { readonly seq: number; readonly of: number } {
    return { seq: this.indexer.indexed, of: this.records.head().seq };
  }

  /** First and last record; null for an empty journal. */
  extent(): { readonly first: Moment | null; readonly last: Moment | null } {
    const moment = (seq: number) => {
      const at = this.timeOf(seq);
      return at === null ? null : { seq, at };
    };
    return { first: moment(1), last: moment(this.records.head().seq) };
  }

  /** An actor's life in the journal; null for one that was never in it. */
  life(name: string): PastLife | null {
    const id = this.indexer.words.find(name);
    if (id === null) return null;
    const sql = "SELECT id, name, first, last, steps FROM actors WHERE id = ?";
    return this.indexer.database.query<PastLife & { id: number }, [number]>(sql).get(id);
  }

  /** Actors whose name contains a text and that are none of `without`, the latest first. */
  lives(text: string, without: readonly string[], most: number): readonly PastLife[] {
    const skipped = new Set(without);
    const sql =
      "SELECT id, name, first, last, steps FROM actors WHERE instr(lower(name), lower(?)) > 0" +
      " ORDER BY last DESC, id DESC";
    const found: PastLife[] = [];
    const statement = this.indexer.database.prepare<PastLife, [string]>(sql);
    try {
      for (const life of statement.iterate(text)) {
        if (skipped.has(life.name)) continue;
        found.push(life);
        if (found.length === most) break;
      }
    } finally {
      statement.finalize();
    }
    return found;
  }

  /** An actor as it stood after a record, the journal's last unless one is named; null before it was made. */
  moment(name: string, asked?: number): PastMoment | null {
    const seq = Math.min(asked ?? Number.MAX_SAFE_INTEGER, this.records.head().seq);
    const life = this.life(name);
    const at = this.timeOf(seq);
    if (life === null || at === null || seq < life.first) return null;
    const { start, steps } = this.steps(name, { before: seq + 1, most: 1 });
    const last = steps.at(-1);
    if (!last) return null;
    const before = steps
      .slice(0, -1)
      .reduce((earlier, { transition }) => folded(earlier, transition), start);
    const state = folded(before, last.transition);
    const stored = seq >= life.last ? this.storedActor(name) : null;
    return { life, seq, at, state, before, last, stored };
  }

  /**
   * Steps of an actor in their order, with its state before the first of them; a record's steps are
   * never parted, so there may be some more than asked for.
   */
  steps(name: string, { before, after, most }: StepRange): StepPage {
    const id = this.indexer.words.find(name);
    if (id === null) return { start: null, steps: [], more: false };
    const [low, high] = [after ?? 0, before ?? Number.MAX_SAFE_INTEGER];
    const order = after === undefined ? "DESC" : "ASC";
    const found = this.placesOf(id, low, high, order, most);
    const edge = found.at(-1)?.seq ?? 0;
    const whole = this.placesOf(id, edge - 1, edge + 1, order, Number.MAX_SAFE_INTEGER);
    const places = [...found.filter(({ seq }) => seq !== edge), ...whole];
    if (order === "DESC") places.reverse();
    const rest = order === "ASC" ? ([edge, high] as const) : ([low, edge] as const);
    const [first] = places;
    return {
      start: first ? this.stateAfter(id, first.seq, first.place - 1) : null,
      steps: places.flatMap((place) => this.step(place)),
      more: first !== undefined && this.placesOf(id, ...rest, order, 1).length > 0,
    };
  }

  /** One record, with the sequences beside it; null where there is none. */
  record(seq: number): PastRecord | null {
    const record = this.records.at(seq);
    if (!record) return null;
    const head = this.records.head().seq;
    const next = seq < head ? seq + 1 : null;
    return { record, entry: entryOf(record), previous: seq > 1 ? seq - 1 : null, next };
  }

  /** Records that match, newest first. What is not indexed yet is found only by an empty filter. */
  search(
    filter: PastFilter,
    most: number,
  ): { readonly entries: readonly PastEntry[]; readonly more: boolean } {
    const { words, database } = this.indexer;
    const search = new Search(database, words, filter, {
      since: filter.from === undefined ? 0 : (this.seqAt(filter.from - clockSlack)?.seq ?? 0),
      until:
        filter.until === undefined
          ? Number.MAX_SAFE_INTEGER
          : (this.seqAt(filter.until + clockSlack)?.seq ?? 0),
    });
    const newest = search.isOpen ? this.notIndexed(filter.before, most + 1) : [];
    const found = [...newest, ...search.page(most + 1 - newest.length)];
    return { entries: found.slice(0, most), more: found.length > most };
  }

  /** All records that have to do with a position, oldest first. */
  correlated(correlation: string, most: number): { records: JournalRecord[]; isCut: boolean } {
    const { words, database } = this.indexer;
    const id = words.find(correlation) ?? -1;
    const prefix = `order:${correlation}/`;
    const sql =
      "SELECT seq FROM records WHERE correlation = ?1" +
      " UNION SELECT seq FROM steps WHERE actor IN (SELECT id FROM words" +
      "  WHERE text = ?2 OR (text >= ?3 AND text < ?4)) ORDER BY seq LIMIT ?5";
    const rows = database
      .query<{ seq: number }, [number, string, string, string, number]>(sql)
      .all(id, `position:${correlation}`, prefix, `${prefix.slice(0, -1)}0`, most + 1);
    const records = rows.slice(0, most).flatMap(({ seq }) => this.records.at(seq) ?? []);
    return { records, isCut: rows.length > most };
  }

  /** Equal parts of the journal, at most so many; only an actor's records where one is named. */
  parts(actor: string | undefined, most: number): readonly PastPart[] {
    const sql = "SELECT first_seq AS seq, at, records, trades, alarms FROM parts ORDER BY number";
    const all = this.indexer.database.query<PastPart, []>(sql).all();
    const merged = mergedParts(all, Math.ceil(all.length / most));
    if (actor === undefined) return merged;
    const id = this.indexer.words.find(actor) ?? -1;
    const count = this.indexer.database.query<{ steps: number }, [number, number, number]>(
      "SELECT count(DISTINCT seq) AS steps FROM steps WHERE actor = ? AND seq >= ? AND seq < ?",
    );
    return merged.map((part, index) => {
      const end = merged[index + 1]?.seq ?? Number.MAX_SAFE_INTEGER;
      return { ...part, records: count.get(id, part.seq, end)?.steps ?? 0 };
    });
  }

  /** The last record at or before a time; null before the first. */
  seqAt(at: number): Moment | null {
    let [low, high] = [0, this.records.head().seq];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const time = this.timeOf(middle);
      if (time !== null && time <= at) low = middle;
      else high = middle - 1;
    }
    const time = low === 0 ? null : this.timeOf(low);
    return time === null ? null : { seq: low, at: time };
  }

  /** The actors that the ledger has as live ones. */
  stored(): readonly StoredActor[] {
    return this.records.reader.actors();
  }

  /** An actor as the ledger has it, live or archived. */
  storedActor(name: string): { readonly actor: StoredActor; readonly isLive: boolean } | null {
    const live = this.stored().find((each) => each.name === name);
    if (live) return { actor: live, isLive: true };
    const archived = this.records.reader.archivedActor(name);
    return archived ? { actor: archived, isLive: false } : null;
  }

  [Symbol.dispose](): void {
    this.indexer[Symbol.dispose]();
    this.records[Symbol.dispose]();
  }

  /** Places of an actor's steps between two records, neither of them meant. */
  private placesOf(id: number, low: number, high: number, order: "ASC" | "DESC", most: number) {
    const sql =
      "SELECT seq, place FROM steps WHERE actor = ? AND seq > ? AND seq < ?" +
      ` ORDER BY seq ${order}, place ${order} LIMIT ?`;
    const query = this.indexer.database.query<Place, [number, number, number, number]>(sql);
    return query.all(id, low, high, most);
  }

  private timeOf(seq: number): number | null {
    const sql = "SELECT at FROM records WHERE seq = ?";
    const row = this.indexer.database.query<{ at: number }, [number]>(sql).get(seq);
    return row ? row.at : (this.records.at(seq)?.at ?? null);
  }

  private notIndexed(before = Number.MAX_SAFE_INTEGER, most: number): PastEntry[] {
    const { indexed } = this.indexer;
    const last = Math.min(this.records.head().seq, before - 1);
    const first = Math.max(indexed + 1, last - most + 1);
    if (first > last) return [];
    const records = [...this.records.from(first, last - first + 1)];
    return records.map(entryOf).reverse();
  }

  /** The state after an actor's last step up to a place, from its keyframe on. */
  private stateAfter(
    actor: number,
    seq: number,
    place = Number.MAX_SAFE_INTEGER,
  ): PastState | null {
    const { database } = this.indexer;
    const keyframe = database
      .query<Place & { state: string }, [number, number, number]>(
        "SELECT seq, place, state FROM keyframes WHERE actor = ? AND (seq, place) <= (?, ?)" +
          " ORDER BY seq DESC, place DESC LIMIT 1",
      )
      .get(actor, seq, place);
    if (!keyframe) return null;
    const places = database
      .query<Place, [number, number, number, number, number]>(
        "SELECT seq, place FROM steps WHERE actor = ? AND (seq, place) > (?, ?)" +
          " AND (seq, place) <= (?, ?) ORDER BY seq, place",
      )
      .all(actor, keyframe.seq, keyframe.place, seq, place);
    let state = JSON.parse(keyframe.state) as PastState;
    for (const each of places) {
      for (const { transition } of this.step(each)) state = folded(state, transition);
    }
    return state;
  }

  private step({ seq, place }: Place): PastStep[] {
    const record = this.records.at(seq);
    const { transitions = [] } = record ? this.content(record) : {};
    const transition = transitions[place];
    if (!record || !transition) return [];
    const sender = transition.cause === null ? undefined : transitions[transition.cause];
    const cause = sender ? { actor: sender.actor, event: sender.event.type } : null;
    return [{ seq, index: place, at: record.at, recordKind: record.kind, transition, cause }];
  }

  private content(record: JournalRecord): RecordContent {
    let content = this.contents.get(record.seq);
    if (!content) {
      content = contentOf(record);
      this.contents.set(record.seq, content);
    }
    return content;
  }
}

/** A clock may be set back by this much, milliseconds: times do not rise without exception. */
const clockSlack = 60_000;

interface Moment {
  readonly seq: number;
  readonly at: number;
}

interface PastMoment extends Moment {
  readonly life: PastLife;
  readonly state: PastState;
  /** Before its last step. */
  readonly before: PastState | null;
  readonly last: PastStep;
  /** What the ledger has of it, where nothing changed it after this. */
  readonly stored: { readonly actor: StoredActor; readonly isLive: boolean } | null;
}

interface StepRange {
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly most: number;
}

interface StepPage {
  readonly start: PastState | null;
  readonly steps: readonly PastStep[];
  readonly more: boolean;
}

interface PastRecord {
  readonly record: JournalRecord;
  readonly entry: PastEntry;
  readonly previous: number | null;
  readonly next: number | null;
}

interface PastPart {
  readonly seq: number;
  readonly at: number;
  readonly records: number;
  readonly trades: number;
  readonly alarms: number;
}

function mergedParts(parts: readonly PastPart[], by: number): PastPart[] {
  const merged: PastPart[] = [];
  for (const [index, part] of parts.entries()) {
    const last = merged.at(-1);
    if (index % Math.max(1, by) === 0 || !last) merged.push(part);
    else {
      merged[merged.length - 1] = {
        ...last,
        records: last.records + part.records,
        trades: last.trades + part.trades,
        alarms: last.alarms + part.alarms,
      };
    }
  }
  return merged;
}
