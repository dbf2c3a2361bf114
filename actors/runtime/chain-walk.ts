/** Walks a hash chain record by record, and where it breaks, works out what was done to it. */
import { chainHash } from "./journal.ts";
import type { JournalHead, JournalRecord } from "./ports.ts";

export type ChainFault =
  | "changedContent"
  | "changedColumn"
  | "changedHash"
  | "deleted"
  | "inserted"
  | "swapped"
  | "broken";

/** Told of each fault: its kind, the record that it is about, and words for the operator. */
export type ReportFault = (kind: ChainFault, seq: number, text: string) => void;

const columns = ["at", "kind", "subject", "code", "correlation"] as const;

/**
 * The walk. Every record comes with the one after it, which tells a changed content (the next
 * record still follows its hash) from a changed hash, and one lost record from a renumbering.
 */
export class ChainWalk {
  /** What the next record's hash is over; null where nothing can say. */
  anchor: string | null;
  /** The last record that was walked over. */
  last: JournalHead;
  /** The anchor before: what a record follows whose predecessor was put in between. */
  private earlierAnchor: string | null = null;
  /** What contents say of their seq, less the column: not zero after a renumbering. */
  private shift = 0;
  /** The second of two records that changed places, and what the record after it follows. */
  private swapped: JournalHead | null = null;

  constructor(
    start: JournalHead,
    /** The store's note of the last record: it vouches for that one as a next one would. */
    private readonly end: JournalHead | null,
    private readonly report: ReportFault,
  ) {
    this.anchor = start.hash;
    this.last = start;
  }

  step(record: JournalRecord, next: JournalRecord | null): void {
    const said = fieldsOf(record);
    const saidSeq = seqOf(said) ?? record.seq + this.shift;
    const before = this.anchor;
    if (this.swapped?.seq === record.seq) {
      this.anchor = this.swapped.hash;
      this.swapped = null;
    } else if (this.holds(record, saidSeq)) {
      this.anchor = record.hash;
      this.checkColumns(record, said, saidSeq);
    } else if (this.explain(record, next, saidSeq) !== "changedContent") {
      // A changed content differs from its columns as well: that is one fault, not two.
      this.checkColumns(record, said, record.seq + this.shift);
    }
    this.earlierAnchor = before;
    this.last = { seq: record.seq, hash: record.hash };
  }

  private holds(record: JournalRecord, saidSeq: number): boolean {
    if (this.anchor !== null) return follows(record, this.anchor);
    return record.seq === this.last.seq + 1 && saidSeq === record.seq + this.shift;
  }

  private explain(record: JournalRecord, next: JournalRecord | null, saidSeq: number): ChainFault {
    const { anchor, last } = this;
    if (next && follows(record, next.hash)) {
      this.swapped = { seq: next.seq, hash: record.hash };
      const text = `Records ${last.seq + 1} and ${last.seq + 2} changed places`;
      return this.fault("swapped", last.seq + 1, text);
    }
    if (this.earlierAnchor !== null && follows(record, this.earlierAnchor)) {
      this.anchor = record.hash;
      this.shift = saidSeq - record.seq;
      const text = `Record ${last.seq} was put in: record ${record.seq} follows the one before it`;
      return this.fault("inserted", last.seq, text);
    }
    if (next && anchor !== null && follows(next, anchor)) {
      this.shift = (seqSaidBy(next) ?? next.seq) - next.seq;
      const text = `Record ${record.seq} was put in: record ${next.seq} follows record ${last.seq}`;
      return this.fault("inserted", record.seq, text);
    }
    this.anchor = record.hash;
    const moved = saidSeq !== record.seq + this.shift;
    if (record.seq <= last.seq) return this.explainMove(record, saidSeq);
    if (record.seq > last.seq + 1) {
      if (moved) return this.explainMove(record, saidSeq);
      const text = `${areMissing(last.seq + 1, record.seq - 1)}; record ${record.seq} cannot be checked without`;
      return this.fault("deleted", last.seq + 1, text);
    }
    const isInPlace = next !== null && follows(next, record.hash) && this.goesOn(next, this.shift);
    return !moved || isInPlace
      ? this.explainChange(record, next, anchor)
      : this.explainRenumbering(record, next, saidSeq);
  }

