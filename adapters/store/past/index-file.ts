/** The file of a journal's index: what is in it, and whose it is. */
import { Database } from "bun:sqlite";
import { closeSync, openSync, rmSync } from "node:fs";

/** Where the index of a ledger is: derived, and made anew where it is missing. */
export const indexPath = (ledgerPath: string): string => `${ledgerPath}.index`;

/** Raised whenever an index of an older program is to be made anew. */
const indexVersion = 1;

/** Records of a part of the journal: what the timeline is counted in. */
export const partRecords = 1_000;

/** Steps of an actor after which its state is kept whole. */
export const keyframeSteps = 50;

const schema = `
CREATE TABLE indexed (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT;
INSERT INTO indexed VALUES (1, ${indexVersion}, 0, '${"0".repeat(64)}');

-- Names of actors, events, kinds, subjects, codes and correlations: each is written once.
CREATE TABLE words (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE records (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  subject INTEGER NOT NULL,
  code INTEGER,
  correlation INTEGER,
  -- The first transition's event, how many there are, and whose, as ids with commas between.
  event INTEGER,
  transitions INTEGER NOT NULL,
  actors TEXT NOT NULL,
  undone INTEGER NOT NULL
) STRICT;
CREATE INDEX records_by_kind ON records (kind);
CREATE INDEX records_by_subject ON records (subject);
CREATE INDEX records_by_code ON records (code) WHERE code IS NOT NULL;
CREATE INDEX records_by_correlation ON records (correlation) WHERE correlation IS NOT NULL;

CREATE TABLE actors (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  steps INTEGER NOT NULL
) STRICT;
CREATE INDEX actors_by_last ON actors (last);

CREATE TABLE steps (
  actor INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  place INTEGER NOT NULL,
  event INTEGER NOT NULL,
  PRIMARY KEY (actor, seq, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX steps_by_event ON steps (event, seq);

-- An actor's state after a step: after its first in a segment, and now and then between.
CREATE TABLE keyframes (
  actor INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  place INTEGER NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (actor, seq, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE parts (
  number INTEGER PRIMARY KEY,
  first_seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  records INTEGER NOT NULL,
  trades INTEGER NOT NULL,
  alarms INTEGER NOT NULL
) STRICT;
`;

/** How far an index goes: the last record in it, with its hash in the chain. */
export interface Indexed {
  readonly seq: number;
  readonly hash: string;
}

/** Takes the index away, whatever it is: nothing is in it that the ledger does not have. */
export function discardIndex(ledgerPath: string): void {
  const path = indexPath(ledgerPath);
  for (const each of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]) {
    rmSync(each, { force: true });
  }
}

/**
 * Opens the index of a ledger for writing, made anew where there is none that this program can go
 * on with. A crash may cost it its last steps, never its order: they are made again.
 */
export function openIndex(ledgerPath: string): Database {
  const opened = opening(ledgerPath);
  if (opened) return opened;
  discardIndex(ledgerPath);
  const made = opening(ledgerPath);
  if (!made)
    throw new Error(`Cannot make index "${indexPath(ledgerPath)}": it cannot be read back`);
  return made;
}

function opening(ledgerPath: string): Database | null {
  const path = indexPath(ledgerPath);
  // As private as the ledger: SQLite gives its log the mode of the file.
  closeSync(openSync(path, "a", 0o600));
  const database = new Database(path, { create: true, readwrite: true, strict: true });
  try {
    database.run("PRAGMA journal_mode = WAL");
    database.run("PRAGMA synchronous = NORMAL");
    database.run("PRAGMA busy_timeout = 1000");
    const { tables } = database
      .query<{ tables: number }, []>("SELECT count(*) AS tables FROM sqlite_schema")
      .get() ?? { tables: 0 };
    if (tables === 0) database.transaction(() => database.run(schema)).immediate();
    if (versionOf(database) === indexVersion) return database;
  } catch {
    // Not a database, or one of something else: it is made anew.
  }
  database.close();
  return null;
}

function versionOf(database: Database): number {
  const row = database.query<{ version: number }, []>("SELECT version FROM indexed").get();
  return row?.version ?? 0;
}

/** How far the index goes by its own account. */
export function indexedOf(database: Database): Indexed {
  const row = database.query<Indexed, []>("SELECT seq, hash FROM indexed").get();
  return row ?? { seq: 0, hash: "" };
}
