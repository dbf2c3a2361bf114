/**
 * `bun run soak`: simulated days of many symbols at full speed, and whether memory grows meanwhile.
 * Several runs, each a process of its own with its own seed, are judged by their spread. Ends with
 * 0 if memory is flat, with 1 if it grows.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import type { FaultLevel } from "../../adapters/cli/run-config.ts";
import { soak } from "./desk-days.ts";
import {
  dayHeading,
  dayLine,
  runsReport,
  runsText,
  type SoakReport,
  sampleOf,
  sampleText,
  soakReport,
  soakText,
} from "./report.ts";

interface Options {
  readonly days: number;
  readonly symbols: number;
  readonly seed: number;
  readonly runs: number;
  readonly faults: FaultLevel;
  readonly json: boolean;
}

function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`Wanted a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

async function run({ json, runs: _, ...options }: Options): Promise<SoakReport> {
  // The report alone goes to standard output where a machine reads it.
  const say = json ? console.error : console.log;
  const folder = mkdtempSync(join(tmpdir(), "novactor-soak-"));
  // Not kept in memory, where they would be the one thing that grows.
  const samples = join(folder, "samples.jsonl");
  try {
    say(dayHeading);
    await soak({
      ...options,
      ledgerFile: join(folder, "soak.db"),
      // Small enough to be reached on the first days: what follows is the steady state.
      keepRecords: 50_000,
      venueMemory: 1_000,
      venueRecord: 2_000,
      onDay(sample) {
        appendFileSync(samples, `${sampleText(sample)}\n`);
        say(dayLine(sample));
      },
    });
    return soakReport(readFileSync(samples, "utf8").trim().split("\n").map(sampleOf));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same in a process of its own, whose memory nothing else shares. */
async function runApart({ days, symbols, faults }: Options, seed: number): Promise<SoakReport> {
  const wanted = { days, symbols, faults, seed, runs: 1 };
  const flags = Object.entries(wanted).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = Bun.spawn([process.execPath, import.meta.path, ...flags, "--json"], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const text = await new Response(child.stdout).text();
  await child.exited;
  try {
    return JSON.parse(text) as SoakReport;
  } catch (error) {
    throw new Error(`Cannot read the report of seed ${seed}: "${text}"`, { cause: error });
  }
}

async function act(options: Options): Promise<void> {
  const { runs, seed, json } = options;
  const say = json ? console.error : console.log;
  if (runs === 1) {
    const report = await run(options);
    console.log(json ? JSON.stringify(report) : soakText(report));
    process.exitCode = report.heap.verdict === "growing" ? 1 : 0;
    return;
  }
  const reports: SoakReport[] = [];
  for (let index = 0; index < runs; index++) {
    say(`run ${index + 1} of ${runs}, seed ${seed + index}`);
    const report = await runApart(options, seed + index);
    reports.push(report);
    say(soakText(report));
  }
  const together = runsReport(reports);
  console.log(json ? JSON.stringify(together) : runsText(together));
  process.exitCode = together.heap.verdict === "growing" ? 1 : 0;
}

await new Command("soak")
  .description("run simulated days at full speed and say whether memory is flat")
  .option("--days <n>", "simulated days, at least 8", wholeNumber(8, 3_650), 30)
  .option("--symbols <n>", "generated symbols", wholeNumber(1, 200), 20)
  .option("--seed <n>", "of prices and ids", wholeNumber(0, 2 ** 53 - 1), 1)
  .addOption(
    new Option("--faults <level>", "of the paper venue")
      .choices(["none", "calm", "rough", "storm"])
      .default("none"),
  )
  .option("--runs <n>", "processes, one after the other, each its own seed", wholeNumber(1, 50), 4)
  .option("--json", "the report as one JSON object on standard output", false)
  .action(act)
  .parseAsync();
