/** Trials of studies, kept as they finish: what was run once is not run again. */
import type { Database } from "bun:sqlite";
import { defaultBusyPolicy, makeDurable, openWriter } from "./connection.ts";
import { StoreUnreadable } from "./errors.ts";

/** What makes a trial that trial; each a hash or a version, as text. */
export interface TrialKey {
  readonly configHash: string;
  readonly dataHash: string;
  readonly codeVersion: string;
}

export interface TrialRow extends TrialKey {
  /** The values that were varied, by path. */
  readonly point: Readonly<Record<string, string>>;
  /** What came of it, as the study has it; plain JSON. */
  readonly result: unknown;
  /** Unix milliseconds. */
  readonly finishedAt: number;
}

interface StoredTrial {
  readonly point: string;
  readonly result: string;
  readonly finished_at: number;
}

/** Marks a file as trials of ours; "NovT" in ASCII. */
const applicationId = 0x4e6f7654;

const schema = `CREATE TABLE IF NOT EXISTS trial (
  config_hash TEXT NOT NULL,
  data_hash TEXT NOT NULL,
  code_version TEXT NOT NULL,
  point TEXT NOT NULL,
  result TEXT NOT NULL,
  finished_at INTEGER NOT NULL,
  PRIMARY KEY (config_hash, data_hash, code_version)
) STRICT`;

/** A file of trials; several studies, and processes, may share it. */
export class TrialStore implements Disposable {
  private readonly database: Database;

  /** Opens it, creates it where there is none. @throws {StoreUnreadable} if it is something else */
  constructor(path: string) {
    this.database = openWriter(path);
    this.database.run("PRAGMA busy_timeout = 10000");
    this.claim(path);
    makeDurable(this.database, path, defaultBusyPolicy);
    this.database.run(schema);
  }

  /** A trial that finished before, or null. */
  find({ configHash, dataHash, codeVersion }: TrialKey): TrialRow | null {
    const row = this.database
      .query<StoredTrial, [string, string, string]>(
        `SELECT point, result, finished_at FROM trial
         WHERE config_hash = ? AND data_hash = ? AND code_version = ?`,
      )
      .get(configHash, dataHash, codeVersion);
    if (!row) return null;
    const [point, result] = [JSON.parse(row.point), JSON.parse(row.result)];
    return { configHash, dataHash, codeVersion, point, result, finishedAt: row.finished_at };
  }

  /** Keeps a trial; durable when it returns. The first one of a key stays. */
  keep({ configHash, dataHash, codeVersion, point, result, finishedAt }: TrialRow): void {
    const texts = [JSON.stringify(point), JSON.stringify(result)] as const;
    this.database
      .query("INSERT OR IGNORE INTO trial VALUES (?, ?, ?, ?, ?, ?)")
      .run(configHash, dataHash, codeVersion, ...texts, finishedAt);
  }

  get size(): number {
    return this.database.query<{ n: number }, []>("SELECT count(*) n FROM trial").get()?.n ?? 0;
  }

  [Symbol.dispose](): void {
    this.database.close();
  }

  private claim(path: string): void {
    const pragma = this.database.query<{ application_id: number }, []>("PRAGMA application_id");
    if (pragma.get()?.application_id === applicationId) return;
    const isNew = this.database.query("SELECT 1 FROM sqlite_schema LIMIT 1").get() === null;
    if (!isNew) {
      this.database.close();
      throw new StoreUnreadable(path, "it is the database of something else");
    }
    this.database.run(`PRAGMA application_id = ${applicationId}`);
  }
}
