/** Where lines go: standard error, or a file that is kept to a size. */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";

export interface LogDestination {
  write(line: string): void;
  /** Lines that could not be written: a log that fails must not stop the desk. */
  readonly lost: number;
  close(): void;
}

/** A full pipe is tried again so often before the line is given up. */
const triesMax = 50;
const waitMs = 2;

const standardError = 2;

/** Writes the whole line, or throws. */
function writeWhole(descriptor: number, line: string): void {
  const bytes = Buffer.from(line);
  let tries = 0;
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      tries += 1;
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN" || tries > triesMax) throw error;
      Bun.sleepSync(waitMs);
    }
  }
}

/** Lines on standard error. */
export function toStandardError(): LogDestination {
  let lost = 0;
  return {
    write(line) {
      try {
        writeWhole(standardError, line);
      } catch {
        lost += 1;
      }
    },
    get lost() {
      return lost;
    },
    close() {},
  };
}

/** A file of the log, and the one before it, are each kept below this. */
export const logBytesMax = 64 * 1024 * 1024;

/**
 * Lines appended to a file of mode 600. One that grows past `bytesMax` is renamed to `<path>.1`, in
 * the place of the one before, and a new one is begun.
 *
 * @throws the system's error if the file cannot be opened.
 */
export function toFile(path: string, bytesMax = logBytesMax): LogDestination {
  let descriptor = openSync(path, "a", 0o600);
  let size = fstatSync(descriptor).size;
  let lost = 0;
  const turnOver = (): void => {
    renameSync(path, `${path}.1`);
    const next = openSync(path, "a", 0o600);
    closeSync(descriptor);
    descriptor = next;
    size = fstatSync(next).size;
  };
  return {
    write(line) {
      const bytes = Buffer.byteLength(line);
      try {
        if (size > 0 && size + bytes > bytesMax) turnOver();
        writeWhole(descriptor, line);
        size += bytes;
      } catch {
        lost += 1;
      }
    },
    get lost() {
      return lost;
    },
    close() {
      closeSync(descriptor);
    },
  };
}
