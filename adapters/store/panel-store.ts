/**
 * The panel's own file beside a ledger: it never waits for the ledger's writer, nor disturbs it. A
 * desk and the shell may write it at the same time. What was committed last may be lost with the
 * machine's power, never with the process: what a command did to the desk stands in the journal.
 */
import type { Database } from "bun:sqlite";
import { chmodSync } from "node:fs";
import type {
  Action,
  ActionFilter,
  OperatorKey,
  OperatorSession,
  RecordedAction,
} from "../../machines/domain/operator.ts";
import { openWriter } from "./connection.ts";
import { openFailure } from "./errors.ts";
import { migrate } from "./migrate.ts";
import { panelMigrations } from "./panel-migrations/index.ts";
import type { Column } from "./table.ts";

/** Marks a file as a panel's; "NovP" in ASCII. */
const applicationId = 0x4e6f7650;

/** How long a reply to a request that is to happen once is kept, milliseconds. */
const replyMs = 24 * 3_600_000;

/** Actions that are kept; older ones are dropped now and then, and can be dropped alone. */
export const actionsKept = 100_000;
/** Actions between two looks whether there are too many. */
const pruneEvery = 1_000;
/** Texts are cut: who asks must not fill the disk. */
const textMost = 500;

/** The panel's file of a ledger. */
export const panelFileOf = (ledgerFile: string): string => `${ledgerFile}.panel`;

export interface NewSession {
  readonly tokenHash: string;
  readonly id: string;
  readonly keyId: string;
  readonly from: string;
  readonly at: number;
  readonly endsAt: number;
}

/** A request that was seen before: what it asked, and the reply's JSON, or null if it had none yet. */
export interface KnownRequest {
  readonly route: string;
  readonly bodyHash: string;
  readonly reply: string | null;
}

const keyColumns =
  "id, name, role, created_at AS createdAt, used_at AS usedAt, revoked_at AS revokedAt";
const sessionColumns =
  "sessions.id, sessions.key_id AS keyId, keys.name, keys.role, came_from AS 'from'," +
  " sessions.created_at AS createdAt, seen_at AS seenAt, ends_at AS endsAt";
const liveSessions = "FROM sessions JOIN keys ON keys.id = key_id AND revoked_at IS NULL";
const actionColumns = "id, at, who, role, what, target, came_from AS 'from', outcome, text";

/** Operators' keys, sessions, replies, and the record of actions. Methods throw SQLite's errors. */
export class PanelStore implements Disposable {
  private readonly database: Database;
  private sincePruned = 0;

  /**
   * Opens the file, creates it with mode 600 if there is none, and migrates.
   *
   * @throws {StoreTooNew} {@link StoreUnreadable} {@link StoreNotWritable}
   */
  constructor(readonly path: string) {
    let database: Database | null = null;
    try {
      database = openWriter(path);
      if (path !== ":memory:") chmodSync(path, 0o600);
      database.run("PRAGMA busy_timeout = 250");
      database.run("PRAGMA journal_mode = WAL");
      database.run("PRAGMA synchronous = NORMAL");
      database.run("PRAGMA foreign_keys = ON");
      migrate(database, path, panelMigrations, applicationId);
      this.database = database;
    } catch (error) {
      database?.close(true);
      throw openFailure(path, error, "write");
    }
  }

  /** All keys, the newest first, revoked ones too. */
  keys(): OperatorKey[] {
    const sql = `SELECT ${keyColumns} FROM keys ORDER BY created_at DESC, id`;
    return this.database.query<OperatorKey, []>(sql).all();
  }

  /** A key with the hash of what lets in, revoked or not; null if there is none. */
  key(id: string): (OperatorKey & { readonly hash: string }) | null {
    const sql = `SELECT ${keyColumns}, hash FROM keys WHERE id = ?`;
    return this.database.query<OperatorKey & { hash: string }, [string]>(sql).get(id);
  }

  /** Whether a key of that name is in use. */
  hasName(name: string): boolean {
    const sql = "SELECT 1 FROM keys WHERE name = ? AND revoked_at IS NULL";
    return this.database.query(sql).get(name) !== null;
  }

  /** Whether somebody who may do everything can still be let in. */
  hasAdmin(): boolean {
    const sql = "SELECT 1 FROM keys WHERE role = 'admin' AND revoked_at IS NULL";
    return this.database.query(sql).get() !== null;
  }

  addKey(key: Pick<OperatorKey, "id" | "name" | "role" | "createdAt"> & { hash: string }): void {
    const sql = "INSERT INTO keys (id, name, role, hash, created_at) VALUES (?, ?, ?, ?, ?)";
    this.database.query(sql).run(key.id, key.name, key.role, key.hash, key.createdAt);
  }

  /** Ends a key and its sessions; false if there is none that is in use. */
  revokeKey(id: string, at: number): boolean {
    return this.atOnce(() => {
      const sql = "UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL";
      if (this.database.query(sql).run(at, id).changes === 0) return false;
      this.database.query("DELETE FROM sessions WHERE key_id = ?").run(id);
      return true;
    });
  }

