import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { createGunzip } from "node:zlib";
import { RecordingError } from "./recording-error.ts";

/** A line that does not end is damage, and must not fill the memory. */
const lineLengthMax = 1 << 20;

function isGzip(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const head = new Uint8Array(2);
    return readSync(file, head, 0, 2, 0) === 2 && head[0] === 0x1f && head[1] === 0x8b;
  } finally {
    closeSync(file);
  }
}

function opened(path: string): AsyncIterableIterator<Buffer> {
  // Before the stream is made: one of a file that is not there fails with nobody listening.
  const isPacked = isGzip(path);
  const raw = createReadStream(path);
  if (!isPacked) return raw[Symbol.asyncIterator]();
  const gunzip = createGunzip();
  raw.on("error", (cause) => gunzip.destroy(cause));
  gunzip.on("close", () => raw.destroy());
  return raw.pipe(gunzip)[Symbol.asyncIterator]();
}

/**
 * Reads a plain or gzipped file of lines piece by piece: lines that are in memory are taken
 * without waiting, and only then the next piece is read. No more than one piece is held.
 */
export class RecordingLines {
  /** Number of the line taken last, from 1. */
  line = 0;
  #lines: readonly string[] = [];
  #taken = 0;
  #rest = "";
  #ended = false;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #pieces: AsyncIterableIterator<Buffer>;

  /**
   * @param onBytes is shown all bytes of the decompressed file, in order.
   * @throws {RecordingError} if there is no such file, here or when it is read.
   */
  constructor(
    private readonly path: string,
    private readonly onBytes: (bytes: Uint8Array) => void = () => {},
  ) {
    try {
      this.#pieces = opened(path);
    } catch (cause) {
      throw this.#unreadable(cause);
    }
  }

  /** Whether all lines in memory are taken and there may be more in the file. */
  get isDry(): boolean {
    return this.#taken >= this.#lines.length && !this.#ended;
  }

  /** The next line in memory; null if that is dry, or at the end. */
  next(): string | null {
    const line = this.#lines[this.#taken];
    if (line === undefined) return null;
    this.#taken += 1;
    this.line += 1;
    return line;
  }

  /** Reads on until there is a line, or the end. */
  async fill(): Promise<void> {
    while (this.isDry) {
      const piece = await this.#piece();
      if (piece !== null) this.onBytes(piece);
      const lines = (this.#rest + this.#decode(piece)).split("\n");
      this.#rest = lines.pop() ?? "";
      this.#ended = piece === null;
      if (this.#ended && this.#rest !== "") lines.push(this.#rest);
      if (this.#rest.length > lineLengthMax) {
        const text = `is longer than ${lineLengthMax} characters, wanted at most that`;
        throw new RecordingError(this.path, this.line + lines.length + 1, text);
      }
      this.#lines = lines;
      this.#taken = 0;
    }
  }

  /** Lets the file go. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#pieces.return?.();
  }

  async #piece(): Promise<Buffer | null> {
    try {
      const { done, value } = await this.#pieces.next();
      return done ? null : value;
    } catch (cause) {
      throw this.#unreadable(cause);
    }
  }

  #decode(piece: Buffer | null): string {
    try {
      return piece === null
        ? this.#decoder.decode()
        : this.#decoder.decode(piece, { stream: true });
    } catch (cause) {
      const text = "it is not text, wanted lines in UTF-8 or a gzip of them";
      throw new RecordingError(this.path, null, text, { cause });
    }
  }

  #unreadable(cause: unknown): RecordingError {
    const why = cause instanceof Error ? cause.message : String(cause);
    const text = `wanted a whole readable file, plain or gzip: ${why}`;
    return new RecordingError(this.path, null, text, { cause });
  }
}
