import type { LogLevel } from "./log.ts";
import type { PlainData } from "./redact.ts";

/** A line as it is kept at hand; redacted already. */
export interface TailLine {
  /** Rises by one with each line of this process. */
  readonly id: number;
  /** When it was written, by the machine's clock, Unix milliseconds. */
  readonly writtenAt: number;
  readonly level: LogLevel;
  readonly event: string;
  readonly message: string;
  readonly actor: string | null;
  readonly account: string | null;
  readonly correlation: string | null;
  readonly seq: number | null;
  readonly details: PlainData;
}

/** Lines that are kept. */
const linesMost = 5_000;

/**
 * The last lines of the log in memory, for whoever looks at the panel: from `info` on, whatever level
 * the log itself writes. They end with the process; the record is the journal.
 */
export class LogTail {
  private lines: TailLine[] = [];
  private last = 0;

  add(line: Omit<TailLine, "id" | "writtenAt">): void {
    this.last += 1;
    this.lines.push({ ...line, id: this.last, writtenAt: Date.now() });
    if (this.lines.length >= 2 * linesMost) this.lines = this.lines.slice(-linesMost);
  }

  /** Lines so far, those that are no longer kept among them. */
  get count(): number {
    return this.last;
  }

  /** Kept lines, newest first, from the one before `before` on. */
  *newestFirst(before = Number.POSITIVE_INFINITY): Iterable<TailLine> {
    for (let index = this.lines.length - 1; index >= 0; index -= 1) {
      const line = this.lines[index] as TailLine;
      if (line.id < before) yield line;
    }
  }
}
