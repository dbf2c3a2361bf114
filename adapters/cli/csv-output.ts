import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { CommandError, exitCode } from "./exit-codes.ts";

/** Rows that are handed to the stream at once. */
const rowsAtOnce = 1_000;

/**
 * Writes rows of values as lines of CSV, into a file or, without one, to the terminal. NaN is an
 * empty cell.
 *
 * @throws {CommandError} if the file cannot be written
 */
export async function writeCsv(
  out: string | undefined,
  header: readonly string[],
  rows: Iterable<readonly (string | number)[]>,
): Promise<void> {
  const sink: Writable = out === undefined ? process.stdout : createWriteStream(out);
  const opened = out === undefined ? Promise.resolve() : once(sink, "open");
  await opened.catch((cause: Error) => {
    throw new CommandError(`Cannot write "${out}": ${cause.message}`, exitCode.usage, { cause });
  });
  let text = `${header.join(",")}\n`;
  let count = 0;
  for (const row of rows) {
    text += `${row.map((value) => (Number.isNaN(value) ? "" : value)).join(",")}\n`;
    count += 1;
    if (count % rowsAtOnce !== 0) continue;
    if (!sink.write(text)) await once(sink, "drain");
    text = "";
  }
  sink.write(text);
  if (out === undefined) return;
  sink.end();
  await once(sink, "finish");
}
