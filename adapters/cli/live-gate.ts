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
}

/**
 * The gate of live trading: every check of `preflight` has to pass before anything is begun. What
 * may pass by itself, a venue that cannot be reached or is in maintenance, is waited for; there is
 * no falling back to paper. False where a signal ended the wait. Any other mode passes at once.
 *
 * @throws {CommandError} with the table, where a check fails that does not pass by itself
 */
export async function passLiveGate(
  subject: PreflightSubject,
  { say, log }: GateOptions,
): Promise<boolean> {
  if (subject.configuration.mode !== "live") return true;
  const own = await ownRows(subject);
  // What nobody but the operator can change is said before a venue is asked anything.
  refuseFinal(own);
  let isStopped = false;
  const signals = drainOnSignals(() => {
    isStopped = true;
  });
  try {
    for (let tries = 0; !isStopped; tries += 1) {
      const rows = [...own, ...(await accountRows(subject))];
      if (failing(rows).length === 0) {
        say(preflightText(rows, process.stdout.isTTY === true));
        return true;
      }
      refuseFinal(rows);
      const pauseMs = waitMs(tries);
      for (const { text, cure } of failing(rows)) {
        const message = `Cannot trade yet: ${text}; trying again in ${pauseMs / 1_000} s. ${cure ?? ""}`;
        say(message);
        log.write({ level: "warn", event: "live.waiting", message, actor: "desk" });
      }
      await waitUnless(() => isStopped, pauseMs);
    }
    say("stopped before every check passed: nothing was begun");
    return false;
  } finally {
    signals.stop();
  }
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
