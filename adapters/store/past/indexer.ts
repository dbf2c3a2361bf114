import type { Database, Statement } from "bun:sqlite";
import { LRUCache } from "lru-cache";
import { type JournalRecord, segmentRecords } from "../../../actors/runtime/ports.ts";
import {
  folded,
  type PastState,
  type PastTransition,
} from "../../../machines/domain/transition.ts";
import { contentOf } from "./content.ts";
import { discardIndex, indexedOf, keyframeSteps, openIndex, partRecords } from "./index-file.ts";
import type { Records } from "./records.ts";
import { Words } from "./words.ts";

/** Actors whose state is kept at hand: the others' is made again from their last keyframe. */
const actorsMost = 2_000;

interface Life {
  readonly id: number;
  readonly first: number;
  readonly last: number;
  readonly steps: number;
  readonly state: PastState | null;
}

/** Finds an actor's state after its last step at or before a place. */
export type StateAt = (actor: number, seq: number) => PastState | null;

/** Makes the index of one ledger, and goes on with it as the ledger grows. */
export class Indexer implements Disposable {
  database: Database;
  words: Words;
  private writes: Writes;
  private seq: number;
  private readonly lives = new LRUCache<string, Life>({ max: actorsMost });

  constructor(
    private readonly records: Records,
    private readonly stateAt: StateAt,
  ) {
    this.database = openIndex(records.path);
    this.words = new Words(this.database);
    this.writes = writesOf(this.database);
    this.seq = indexedOf(this.database).seq;
    this.startOverIfForeign();
  }

  /** The last record that is in the index. */
  get indexed(): number {
    return this.seq;
  }

  /** Takes up to so many records in; false once there are none left. @throws {ArchiveUnreadable} */
  step(most: number): boolean {
    this.startOverIfForeign();
    if (this.seq >= this.records.head().seq) return false;
    const records = this.records.from(this.seq + 1, most);
    const last = records.at(-1);
    if (!last) return false;
    try {
      this.database
        .transaction(() => {
          for (const record of records) this.take(record);
          this.writes.indexed.run(last.seq, last.hash);
        })
        .immediate();
      this.seq = last.seq;
    } catch (error) {
      this.forget();
      throw error;
    }
    return true;
  }

  [Symbol.dispose](): void {
    this.database.close();
  }

  /** The journal under it may be another one, and another process may have gone on with the index. */
  private startOverIfForeign(): void {
    const { seq, hash } = indexedOf(this.database);
    if (this.records.hashAt(seq) !== hash) {
      this.database.close();
      discardIndex(this.records.path);
      this.database = openIndex(this.records.path);
      this.words = new Words(this.database);
      this.writes = writesOf(this.database);
      this.seq = -1;
    }
    const now = indexedOf(this.database).seq;
    if (now === this.seq) return;
    this.seq = now;
    this.forget();
  }

  private forget(): void {
    this.lives.clear();
    this.words.forget();
  }

  private take(record: JournalRecord): void {
    const { words, writes } = this;
    const { seq, at, kind, subject, code, correlation } = record;
    const { transitions = [], undone } = contentOf(record);
    const actors = new Set<number>();
    let alarms = 0;
    for (const [place, transition] of transitions.entries()) {
      if (transition.event.type === "alarm.raised") alarms += 1;
      actors.add(this.takeStep(seq, place, transition));
    }
    const [first] = transitions;
    writes.record.run(
      ...([seq, at, words.id(kind), words.id(subject)] as const),
      code === null ? null : words.id(code),
      correlation === null ? null : words.id(correlation),
      first ? words.id(first.event.type) : null,
      transitions.length,
      [...actors].join(","),
      undone ? 1 : 0,
    );
    const number = Math.ceil(seq / partRecords);
    writes.part.run(number, seq, at, code === "trade" ? 1 : 0, alarms);
  }

  private takeStep(seq: number, place: number, transition: PastTransition): number {
    const { actor, event } = transition;
    const { writes } = this;
    const life = this.life(actor);
    const state = folded(life?.state ?? null, transition);
    const id = life?.id ?? this.words.id(actor);
    const steps = (life?.steps ?? 0) + 1;
    const isFirstOfSegment = !life || segmentOf(life.last) !== segmentOf(seq);
    writes.step.run(id, seq, place, this.words.id(event.type));
    if (isFirstOfSegment || steps % keyframeSteps === 0) {
      writes.keyframe.run(id, seq, place, JSON.stringify(state));
    }
    const first = life?.first ?? seq;
    writes.actor.run(id, actor, first, seq, steps);
    this.lives.set(actor, { id, first, last: seq, steps, state });
    return id;
  }

  private life(name: string): Life | undefined {
    const known = this.lives.get(name);
    if (known) return known;
    const row = this.database
      .query<Omit<Life, "state">, [string]>(
        "SELECT actors.id, first, last, steps FROM actors JOIN words ON words.id = actors.id" +
          " WHERE words.text = ?",
      )
      .get(name);
    return row ? { ...row, state: this.stateAt(row.id, row.last) } : undefined;
  }
}

const segmentOf = (seq: number): number => Math.ceil(seq / segmentRecords);

type Value = string | number | null;
type Writes = Readonly<
  Record<"record" | "step" | "keyframe" | "actor" | "part" | "indexed", Statement<unknown, Value[]>>
>;

function writesOf(database: Database): Writes {
  const prepare = (sql: string) => database.query<unknown, Value[]>(sql);
  return {
    record: prepare("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    step: prepare("INSERT INTO steps VALUES (?, ?, ?, ?)"),
    keyframe: prepare("INSERT INTO keyframes VALUES (?, ?, ?, ?)"),
    actor: prepare(
      "INSERT INTO actors VALUES (?, ?, ?, ?, ?)" +
        " ON CONFLICT (id) DO UPDATE SET last = excluded.last, steps = excluded.steps",
    ),
    part: prepare(
      "INSERT INTO parts VALUES (?1, ?2, ?3, 1, ?4, ?5) ON CONFLICT (number) DO UPDATE SET" +
        " records = records + 1, trades = trades + ?4, alarms = alarms + ?5",
    ),
    indexed: prepare("UPDATE indexed SET seq = ?, hash = ?"),
  };
}
