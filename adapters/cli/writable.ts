import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CommandError, exitCode } from "./exit-codes.ts";

/** What a long run is to write in the end; undefined where it was not asked for. */
export interface WrittenPaths {
  readonly files: readonly (string | undefined)[];
  /** Made where they are not there. */
  readonly folders: readonly (string | undefined)[];
}

/**
 * Finds out before a run whether its results can be written, by writing a file beside each and
 * removing it: rights, a full disk and a path through a file all show at once.
 *
 * @throws {CommandError} for the first path that cannot be written
 */
export function refuseUnwritable({ files, folders }: WrittenPaths): void {
  for (const path of files) {
    if (path === undefined) continue;
    if (isFolder(path)) throw unwritable(path, new Error("it is a folder, wanted a file"));
    probe(path, dirname(resolve(path)));
  }
  for (const path of folders) if (path !== undefined) probe(path, nearestThere(resolve(path)));
}

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** The path itself, or the folder above it that is there. */
function nearestThere(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestThere(dirname(path));
}

function probe(path: string, folder: string): void {
  const file = join(folder, `.novactor.${process.pid}.tmp`);
  try {
    writeFileSync(file, "", { flag: "wx" });
    rmSync(file);
  } catch (cause) {
    throw unwritable(path, cause as Error);
  }
}

function unwritable(path: string, cause: Error): CommandError {
  return new CommandError(`Cannot write "${path}": ${cause.message}`, exitCode.usage, { cause });
}
