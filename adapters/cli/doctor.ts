import { resolve } from "node:path";
import { type Command, Option } from "commander";
import xstateManifest from "xstate/package.json" with { type: "json" };
import { machineKinds } from "../../actors/desk/mod.ts";
import { verifyChain } from "../../actors/runtime/mod.ts";
import { defaultLedgerFile } from "../../config/defaults.ts";
import manifest from "../../package.json" with { type: "json" };
import {
  type ChainVerifier,
  type Examination,
  examine,
  type Finding,
  type Severity,
  worstOf,
} from "../doctor/mod.ts";
import { sqliteVersion } from "../store/diagnosis.ts";
import { flagOf } from "./config.ts";
import { socketPath } from "./control.ts";
import { exitCode } from "./exit-codes.ts";
import { verifyJournal } from "./journal-verify.ts";
import { version } from "./version.ts";

export interface DoctorOptions {
  readonly db: string;
  readonly json: boolean;
  readonly full: boolean;
  readonly timeSource?: string;
  readonly config?: string;
  readonly preset?: string;
  readonly set: readonly string[];
}

const verifier: ChainVerifier = {
  part: (records, start) => verifyChain(records, { start }),
  whole: (reader) => verifyJournal(reader),
};

/** Enough for a percentile of 99, and done in a few seconds on a slow disk. */
const flushRounds = 200;

/** All that the doctor is told: where to look, and what is installed. */
export function examinationOf(options: DoctorOptions): Examination {
  const { env } = process;
  return {
    ledgerFile: resolve(options.db),
    isFull: options.full,
    timeSource: options.timeSource ?? null,
    socketPath: socketPath(options.db),
    uid: process.getuid?.() ?? -1,
    configuration: {
      file: options.config ?? env.NOVACTOR_CONFIG ?? null,
      preset: options.preset ?? null,
      env,
      flags: options.set.map(flagOf),
    },
    installed: {
      bun: { is: Bun.version, wanted: manifest.engines.bun },
      xstate: { is: xstateManifest.version, wanted: manifest.dependencies.xstate },
      sqlite: sqliteVersion(),
    },
    verifier,
    versions: machineKinds,
    flushRounds,
  };
}

/** What a command that finds things ends with. */
export const codes: Readonly<Record<Severity, number>> = {
  ok: exitCode.ok,
  note: exitCode.ok,
  warning: exitCode.doctorWarning,
  critical: exitCode.doctorCritical,
};

/** What `novactor doctor` says, and ends with. */
export interface Diagnosis {
  readonly text: string;
  readonly exitCode: number;
}

/** Examines what a desk stands on. `isColoured` is for a terminal. */
export async function diagnose(options: DoctorOptions, isColoured: boolean): Promise<Diagnosis> {
  const findings = await examine(examinationOf(options));
  const severity = worstOf(findings);
  const code = codes[severity];
  const whole = { version, ledger: resolve(options.db), severity, exitCode: code, findings };
  const text = options.json ? JSON.stringify(whole) : findingsText(findings, isColoured);
  return { text, exitCode: code };
}

/** A terminal's colour for each severity. */
export const colours: Readonly<Record<Severity, string>> = {
  ok: "32",
  note: "36",
  warning: "33",
  critical: "31;1",
};

function findingsText(findings: readonly Finding[], isColoured: boolean): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, severity, text, cure }) => {
    const word = severity.padEnd("critical".length);
    const shown = isColoured ? `\u001b[${colours[severity]}m${word}\u001b[0m` : word;
    const indent = " ".repeat("critical".length + width + 4);
    const first = `${shown}  ${check.padEnd(width)}  ${text}`;
    return cure === null ? [first] : [first, `${indent}-> ${cure}`];
  });
  const count = (severity: Severity) =>
    findings.filter((each) => each.severity === severity).length;
  const summary = `${count("critical")} critical, ${count("warning")} warnings, ${count("note")} notes`;
  return [...lines, "", summary].join("\n");
}

/** Adds `doctor` to the command line. */
export function registerDoctorCommand(program: Command): void {
  const collect = (value: string, before: readonly string[]) => [...before, value];
  program
    .command("doctor")
    .description("examine clock, disk, rights, versions, configuration and ledger; changes nothing")
    .addOption(
      new Option("--db <file>", "the ledger").default(defaultLedgerFile).env("NOVACTOR_DB"),
    )
    .option("--full", "verify the whole chain, archives included, not only its end", false)
    .option("--time-source <url>", "compare the clock with this server's")
    .option("--config <file>", "the configuration that the desk is started with")
    .option("--preset <name>", "the preset that it is started with")
    .option("--set <path=value>", "one key of it", collect, [])
    .option("--json", "as one JSON object", false)
    .action(async (options: DoctorOptions) => {
      const isColoured = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
      const { text, exitCode: code } = await diagnose(options, isColoured);
      console.log(text);
      process.exitCode = code;
    });
}
