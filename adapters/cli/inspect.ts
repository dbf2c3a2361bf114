import { existsSync } from "node:fs";
import type { JournalRecord } from "../../actors/runtime/ports.ts";
import { exportLedger } from "../store/export.ts";
import { LedgerReader } from "../store/reader.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import { verifyJournal } from "./journal-verify.ts";
import { orLedgerFailure } from "./ledger-failure.ts";

/** Opens a ledger for reading; a desk may be writing it. @throws {CommandError} if there is none */
export function openReader(file: string): LedgerReader {
  if (!existsSync(file)) {
    throw new CommandError(`Cannot read ledger "${file}": there is no such file`, exitCode.usage);
  }
  return orLedgerFailure(() => new LedgerReader(file));
}

/** `novactor journal verify`: the whole chain, archives included. Returns the exit code. */
export function journalVerify(file: string, head: string | undefined): number {
  using reader = openReader(file);
  const verified = verifyJournal(reader, head);
  for (const { seq, kind, text } of verified.findings) {
    console.log(`record ${seq}: ${kind}: ${text}`);
  }
  if (verified.unlisted > 0) console.log(`and ${verified.unlisted} more findings`);
  const count = verified.findings.length + verified.unlisted;
  const { records, archives } = verified;
  const from = archives === 0 ? "" : `, ${archives} archived segments included`;
  console.log(
    count === 0
      ? `${records} records verified${from}, head ${verified.head.hash}`
      : `${records} records read${from}, ${count} findings`,
  );
  return count === 0 ? exitCode.ok : exitCode.finding;
}

export interface ShowOptions {
  readonly limit: number;
  readonly kind?: string;
  readonly subject?: string;
  readonly code?: string;
  readonly correlation?: string;
  readonly json: boolean;
}

/** `novactor journal show`: the last records that match, oldest first. */
export function journalShow(file: string, options: ShowOptions): number {
  using reader = openReader(file);
  const { limit, json, ...filter } = options;
  for (const record of lastRecords(reader, filter, limit)) {
    console.log(json ? `${record.content}` : recordLine(record));
  }
  return exitCode.ok;
}

/** The last records that match, oldest first, those of archived segments included. */
function lastRecords(
  reader: LedgerReader,
  filter: Omit<ShowOptions, "limit" | "json">,
  limit: number,
): JournalRecord[] {
  const found = reader.journal.page(filter, limit).reverse();
  for (const archive of [...reader.journal.archives()].reverse()) {
    if (found.length >= limit) break;
    const matching = [...reader.archivedRecords(archive)].filter((each) => isWanted(each, filter));
    const room = limit - found.length;
    found.unshift(...matching.slice(-room));
  }
  return found;
}

function isWanted(
  record: JournalRecord,
  { correlation, ...columns }: Omit<ShowOptions, "limit" | "json">,
): boolean {
  const isAlike = Object.entries(columns).every(
    ([name, value]) => value === undefined || record[name as keyof typeof columns] === value,
  );
  if (!isAlike || correlation === undefined) return isAlike;
  return (JSON.parse(record.content) as { correlation: unknown }).correlation === correlation;
}

function recordLine({ seq, at, kind, subject, code, content }: JournalRecord): string {
  const { transitions = [], undone } = JSON.parse(content) as {
    transitions?: { actor: string; event: { type: string }; from: unknown; to: unknown }[];
    undone?: { actor: string; error: string };
  };
  const head = `${seq}  ${new Date(at).toISOString()}  ${kind.padEnd(8)} ${subject}${code ? `  ${code}` : ""}`;
  const lines = transitions.map(
    ({ actor, event, from, to }) =>
      `    ${actor}  ${event.type}  ${JSON.stringify(from)} -> ${JSON.stringify(to)}`,
  );
  if (undone) lines.push(`    undone: ${undone.actor}: ${undone.error}`);
  return [head, ...lines].join("\n");
}

/** `novactor ledger export`: every row as a line of JSON. */
export async function ledgerExport(file: string): Promise<number> {
  using reader = openReader(file);
  const sink = Bun.stdout.writer();
  for (const line of exportLedger(reader)) {
    sink.write(`${line}\n`);
    await sink.flush();
  }
  await sink.end();
  return exitCode.ok;
}