  /** The content says another seq than the column, and so may all that come after. */
  private explainRenumbering(
    record: JournalRecord,
    next: JournalRecord | null,
    saidSeq: number,
  ): ChainFault {
    const shift = saidSeq - record.seq;
    if (shift < this.shift || (next && !this.goesOn(next, shift))) {
      return this.explainMove(record, saidSeq);
    }
    const first = record.seq + this.shift;
    this.shift = shift;
    const text = `${areMissing(first, saidSeq - 1)}, and what follows was renumbered from ${record.seq} on`;
    return this.fault("deleted", first, text);
  }

  private explainMove(record: JournalRecord, saidSeq: number): ChainFault {
    // Neither this record nor the one after it has its own predecessor before it.
    this.anchor = null;
    const text =
      saidSeq === record.seq
        ? `Record ${record.seq} stands where record ${this.last.seq + 1} belongs`
        : `Record ${record.seq} holds what was written as record ${saidSeq}`;
    return this.fault("swapped", record.seq, text);
  }

  /** The record is in its place, so its content or its hash was changed: the next one knows. */
  private explainChange(
    record: JournalRecord,
    next: JournalRecord | null,
    anchor: string | null,
  ): ChainFault {
    const { seq } = record;
    const computed = chainHash(anchor ?? "", record.content);
    const isVouched = (hash: string): boolean =>
      next ? follows(next, hash) : this.end?.seq === seq && this.end.hash === hash;
    if (isVouched(record.hash)) {
      return this.fault("changedContent", seq, `The content of record ${seq} was changed`);
    }
    if (isVouched(computed)) {
      this.anchor = computed;
      const text = `The hash of record ${seq} was changed; its content is whole`;
      return this.fault("changedHash", seq, text);
    }
    this.anchor = null;
    const text = `Record ${seq} does not follow record ${this.last.seq}: one of them was changed or replaced`;
    return this.fault("broken", seq, text);
  }

  private checkColumns(record: JournalRecord, said: Fields | null, saidSeq: number): void {
    if (!said) {
      this.report("changedContent", record.seq, `The content of record ${record.seq} is not JSON`);
      return;
    }
    const wrong: (keyof JournalRecord)[] = columns.filter((name) => said[name] !== record[name]);
    if (saidSeq !== record.seq + this.shift) {
      wrong.unshift("seq");
      this.shift = saidSeq - record.seq;
    }
    if (wrong.length === 0) return;
    const details = wrong.map((name) => {
      const [column, content] = [JSON.stringify(record[name]), JSON.stringify(said[name])];
      return `its ${name} is ${column}, its content says ${content}`;
    });
    const text = `Record ${record.seq} was changed: ${details.join("; ")}`;
    this.report("changedColumn", record.seq, text);
  }

  private goesOn(next: JournalRecord, shift: number): boolean {
    return seqSaidBy(next) === next.seq + shift;
  }

  private fault(kind: ChainFault, seq: number, text: string): ChainFault {
    this.report(kind, seq, text);
    return kind;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** What a record's content says; null if it is no JSON object. */
function fieldsOf(record: JournalRecord): Fields | null {
  try {
    const fields: unknown = JSON.parse(record.content);
    return typeof fields === "object" && fields !== null ? (fields as Fields) : null;
  } catch {
    return null;
  }
}

function seqOf(fields: Fields | null): number | null {
  return typeof fields?.seq === "number" ? fields.seq : null;
}

const seqSaidBy = (record: JournalRecord): number | null => seqOf(fieldsOf(record));

const follows = (record: JournalRecord, previousHash: string): boolean =>
  chainHash(previousHash, record.content) === record.hash;

/** "Record 3 is missing", "Records 3 to 5 are missing". */
export function areMissing(first: number, last: number): string {
  return first === last ? `Record ${first} is missing` : `Records ${first} to ${last} are missing`;
}
