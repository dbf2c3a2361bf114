import { userInfo } from "node:os";
import { Argument, type Command, Option } from "commander";
import { defaultLedgerFile } from "../../config/defaults.ts";
import type { Secret } from "../config/secret.ts";
import { Log, type LogLevel, logLevels, toFile, toStandardError } from "../log/mod.ts";
import { askDesk } from "./control.ts";
import { CommandError, exitCode } from "./exit-codes.ts";

/** What the command line says of the log. */
export interface LogFlags {
  readonly logLevel?: LogLevel;
  readonly logFile?: string;
}

/**
 * The log of a process that runs a desk. On standard error it stands between a person's lines, so
 * there it begins with warnings; in a file, with what the configuration says.
 *
 * @throws {CommandError} if the file cannot be opened.
 */
export function openLog(
  { logLevel, logFile }: LogFlags,
  configured: LogLevel,
  secrets: readonly Secret[],
): Log {
  if (logFile === undefined) {
    return new Log({ level: logLevel ?? "warn", destination: toStandardError(), secrets });
  }
  try {
    return new Log({ level: logLevel ?? configured, destination: toFile(logFile), secrets });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const text = `Cannot write log "${logFile}": ${reason}`;
    throw new CommandError(text, exitCode.usage, { cause });
  }
}

/** Takes up the level of a configuration that was read again, where the flags leave it to that. */
export function followLevel(log: Log, { logLevel, logFile }: LogFlags, level: LogLevel): void {
  if (logLevel === undefined && logFile !== undefined) log.level = level;
}

/** Adds the options of `start` that say where the log goes and what it leaves out. */
export function addLogOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--log-level <level>", "the least important lines that are logged").choices([
        ...logLevels,
      ]),
    )
    .option("--log-file <file>", "log there instead of on standard error");
}

/** Adds `log level` to the command line. */
export function registerLogCommand(program: Command): void {
  program
    .command("log")
    .description("what the running desk logs")
    .command("level")
    .description("show the log's level, or set it until the desk ends")
    .addArgument(new Argument("[level]", "the new one").choices([...logLevels]))
    .addOption(
      new Option("--db <file>", "the ledger").default(defaultLedgerFile).env("NOVACTOR_DB"),
    )
    .action(async (level: LogLevel | undefined, { db }: { db: string }) => {
      const body = level === undefined ? undefined : { level, who: userInfo().username };
      const answer = (await askDesk(db, "/log", body)) as { level: string; lost: number };
      console.log(answer.level);
      if (answer.lost > 0) console.error(lostText(answer.lost));
    });
}

const lostText = (lines: number): string =>
  `${lines} ${lines === 1 ? "line" : "lines"} of the log could not be written`;