  useKey(id: string, at: number): void {
    this.database.query("UPDATE keys SET used_at = ? WHERE id = ?").run(at, id);
  }

  /** Begins a session in the place of the one that the browser had, and drops those that ended. */
  beginSession(
    { tokenHash, id, keyId, from, at, endsAt }: NewSession,
    former: string | null,
  ): void {
    this.atOnce(() => {
      this.database
        .query("DELETE FROM sessions WHERE token_hash = ? OR ends_at <= ?")
        .run(former, at);
      this.database
        .query("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)")
        .run(tokenHash, id, keyId, from, at, at, endsAt);
    });
  }

  /** The session of a token whose key is in use, ended or not; null if there is none. */
  session(tokenHash: string): OperatorSession | null {
    const sql = `SELECT ${sessionColumns} ${liveSessions} WHERE token_hash = ?`;
    return this.database.query<OperatorSession, [string]>(sql).get(tokenHash);
  }

  /** The last seen first. */
  sessions(): OperatorSession[] {
    const sql = `SELECT ${sessionColumns} ${liveSessions} ORDER BY seen_at DESC, sessions.id`;
    return this.database.query<OperatorSession, []>(sql).all();
  }

  seeSession(id: string, at: number): void {
    this.database.query("UPDATE sessions SET seen_at = max(seen_at, ?) WHERE id = ?").run(at, id);
  }

  /** False if there is none. */
  endSession(id: string): boolean {
    return this.database.query("DELETE FROM sessions WHERE id = ?").run(id).changes > 0;
  }

  /** Notes a request that is to happen once. @returns what is known of it if it came before */
  claim(
    who: string,
    key: string,
    route: string,
    bodyHash: string,
    at: number,
  ): KnownRequest | null {
    return this.atOnce(() => {
      this.database.query("DELETE FROM replies WHERE at <= ?").run(at - replyMs);
      const known = this.database
        .query<KnownRequest, [string, string]>(
          "SELECT route, body_hash AS bodyHash, reply FROM replies WHERE who = ? AND key = ?",
        )
        .get(who, key);
      if (known) return known;
      this.database
        .query("INSERT INTO replies (key, who, route, body_hash, at) VALUES (?, ?, ?, ?, ?)")
        .run(key, who, route, bodyHash, at);
      return null;
    });
  }

  keepReply(who: string, key: string, reply: string): void {
    const sql = "UPDATE replies SET reply = ? WHERE who = ? AND key = ?";
    this.database.query(sql).run(reply, who, key);
  }

  /** Forgets a request that came to nothing, so that it may come again. */
  disclaim(who: string, key: string): void {
    const sql = "DELETE FROM replies WHERE who = ? AND key = ? AND reply IS NULL";
    this.database.query(sql).run(who, key);
  }

  /** Adds to the record of actions. Long texts are cut. */
  record({ at, who, role, what, target, from, outcome, text }: Action): void {
    const cut = (each: string) => each.slice(0, textMost);
    const sql =
      "INSERT INTO actions (at, who, role, what, target, came_from, outcome, text)" +
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    this.database
      .query(sql)
      .run(at, cut(who), role, cut(what), target && cut(target), cut(from), outcome, cut(text));
    this.sincePruned += 1;
    if (this.sincePruned >= pruneEvery) this.prune();
  }

  /** Actions that the filter lets through, newest first. */
  actions({ who, what, outcome, before }: ActionFilter, limit: number): RecordedAction[] {
    const values: Column[] = [before ?? Number.MAX_SAFE_INTEGER];
    const terms = ["id < ?"];
    for (const [name, value] of Object.entries({ who, outcome })) {
      if (value === undefined) continue;
      terms.push(`${name} = ?`);
      values.push(value);
    }
    if (what !== undefined) {
      // `command` finds every command.
      terms.push("(what = ? OR substr(what, 1, ?) = ?)");
      values.push(what, what.length + 1, `${what}.`);
    }
    const sql = `SELECT ${actionColumns} FROM actions WHERE ${terms.join(" AND ")}
      ORDER BY id DESC LIMIT ?`;
    return this.database.query<RecordedAction, Column[]>(sql).all(...values, limit);
  }

  /** Rows of each table: for whoever proves that nothing was changed. */
  counts(): Readonly<Record<"keys" | "sessions" | "replies" | "actions", number>> {
    const of = (table: string) =>
      this.database.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? 0;
    return {
      keys: of("keys"),
      sessions: of("sessions"),
      replies: of("replies"),
      actions: of("actions"),
    };
  }

  close(): void {
    this.database.close(true);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private prune(): void {
    this.sincePruned = 0;
    this.database
      .query("DELETE FROM actions WHERE id <= (SELECT max(id) FROM actions) - ?")
      .run(actionsKept);
  }

  private atOnce<T>(run: () => T): T {
    this.database.run("BEGIN IMMEDIATE");
    try {
      const result = run();
      this.database.run("COMMIT");
      return result;
    } catch (error) {
      if (this.database.inTransaction) this.database.run("ROLLBACK");
      throw error;
    }
  }
}
