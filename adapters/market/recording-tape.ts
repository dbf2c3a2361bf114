import { RecordingError } from "./recording-error.ts";
import { RecordingLines } from "./recording-lines.ts";
import { type RecordedMessage, readRecordedMessage } from "./recording-message.ts";
import { isBefore } from "./recording-scan.ts";

/** One recording as it is read: its next message is at hand, or has to be waited for. */
class Reel {
  head: RecordedMessage | null = null;
  readonly #lines: RecordingLines;

  constructor(private readonly path: string) {
    this.#lines = new RecordingLines(path);
  }

  get isWaiting(): boolean {
    return this.head === null && this.#lines.isDry;
  }

  advance(): void {
    this.head = null;
    const text = this.#lines.next();
    if (text === null) return;
    const message = readRecordedMessage(text);
    // The scan took this line; so the file is another one by now.
    if (typeof message === "string") throw new RecordingError(this.path, this.#lines.line, message);
    this.head = message;
  }

  async fill(): Promise<void> {
    await this.#lines.fill();
    this.advance();
  }

  close(): Promise<void> {
    return this.#lines.close();
  }
}

/**
 * Recordings of one receiver played together, in the order of receipt; at the same nanosecond, in
 * the order in which they were given.
 */
export class RecordingTape {
  readonly #reels: readonly Reel[];

  constructor(paths: readonly string[]) {
    this.#reels = paths.map((path) => new Reel(path));
  }

  /** Null when {@link head} can be asked; else a wait. */
  ready(): Promise<void> | null {
    for (const reel of this.#reels) if (reel.isWaiting) return reel.fill();
    return null;
  }

  /** The next message and which recording it is of; null at the end. */
  head(): { readonly reel: number; readonly message: RecordedMessage } | null {
    let first: RecordedMessage | null = null;
    let reel = 0;
    for (const [index, { head }] of this.#reels.entries()) {
      if (head === null || (first !== null && !isBefore(head, first))) continue;
      first = head;
      reel = index;
    }
    return first === null ? null : { reel, message: first };
  }

  /** Moves the recording of the next message on. */
  advance(reel: number): void {
    this.#reels[reel]?.advance();
  }

  /** Lets the files go. */
  async close(): Promise<void> {
    await Promise.all(this.#reels.map((reel) => reel.close()));
  }
}
