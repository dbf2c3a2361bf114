/** Writes one batch into the transaction that is open. */
import type { Database, Statement } from "bun:sqlite";
import {
  type CommitBatch,
  type JournalHead,
  type JournalRecord,
  type StateChange,
  type StoredActor,
  segmentRecords,
} from "../../actors/runtime/ports.ts";
import type { LedgerChange } from "../../machines/domain/ledger.ts";
import type { Packer } from "./packing.ts";
import { type Column, TableWriter } from "./table.ts";
import { attempts, balances, fills, orders, positions, postings } from "./tables.ts";

type Run = Statement<unknown, (Column | Uint8Array)[]>;

const genesisHash = "0".repeat(64);
const upsertActor = (table: string): string =>
  `INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET` +
  " kind = excluded.kind, version = excluded.version, seq = excluded.seq," +
  " snapshot = excluded.snapshot, timers = excluded.timers";

export class BatchWriter {
  private readonly insertRecord: Run;
  private readonly insertSegment: Run;
  private readonly updateHead: Run;
  private readonly insertActor: Run;
  private readonly deleteActor: Run;
  private readonly insertArchived: Run;
  private readonly deleteArchived: Run;
  private readonly insertState: Run;
  private readonly deleteState: Run;
  private readonly orders;
  private readonly attempts;
  private readonly fills;
  private readonly positions;
  private readonly postings;
  private readonly balances;

  constructor(
    database: Database,
    private readonly packer: Packer,
  ) {
    const prepare = (sql: string): Run => database.query<unknown, (Column | Uint8Array)[]>(sql);
    this.insertRecord = prepare("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    // The record before it may be archived, but its segment's head stays. Where neither is there
    // the hash is null, and so refused.
    this.insertSegment = prepare(
      "INSERT INTO segments VALUES (?1, ?2, ?3, iif(?2 = 1, ?6, coalesce(" +
        "(SELECT hash FROM journal WHERE seq = ?2 - 1)," +
        " (SELECT head FROM segments WHERE last_seq = ?2 - 1))), ?4, ?5)",
    );
    this.updateHead = prepare("UPDATE head SET seq = ?, hash = ?");
    this.insertActor = prepare(upsertActor("actors"));
    this.deleteActor = prepare("DELETE FROM actors WHERE name = ?");
    this.insertArchived = prepare(upsertActor("archive"));
    this.deleteArchived = prepare("DELETE FROM archive WHERE name = ?");
    this.insertState = prepare(
      "INSERT INTO state VALUES (?, ?, ?) ON CONFLICT (space, key) DO UPDATE SET value = excluded.value",
    );
    this.deleteState = prepare("DELETE FROM state WHERE space = ? AND key = ?");
    this.orders = new TableWriter(database, orders);
    this.attempts = new TableWriter(database, attempts);
    this.fills = new TableWriter(database, fills);
    this.positions = new TableWriter(database, positions);
    this.postings = new TableWriter(database, postings);
    this.balances = new TableWriter(database, balances);
  }

  /** @throws if the records do not go on from `head`, or any row is refused. */
  write(batch: CommitBatch, head: JournalHead): void {
    this.writeRecords(batch.records, head);
    this.writeActors(batch);
    for (const change of batch.ledger) this.writeChange(change);
    for (const change of batch.state) this.writeState(change);
  }

  private writeRecords(records: readonly JournalRecord[], head: JournalHead): void {
    let { seq } = head;
    for (const record of records) {
      if (record.seq !== seq + 1) {
        throw new RangeError(`record ${record.seq} comes after record ${seq}, wanted ${seq + 1}`);
      }
      seq = record.seq;
      const { at, kind, subject, code, correlation, content, hash } = record;
      this.insertRecord.run(seq, at, kind, subject, code, correlation, content, hash);
      if (seq % segmentRecords === 0) this.closeSegment(record);
    }
    const last = records.at(-1);
    if (last) this.updateHead.run(last.seq, last.hash);
  }

  private closeSegment({ seq, at, hash }: JournalRecord): void {
    const firstSeq = seq - segmentRecords + 1;
    this.insertSegment.run(seq / segmentRecords, firstSeq, seq, hash, at, genesisHash);
  }

  /** An actor that was revived and finished again in one batch ends in the archive. */
  private writeActors({ actors, archived, revived }: CommitBatch): void {
    for (const name of revived) this.deleteArchived.run(name);
    for (const actor of actors) this.writeActor(this.insertActor, actor);
    const live = new Set(actors.map(({ name }) => name));
    for (const actor of archived) {
      if (live.has(actor.name)) {
        throw new RangeError(`actor "${actor.name}" is both live and archived`);
      }
      this.writeActor(this.insertArchived, actor);
      this.deleteActor.run(actor.name);
    }
  }

  private writeActor(insert: Run, { name, kind, version, seq, ...actor }: StoredActor): void {
    const { snapshot, timers } = actor;
    insert.run(name, kind, version, seq, this.packer.pack(snapshot), this.packer.pack(timers));
  }

  private writeState({ space, key, value }: StateChange): void {
    if (value === null) this.deleteState.run(space, key);
    else this.insertState.run(space, key, this.packer.pack(value));
  }

  private writeChange(change: LedgerChange): void {
    switch (change.table) {
      case "orders":
        this.orders.write(change.row);
        break;
      case "attempts":
        this.attempts.write(change.row);
        break;
      case "fills":
        this.fills.write(change.row);
        break;
      case "positions":
        this.positions.write(change.row);
        break;
      case "postings":
        this.postings.write(change.row);
        break;
      case "balances":
        this.balances.write(change.row);
    }
  }
}
