import type { StreamEntry, StreamGap } from "../api/stream.ts";
import { type StripView, stripOf } from "../views/strip.ts";
import type { JournalRow, PanelOptions } from "./ports.ts";

/** Between two looks at the journal, milliseconds. */
const lookMs = 250;
/** Records that a look reads, and that one message tells, at most. */
const readMost = 1_000;
const tellMost = 500;
/** Records that are kept for whoever is behind: who is further behind is told of a gap. */
export const behindMost = 5_000;
/** Looks between two strips and between two beats: half a second, and one. */
const stripEvery = 2;
const beatEvery = 4;

/** What is to be told next, as text that all who stand at the same place share. */
export interface Told {
  readonly event: "entries" | "gap" | "strip" | "beat";
  readonly data: string;
  /** The sequence up to which it was told with this. */
  readonly seq: number;
}

/** Where one listener stands. */
export interface Place {
  /** The last sequence that it was told. */
  seq: number;
  strip: number;
  beat: number;
}

/**
 * The one reader of the journal for all streams: each record is read and parsed once, whoever
 * listens, and nothing is done while nobody does. A listener has no queue of its own, only a place;
 * one that is too far behind is told so, and goes on from now.
 */
export class StreamHub {
  /** The last records, each the one after the other. */
  private recent: StreamEntry[] = [];
  private head = 0;
  private listeners = 0;
  private looks = 0;
  private strip = { text: "", number: 0, seq: -1 };
  private isLooking = false;
  private waiting = Promise.withResolvers<boolean>();
  private shared: { readonly from: number; readonly told: Told } | null = null;

  constructor(private readonly options: PanelOptions) {}

  /** Where the committed journal ends. */
  committed(): number {
    return this.options.ledger.head().seq;
  }

  /** Begins to look at the journal, for as long as anyone listens; returns what ends it. */
  join(sleep: (ms: number) => Promise<unknown>): () => void {
    this.listeners += 1;
    if (!this.isLooking) {
      this.recent = [];
      this.head = this.committed();
      this.strip = { text: "", number: 0, seq: -1 };
      void this.keepLooking(sleep);
    }
    let isOver = false;
    return () => {
      if (!isOver) this.listeners -= 1;
      isOver = true;
    };
  }

  /** Resolves after the next look; to false where the journal can be looked at no more. */
  looked(): Promise<boolean> {
    return this.waiting.promise;
  }

  /** What is to be told to one who stands there, whose place is moved; null for nothing now. */
  next(place: Place): Told | null {
    return this.entriesAfter(place) ?? this.newStrip(place) ?? this.newBeat(place);
  }

  private entriesAfter(place: Place): Told | null {
    if (place.seq >= this.head) return null;
    const told = this.toldAfter(place.seq);
    place.seq = told.seq;
    place.beat = this.looks;
    return told;
  }

  private toldAfter(seq: number): Told {
    if (this.shared?.from === seq) return this.shared.told;
    const first = this.recent[0]?.seq ?? this.head + 1;
    const isBehind = this.head - seq > behindMost;
    const entries = isBehind
      ? []
      : seq + 1 >= first
        ? this.recent.slice(seq + 1 - first, seq + 1 - first + tellMost)
        : this.read(seq, Math.min(seq + tellMost, first - 1));
    const isWhole = entries[0]?.seq === seq + 1;
    const told = isWhole
      ? {
          event: "entries" as const,
          data: JSON.stringify(entries),
          seq: entries.at(-1)?.seq ?? seq,
        }
      : this.gap(seq, isBehind ? "too many to catch up with" : "they are archived");
    this.shared = { from: seq, told };
    return told;
  }

  private gap(seq: number, reason: string): Told {
    const gap: StreamGap = { from: seq + 1, to: this.head, reason };
    return { event: "gap", data: JSON.stringify(gap), seq: this.head };
  }

  private newStrip(place: Place): Told | null {
    const { text, number } = this.strip;
    if (text === "" || place.strip === number) return null;
    place.strip = number;
    return { event: "strip", data: text, seq: place.seq };
  }

  private newBeat(place: Place): Told | null {
    if (this.looks - place.beat < beatEvery) return null;
    place.beat = this.looks;
    return { event: "beat", data: JSON.stringify({ seq: this.head }), seq: place.seq };
  }

  private async keepLooking(sleep: (ms: number) => Promise<unknown>): Promise<void> {
    this.isLooking = true;
    try {
      while (this.listeners > 0) {
        this.look();
        this.tell(true);
        await sleep(lookMs);
      }
    } catch (error) {
      // The streams end, and whoever opens one anew looks again: the desk itself goes on.
      console.error(`web: Cannot follow the journal: ${(error as Error).message}`);
      this.tell(false);
    } finally {
      this.isLooking = false;
    }
  }

  private tell(isGood: boolean): void {
    const { resolve } = this.waiting;
    this.waiting = Promise.withResolvers();
    resolve(isGood);
  }

  private look(): void {
    this.looks += 1;
    if (this.looks % stripEvery === 0 || this.strip.text === "") this.renewStrip();
    const committed = this.committed();
    // Whoever listens is told of the gap by how far behind it then is.
    if (committed - this.head > behindMost || committed < this.head) {
      this.recent = [];
      this.head = committed;
      return;
    }
    const entries = this.read(this.head, this.head + readMost);
    this.head = entries.at(-1)?.seq ?? this.head;
    this.recent.push(...entries);
    if (this.recent.length > behindMost) this.recent.splice(0, this.recent.length - behindMost);
  }

  /** Its ages grow while nothing happens: then it is told every few seconds. */
  private renewStrip(): void {
    const isDue = this.looks - this.strip.number >= 8 * stripEvery;
    const strip: StripView = stripOf(this.options);
    if (strip.journalSeq === this.strip.seq && !isDue) return;
    this.strip = { text: JSON.stringify(strip), number: this.looks, seq: strip.journalSeq };
  }

  private read(after: number, last: number): StreamEntry[] {
    return Array.from(this.options.ledger.journal.range(after + 1, last), entryOf);
  }
}

function entryOf({ content, seq, at, kind, subject, code, correlation }: JournalRow): StreamEntry {
  const { transitions = [] } = JSON.parse(content) as {
    readonly transitions?: readonly { readonly actor: string }[];
  };
  const actors = [...new Set(transitions.map(({ actor }) => actor))];
  return { seq, at, kind, subject, code, correlation, actors };
}
