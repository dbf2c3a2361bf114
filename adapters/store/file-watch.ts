/** Notices that an open file is no longer the one that its name leads to. */

import type { Database } from "bun:sqlite";
import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { isInMemory } from "./connection.ts";

/**
 * SQLite goes on writing to a file that was deleted, and every commit would be lost with the
 * process: so each commit looks whether the ledger and its log are still in their place.
 */
export class FileWatch {
  private readonly watched: readonly { readonly path: string; readonly inode: string }[];

  /** The file and its log must be there. */
  constructor(private readonly path: string) {
    const paths = isInMemory(path) ? [] : [path, `${path}-wal`];
    this.watched = paths.map((each) => ({ path: each, inode: inodeOf(each) }));
  }

  /** The file that was deleted or replaced, or null. */
  missing(): string | null {
    for (const { path, inode } of this.watched) if (inodeOf(path) !== inode) return path;
    return null;
  }

  /**
   * Saves what was committed in a new file, outside of any transaction. @returns its path
   *
   * @throws SQLite's error if it cannot be written.
   */
  rescue(database: Database): string {
    const copy = freePath(`${this.path}.rescued`);
    const partial = `${copy}.partial`;
    rmSync(partial, { force: true });
    database.run("VACUUM INTO ?", [partial]);
    renameSync(partial, copy);
    return copy;
  }
}

function inodeOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.dev}:${stat.ino}` : "none";
}

/** What was rescued once is not written over. */
function freePath(path: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? path : `${path}-${number}`;
    if (!existsSync(name)) return name;
  }
}
