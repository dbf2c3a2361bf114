import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { LRUCache } from "lru-cache";
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
    const found = [...this.files()].map((name): LedgerFile => {
      const { size, mtimeMs } = statSync(join(this.folder, name));
      return { name, isOwn: name === own, bytes: size, changedAt: Math.round(mtimeMs) };
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

/** Not what lies beside a ledger: trials of optimisations are no journal. */
const isLedgerName = (name: string): boolean => /\.db$/.test(name) && !/\.trials\.db$/.test(name);

function opened(path: string, name: string): Past {
  try {
    return new Past(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PastUnknown(`Cannot look into ledger "${name}": ${reason}`, { cause });
  }
}
