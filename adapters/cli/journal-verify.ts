import { type Finding, genesis, type Verified, verifyChain } from "../../actors/runtime/mod.ts";
import type { JournalHead, JournalRecord, Segment } from "../../actors/runtime/ports.ts";
import { ArchiveUnreadable, sqliteCode } from "../store/errors.ts";
import type { LedgerReader } from "../store/reader.ts";

/** One thing that is wrong with the journal or its archives. */
export interface JournalFinding {
  readonly kind: Finding["kind"] | "unreadable";
  /** The record that it is about; of several, the first. */
  readonly seq: number;
  readonly text: string;
}

export interface VerifiedJournal {
  /** How many records were read, archived ones included. */
  readonly records: number;
  /** Archive files that were read. */
  readonly archives: number;
  readonly head: JournalHead;
  /** Empty if and only if nothing is wrong. */
  readonly findings: readonly JournalFinding[];
  readonly unlisted: number;
}

/**
 * Verifies the whole chain: each archived segment against its head and the one before it, then the
 * journal, which goes on from the last of them. A file that is missing is one finding, and the
 * others are still verified. Reads one segment at a time, all of one state of the ledger.
 *
 * @param head a hash that was noted down earlier: the history must still contain it.
 */
export function verifyJournal(reader: LedgerReader, head?: string): VerifiedJournal {
  return reader.atOnce(() => new JournalVerification(reader, head).run());
}

class JournalVerification {
  private records = 0;
  private archives = 0;
  private unlisted = 0;
  private readonly findings: JournalFinding[] = [];
  private isHeadSeen: boolean;

  constructor(
    private readonly reader: LedgerReader,
    private readonly head: string | undefined,
  ) {
    this.isHeadSeen = head === undefined || head === genesis.hash;
  }

  run(): VerifiedJournal {
    const { reader, head, findings } = this;
    const start = this.verifyArchives();
    const verified = this.verifyPart(start.seq + 1, () =>
      verifyChain(this.watched(reader.journal.range()), {
        start,
        storedHead: reader.head(),
        segments: reader.journal.segments(),
      }),
    );
    const last = verified?.head ?? start;
    if (!this.isHeadSeen) {
      const text = `The journal ends at record ${last.seq} and does not contain the head "${head}": its tail was cut, or it was written anew`;
      findings.push({ kind: "cut", seq: last.seq + 1, text });
    }
    const { records, archives, unlisted } = this;
    return { records, archives, head: last, findings, unlisted };
  }

  /** @returns what the journal's first record follows: the end of the last archived segment. */
  private verifyArchives(): JournalHead {
    const { reader } = this;
    const segments = new Map([...reader.journal.segments()].map((each) => [each.number, each]));
    let last = genesis;
    for (const archive of reader.journal.archives()) {
      const segment = segments.get(archive.number);
      if (!segment) continue;
      this.verifySegment(segment, last, () => reader.archivedRecords(archive));
      last = { seq: segment.lastSeq, hash: segment.head };
    }
    return last;
  }

  private verifySegment(
    segment: Segment,
    last: JournalHead,
    records: () => Iterable<JournalRecord>,
  ): void {
    const { number, firstSeq, lastSeq, previousHash, head } = segment;
    if (firstSeq !== last.seq + 1) {
      const text = `Records ${last.seq + 1} to ${firstSeq - 1} are neither archived nor in the journal`;
      this.findings.push({ kind: "deleted", seq: last.seq + 1, text });
    } else if (previousHash !== last.hash) {
      const text = `Segment ${number} says that it follows hash "${previousHash}", the one before it ends with "${last.hash}"`;
      this.findings.push({ kind: "wrongSegment", seq: firstSeq, text });
    }
    const verified = this.verifyPart(firstSeq, () => {
      const start = { seq: firstSeq - 1, hash: previousHash };
      return verifyChain(this.watched(records()), {
        start,
        storedHead: { seq: lastSeq, hash: head },
      });
    });
    if (verified) this.archives += 1;
  }

  private verifyPart(firstSeq: number, verify: () => Verified): Verified | null {
    try {
      const verified = verify();
      this.findings.push(...verified.findings);
      this.unlisted += verified.unlisted;
      return verified;
    } catch (error) {
      const isDamage =
        error instanceof ArchiveUnreadable || sqliteCode(error)?.startsWith("SQLITE_CORRUPT");
      if (!isDamage || !(error instanceof Error)) throw error;
      const text =
        error instanceof ArchiveUnreadable
          ? error.message
          : `The ledger's pages are damaged somewhere after record ${firstSeq - 1}: ${error.message}`;
      this.findings.push({ kind: "unreadable", seq: firstSeq, text });
      return null;
    }
  }

  private *watched(records: Iterable<JournalRecord>): Iterable<JournalRecord> {
    for (const record of records) {
      this.records += 1;
      this.isHeadSeen ||= record.hash === this.head;
      yield record;
    }
  }
}
