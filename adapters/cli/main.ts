import { Command, InvalidArgumentError, Option } from "commander";
import type { DeskStatus } from "../../actors/desk/mod.ts";
import type { CommandName } from "../../machines/domain/command.ts";
import { CandleFileError, RecordingError } from "../market/mod.ts";
import { registerAnalyzeCommands } from "./analyze.ts";
import { registerBacktestCommand } from "./backtest.ts";
import { registerCompareCommand } from "./compare.ts";
import { registerConfigCommands } from "./config.ts";
import { askDesk } from "./control.ts";
import { registerDataCommands } from "./data.ts";
import { registerDbCommands } from "./db.ts";
import { registerDoctorCommand } from "./doctor.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import { journalShow, journalVerify, ledgerExport } from "./inspect.ts";
import { registerJobCommands } from "./job.ts";
import { registerKeyCommands } from "./key.ts";
import { ledgerFailure } from "./ledger-failure.ts";
import { addLogOptions, registerLogCommand } from "./log.ts";
import { dbOption, sendCommand } from "./operator.ts";
import { registerOptimizeCommand } from "./optimize.ts";
import { registerOrderCommands } from "./order.ts";
import { registerPositionCommands } from "./position.ts";
import { registerPreflightCommand } from "./preflight.ts";
import { registerReconcileCommands } from "./reconcile.ts";
import { registerRehearseCommand } from "./rehearse.ts";
import { registerRehearseDayCommand } from "./rehearse-day.ts";
import { brakesText, statusText, strategiesText } from "./report.ts";
import { start } from "./start.ts";
import { registerTemplateCommands } from "./template.ts";
import { timeIn } from "./times.ts";
import { registerVenueCommand } from "./venue.ts";
import { version } from "./version.ts";
import { registerWalkForwardCommand } from "./walk-forward.ts";
import { registerWhyCommand } from "./why.ts";

interface ReloadAnswer {
  readonly done: boolean;
  readonly text: string;
  /** Where the configuration could not even be read. */
  readonly code?: number;
}

const collect = (value: string, all: readonly string[]): string[] => [...all, value];

