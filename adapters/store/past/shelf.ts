import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { LRUCache } from "lru-cache";
import { openReadOnly } from "../connection.ts";
import { Past } from "./past.ts";

/** Ledgers that are open beside the desk's own. */
const openMost = 3;

/** Files that are looked at for ledgers: a folder of thousands is somebody's mistake. */
const listedMost = 500;

export interface LedgerFile {
  /** Path from the folder of the desk's own ledger. */
  readonly name: string;
  readonly isOwn: boolean;
  readonly bytes: number;
  /** Unix milliseconds. */
  readonly changedAt: number;
}

/** No ledger of that name can be looked into. */
export class PastUnknown extends Error {
  override readonly name = "PastUnknown";
}

/** The ledgers in one folder, and in the folder of its jobs, each opened when it is asked for. */
export class Shelf implements Disposable {
  private readonly folder: string;
  private readonly own: Past;
  private readonly judged = new Map<string, boolean>();
  private readonly others = new LRUCache<string, Past>({
    max: openMost,
    dispose: (past) => past[Symbol.dispose](),
  });

  /** @throws as {@link Past} does */
  constructor(private readonly ownPath: string) {
    this.folder = dirname(resolve(ownPath));
    this.own = new Past(ownPath);
  }

  /** The desk's own first, then the others, the one that was changed last before the rest. */
  list(): readonly LedgerFile[] {
    const own = relative(this.folder, resolve(this.ownPath));
    const found = [...this.files()].flatMap((name): LedgerFile[] => {
      const path = join(this.folder, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      if (!stat || !this.isLedger(path, stat.ino)) return [];
      const { size, mtimeMs } = stat;
      return [{ name, isOwn: name === own, bytes: size, changedAt: Math.round(mtimeMs) }];
    });
    const rank = (file: LedgerFile) => (file.isOwn ? Number.POSITIVE_INFINITY : file.changedAt);
    return found.sort((a, b) => rank(b) - rank(a)).slice(0, listedMost);
  }

  /** A ledger of the list; the desk's own without a name. @throws {PastUnknown} */
  open(name?: string): Past {
    if (name === undefined) return this.own;
    const file = this.list().find((each) => each.name === name);
    if (!file) throw new PastUnknown(`Cannot find ledger "${name}": it is none of the listed ones`);
    if (file.isOwn) return this.own;
    let past = this.others.get(name);
    if (!past) {
      past = opened(join(this.folder, name), name);
      this.others.set(name, past);
    }
    return past;
  }

  /** Those that are open, the desk's own first. */
  *opened(): Iterable<Past> {
    yield this.own;
    yield* this.others.values();
  }

  [Symbol.dispose](): void {
    this.others.clear();
    this.own[Symbol.dispose]();
  }

  /** Whether a file has a journal: it is looked into once. */
  private isLedger(path: string, inode: number): boolean {
    const key = `${inode} ${path}`;
    const known = this.judged.get(key) ?? hasJournal(path);
    this.judged.set(key, known);
    return known;
  }

  private *files(): Iterable<string> {
    yield* ledgersIn(this.folder, "");
    const jobs = `${basename(this.ownPath)}.jobs`;
    yield* ledgersIn(join(this.folder, jobs), `${jobs}/`);
  }
}

function* ledgersIn(folder: string, prefix: string): Iterable<string> {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isFile() && isLedgerName(entry.name)) yield prefix + entry.name;
  }
}

const isLedgerName = (name: string): boolean => name.endsWith(".db");

/** A file of candidates of an optimisation, and whatever else is a database, has none. */
function hasJournal(path: string): boolean {
  try {
    using database = openReadOnly(path);
    const sql =
      "SELECT count(*) AS tables FROM sqlite_schema WHERE name IN ('journal', 'segments')";
    return database.query<{ tables: number }, []>(sql).get()?.tables === 2;
  } catch {
    // It cannot be read as a database: there is nothing to look into.
    return false;
  }
}

function opened(path: string, name: string): Past {
  try {
    return new Past(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PastUnknown(`Cannot look into ledger "${name}": ${reason}`, { cause });
  }
}
