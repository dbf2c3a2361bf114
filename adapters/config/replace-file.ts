import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/** More versions than this beside one file are a sign of something else. */
const versionsMax = 10_000;

/** That the file is not any more what was read, and so was left alone. */
export class FileChangedError extends Error {
  override readonly name = "FileChangedError";
}

/** Makes what a folder lists durable. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function writeNew(path: string, text: string, like: string): void {
  const { mode, uid, gid } = statSync(like);
  const descriptor = openSync(path, "wx", 0o600);
  try {
    const { uid: ownUid, gid: ownGid } = statSync(path);
    // Else root's hand would take the file from the user whom the desk runs as.
    if (uid !== ownUid || gid !== ownGid) fchownSync(descriptor, uid, gid);
    fchmodSync(descriptor, mode & 0o7777);
    const bytes = Buffer.from(text);
    let written = 0;
    while (written < bytes.length) written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Keeps the file under its next free number: `desk.yaml.1`. */
function keepOld(path: string): string {
  for (let number = 1; number <= versionsMax; number += 1) {
    const kept = `${path}.${number}`;
    try {
      // A second name of the same file: there at once and whole, and never over another one.
      linkSync(path, kept);
      return kept;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  throw new RangeError(`Cannot keep "${path}": ${versionsMax} older versions lie beside it`);
}

/**
 * Replaces a file in one step: whoever reads it finds the old text or the new one, whole, also
 * after a power cut. Mode and owner stay. A symbolic link stays one. Returns where the old file is.
 *
 * @throws {FileChangedError} if the file is not what was read; system errors if it cannot be written
 */
export function replaceFile(path: string, before: Uint8Array, text: string): string {
  const file = realpathSync(path);
  const folder = dirname(file);
  const temporary = `${file}.${process.pid}.new`;
  writeNew(temporary, text, file);
  let kept: string | null = null;
  try {
    if (!readFileSync(file).equals(before)) {
      throw new FileChangedError(`Cannot replace "${path}": it was changed meanwhile`);
    }
    kept = keepOld(file);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    if (kept !== null) rmSync(kept, { force: true });
    throw error;
  }
  syncFolder(folder);
  return kept;
}
