/** Brings a ledger file to the schema that this code knows. */
import { Database } from "bun:sqlite";
import { renameSync, rmSync } from "node:fs";
import { isInMemory } from "./connection.ts";
import { StoreTooNew, StoreTooOld, StoreUnreadable } from "./errors.ts";
import { leaseVersion, type Migration, migrations } from "./migrations/index.ts";

/** Marks a file as a ledger of ours; "Nova" in ASCII. */
const ledgerId = 0x4e6f7661;

/**
 * Applies what is missing, each step in a transaction of its own. A file that holds something
 * already is first copied to `<file>.v<version>.bak`.
 *
 * @throws {StoreTooNew} {@link StoreUnreadable} if the file is not one to migrate; SQLite's error
 * if a step fails, the steps before it being kept.
 */
export function migrate(
  database: Database,
  path: string,
  steps = migrations,
  applicationId = ledgerId,
): void {
  const version = versionOf(database, path, applicationId);
  if (version > steps.length) throw new StoreTooNew(path, version, steps.length);
  if (version > 0 && version < steps.length) backUp(database, path, version);
  for (let index = version; index < steps.length; index++) {
    const step = steps[index];
    if (step) apply(database, step, index, applicationId);
  }
}

/** @throws {StoreTooNew} {@link StoreTooOld} {@link StoreUnreadable} if it cannot be read as it is. */
export function requireCurrent(database: Database, path: string): void {
  const version = versionOf(database, path);
  if (version > migrations.length) throw new StoreTooNew(path, version, migrations.length);
  if (version < migrations.length) throw new StoreTooOld(path, version, migrations.length);
}

function apply(database: Database, step: Migration, version: number, applicationId: number): void {
  database.run("BEGIN IMMEDIATE");
  try {
    // Another process may have been here between the look and the lock.
    if (pragma(database, "user_version") === version) {
      database.run(step.sql);
      database.run(`PRAGMA application_id = ${applicationId}`);
      database.run(`PRAGMA user_version = ${version + 1}`);
    }
    database.run("COMMIT");
  } catch (error) {
    if (database.inTransaction) database.run("ROLLBACK");
    throw error;
  }
}

/** A whole copy under its own name or none: a copy that was cut off never bears it. */
function backUp(database: Database, path: string, version: number): void {
  if (isInMemory(path)) return;
  const copy = `${path}.v${version}.bak`;
  rmSync(`${copy}.partial`, { force: true });
  database.run("VACUUM INTO ?", [`${copy}.partial`]);
  if (version >= leaseVersion) {
    // Whoever holds the ledger does not hold its copy, which is to be put back without a wait.
    using copied = new Database(`${copy}.partial`);
    copied.run("UPDATE lease SET released_at = renewed_at");
  }
  renameSync(`${copy}.partial`, copy);
}

/** The file's schema; 0 of a new one. @throws {StoreUnreadable} if it is not of that application */
export function versionOf(database: Database, path: string, applicationId = ledgerId): number {
  const version = pragma(database, "user_version");
  const isOurs = pragma(database, "application_id") === applicationId;
  if (!isOurs && (version > 0 || hasTables(database))) {
    throw new StoreUnreadable(path, "it is the database of something else");
  }
  return version;
}

function pragma(database: Database, name: "user_version" | "application_id"): number {
  const row = database.query<Record<string, number>, []>(`PRAGMA ${name}`).get();
  return row?.[name] ?? 0;
}

function hasTables(database: Database): boolean {
  return database.query("SELECT 1 FROM sqlite_schema LIMIT 1").get() !== null;
}
