/** The books as lines of JSON, for other programs. */
import type { LedgerChange } from "../../machines/domain/ledger.ts";
import type { LedgerReader } from "./reader.ts";

/**
 * Every row of the books as one JSON object, `{"table": ..., ...row}`, without line ends: orders,
 * attempts, fills, positions, postings, balances, each in the order of its key. One row is in
 * memory at a time, and all are of one moment. Times are Unix milliseconds, decimals text.
 */
export function exportLedger(reader: LedgerReader): Iterable<string> {
  return reader.eachAtOnce(() => lines(reader));
}

function* lines({ books }: LedgerReader): Iterable<string> {
  yield* asLines("orders", books.eachOrder());
  yield* asLines("attempts", books.eachAttempt());
  yield* asLines("fills", books.eachFill());
  yield* asLines("positions", books.eachPosition());
  yield* asLines("postings", books.eachPosting());
  yield* asLines("balances", books.eachBalance());
}

function* asLines(table: LedgerChange["table"], rows: Iterable<object>): Iterable<string> {
  for (const row of rows) yield JSON.stringify({ table, ...row });
}
