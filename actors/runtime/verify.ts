/** Verifies a journal against its hash chain, its segments and the heads that were noted down. */
import { areMissing, type ChainFault, ChainWalk } from "./chain-walk.ts";
import { genesis } from "./journal.ts";
import { type JournalHead, type JournalRecord, type Segment, segmentRecords } from "./ports.ts";

/** One thing that is wrong with the journal, and where. */
export interface Finding {
  readonly kind: ChainFault | "cut" | "wrongHead" | "wrongSegment";
  /** The record that it is about; of several that are missing, the first. */
  readonly seq: number;
  /** For the operator. */
  readonly text: string;
}

export interface VerifyOptions {
  /** A hash that was noted down earlier: the journal must still contain it. */
  readonly head?: string;
  /** The store's own note of where the journal ends. */
  readonly storedHead?: JournalHead;
  /** The store's closed segments, by number. */
  readonly segments?: Iterable<Segment>;
  /** The record before the first one given, where the older ones are archived. */
  readonly start?: JournalHead;
  /** How many findings are listed, 100 unless told; the others are counted. */
  readonly findingsMax?: number;
}

export interface Verified {
  /** How many records were read. */
  readonly records: number;
  /** The last record read. */
  readonly head: JournalHead;
  /** Empty if and only if nothing is wrong. */
  readonly findings: readonly Finding[];
  /** How many more there were, past `findingsMax`. */
  readonly unlisted: number;
}

/**
 * Verifies records in the order in which they are kept, holding two of them at a time. What a
 * forger with the whole file made consistent again, every later hash, the stored head and the
 * segments included, shows only against a `head` that was noted down elsewhere.
 */
export function verifyChain(
  records: Iterable<JournalRecord>,
  options: VerifyOptions = {},
): Verified {
  const start = options.start ?? genesis;
  const findings = new Findings(options.findingsMax ?? 100);
  const walk = new ChainWalk(start, options.storedHead ?? null, findings.add);
  const segments = options.segments ? new SegmentCheck(options.segments, start, findings) : null;
  let count = 0;
  let isHeadSeen = options.head === undefined || options.head === start.hash;
  for (const [record, next] of withNext(records)) {
    count += 1;
    isHeadSeen ||= record.hash === options.head;
    segments?.before(record, walk.anchor);
    walk.step(record, next);
    segments?.after(record, walk.anchor);
  }
  const head = walk.last;
  if (options.storedHead) checkStoredHead(options.storedHead, walk, findings);
  segments?.finish(head);
  if (!isHeadSeen) {
    const text = `The journal ends at record ${head.seq} and does not contain the head "${options.head}": its tail was cut, or it was written anew`;
    findings.add("cut", head.seq + 1, text);
  }
  return { records: count, head, findings: findings.listed, unlisted: findings.unlisted };
}

class Findings {
  readonly listed: Finding[] = [];
  unlisted = 0;

  constructor(private readonly listedMax: number) {}

  readonly add = (kind: Finding["kind"], seq: number, text: string): void => {
    if (this.listed.length < this.listedMax) this.listed.push({ kind, seq, text });
    else this.unlisted += 1;
  };
}

function* withNext<T>(items: Iterable<T>): Iterable<readonly [item: T, next: T | null]> {
  let current: T | null = null;
  for (const next of items) {
    if (current !== null) yield [current, next];
    current = next;
  }
  if (current !== null) yield [current, null];
}

function checkStoredHead(stored: JournalHead, walk: ChainWalk, findings: Findings): void {
  const { seq, hash } = walk.last;
  const note = `the store says that the journal ends at record ${stored.seq}`;
  if (seq < stored.seq) {
    findings.add("cut", seq + 1, `${areMissing(seq + 1, stored.seq)} at the end: ${note}`);
  } else if (seq > stored.seq) {
    const text = `Records after ${stored.seq} were put in at the end: ${note}`;
    findings.add("inserted", stored.seq + 1, text);
  } else if (hash !== stored.hash && walk.anchor !== stored.hash) {
    const text = `The last record, ${seq}, has hash "${hash}", the store says "${stored.hash}"`;
    findings.add("wrongHead", seq, text);
  }
}

class SegmentCheck {
  private readonly segments: Iterator<Segment>;
  private segment: Segment | null;

  constructor(
    segments: Iterable<Segment>,
    start: JournalHead,
    private readonly findings: Findings,
  ) {
    this.segments = segments[Symbol.iterator]();
    this.segment = this.take();
    while (this.segment && this.segment.lastSeq <= start.seq) this.segment = this.take();
  }

  before(record: JournalRecord, anchor: string | null): void {
    const { segment } = this;
    if (segment?.firstSeq !== record.seq || anchor === null) return;
    if (segment.previousHash !== anchor) {
      const text = `Segment ${segment.number} says that it follows hash "${segment.previousHash}", the record before it has "${anchor}"`;
      this.findings.add("wrongSegment", record.seq, text);
    }
  }

  after(record: JournalRecord, anchor: string | null): void {
    if (record.seq % segmentRecords !== 0) return;
    const number = record.seq / segmentRecords;
    const { segment } = this;
    const firstSeq = record.seq - segmentRecords + 1;
    if (segment?.number !== number || segment.firstSeq !== firstSeq) {
      const text = `Segment ${number}, which ends with record ${record.seq}, is missing or changed`;
      this.findings.add("wrongSegment", record.seq, text);
    } else if (anchor !== null && segment.head !== anchor) {
      const text = `Segment ${number} says that it ends with hash "${segment.head}", record ${record.seq} has "${anchor}"`;
      this.findings.add("wrongSegment", record.seq, text);
    }
    while (this.segment && this.segment.lastSeq <= record.seq) this.segment = this.take();
  }

  /** A segment that is left over covers records that are not there. */
  finish(head: JournalHead): void {
    if (!this.segment) return;
    const { number, firstSeq, lastSeq } = this.segment;
    const text = `Segment ${number} covers records ${firstSeq} to ${lastSeq}, the journal ends at record ${head.seq}`;
    this.findings.add("cut", head.seq + 1, text);
  }

  private take(): Segment | null {
    const step = this.segments.next();
    return step.done ? null : step.value;
  }
}
