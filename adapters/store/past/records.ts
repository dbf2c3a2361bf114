import { LRUCache } from "lru-cache";
import type { JournalHead, JournalRecord } from "../../../actors/runtime/ports.ts";
import { segmentRecords } from "../../../actors/runtime/ports.ts";
import { LedgerReader } from "../reader.ts";

/** Unpacked segments that are kept: those that somebody looks around in. */
const segmentsMost = 3;

/** Records of a ledger wherever they are, in the journal or in its archive. */
export class Records implements Disposable {
  readonly reader: LedgerReader;
  private readonly unpacked = new LRUCache<number, readonly string[]>({ max: segmentsMost });

  /** @throws as {@link LedgerReader} does */
  constructor(readonly path: string) {
    this.reader = new LedgerReader(path);
  }

  head(): JournalHead {
    return this.reader.head();
  }

  /** @throws {ArchiveUnreadable} where its segment's file is missing or changed */
  at(seq: number): JournalRecord | null {
    return this.reader.journal.record(seq) ?? this.archived(seq);
  }

  /**
   * Records from one on, in order, at most so many; those of one segment at a time where they are
   * archived, so fewer than asked for does not mean that there are no more.
   *
   * @throws {ArchiveUnreadable}
   */
  from(first: number, most: number): readonly JournalRecord[] {
    return this.reader.atOnce(() => {
      const found = [...this.reader.journal.range(first, first + most - 1)];
      if (found[0]?.seq === first) return found;
      const segment = this.segment(first);
      const begin = (first - 1) % segmentRecords;
      return segment ? segment.slice(begin, begin + most).map(recordOf) : [];
    });
  }

  /** The chain's hash after a record; 64 zeros before the first; null where there is none. */
  hashAt(seq: number): string | null {
    if (seq === 0) return "0".repeat(64);
    const { journal } = this.reader;
    const kept = journal.record(seq);
    if (kept) return kept.hash;
    for (const { lastSeq, head } of journal.segments()) if (lastSeq === seq) return head;
    return this.archived(seq)?.hash ?? null;
  }

  [Symbol.dispose](): void {
    this.unpacked.clear();
    this.reader.close();
  }

  private archived(seq: number): JournalRecord | null {
    const line = this.segment(seq)?.[(seq - 1) % segmentRecords];
    return line === undefined ? null : recordOf(line);
  }

  /** A segment's records, each as its JSON: of most that are unpacked only a few are looked at. */
  private segment(seq: number): readonly string[] | null {
    const number = Math.ceil(seq / segmentRecords);
    const known = this.unpacked.get(number);
    if (known) return known;
    const archive = this.reader.journal.archives().find((each) => each.number === number);
    if (!archive) return null;
    const records = [...this.reader.archivedLines(archive)];
    this.unpacked.set(number, records);
    return records;
  }
}

const recordOf = (line: string): JournalRecord => JSON.parse(line) as JournalRecord;
