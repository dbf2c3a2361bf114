/**
 * `bun run soak`: simulated days of many symbols at full speed, and whether memory grows meanwhile.
 * Ends with 0 if it is flat, with 1 if it grows.
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

async function run({ json, ...options }: Options): Promise<SoakReport> {
  const folder = mkdtempSync(join(tmpdir(), "novactor-soak-"));
  // Not kept in memory, where they would be the one thing that grows.
  const samples = join(folder, "samples.jsonl");
  try {
    if (!json) console.log(dayHeading);
    await soak({
      ...options,
      ledgerFile: join(folder, "soak.db"),
      // Small enough to be reached on the first days: what follows is the steady state.
      keepRecords: 50_000,
      venueMemory: 1_000,
      venueRecord: 2_000,
      onDay(sample) {
        appendFileSync(samples, `${sampleText(sample)}\n`);
        if (!json) console.log(dayLine(sample));
      },
    });
    return soakReport(readFileSync(samples, "utf8").trim().split("\n").map(sampleOf));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
  .option("--json", "the report as one JSON object, and nothing else", false)
  .action(async (options: Options) => {
    const report = await run(options);
    console.log(options.json ? JSON.stringify(report) : soakText(report));
    process.exitCode = report.heap.verdict === "growing" ? 1 : 0;
  })
  .parseAsync();
