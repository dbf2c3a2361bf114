import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { timeframeMs } from "../../machines/domain/market.ts";
import { spanOf } from "../research/shared-candles.ts";
import { openPool } from "../research/study.ts";
import { type WalkStep, walkForward } from "../research/walk-forward.ts";
import { windowsOf } from "../research/windows.ts";
import { TrialStore } from "../store/trials.ts";
import { table } from "./config.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import {
  addSearchFlags,
  dimensionsOf,
  type SearchFlags,
  searchOf,
  trialsOption,
} from "./optimize.ts";
import {
  addResearchFlags,
  configOf,
  openResearchMarket,
  type ResearchFlags,
  workersOption,
} from "./research-flags.ts";
import { endWithParent, StudyProgress } from "./research-progress.ts";
import { objectivesOf, scoreText } from "./study-report.ts";

interface WalkFlags extends ResearchFlags, SearchFlags {
  readonly train: number;
  readonly test: number;
  readonly warmUp?: number;
  readonly anchored: boolean;
  readonly workers: number;
  readonly trials: string;
  readonly json: boolean;
}

/** Candles in which every frame of the standard settings has settled. */
const warmUpCandles = 2_000;

function lengthOf(text: string): number {
  try {
    return timeframeMs(text);
  } catch {
    throw new InvalidArgumentError("Wanted a length of time such as 12h or 7d.");
  }
}

async function walk(flags: WalkFlags): Promise<number> {
  endWithParent();
  const space = dimensionsOf(flags);
  const objectives = objectivesOf(flags.objective);
  const { candles, seed } = await openResearchMarket(flags);
  const span = spanOf(candles);
  if (span === null) throw new CommandError("Cannot walk: there is no candle", exitCode.badData);
  const walked = { trainMs: flags.train, testMs: flags.test, isAnchored: flags.anchored };
  const windows = windowsOf(span, walked);
  const search = () => searchOf(flags, space, seed);
  const candleMs = Math.max(...candles.series.map((each) => each.timeframeMs));
  const warmUpMs = flags.warmUp ?? warmUpCandles * candleMs;
  const { size } = search();
  mkdirSync(dirname(flags.trials), { recursive: true });
  using store = new TrialStore(flags.trials);
  const workers = Math.min(flags.workers, size);
  using pool = openPool(candles, workers);
  const progress = new StudyProgress("trials", windows.length * (size + 1), !flags.json);
  const steps = await walkForward({
    ...{ windows, search, objectives, candles, store, pool, workers, warmUpMs },
    configOf: (point) => configOf(flags, candles, point),
    onTrial: (isKnown) => progress.step(isKnown),
  });
  progress.end();
  const report = { seed, objectives, ...walked, warmUpMs, steps };
  const names = objectives.map(({ name }) => name);
  console.log(flags.json ? JSON.stringify(report) : walkText(steps, names).trimEnd());
  return steps.some(({ best }) => best !== null) ? exitCode.ok : exitCode.finding;
}

const minuteOf = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", " ");

/**
 * In-sample and out-of-sample side by side, a row a window: by the first of the objectives that any
 * window is long enough for, which is the one that decided.
 */
export function walkText(steps: readonly WalkStep[], objectives: readonly string[]): string {
  const [first = ""] = objectives;
  const isKnown = (name: string) =>
    steps.some(({ best }) => (best?.inSample[name] ?? null) !== null);
  const objective = objectives.find(isKnown) ?? first;
  const instead =
    objective === first ? "" : `chosen by ${objective}: no window has enough data for ${first}\n`;
  const head = [
    ...["test from", "until", "trials", "best", `${objective} in`, "out", "return in", "out"],
    "skill in",
  ];
  const rows = steps.map(({ test, trials, best }) => {
    const values = Object.values(best?.point ?? {}).join(" ") || "none";
    const skill = best?.deflated.probability ?? null;
    return [
      ...[minuteOf(test.from), minuteOf(test.until), String(trials), values],
      ...[scoreText(best?.inSample[objective]), scoreText(best?.outOfSample?.[objective])],
      ...[scoreText(best?.inSample.totalReturn), scoreText(best?.outOfSample?.totalReturn)],
      skill === null ? "not enough data" : `${(100 * skill).toFixed(1)} %`,
    ];
  });
  const known = steps.flatMap(({ best }) => {
    const [inside, outside] = [best?.inSample.totalReturn, best?.outOfSample?.totalReturn];
    return inside == null || outside == null ? [] : [[inside, outside] as const];
  });
  const mean = (of: 0 | 1) => known.reduce((total, pair) => total + pair[of], 0) / known.length;
  const gained = known.filter(([, outside]) => outside > 0).length;
  const sum =
    known.length === 0
      ? "no window has a result both ways\n"
      : `mean return of a window: ${scoreText(mean(0))} in sample, ${scoreText(mean(1))} out of it; ` +
        `${gained} of ${known.length} tests gained\n`;
  return `${table([head, ...rows])}${instead}${sum}`;
}

/** Adds `walkforward` to the command line. */
export function registerWalkForwardCommand(program: Command): void {
  const command = program
    .command("walkforward")
    .description("search on one stretch, test the best on the next, over and over");
  addSearchFlags(addResearchFlags(command))
    .requiredOption("--train <length>", "how long is searched on, such as 10d", lengthOf)
    .requiredOption("--test <length>", "how long is tested on after it, such as 2d", lengthOf)
    .option("--anchored", "let every training begin where the data does", false)
    .option(
      "--warm-up <length>",
      "read before each stretch, for indicators (default: 2000 candles)",
      lengthOf,
    )
    .addOption(workersOption())
    .addOption(trialsOption())
    .option("--json", "the whole walk as one line of JSON", false)
    .action(async (flags: WalkFlags) => {
      process.exitCode = await walk(flags);
    });
}
