/** Files of archived journal records: one closed segment each, as compressed lines of JSON. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { JournalRecord, Segment } from "../../actors/runtime/ports.ts";
import { ArchiveUnreadable } from "./errors.ts";

/** Where the records of a segment are that are no longer in the journal. */
export interface Archive {
  /** The segment's number. */
  readonly number: number;
  /** Name in the ledger's archive folder. */
  readonly file: string;
  readonly bytes: number;
  /** Of the file, 64 hexadecimal digits. */
  readonly sha256: string;
  /** Records in which a decision was made. */
  readonly decisions: number;
}

/** The first line of a file, so that it says by itself where it belongs. */
interface ArchiveHeader {
  readonly format: 1;
  readonly segment: Segment;
}

/** The folder of a ledger's archives, beside it. */
export const archiveFolder = (ledgerPath: string): string => `${ledgerPath}.archive`;

/** The file of an archive, as {@link recordsOf} reads it. */
export function archivePath(ledgerPath: string, { file }: Pick<Archive, "file">): string {
  return join(archiveFolder(ledgerPath), file);
}

/**
 * Writes a segment's records and lets them reach the disk: the whole file under its name, or none.
 * A file that an earlier try left is replaced.
 */
export function writeArchive(
  ledgerPath: string,
  segment: Segment,
  records: readonly JournalRecord[],
): Archive {
  const file = `segment-${String(segment.number).padStart(6, "0")}.jsonl.zst`;
  const header: ArchiveHeader = { format: 1, segment };
  const lines = [header, ...records].map((line) => JSON.stringify(line));
  const bytes = Bun.zstdCompressSync(Buffer.from(`${lines.join("\n")}\n`));
  const folder = archiveFolder(ledgerPath);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, file);
  writeThrough(`${path}.partial`, bytes);
  renameSync(`${path}.partial`, path);
  // The name is on the disk once the folder is.
  sync(folder);
  const decisions = records.filter(({ code }) => code !== null).length;
  return { number: segment.number, file, bytes: bytes.length, sha256: sha256(bytes), decisions };
}

/** The records of an archive, oldest first. @throws {ArchiveUnreadable} */
export function* recordsOf(ledgerPath: string, archive: Archive): Iterable<JournalRecord> {
  for (const line of linesOf(ledgerPath, archive)) yield JSON.parse(line) as JournalRecord;
}

/** The records of an archive as the JSON of each, oldest first. @throws {ArchiveUnreadable} */
export function* linesOf(ledgerPath: string, archive: Archive): Iterable<string> {
  const path = archivePath(ledgerPath, archive);
  const bytes = wholeFile(path);
  if (sha256(bytes) !== archive.sha256) {
    throw new ArchiveUnreadable(path, "its content is not the one that was archived");
  }
  const text = Bun.zstdDecompressSync(bytes).toString();
  let start = text.indexOf("\n") + 1;
  while (start < text.length) {
    const end = text.indexOf("\n", start);
    yield text.slice(start, end);
    start = end + 1;
  }
}

function wholeFile(path: string): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ArchiveUnreadable(path, reason, { cause });
  }
}

function writeThrough(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, "w");
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function sync(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function sha256(bytes: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}
