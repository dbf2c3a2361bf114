/** A run as data: what its command line says, and what it is made of for a look from inside. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CandleSource } from "../../actors/market/ports.ts";
import { type FaultLevel, type RunConfig, runConfig } from "../../adapters/cli/run-config.ts";
import { openCandleFiles, usualGenerator } from "../../adapters/cli/sources.ts";
import { startConfiguration } from "../../adapters/cli/start-configuration.ts";
import { generatorSource } from "../../adapters/market/mod.ts";
import { type Decimal, decimal, fromSteps } from "../../machines/domain/decimal.ts";
import { timeframeMs } from "../../machines/domain/market.ts";
import { repository } from "./desk-process.ts";

export interface RunFile {
  readonly path: string;
  readonly symbol: string;
  readonly timeframe: string;
}

export interface MarketRun {
  readonly name: string;
  /** None for the generator's market. */
  readonly files: readonly RunFile[];
  readonly until: string;
  readonly seed: number;
  readonly faults: FaultLevel;
  /** Keys of the configuration that are not what they are by default, as `--set` takes them. */
  readonly set?: readonly string[];
  /** A whole configuration by name, if not the usual one. */
  readonly preset?: string;
  /** As fast as it goes unless told; not part of what the run is. */
  readonly speed?: string;
  /** File of what it is told of the real world: lag, a full disk, an operator, and when. */
  readonly script?: string;
}

const sharedData = join(repository, "..", "shared", "data");
const shared = (name: string, symbol: string, timeframe: string): RunFile => {
  return { path: join(sharedData, name), symbol, timeframe };
};

/** A month of minutes of one coin in US dollars. */
export const btcMonth: MarketRun = {
  name: "BTC/USD month",
  files: [shared("btc-usd-perp-1m-2022-01.csv.gz", "BTC/USD", "1m")],
  until: "end",
  seed: 7,
  faults: "none",
};

/** Three pairs as one portfolio in BTC: fine ticks, and candles missing. */
export const btcPairs: MarketRun = {
  name: "three BTC pairs",
  files: [
    shared("eth-btc-5m-2018-01.csv.gz", "ETH/BTC", "5m"),
    shared("ltc-btc-5m-2018-01.csv.gz", "LTC/BTC", "5m"),
    shared("ada-btc-5m-2018-01.csv.gz", "ADA/BTC", "5m"),
  ],
  until: "end",
  seed: 7,
  faults: "none",
};

/** Gates so wide, and pauses so short, that orders work nearly all the time. */
const busy = [
  ...["minRewardToRisk=0", "minConfidence=0.2", "minStrategies=2"].map(
    (each) => `strategy.confluence.${each}`,
  ),
  ...[
    "coolDown.bars=3",
    "stop.atrMultiple=2",
    "stop.targetAtrMultiple=3",
    "stop.trailAtrMultiple=2",
  ],
];

/** Five generated symbols, traded busily: many partial fills, and no data needed. */
export function generated(until: string, faults: FaultLevel = "none"): MarketRun {
  const name = faults === "none" ? "generated market" : `generated market, faults ${faults}`;
  return { name, files: [], until, seed: 7, faults, set: busy };
}

/** The same symbols, with several strategy books side by side. */
export function inBooks(until: string): MarketRun {
  const run = generated(until);
  return { ...run, name: "generated market, three books", preset: "paper-books", set: [] };
}

/** The same, with brakes of the real world tripping on the way. */
export function braked(run: MarketRun): MarketRun {
  return {
    ...run,
    name: `${run.name}, brakes`,
    script: join(import.meta.dir, "real-world.json"),
  };
}

/** What of the environment belongs to the run. */
export function environmentOf({ script }: MarketRun): Record<string, string> {
  return script === undefined ? {} : { NOVACTOR_SCRIPT: script };
}

export function isAvailable({ files }: MarketRun): boolean {
  return files.every(({ path }) => existsSync(path));
}

/** What stands behind `novactor start` for this run on a ledger. */
export function startArgs(run: MarketRun, ledgerFile: string): string[] {
  const { files, until, seed, faults, set = [], preset, speed = "max" } = run;
  const market = files.length === 0 ? "generator" : "candles";
  return [
    "start",
    ...["--market", market],
    ...files.flatMap(({ path, symbol, timeframe }) => {
      return ["--candles", path, "--symbol", symbol, "--timeframe", timeframe];
    }),
    ...["--speed", speed, "--until", until, "--seed", String(seed)],
    ...(faults === "none" ? [] : ["--faults", faults]),
    ...(preset === undefined ? [] : ["--preset", preset]),
    ...set.flatMap((each) => ["--set", each]),
    ...["--db", ledgerFile, "--json"],
  ];
}

/** The run's prices and configuration, as its process has them. */
export async function partsOf(
  run: MarketRun,
): Promise<{ readonly source: CandleSource; readonly config: RunConfig }> {
  const opened = run.files.length === 0 ? usualGenerator(run.seed) : openCandleFiles(run.files);
  const { source } = await opened;
  const { settings } = startConfiguration({
    set: run.set ?? [],
    ...(run.preset === undefined ? {} : { preset: run.preset }),
  });
  return { source, config: runConfig(source, run.seed, run.faults, settings) };
}

export interface GeneratedFile {
  readonly symbol: string;
  readonly startPrice: Decimal;
  readonly tick: Decimal;
  readonly timeframe: string;
  readonly candles: number;
  readonly seed: number;
  /** Share of candles that are missing. */
  readonly gapRate?: number;
}

const generatedStart = Date.parse("2022-01-01T00:00:00Z");

/** Writes a candle file like those of real markets: for where these are not at hand. */
export async function writeCandles(path: string, wanted: GeneratedFile): Promise<RunFile> {
  const { symbol, startPrice, tick, timeframe, candles, seed, gapRate = 0 } = wanted;
  const source = generatorSource({
    seed,
    symbols: [{ symbol, startPrice, tick }],
    timeframeMs: timeframeMs(timeframe),
    startAt: generatedStart,
    gapRate,
  });
  const cursor = source.cursor(symbol, 0);
  const lines = ["timestamp_ms,open,high,low,close,volume"];
  for (let index = 0; index < candles; index += 1) {
    const candle = cursor.next();
    if (!candle) break;
    const { openedAt, open, high, low, close, volume } = candle;
    const prices = [open, high, low, close].map((ticks) => fromSteps(ticks, tick));
    lines.push([openedAt, ...prices, volume].join(","));
  }
  await Bun.write(path, `${lines.join("\n")}\n`);
  return { path, symbol, timeframe };
}

/** The month's twin: one symbol in US dollars. */
export function generatedMonth(path: string, candles: number): Promise<RunFile> {
  const [startPrice, tick] = [decimal(46_000), decimal("0.5")];
  return writeCandles(path, {
    symbol: "BTC/USD",
    startPrice,
    tick,
    timeframe: "1m",
    candles,
    seed: 11,
  });
}

/** The pairs' twin: three symbols in BTC, of fine ticks, with candles missing. */
export function generatedPairs(folder: string, candles: number): Promise<RunFile[]> {
  const pairs = [
    ["ETH/BTC", "0.09"],
    ["LTC/BTC", "0.017"],
    ["ADA/BTC", "0.00005"],
  ] as const;
  return Promise.all(
    pairs.map(([symbol, price], index) =>
      writeCandles(join(folder, `${symbol.replace("/", "-")}.csv`), {
        symbol,
        startPrice: decimal(price),
        tick: decimal("0.00000001"),
        timeframe: "5m",
        candles,
        seed: 21 + index,
        gapRate: 0.005,
      }),
    ),
  );
}
