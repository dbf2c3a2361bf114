/**
 * What the actor system needs from outside: a place to keep turns, a clock, a source of draws,
 * and somewhere for a test to pull the plug.
 */
import type { CrashPoint } from "../../machines/domain/crash-point.ts";
import type { LedgerChange } from "../../machines/domain/ledger.ts";

/** Where time comes from. Machines never read it: it reaches them in events. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
}

/** A clock that a run moves by hand. */
export interface MovableClock extends Clock {
  /** Moves to a time, never back. */
  advanceTo(time: number): void;
}

/** Draws hexadecimal digits for a subject and a purpose; keyed by a seed, or truly random. */
export interface Draws {
  hex(subject: string, purpose: string, digits: number): string;
}

/** Called at named moments; a test kills the process there. */
export type Reached = (point: CrashPoint) => void;

/** One journal record. `content` is canonical JSON; the other columns repeat parts of it. */
export interface JournalRecord {
  readonly seq: number;
  /** Unix milliseconds of the desk's clock, virtual or real. */
  readonly at: number;
  /** The input's type: `bar`, `command`, `timer`, `effect`, `report`, `start` and the like. */
  readonly kind: string;
  /** What it was about: an actor's name, a symbol. */
  readonly subject: string;
  /** The decision's code, where the turn made one. */
  readonly code: string | null;
  /** What ties a signal, its orders and their fills together: the position's id. */
  readonly correlation: string | null;
  readonly content: string;
  /** SHA-256, 64 hexadecimal digits, over the previous record's hash, a newline and `content`. */
  readonly hash: string;
}

export interface StoredTimer {
  readonly id: string;
  /** Unix milliseconds. */
  readonly deadline: number;
  readonly event: { readonly type: string };
}

/** A durable actor as it is kept: enough to start it again as it was. */
export interface StoredActor {
  readonly name: string;
  readonly kind: string;
  /** Version of the machine that wrote the snapshot. */
  readonly version: number;
  /** Plain data: value, context, status, history, invoked effects. */
  readonly snapshot: unknown;
  readonly timers: readonly StoredTimer[];
  /** The journal record that left it so. */
  readonly seq: number;
}

/** A value that a part outside the actors wants committed with the turn; null removes it. */
export interface StateChange {
  /** Whose it is: `venue/paper:main`, `source`, `market`. */
  readonly space: string;
  readonly key: string;
  readonly value: unknown;
}

/** Everything that some turns changed: committed as one, or not at all. */
export interface CommitBatch {
  readonly records: readonly JournalRecord[];
  readonly actors: readonly StoredActor[];
  /** Finished actors: moved from the live ones to the archive. */
  readonly archived: readonly StoredActor[];
  /** Names of archived actors that are live again. */
  readonly revived: readonly string[];
  readonly ledger: readonly LedgerChange[];
  readonly state: readonly StateChange[];
}

export interface JournalHead {
  readonly seq: number;
  readonly hash: string;
}

/** Records per segment of the journal: segment n ends with record n × this. */
export const segmentRecords = 10_000;

/** A closed run of records; its heads stay when the records themselves are archived. */
export interface Segment {
  /** From 1. */
  readonly number: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Hash of the record before the first one. */
  readonly previousHash: string;
  /** Hash of the last record. */
  readonly head: string;
  /** `at` of the last record, Unix milliseconds. */
  readonly closedAt: number;
}

/** What a starting desk reads. */
export interface Stored {
  readonly head: JournalHead;
  readonly actors: readonly StoredActor[];
}

/** The one writer of a ledger file. Reads see what is committed. */
export interface RuntimeStore {
  /**
   * Set where books are all that is kept: a run that nobody goes on with. Records then have neither
   * content nor hash, and no snapshots are made but of finished actors.
   */
  readonly keeps?: "books";
  load(): Stored;
  /** @throws if anything of it could not be made durable; then nothing of it was. */
  commit(batch: CommitBatch): void;
  archivedActor(name: string): StoredActor | null;
  stateOf(space: string): ReadonlyMap<string, unknown>;
  /** Committed records of these kinds after a sequence, oldest first. */
  recordsAfter(kinds: readonly string[], seq: number): Iterable<JournalRecord>;
}

/** The right to write a ledger, of which only one process has it at a time (P12). */
export interface Lease {
  /**
   * Asked before each request to the outside: false means that another process took over, and
   * that this one must send nothing more and end.
   *
   * @throws if the ledger cannot be written; then nothing may be sent either.
   */
  holdsLease(): boolean;
}
