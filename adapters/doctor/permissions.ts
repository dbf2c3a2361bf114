/** Can anyone else read what the desk wrote, or write it? */
import { accessSync, constants, readdirSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type Finding, found } from "./finding.ts";

export interface PermissionsOptions {
  readonly ledgerFile: string;
  /** The socket of the desk that runs on it, whether one does or not. */
  readonly socketPath: string;
  /** The user who runs the desk. */
  readonly uid: number;
}

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(3, "0");

function statusOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** The ledger with all that belongs to it: its log, its copies, its archives. */
function filesOf(ledgerFile: string): string[] {
  const [folder, name] = [dirname(resolve(ledgerFile)), basename(ledgerFile)];
  if (!statusOf(folder)) return [];
  return readdirSync(folder)
    .filter((each) => each === name || each.startsWith(`${name}-`) || each.startsWith(`${name}.`))
    .map((each) => join(folder, each));
}

/** Findings about modes and owners; one that all is well if there is nothing else. */
export function checkPermissions(options: PermissionsOptions): Finding[] {
  const { ledgerFile, socketPath, uid } = options;
  const folder = dirname(resolve(ledgerFile));
  const files = filesOf(ledgerFile).filter((path) => path !== socketPath);
  const isClosed = ((statusOf(folder)?.mode ?? 0) & 0o077) === 0;
  const findings = [
    ...folderFindings(folder, uid),
    // What lies in a closed folder cannot be reached, whatever its own mode.
    ...files.flatMap((path) => fileFindings(path, uid, isClosed)),
    ...socketFindings(socketPath),
  ];
  if (findings.length > 0) return findings;
  return [found("permissions", "ok", "Nobody else can read or write the ledger")];
}

function folderFindings(folder: string, uid: number): Finding[] {
  const status = statusOf(folder);
  if (!status) return [];
  const { mode } = status;
  const state = `Folder "${folder}" has mode ${octal(mode)}`;
  const cure = `chmod 700 ${folder}, or give the ledger a folder of its own`;
  const findings = accessFindings(folder, uid, status);
  // With the sticky bit others can put files there, but replace none.
  const isSticky = (mode & 0o1000) !== 0;
  if ((mode & 0o022) !== 0) {
    const severity = isSticky ? "warning" : "critical";
    findings.push(found("permissions", severity, `${state}: others can write there`, cure));
  } else if ((mode & 0o055) !== 0) {
    findings.push(found("permissions", "note", `${state}: others can see what is there`, cure));
  }
  return findings;
}

function fileFindings(path: string, uid: number, isClosed: boolean): Finding[] {
  const status = statusOf(path);
  if (!status) return [];
  const { mode } = status;
  const state = `"${path}" has mode ${octal(mode)}`;
  const cure = `chmod go-rwx ${path}`;
  const findings = accessFindings(path, uid, status);
  if (isClosed) return findings;
  if ((mode & 0o022) !== 0) {
    findings.push(found("permissions", "critical", `${state}: others can write it`, cure));
  } else if ((mode & 0o044) !== 0) {
    findings.push(found("permissions", "warning", `${state}: others can read it`, cure));
  }
  return findings;
}

/** Whether this user can do what a desk must. */
function accessFindings(path: string, uid: number, status: Stats): Finding[] {
  const findings: Finding[] = [];
  if (status.uid !== uid) {
    const text = `"${path}" belongs to user ${status.uid}, not to user ${uid}`;
    findings.push(found("permissions", "warning", text, `chown ${uid} ${path}`));
  }
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const text = `User ${uid} cannot read and write "${path}" (${code})`;
    findings.push(found("permissions", "critical", text, `chmod u+rw ${path}`));
  }
  return findings;
}

/** Whoever can open the socket is the operator. */
function socketFindings(path: string): Finding[] {
  const status = statusOf(path);
  if (!status || (status.mode & 0o077) === 0) return [];
  const text = `Socket "${path}" has mode ${octal(status.mode)}: others can command the desk`;
  return [found("permissions", "critical", text, `chmod 600 ${path}`)];
}
