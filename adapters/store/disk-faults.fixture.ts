/**
 * Run with the failing disk of `test/fixtures/store/disk-faults.c` loaded: lets each operation on
 * the disk fail in turn, and prints a line of JSON for each about what became of the ledger.
 */
import { dlopen } from "bun:ffi";
import { join } from "node:path";
import { verifyChain } from "../../actors/runtime/verify.ts";
import { CommitFailed } from "./errors.ts";
import { Ledger } from "./ledger.ts";
import { LedgerReader } from "./reader.ts";
import { batch, recordsFrom } from "./samples.fixture.ts";

/** What became of a ledger whose disk failed at one operation. */
export interface DiskFault {
  /** The operation, counted from 0 from the first armed commit on. */
  readonly after: number;
  /** How many operations failed. */
  readonly failed: number;
  /** SQLite's code of the commit that failed; null if none did. */
  readonly code: string | null;
  /** Record at which the last commit ended that was acknowledged. */
  readonly acknowledged: number;
  /** Record at which the ledger ends when it is opened again. */
  readonly found: number;
  /** What is wrong with it then. */
  readonly findings: readonly string[];
}

const commits = 6;
const recordsPerCommit = 3;

/** Until an operation is so late that nothing is left to fail. */
function* faults(
  library: string,
  folder: string,
  times: number,
  error: number,
): Iterable<DiskFault> {
  const { symbols } = dlopen(library, {
    disk_arm: { args: ["int", "int", "int"], returns: "void" },
    disk_failed: { args: [], returns: "int" },
  });
  for (let after = 0; ; after++) {
    const path = join(folder, `${after}.db`);
    const ledger = new Ledger(path);
    let acknowledged = 0;
    let code: string | null = null;
    symbols.disk_arm(after, times, error);
    for (let index = 0; index < commits && code === null; index++) {
      try {
        ledger.commit(batch({ records: recordsFrom(ledger.load().head, recordsPerCommit) }));
        acknowledged += recordsPerCommit;
      } catch (failure) {
        if (!(failure instanceof CommitFailed)) throw failure;
        code = failure.code ?? failure.message;
      }
    }
    code = closed(ledger) ?? code;
    const failed = symbols.disk_failed();
    symbols.disk_arm(-1, 0, 0);
    yield { after, failed, code, acknowledged, ...lookedAt(path) };
    if (failed === 0) return;
  }
}

function closed(ledger: Ledger): string | null {
  try {
    ledger.close();
    return null;
  } catch (failure) {
    if (!(failure instanceof CommitFailed)) throw failure;
    return failure.code ?? failure.message;
  }
}

function lookedAt(path: string): Pick<DiskFault, "found" | "findings"> {
  // By a later time: this process still lives, so its lease may be held.
  const clock = { wall: () => Date.now() + 3_600_000, steady: () => performance.now() };
  using ledger = new Ledger(path, { lease: { clock } });
  using reader = new LedgerReader(path);
  const { findings } = verifyChain(reader.journal.range(), { storedHead: reader.head() });
  const texts = findings.map(({ text }) => text);
  return { found: ledger.load().head.seq, findings: [...texts, ...reader.integrityFindings()] };
}

if (import.meta.main) {
  const [library = "", folder = "", times = "", error = ""] = process.argv.slice(2);
  for (const fault of faults(library, folder, Number(times), Number(error))) {
    console.log(JSON.stringify(fault));
  }
}
