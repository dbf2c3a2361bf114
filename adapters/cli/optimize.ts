import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Command, Option } from "commander";
import { parse } from "yaml";
import { z } from "zod";
import {
  type Dimension,
  dimensionAt,
  dimensionOf,
  gridSearch,
  randomSearch,
  type Search,
  wholeDimension,
} from "../../actors/research/mod.ts";
import { keyAt } from "../../config/keys.ts";
import { openPool, runStudy } from "../research/study.ts";
import { TrialStore } from "../store/trials.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import {
  addResearchFlags,
  checkVaried,
  configOf,
  openResearchMarket,
  type ResearchFlags,
  wholeFrom,
  workersOption,
} from "./research-flags.ts";
import { endWithParent, StudyProgress } from "./research-progress.ts";
import { objectivesOf, studyReport, studyText } from "./study-report.ts";

/** What varies, and how it is searched. */
export interface SearchFlags {
  readonly vary: readonly string[];
  readonly space?: string;
  readonly search: "grid" | "random";
  readonly count: number;
  readonly objective: readonly string[];
}

interface OptimizeFlags extends ResearchFlags, SearchFlags {
  readonly workers: number;
  readonly trials: string;
  readonly top: number;
  readonly json: boolean;
}

const collect = (value: string, all: readonly string[]): string[] => [...all, value];
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const spaceFile = z.record(z.string(), z.union([scalar, z.array(scalar)]));

/** Adds what is searched, and for what. */
export function addSearchFlags(command: Command): Command {
  return command
    .option("--vary <path=values>", "a key, such as risk.riskShare=0.005..0.02:0.005", collect, [])
    .option("--space <file>", "YAML of keys and what they may be, as with --vary or as a list")
    .addOption(
      new Option("--search <how>", "every point, or some by seed")
        .choices(["grid", "random"])
        .default("grid"),
    )
    .option("--count <n>", "points of a random search", wholeFrom(1, 100_000), 100)
    .option("--objective <measure>", "what is searched for, the first decides", collect, []);
}

/** Where trials are kept. */
export const trialsOption = () =>
  new Option("--trials <file>", "where trials are kept as they finish")
    .default("data/trials.db")
    .env("NOVACTOR_TRIALS");

/**
 * @throws {CommandError} for nothing to vary, or what cannot be varied
 * @throws {RangeError} for a range without steps that is not of whole numbers, as its key is
 */
export function dimensionsOf({ vary, space }: SearchFlags): Dimension[] {
  const dimensions = [...(space === undefined ? [] : readSpace(space)), ...vary.map(dimensionOf)];
  const paths = dimensions.map(({ path }) => path);
  if (paths.length === 0 || new Set(paths).size < paths.length) {
    const why = paths.length === 0 ? "nothing is varied" : `[${paths}] names a key twice`;
    const text = `Cannot search: ${why}, wanted "--vary PATH=VALUES" or "--space FILE", each key once`;
    throw new CommandError(text, exitCode.usage);
  }
  checkVaried(paths);
  return dimensions.map((each) => (keyAt(each.path)?.isWhole ? wholeDimension(each) : each));
}

function readSpace(path: string): Dimension[] {
  let read: unknown;
  try {
    read = parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const text = `Cannot read space file "${path}": ${(cause as Error).message}`;
    throw new CommandError(text, exitCode.usage, { cause });
  }
  const space = spaceFile.safeParse(read);
  if (!space.success) {
    const text = `Cannot read space file "${path}": wanted a map of keys to "5..20:5" or lists`;
    throw new CommandError(text, exitCode.usage);
  }
  return Object.entries(space.data).map(([key, said]) => dimensionAt(key, said));
}

/** @throws {RangeError} for a grid of a range without steps, or of too many points */
export function searchOf({ search, count }: SearchFlags, space: Dimension[], seed: number): Search {
  return search === "grid" ? gridSearch(space) : randomSearch(space, count, seed);
}

/** Runs a study of configurations on one market. */
async function optimize(flags: OptimizeFlags): Promise<number> {
  endWithParent();
  const space = dimensionsOf(flags);
  const objectives = objectivesOf(flags.objective);
  const { candles, seed } = await openResearchMarket(flags);
  const search = searchOf(flags, space, seed);
  mkdirSync(dirname(flags.trials), { recursive: true });
  using store = new TrialStore(flags.trials);
  const workers = Math.min(flags.workers, search.size);
  using pool = openPool(candles, workers);
  const progress = new StudyProgress("trials", search.size, !flags.json);
  const trials = await runStudy({
    ...{ search, candles, store, pool, workers },
    requestOf: (point) => {
      const config = configOf(flags, candles, point);
      return typeof config === "string" ? config : { config, stretch: {}, countFrom: null };
    },
    onTrial: (_trial, isKnown) => progress.step(isKnown),
  });
  progress.end();
  const report = studyReport(trials, { search: flags.search, seed, objectives });
  console.log(flags.json ? JSON.stringify(report) : studyText(report, flags.top).trimEnd());
  return report.rows.some(({ state }) => state === "done") ? exitCode.ok : exitCode.finding;
}

/** Adds `optimize` to the command line. */
export function registerOptimizeCommand(program: Command): void {
  const command = program
    .command("optimize")
    .description("run many configurations on one market, and tell which did best by how much luck");
  addSearchFlags(addResearchFlags(command))
    .addOption(workersOption())
    .addOption(trialsOption())
    .option("--top <n>", "rows that are shown", wholeFrom(1, 100_000), 20)
    .option("--json", "the whole table as one line of JSON", false)
    .action(async (flags: OptimizeFlags) => {
      process.exitCode = await optimize(flags);
    });
}
