/** Exit codes of the command line: each means one thing, for scripts and supervisors. */
export const exitCode = {
  ok: 0,
  /** Something that no one foresaw. */
  failure: 1,
  /** The command was not understood. */
  usage: 2,
  /** The ledger belongs to a run with another seed, source or configuration. */
  otherRun: 3,
  /** Verification found something. */
  finding: 4,
  /** No desk answers on the ledger's socket. */
  noDesk: 5,
  /** Market data could not be read. */
  badData: 6,
  /** The ledger could not be written: what was in memory is not to be trusted. */
  ledgerFailed: 7,
  /** The configuration, or a secret that it names, was refused. */
  badConfiguration: 8,
  /** Another process writes the ledger, or may: this one did not start on it. */
  leaseHeld: 9,
  /** Another process took over the ledger: this one sent nothing more. */
  leaseLost: 10,
  /** The ledger is damaged, newer, no ledger at all, or may not be written: nothing was begun. */
  ledgerRefused: 11,
  /** `doctor` found something that is to be seen to. */
  doctorWarning: 12,
  /** `doctor` found something with which no desk should be started. */
  doctorCritical: 13,
  /** The running desk understood the command and refused it; it says why. */
  refused: 14,
} as const;

/** An end that was foreseen: a message for the operator, and the code that goes with it. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(
    message: string,
    readonly code: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
