import {
  ArchiveFailed,
  ArchiveUnreadable,
  CommitFailed,
  LeaseHeld,
  LeaseLost,
  StoreDamaged,
  StoreNotWritable,
  StoreTooNew,
  StoreTooOld,
  StoreUnreadable,
  sqliteCode,
} from "../store/errors.ts";
import { CommandError, exitCode } from "./exit-codes.ts";

const codes = [
  [LeaseHeld, exitCode.leaseHeld],
  [LeaseLost, exitCode.leaseLost],
  [CommitFailed, exitCode.ledgerFailed],
  [ArchiveFailed, exitCode.finding],
  [ArchiveUnreadable, exitCode.finding],
  [StoreDamaged, exitCode.ledgerRefused],
  [StoreNotWritable, exitCode.ledgerRefused],
  [StoreTooNew, exitCode.ledgerRefused],
  [StoreTooOld, exitCode.ledgerRefused],
  [StoreUnreadable, exitCode.ledgerRefused],
] as const;

/** What a failure of the ledger means for the operator and the exit code; null of any other one. */
export function ledgerFailure(error: unknown): CommandError | null {
  for (const [kind, code] of codes) {
    if (error instanceof kind) return new CommandError(error.message, code, { cause: error });
  }
  if (error instanceof Error && sqliteCode(error) !== null) {
    const text = `Cannot read the ledger: ${error.message} (${sqliteCode(error)})`;
    return new CommandError(text, exitCode.ledgerRefused, { cause: error });
  }
  return null;
}

/** Runs what opens a ledger. @throws {CommandError} in place of the ledger's own failures */
export function orLedgerFailure<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw ledgerFailure(error) ?? error;
  }
}
