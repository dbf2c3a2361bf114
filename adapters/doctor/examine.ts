/** All checks, in the order in which they are told. */

import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { systemClock } from "../clock/system-clock.ts";
import type { ConfigurationRequest } from "../config/resolve-configuration.ts";
import { thisProcess } from "../store/process-identity.ts";
import type { LedgerReader } from "../store/reader.ts";
import { checkClock, checkClockHistory, type WrittenTime } from "./clock.ts";
import { checkConfiguration } from "./configuration.ts";
import { flushFinding, measureFlush, spaceFinding, spaceOf } from "./disk.ts";
import { type Check, checks, type Finding, found } from "./finding.ts";
import { leaseFinding } from "./lease.ts";
import { checkLedger, type LedgerExamination, openLedger } from "./ledger.ts";
import { checkPermissions } from "./permissions.ts";
import { checkVersions, type Versions } from "./versions.ts";

export interface Examination extends LedgerExamination {
  /** Address of a server that knows the time; null to leave that out. */
  readonly timeSource: string | null;
  readonly socketPath: string;
  readonly uid: number;
  readonly configuration: ConfigurationRequest;
  readonly installed: Versions;
  /** How often the disk is tried. */
  readonly flushRounds: number;
}

/**
 * Looks at everything and changes nothing, beside a running desk or without one. A check that
 * fails is itself a finding: the others are still made.
 */
export async function examine(options: Examination): Promise<Finding[]> {
  const { ledgerFile, configuration, uid, installed, flushRounds } = options;
  const folder = existingFolder(ledgerFile);
  const findings = [
    await checkClock(options.timeSource),
    ...attempt("disk", () => [spaceFinding(spaceOf(folder))]),
    ...attempt("flush", () => [flushFinding(measureFlush(folder, flushRounds))]),
    ...attempt("permissions", () => checkPermissions(options)),
    ...attempt("versions", () => checkVersions(installed)),
    ...attempt("configuration", () => checkConfiguration(configuration, uid)),
    ...attempt("ledger", () => examineLedger(options)),
    liveFinding(),
  ];
  const order = (check: Check): number => checks.indexOf(check);
  return findings.sort((a, b) => order(a.check) - order(b.check));
}

function attempt(check: Check, make: () => Finding[]): Finding[] {
  try {
    return make();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const cure = "See what the message says; where it says nothing, report it";
    return [found(check, "critical", `Cannot check this: ${reason}`, cure)];
  }
}

/** The ledger's folder, or the one in which the first start would make it. */
function existingFolder(ledgerFile: string): string {
  let folder = dirname(resolve(ledgerFile));
  while (!existsSync(folder)) folder = dirname(folder);
  return folder;
}

function examineLedger(options: Examination): Finding[] {
  const { ledgerFile } = options;
  const now = systemClock.now();
  if (!existsSync(ledgerFile)) {
    const text = `There is no ledger "${ledgerFile}" yet`;
    return [found("ledger", "note", text, "The first start makes it"), checkClockHistory([], now)];
  }
  // Before the file is opened, which may touch the files beside it.
  const written = fileTimes(ledgerFile);
  const opened = openLedger(ledgerFile);
  if ("check" in opened) return [opened, checkClockHistory(written, now)];
  using reader = opened;
  return [
    ...attempt("clockHistory", () => [checkClockHistory([...written, ...leaseTimes(reader)], now)]),
    ...attempt("lease", () => [leaseFinding(reader.lease(), thisProcess(), now)]),
    ...checkLedger(reader, options),
  ];
}

function fileTimes(ledgerFile: string): WrittenTime[] {
  return [ledgerFile, `${ledgerFile}-wal`].flatMap((path) => {
    const at = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    return at === undefined ? [] : [{ what: `the last write to "${path}"`, at }];
  });
}

/** Times of the wall clock; those of records are the market's, which may be simulated. */
function leaseTimes(reader: LedgerReader): WrittenTime[] {
  const holder = reader.lease();
  if (!holder) return [];
  const at = Math.max(holder.acquiredAt, holder.renewedAt, holder.releasedAt ?? 0);
  return [{ what: "the last renewal of the ledger's lease", at }];
}

/** What of live trading takes a venue's word is not looked at here. */
function liveFinding(): Finding {
  const text = "Whether real money could be traded was not looked at: that takes the venue's word";
  return found("live", "note", text, "novactor preflight asks the venue, and sends no order");
}
