import { existsSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import { verifyChain } from "../../actors/runtime/mod.ts";
import { defaultLedgerFile } from "../../config/defaults.ts";
import type { ArchiveStep } from "../store/archiver.ts";
import { Ledger } from "../store/ledger.ts";
import { LedgerReader } from "../store/reader.ts";
import { keptRecords } from "../store/retention.ts";
import type { StoreStats } from "../store/stats.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import { orLedgerFailure } from "./ledger-failure.ts";

interface DbOptions {
  readonly db: string;
  readonly json: boolean;
}

function requireFile(file: string): void {
  if (existsSync(file)) return;
  throw new CommandError(`Cannot open ledger "${file}": there is no such file`, exitCode.usage);
}

/**
 * `novactor db stats`: sizes, rows and room left. Reads beside a running desk.
 *
 * @throws {CommandError} if the ledger cannot be read.
 */
export function dbStats({ db, json }: DbOptions): string {
  requireFile(db);
  const stats = orLedgerFailure(() => {
    using reader = new LedgerReader(db);
    return reader.stats();
  });
  return json ? JSON.stringify(stats) : statsText(stats);
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function statsText(stats: StoreStats): string {
  const { pages, pagesFree, pageBytes, rows, journal, segments, archiveBytes, lease } = stats;
  const lines: [string, string][] = [
    ["ledger", `${stats.path}  ${megabytes(stats.fileBytes)}`],
    ["log", megabytes(stats.walBytes)],
    ["pages", `${pages} of ${pageBytes} bytes, ${pagesFree} free`],
    ["disk", stats.diskBytesFree === null ? "none" : `${megabytes(stats.diskBytesFree)} free`],
    ["journal", journal ? `records ${journal.firstSeq} to ${journal.lastSeq}` : "no records"],
    [
      "segments",
      `${segments.closed} closed, ${segments.archived} archived (${megabytes(archiveBytes)})`,
    ],
    ["lease", leaseText(lease)],
    ...Object.entries(rows).map(([table, count]): [string, string] => [table, `${count} rows`]),
  ];
  return lines.map(([name, text]) => `${name.padEnd(11)} ${text}`).join("\n");
}

function leaseText(lease: StoreStats["lease"]): string {
  if (!lease) return "nobody's yet";
  const who = `process ${lease.pid} on host "${lease.host}"`;
  return lease.releasedAt === null
    ? `${who}, until ${new Date(lease.expiresAt).toISOString()} unless renewed`
    : `free, last held by ${who}`;
}

/** What `db archive` did. */
interface Archived {
  /** Segments whose records were moved into files now. */
  readonly segments: number;
  readonly records: number;
  /** Bytes of the files that were written. */
  readonly bytes: number;
  /** Finished actors that were dropped: no late fill can be expected for them. */
  readonly actors: number;
  /** Why no more was archived. */
  readonly reason: string;
}

/**
 * `novactor db archive`: closed segments into files, but for the last records and what a restart
 * needs; and finished actors dropped. Not beside a running desk, which archives by itself.
 *
 * @throws {CommandError} if a desk holds the ledger, or something could not be archived.
 */
export function dbArchive({ db, json, keep }: DbOptions & { readonly keep: number }): string {
  requireFile(db);
  const archived = orLedgerFailure(() => {
    using ledger = new Ledger(db);
    return archiveAll(ledger, keep);
  });
  if (json) return JSON.stringify(archived);
  const { segments, records, bytes, actors, reason } = archived;
  return (
    `${segments} segments archived: ${records} records in ${megabytes(bytes)}; ` +
    `${actors} finished actors dropped\nNo more, for ${reason}`
  );
}

function archiveAll(ledger: Ledger, keepRecords: number): Archived {
  let [segments, records, bytes] = [0, 0, 0];
  for (;;) {
    const step: ArchiveStep = ledger.archiveOldest({ keepRecords, verify: verifyChain });
    if (step.type === "nothing") {
      return { segments, records, bytes, actors: ledger.pruneActors(), reason: step.reason };
    }
    segments += 1;
    records += step.segment.lastSeq - step.segment.firstSeq + 1;
    bytes += step.archive.bytes;
  }
}

/**
 * `novactor db vacuum`: gives free pages back to the disk. Not beside a running desk.
 *
 * @throws {CommandError} if a desk holds the ledger, or the disk has no room for the copy.
 */
export function dbVacuum({ db, json }: DbOptions): string {
  requireFile(db);
  const { before, after } = orLedgerFailure(() => {
    using ledger = new Ledger(db);
    using reader = ledger.reader();
    const { pages, pageBytes, fileBytes } = reader.stats();
    // It is written anew into a temporary file, and from there into the log.
    const wanted = 2 * pages * pageBytes;
    if (ledger.freeBytes() < wanted) {
      throw new CommandError(
        `Cannot vacuum ledger "${db}": the disk has ${megabytes(ledger.freeBytes())} free, wanted ${megabytes(wanted)}`,
        exitCode.ledgerRefused,
      );
    }
    ledger.vacuum();
    return { before: fileBytes, after: reader.stats().fileBytes };
  });
  if (json) return JSON.stringify({ bytesBefore: before, bytesAfter: after });
  return `${megabytes(before)} before, ${megabytes(after)} after`;
}

function recordCount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("Wanted a whole number from 1.");
  }
  return value;
}

function withLedger(command: Command): Command {
  return command
    .addOption(
      new Option("--db <file>", "the ledger").default(defaultLedgerFile).env("NOVACTOR_DB"),
    )
    .option("--json", "as one line of JSON", false);
}

/** Adds `db stats|archive|vacuum` to the command line. */
export function registerDbCommands(program: Command): void {
  const db = program.command("db").description("the ledger's file: sizes, archives, free pages");
  withLedger(db.command("stats"))
    .description("sizes, rows by table, room left, and who holds the lease")
    .action((options: DbOptions) => console.log(dbStats(options)));
  withLedger(db.command("archive"))
    .description("move old journal records into compressed files beside the ledger")
    .option("--keep <records>", "how many of the last records stay", recordCount, keptRecords)
    .action((options: DbOptions & { keep: number }) => console.log(dbArchive(options)));
  withLedger(db.command("vacuum"))
    .description("give free pages back to the disk")
    .action((options: DbOptions) => console.log(dbVacuum(options)));
}
