import type { Log } from "../log/mod.ts";
import { failing, type Row } from "../preflight/mod.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import { accountRows, ownRows, type PreflightSubject } from "./preflight.ts";
import { preflightText } from "./preflight-text.ts";
import { drainOnSignals } from "./signals.ts";
import { waitMs, waitUnless } from "./waiting.ts";

interface GateOptions {
  readonly say: (text: string) => void;
  readonly log: Log;
  /** Whether the ledger has all that a run needs, so that no account waits for another's venue. */
  readonly isKnown: boolean;
}

/** Why accounts are not fit to trade yet, by account; none where all are, or no real money is. */
export type NotFit = ReadonlyMap<string, string>;

/**
 * The gate of live trading: every check of `preflight` has to pass before anything is begun. What
 * may pass by itself, a venue that cannot be reached or is in maintenance, is waited for; there is
 * no falling back to paper. A ledger that is gone on with does not wait: its other accounts have
 * orders and positions to look after, and those that are not fit are told. Null where a signal
 * ended the wait. Any other mode passes at once.
 *
 * @throws {CommandError} with the table, where a check fails that does not pass by itself
 */
export async function passLiveGate(
  subject: PreflightSubject,
  { say, log, isKnown }: GateOptions,
): Promise<NotFit | null> {
  if (subject.configuration.mode !== "live") return new Map();
  const own = await ownRows(subject);
  // What nobody but the operator can change is said before a venue is asked anything.
  refuseFinal(own);
  let isStopped = false;
  const signals = drainOnSignals(() => {
    isStopped = true;
  });
  const tell = (row: Row, then: string) => {
    const message = `Cannot trade yet: ${row.text}; ${then}. ${row.cure ?? ""}`;
    say(message);
    log.write({ level: "warn", event: "live.waiting", message, actor: "desk" });
  };
  try {
    for (let tries = 0; !isStopped; tries += 1) {
      const rows = [...own, ...(await accountRows(subject))];
      const failed = failing(rows);
      refuseFinal(rows);
      const notFit = notFitOf(failed);
      if (failed.length === 0 || (isKnown && notFit !== null)) {
        say(preflightText(rows, process.stdout.isTTY === true));
        for (const each of failed) {
          tell(each, `${each.account} takes no entry until it passes, and is tried again`);
        }
        return notFit ?? new Map();
      }
      const pauseMs = waitMs(tries);
      for (const each of failed) tell(each, `trying again in ${pauseMs / 1_000} s`);
      await waitUnless(() => isStopped, pauseMs);
    }
    say("stopped before every check passed: nothing was begun");
    return null;
  } finally {
    signals.stop();
  }
}

/** Null where what fails is not an account's. */
function notFitOf(failed: readonly Row[]): NotFit | null {
  const notFit = new Map<string, string>();
  for (const { account, text } of failed) {
    if (account === null) return null;
    notFit.set(account, text);
  }
  return notFit;
}

/** @throws {CommandError} where a check fails that does not pass by itself */
function refuseFinal(rows: readonly Row[]): void {
  if (failing(rows).every(({ isTransient }) => isTransient)) return;
  const table = preflightText(rows, false);
  throw new CommandError(
    `Cannot trade with real money: wanted every check to pass, nothing was begun or sent\n${table}`,
    exitCode.doctorCritical,
  );
}