function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`Wanted a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

function share(most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+(\.\d+)?$/.test(text) || value > most) {
      throw new InvalidArgumentError(`Wanted a share from 0 to ${most}, such as 0.25.`);
    }
    return value;
  };
}

function speed(text: string): number | "max" {
  if (text === "max") return "max";
  const value = Number(text);
  if (!(value > 0 && value <= 1e9)) {
    throw new InvalidArgumentError('Wanted "max", or how many times faster than real time.');
  }
  return value;
}

function endTime(text: string): number | "end" {
  if (text === "end") return "end";
  const value = timeIn(text);
  if (value === null) {
    throw new InvalidArgumentError('Wanted "end" or a time such as 2022-01-15T00:00:00Z.');
  }
  return value;
}

/** Sends one operator's command to the running desk. */
function operatorCommand(program: Command, name: CommandName, description: string): void {
  program
    .command(name)
    .description(description)
    .addOption(dbOption())
    .option("--reason <text>", "why, for the record", "")
    .action(async ({ db, reason }: { db: string; reason: string }) => {
      await command(db, name, null, reason);
    });
}

/** Brings a command to the running desk and prints its answer. */
function command(
  db: string,
  name: CommandName,
  target: string | null,
  reason: string,
): Promise<void> {
  return sendCommand(db, { name, target, reason });
}

function addBrakes(program: Command): void {
  const brake = program.command("brake").description("what stops new exposure, and why");
  brake
    .command("list")
    .description("the brakes that are on")
    .addOption(dbOption())
    .option("--json", "as JSON", false)
    .action(async ({ db, json }: { db: string; json: boolean }) => {
      const { brakes } = (await askDesk(db, "/status")) as DeskStatus;
      console.log(json ? JSON.stringify(brakes) : brakesText(brakes));
    });
  brake
    .command("release <id>")
    .description("take one brake off; those that end by their own rule say so")
    .addOption(dbOption())
    .option("--reason <text>", "why, for the record", "")
    .action((id: string, { db, reason }: { db: string; reason: string }) =>
      command(db, "release", id, reason),
    );
  brake
    .command("hold <scope>")
    .description("no new exposure on an account such as paper:main, or a symbol on it")
    .addOption(dbOption())
    .option("--reason <text>", "why, for the record", "")
    .action((scope: string, { db, reason }: { db: string; reason: string }) =>
      command(db, "hold", scope, reason),
    );
}

function addStrategies(program: Command): void {
  const strategy = program.command("strategy").description("how each strategy does by its results");
  strategy
    .command("list")
    .description("results, weight and state of each strategy of the running desk")
    .addOption(dbOption())
    .option("--json", "as JSON", false)
    .action(async ({ db, json }: { db: string; json: boolean }) => {
      const { strategies } = (await askDesk(db, "/status")) as DeskStatus;
      console.log(json ? JSON.stringify(strategies) : strategiesText(strategies));
    });
  strategy
    .command("enable <name>")
    .description("let a strategy vote again that was switched off; its results count anew")
    .addOption(dbOption())
    .option("--reason <text>", "why, for the record", "")
    .action((name: string, { db, reason }: { db: string; reason: string }) =>
      command(db, "enable", name, reason),
    );
}

function addStart(program: Command): void {
  const command = program
    .command("start")
    .description("run the desk; the same command on the same ledger goes on where it was")
    .addOption(
      new Option("--market <source>", "where prices come from").choices([
        "generator",
        "candles",
        "recording",
        "live",
      ]),
    )
    .option("--config <file>", "a configuration; flags win over it")
    .option("--preset <name>", "a whole configuration by purpose, such as paper-cautious")
    .option("--set <path=value>", "one key of the configuration", collect, [])
    .option("--candles <file>", "CSV of candles, plain or gzip; once for each file", collect, [])
    .option("--recording <file>", "venue streams as received; once for each file", collect, [])
    .option("--symbol <symbol>", "what the file holds, such as BTC/USD", collect, [])
    .option("--timeframe <time>", "what its candles span, such as 1m", collect, [])
    .option("--correlation <share>", "what generated symbols have in common", share(1))
    .option("--gaps <share>", "generated candles that are missing", share(0.5))
    .option("--book", "match against books of the generated market, by size shown", false)
    .option("--speed <n>", "how many times faster than real time, or max", speed)
    .option("--until <time>", "where to end: end, or a time of the market", endTime)
    .option("--seed <n>", "seed of generated prices and ids", wholeNumber(0, 2 ** 53 - 1))
    .addOption(dbOption())
    .option("--port <n>", "the panel's port, 0 for a free one", wholeNumber(0, 65_535))
    .addOption(
      new Option("--faults <level>", "a paper venue that loses, delays and repeats, by seed")
        .choices(["none", "calm", "rough", "storm"])
        .default("none"),
    )
    .option("--take-changes", "go on under a changed configuration, where that is safe", false)
    .option("--json", "print the report as one line of JSON, and nothing else", false);
  addLogOptions(command).action(async (options) => {
    const { until = null, port = null, ...rest } = options;
    process.exitCode = await start({ ...rest, until, port });
  });
}

function addInspection(program: Command): void {
  program
    .command("status")
    .description("what the running desk is doing")
    .addOption(dbOption())
    .option("--json", "as JSON", false)
    .action(async ({ db, json }: { db: string; json: boolean }) => {
      const status = await askDesk(db, "/status");
      console.log(
        json ? JSON.stringify(status) : statusText(status as Parameters<typeof statusText>[0]),
      );
    });
  const journal = program.command("journal").description("the record of everything that happened");
  journal
    .command("verify")
    .description("check the hash chain; exits with 4 on any finding")
    .addOption(dbOption())
    .option("--head <hash>", "a head that was noted down: finds a cut tail")
    .action(({ db, head }: { db: string; head?: string }) => {
      process.exitCode = journalVerify(db, head);
    });
  journal
    .command("show")
    .description("the last records that match, oldest first")
    .addOption(dbOption())
    .option("--limit <n>", "how many", wholeNumber(1, 1_000_000), 20)
    .option("--kind <kind>", "bar, timer, effect, report, command, ...")
    .option("--subject <name>", "an actor's name or a symbol")
    .option("--code <code>", "a decision's code, such as trade or noSignal")
    .option("--correlation <id>", "a position's id: its whole story")
    .option("--json", "each record's content as it is chained", false)
    .action(({ db, ...options }) => {
      process.exitCode = journalShow(db, options);
    });
  program
    .command("ledger")
    .description("orders, fills, positions and postings")
    .command("export")
    .description("every row as a line of JSON")
    .addOption(dbOption())
    .action(async ({ db }: { db: string }) => {
      process.exitCode = await ledgerExport(db);
    });
}

function createProgram(): Command {
  const program = new Command("novactor")
    .description("a crypto trading desk built from supervised, persisted state machines")
    .version(version)
    .exitOverride()
    .showHelpAfterError("(add --help for what is possible)");
  addStart(program);
  addInspection(program);
  addBrakes(program);
  addStrategies(program);
  registerWhyCommand(program);
  registerDbCommands(program);
  registerDataCommands(program);
  registerBacktestCommand(program);
  registerCompareCommand(program);
  registerLogCommand(program);
  registerDoctorCommand(program);
  registerPreflightCommand(program);
  const config = registerConfigCommands(program);
  config
    .command("reload")
    .description("let the running desk take up what changed, where that is safe")
    .addOption(dbOption())
    .action(async ({ db }: { db: string }) => {
      const answer = (await askDesk(db, "/reload", {})) as ReloadAnswer;
      console.log(answer.text);
      if (!answer.done) process.exitCode = answer.code ?? exitCode.refused;
    });
  registerKeyCommands(program);
  registerTemplateCommands(program);
  registerReconcileCommands(program);
  registerOrderCommands(program);
  registerPositionCommands(program);
  registerOptimizeCommand(program);
  registerWalkForwardCommand(program);
  registerAnalyzeCommands(program);
  registerJobCommands(program);
  registerVenueCommand(program);
  registerRehearseCommand(program);
  registerRehearseDayCommand(program);
  operatorCommand(program, "pause", "no new entries; positions stay managed");
  operatorCommand(program, "resume", "release your own pause and halt; other brakes stay");
  operatorCommand(program, "flatten", "pause, cancel entries, close what the desk owns");
  operatorCommand(program, "halt", "no new exposure at all; working entries are cancelled");
  return program;
}

/** What to say and how to end, for each kind of failure. */
function explain(error: unknown): { readonly text: string | null; readonly code: number } {
  if (error instanceof Error && "code" in error && error.code === "EPIPE") {
    return { text: null, code: exitCode.ok };
  }
  const failed = ledgerFailure(error);
  if (failed) return { text: failed.message, code: failed.code };
  if (error instanceof CommandError) return { text: error.message, code: error.code };
  if (error instanceof RecordingError) return { text: error.message, code: exitCode.badData };
  if (error instanceof CandleFileError) return { text: error.message, code: exitCode.badData };
  if (error instanceof Error && "exitCode" in error && "code" in error) {
    // Commander has printed its own words by now; help and version end well.
    return { text: null, code: error.exitCode === 0 ? exitCode.ok : exitCode.usage };
  }
  if (error instanceof RangeError) return { text: error.message, code: exitCode.usage };
  return { text: error instanceof Error ? (error.stack ?? error.message) : String(error), code: 1 };
}

// What a command writes is for its own user: ledger, archives, copies, log.
process.umask(0o077);
// Whoever reads no further has read enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(exitCode.ok);
});
try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  const { text, code } = explain(error);
  if (text !== null) console.error(text);
  process.exitCode = code;
}
