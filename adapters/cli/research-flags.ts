import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Assignment } from "../../actors/research/mod.ts";
import { keyAt } from "../../config/keys.ts";
import type { Configuration } from "../../config/schema.ts";
import { type SharedCandles, shareCandles, sharedSource } from "../research/shared-candles.ts";
import { type BacktestMarket, openBacktestSource } from "./backtest-source.ts";
import { storeOption } from "./data-store.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import { type RunConfig, runConfig } from "./run-config.ts";
import { type ConfigurationFlags, startConfiguration } from "./start-configuration.ts";

/** Days of a generated market, where no end is given. */
const generatedDays = 30;
const dayMs = 86_400_000;

/** Which market a study runs on, and what it is configured by. */
export interface ResearchFlags extends BacktestMarket, ConfigurationFlags {
  readonly market?: "generator" | "candles";
  readonly from?: number;
}

const collect = (value: string, all: readonly string[]): string[] => [...all, value];

export function wholeFrom(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`Wanted a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

export function timeOf(text: string): number {
  const value = Date.parse(text);
  if (Number.isNaN(value)) {
    throw new InvalidArgumentError("Wanted a time such as 2022-01-15T00:00:00Z.");
  }
  return value;
}

/** Adds what every study takes: its market and its configuration. */
export function addResearchFlags(command: Command): Command {
  return command
    .addOption(
      new Option("--market <source>", "where prices come from").choices(["generator", "candles"]),
    )
    .option("--candles <file>", "CSV of candles, plain or gzip; once for each file", collect, [])
    .option("--data <series>", "stored candles, such as kraken/BTC/USD/1m; repeatable", collect, [])
    .addOption(
      new Option("--recording <file>", "for backtest alone: it says why")
        .argParser(collect)
        .default([])
        .hideHelp(),
    )
    .addOption(storeOption())
    .option("--symbol <symbol>", "what the file holds, such as BTC/USD", collect, [])
    .option("--timeframe <time>", "what its candles span, such as 1m", collect, [])
    .option("--from <time>", "leave out candles before", timeOf)
    .option("--until <time>", "leave out candles from then on", timeOf)
    .option("--config <file>", "a configuration; flags win over it")
    .option("--preset <name>", "a whole configuration by purpose, such as paper-cautious")
    .option("--set <path=value>", "one key of the configuration", collect, [])
    .option("--seed <n>", "seed of everything drawn", wholeFrom(0, 2 ** 53 - 1));
}

/** Threads that may work at a time: one for each processor, unless said otherwise. */
export function workersOption(): Option {
  return new Option("--workers <n>", "trials at a time, each in a thread of its own")
    .argParser(wholeFrom(1, 64))
    .default(availableParallelism());
}

export interface ResearchMarket {
  readonly candles: SharedCandles;
  readonly seed: number;
}

/** Which market a study runs on: told by the flags, or that of the configuration. */
function studiedMarket(flags: ResearchFlags, { market }: Configuration): Configuration["market"] {
  const { market: source, candles, data } = flags;
  const given = [candles.length > 0 && "--candles", data.length > 0 && "--data"].filter(Boolean);
  if (source === "generator" && given.length > 0) {
    throw new CommandError(
      `Cannot take "${given.join('" and "')}" with "--market generator": wanted one of them`,
      exitCode.usage,
    );
  }
  return { ...market, source: source ?? market.source };
}

/** @throws {CommandError} for recordings: a study's threads share candles, and those have none */
function refuseRecordings({ recording }: ResearchFlags): void {
  if (recording.length === 0) return;
  throw new CommandError(
    'Cannot study "--recording": on a recording orders meet its books, and what the trials of a ' +
      'study share is candles, wanted "--candles FILE" or "--data SERIES"; "backtest" takes one',
    exitCode.usage,
  );
}

/**
 * Opens the market of a study and reads it into memory; what was found amiss in it is said.
 *
 * @throws {CommandError} for one of no candle, one that has no end, and several at once
 * @throws CandleFileError for data that cannot be used
 */
export async function openResearchMarket(flags: ResearchFlags): Promise<ResearchMarket> {
  refuseRecordings(flags);
  const { configuration } = startConfiguration(flags);
  const market = studiedMarket(flags, configuration);
  const { from } = flags;
  let { until } = flags;
  if (market.source === "generator" && flags.candles.length + flags.data.length === 0) {
    until ??= Math.max(market.startAt, from ?? 0) + generatedDays * dayMs;
  }
  const stretch = { ...(from !== undefined && { from }), ...(until !== undefined && { until }) };
  const { source, notes } = await openBacktestSource(
    { ...flags, ...stretch },
    { ...configuration, market },
  );
  if (!("cursor" in source)) throw new RangeError("Cannot study a market that is not of candles");
  for (const note of notes) console.error(note);
  const candles = shareCandles(source, stretch);
  if (candles.series.every(({ rows }) => rows === 0)) {
    const text =
      "Cannot research a market without a candle: wanted some between --from and --until";
    throw new CommandError(text, exitCode.badData);
  }
  return { candles, seed: configuration.seed };
}

/** Parts of the configuration that are the market's, the process's or the operator's own. */
const fixed = /^(market|mode|account|accounts|live|server|log|preset|secretsFile)(\.|\[|$)/;

/**
 * Refuses what no study can vary.
 *
 * @throws {CommandError} for a key that is unknown, sways nothing, or is the market's own
 */
export function checkVaried(paths: readonly string[]): void {
  for (const path of paths) {
    const key = keyAt(path);
    const why = !key
      ? "there is no such key"
      : fixed.test(path)
        ? "all trials of a study share it"
        : key.sways
          ? null
          : "it sways no decision";
    if (why === null) continue;
    throw new CommandError(
      `Cannot vary "${path}": ${why}, wanted a key such as strategy.votes.trend.fast`,
      exitCode.usage,
    );
  }
}

/** The configuration of a run over these candles with those values; a text says why there is none. */
export function configOf(
  flags: ResearchFlags,
  candles: SharedCandles,
  point: Assignment,
): RunConfig | string {
  const set = [...flags.set, ...Object.entries(point).map(([path, value]) => `${path}=${value}`)];
  try {
    const { configuration, settings } = startConfiguration({ ...flags, set });
    return runConfig(sharedSource(candles), configuration.seed, "none", settings);
  } catch (error) {
    if (error instanceof CommandError || error instanceof RangeError) return error.message;
    throw error;
  }
}
