import { type Command, InvalidArgumentError } from "commander";
import { monteCarlo, seededStream, significanceOf } from "../../actors/research/mod.ts";
import { entryRules, lookAhead, warmUp } from "../research/analyses.ts";
import { runBacktest } from "../research/backtest.ts";
import { decisionsOf, isActed, valuesOf } from "../research/looks.ts";
import { type SharedCandles, sharedSource } from "../research/shared-candles.ts";
import {
  lookAheadText,
  monteCarloText,
  notEnough,
  significanceText,
  warmUpText,
} from "./analysis-text.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import {
  addResearchFlags,
  configOf,
  openResearchMarket,
  type ResearchFlags,
  wholeFrom,
} from "./research-flags.ts";
import { endWithParent } from "./research-progress.ts";
import type { RunConfig } from "./run-config.ts";

interface AnalyzeFlags extends ResearchFlags {
  readonly json: boolean;
  readonly cuts: number;
  readonly histories: number;
  readonly tolerance: number;
  readonly runs: number;
  readonly level: number;
}

interface Subject {
  readonly candles: SharedCandles;
  readonly config: RunConfig;
  readonly seed: number;
}

async function subjectOf(flags: AnalyzeFlags): Promise<Subject> {
  endWithParent();
  const { candles, seed } = await openResearchMarket(flags);
  const config = configOf(flags, candles, {});
  if (typeof config === "string") throw new CommandError(config, exitCode.badConfiguration);
  return { candles, config, seed };
}

function print(flags: AnalyzeFlags, report: unknown, text: string): void {
  console.log(flags.json ? JSON.stringify(report) : text.trimEnd());
}

async function lookAheadCheck(flags: AnalyzeFlags): Promise<number> {
  const { candles, config } = await subjectOf(flags);
  const report = await lookAhead(decisionsOf(config), candles, flags.cuts, isActed);
  print(flags, report, lookAheadText(report));
  return report.differing === 0 ? exitCode.ok : exitCode.finding;
}

async function warmUpCheck(flags: AnalyzeFlags): Promise<number> {
  const { candles, config } = await subjectOf(flags);
  const report = await warmUp(valuesOf(config), candles, flags);
  print(flags, report, warmUpText(report));
  return report.endless.length === 0 ? exitCode.ok : exitCode.finding;
}

async function orderOfTrades(flags: AnalyzeFlags): Promise<number> {
  const { candles, config, seed } = await subjectOf(flags);
  const { trades, openingEquity } = await runBacktest({ config, source: sharedSource(candles) });
  const profits = trades.map(({ profit }) => Number(profit));
  const report = monteCarlo(profits, openingEquity, flags.runs, seededStream(seed));
  print(flags, report, report ? monteCarloText(report) : notEnough("trades", trades.length));
  return exitCode.ok;
}

async function entries(flags: AnalyzeFlags): Promise<number> {
  const { candles, config, seed } = await subjectOf(flags);
  const { trades } = await runBacktest({ config, source: sharedSource(candles) });
  const rules = entryRules(candles, trades);
  const report = significanceOf(rules, flags.runs, seededStream(seed), flags.level);
  print(flags, report, report ? significanceText(report) : notEnough("entries", trades.length));
  return exitCode.ok;
}

function share(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?(e-\d+)?$/.test(text) || value > 1) {
    throw new InvalidArgumentError("Wanted a share from 0 to 1, such as 0.05.");
  }
  return value;
}

/** Adds `analyze` to the command line. */
export function registerAnalyzeCommands(program: Command): void {
  const analyze = program.command("analyze").description("how far a backtest is to be believed");
  const add = (name: string, description: string, run: (flags: AnalyzeFlags) => Promise<number>) =>
    addResearchFlags(analyze.command(name).description(description))
      .option("--json", "as one line of JSON", false)
      .action(async (flags: AnalyzeFlags) => {
        process.exitCode = await run(flags);
      });
  const runs = () => ["--runs <n>", "random runs", wholeFrom(1, 1_000_000)] as const;
  add(
    "lookahead",
    "run again on data that is cut off: past decisions must not change",
    lookAheadCheck,
  ).option("--cuts <n>", "where to cut", wholeFrom(1, 1_000), 10);
  add("warmup", "run again on shorter histories: values must be the same once warm", warmUpCheck)
    .option("--histories <n>", "shorter histories", wholeFrom(1, 100), 5)
    .option("--tolerance <share>", "what numbers may differ by", share, 0.01);
  add(
    "montecarlo",
    "how deep it might have gone with its trades in other orders",
    orderOfTrades,
  ).option(...runs(), 10_000);
  add("significance", "whether entries did better than as many at random", entries)
    .option(...runs(), 10_000)
    .option("--level <share>", "chance of a false yes that is accepted", share, 0.05);
}
