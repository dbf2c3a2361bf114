/**
 * A recording that cannot be used. Not recoverable by trying again: the file or the way it was
 * asked for has to change. Recordings are read through once before a run, so a flaw in one is
 * found before anything is traded on it.
 */
export class RecordingError extends Error {
  override readonly name = "RecordingError";

  constructor(
    readonly path: string,
    /** Line of the decompressed file, from 1; null if it is the file as a whole. */
    readonly line: number | null,
    /** For instance "has price \"x\", wanted a number above 0". */
    readonly text: string,
    options?: ErrorOptions,
  ) {
    const where = line === null ? "" : `line ${line} `;
    super(`Cannot read recording ${JSON.stringify(path)}: ${where}${text}`, options);
  }
}
