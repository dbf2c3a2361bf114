/** Moves closed segments from the journal into files, each only once its file was read again. */
import type { Database } from "bun:sqlite";
import type { JournalHead, JournalRecord, Segment } from "../../actors/runtime/ports.ts";
import { type Archive, recordsOf, writeArchive } from "./archive-file.ts";
import { isInMemory } from "./connection.ts";
import { ArchiveFailed } from "./errors.ts";
import { JournalQueries } from "./journal-queries.ts";
import { Unpacker } from "./packing.ts";
import { neededBy, pruneFinished } from "./retention.ts";
import { RuntimeQueries } from "./runtime-queries.ts";
import type { Transactor } from "./transactor.ts";

/** Verifies that records follow `start`, one by one, and end at `storedHead`. */
export type VerifyRecords = (
  records: Iterable<JournalRecord>,
  options: { readonly start: JournalHead; readonly storedHead: JournalHead },
) => { readonly findings: readonly { readonly text: string }[] };

export interface ArchiveOptions {
  /** The last records stay in the journal, whatever their segment; at least one. */
  readonly keepRecords: number;
  readonly verify: VerifyRecords;
}

/** What one step did, or why there was nothing to do. */
export type ArchiveStep =
  | { readonly type: "archived"; readonly segment: Segment; readonly archive: Archive }
  | { readonly type: "nothing"; readonly reason: string };

export class Archiver {
  private readonly journal: JournalQueries;

  constructor(
    private readonly database: Database,
    private readonly path: string,
    private readonly transactor: Transactor,
  ) {
    this.journal = new JournalQueries(database);
  }

  /** As `Ledger.archiveOldest` says. */
  archiveOldest({ keepRecords, verify }: ArchiveOptions, headSeq: number): ArchiveStep {
    if (!Number.isSafeInteger(keepRecords) || keepRecords < 1) {
      throw new RangeError(`Cannot keep ${keepRecords} records: wanted a whole number from 1`);
    }
    if (isInMemory(this.path)) return { type: "nothing", reason: "the ledger is in memory" };
    const segment = this.journal.oldestSegment();
    if (!segment || segment.lastSeq > headSeq - keepRecords) {
      const reason = `no closed segment is older than the last ${keepRecords} records`;
      return { type: "nothing", reason };
    }
    const needed = this.orFail(segment, () => this.neededBy(segment));
    if (needed !== null) return { type: "nothing", reason: needed };
    const archive = this.writtenFile(segment, verify);
    this.transactor.transact(() => this.exchange(segment, archive));
    return { type: "archived", segment, archive };
  }

  /** As `Ledger.pruneActors` says. */
  pruneActors(headSeq: number): number {
    let pruned = 0;
    this.transactor.transact(() => {
      pruned = pruneFinished(this.database, headSeq);
    });
    return pruned;
  }

  private neededBy(segment: Segment): string | null {
    // A structure may have been stored since the last look: each has an unpacker of its own.
    const runtime = new RuntimeQueries(this.database, this.path, new Unpacker(this.database));
    return neededBy(this.database, runtime, segment);
  }

  private writtenFile(segment: Segment, verify: VerifyRecords): Archive {
    const { firstSeq, lastSeq, previousHash, head } = segment;
    const options = {
      start: { seq: firstSeq - 1, hash: previousHash },
      storedHead: { seq: lastSeq, hash: head },
    };
    const requireWhole = (read: Iterable<JournalRecord>, where: string): void => {
      const [finding] = verify(read, options).findings;
      if (finding) throw new Error(`${where}: ${finding.text}`);
    };
    return this.orFail(segment, () => {
      const records = [...this.journal.range(firstSeq, lastSeq)];
      requireWhole(records, "in the journal");
      const archive = writeArchive(this.path, segment, records);
      // From the disk, as it will have to be read one day.
      requireWhole(recordsOf(this.path, archive), "in its file");
      return archive;
    });
  }

  private orFail<T>({ number }: Segment, run: () => T): T {
    try {
      return run();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ArchiveFailed(this.path, number, reason, { cause });
    }
  }

  private exchange({ firstSeq, lastSeq }: Segment, archive: Archive): void {
    const { number, file, bytes, sha256, decisions } = archive;
    this.database
      .query("INSERT INTO archives VALUES (?, ?, ?, ?, ?)")
      .run(number, file, bytes, sha256, decisions);
    const { changes } = this.database
      .query("DELETE FROM journal WHERE seq BETWEEN ? AND ?")
      .run(firstSeq, lastSeq);
    const wanted = lastSeq - firstSeq + 1;
    if (changes !== wanted) {
      throw new Error(`segment ${number} had ${changes} records in the journal, wanted ${wanted}`);
    }
  }
}
