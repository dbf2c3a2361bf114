import { existsSync, rmSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import type { CandleSource } from "../../actors/market/ports.ts";
import {
  type EquityCurve,
  type RunIdentity,
  type RunReport,
  runReport,
  type SensitivityRow,
} from "../../actors/research/mod.ts";
import { hashOf } from "../../config/hash.ts";
import type { Configuration } from "../../config/schema.ts";
import { type BacktestResult, runBacktest } from "../research/backtest.ts";
import { writeWhole } from "../research/candle-store.ts";
import { writeReportCsv } from "../research/report-csv.ts";
import { reportHtml } from "../research/report-html.ts";
import { outcomeOf } from "../research/run-outcome.ts";
import { costFactorsOf, sensitivityRow, withCosts } from "../research/sensitivity.ts";
import type { TimelineSource } from "../simulation/timeline.ts";
import { type BacktestMarket, openBacktestSource } from "./backtest-source.ts";
import { backtestText } from "./backtest-text.ts";
import { storeOption } from "./data-store.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import { endWithParent, isJob, tellProgress } from "./research-progress.ts";
import { type RunConfig, runConfig } from "./run-config.ts";
import { drainOnSignals } from "./signals.ts";
import { type ConfigurationFlags, startConfiguration } from "./start-configuration.ts";
import { readTime } from "./times.ts";
import { version } from "./version.ts";
import { refuseUnwritable } from "./writable.ts";

interface BacktestOptions extends BacktestMarket, ConfigurationFlags {
  readonly json?: string;
  readonly csv?: string;
  readonly html?: string;
  readonly ledger?: string;
  readonly sensitivity: boolean;
}

interface Run {
  readonly config: RunConfig;
  readonly source: CandleSource | TimelineSource;
  readonly until: number | null;
  readonly isStopped: () => boolean;
  readonly ledgerFile?: string;
}

/**
 * `novactor backtest`: the desk of every other run through a market's past, and what it came to.
 * Resolves to the exit code.
 */
async function backtest(options: BacktestOptions): Promise<number> {
  endWithParent();
  refuseUnwritable({ files: [options.json, options.html], folders: [options.csv] });
  const { configuration, settings } = startConfiguration(options);
  const { source, notes } = await openBacktestSource(options, configuration);
  for (const note of notes) console.error(note);
  const config = runConfig(source, configuration.seed, "none", settings);
  let isStopped = false;
  const signals = drainOnSignals(() => {
    isStopped = true;
  });
  const until = options.until ?? null;
  const run: Run = { config, source, until, isStopped: () => isStopped };
  try {
    const result = await watched({ ...run, ...keptIn(options.ledger) }, "");
    if (isStopped) return stopped();
    const rows = options.sensitivity ? await sensitivityOf(run, result) : [];
    if (isStopped) return stopped();
    const outcome = outcomeOf(result);
    const report = runReport(outcome, identityOf(run, configuration), rows);
    console.log(backtestText(report, result.elapsedMs));
    await writeFiles(options, report, outcome.curve);
    return exitCode.ok;
  } finally {
    signals.stop();
  }
}

/** @throws {CommandError} for a file that is there: another run's ledger is not gone on with */
function keptIn(ledgerFile: string | undefined): Pick<Run, "ledgerFile"> {
  if (ledgerFile === undefined) return {};
  // A job that was cut off begins again, and its file is nobody else's.
  if (isJob()) for (const end of ["", "-wal", "-shm"]) rmSync(ledgerFile + end, { force: true });
  if (!existsSync(ledgerFile)) return { ledgerFile };
  const text = `Cannot keep a backtest in "${ledgerFile}": it exists, wanted a new file`;
  throw new CommandError(text, exitCode.usage);
}

function stopped(): number {
  console.error("stopped: a backtest that did not end has no report");
  return exitCode.failure;
}

/** A run with its progress on a terminal. */
async function watched({ until, ...run }: Run, what: string): Promise<BacktestResult> {
  const isShown = process.stderr.isTTY === true;
  const started = performance.now();
  const expected = candlesExpected(run.source, until);
  const result = await runBacktest({
    ...run,
    until,
    onProgress(candles, of) {
      if (what === "") tellProgress(candles, Math.max(candles, expected ?? of ?? 0));
      if (!isShown) return;
      const rate = Math.round(candles / ((performance.now() - started) / 1_000));
      const share = of === null || until !== null ? "" : ` of ${of.toLocaleString("en-US")}`;
      const text = `${what}${candles.toLocaleString("en-US")}${share} candles, ${rate} a second`;
      process.stderr.write(`\r\u001b[K${text}`);
    },
  });
  if (isShown) process.stderr.write("\r\u001b[K");
  return result;
}

/** Candles until that time of a source that says when it begins; null where it does not. */
function candlesExpected(source: Run["source"], until: number | null): number | null {
  const { startAt } = source.identity;
  if (until === null || typeof startAt !== "number") return null;
  const spanMs = Math.max(0, until - startAt);
  return source.symbols.reduce((sum, { timeframeMs }) => sum + Math.floor(spanMs / timeframeMs), 0);
}

async function sensitivityOf(run: Run, usual: BacktestResult): Promise<SensitivityRow[]> {
  const rows: SensitivityRow[] = [];
  const all = costFactorsOf(!("cursor" in run.source));
  for (const [index, factors] of all.entries()) {
    if (run.isStopped()) return rows;
    const isUsual = factors.fees === 1 && factors.slippage === 1;
    const what = `costs ${index + 1} of ${all.length}: `;
    const config = withCosts(run.config, factors);
    const result = isUsual ? usual : await watched({ ...run, config }, what);
    rows.push(sensitivityRow(factors, result));
  }
  return rows;
}

function identityOf({ config, source }: Run, configuration: Configuration): RunIdentity {
  const { matching, desk } = config;
  const [first] = desk.symbols;
  const part = (value: string | number | undefined) =>
    `${+(Number(value ?? 0) * 100).toPrecision(12)} %`;
  const ticks = (count: number) => `${count} ${count === 1 ? "tick" : "ticks"}`;
  return {
    market: source.description,
    symbols: source.symbols.map(({ symbol }) => symbol),
    seed: desk.seed,
    configHash: hashOf(configuration),
    data: source.identity,
    version,
    costs: {
      "maker fee": part(first?.instrument.makerFee),
      "taker fee": part(first?.instrument.takerFee),
      spread: ticks(matching.spreadTicks ?? 0),
      slippage:
        "cursor" in source
          ? `${ticks(matching.slippageTicks)} and ${part(matching.slippageShare)}`
          : "that of the recorded books: in each price, not told apart",
      latency: `${matching.latencyMs} ms`,
    },
  };
}

async function writeFiles(
  { json, csv, html }: BacktestOptions,
  report: RunReport,
  curve: EquityCurve,
): Promise<void> {
  const write = async (path: string, writing: Promise<void>) => {
    await writing.catch((cause: Error) => {
      throw new CommandError(`Cannot write "${path}": ${cause.message}`, exitCode.usage, { cause });
    });
    console.log(`  written     ${path}`);
  };
  if (json !== undefined) await write(json, writeWhole(json, `${JSON.stringify(report)}\n`));
  if (csv !== undefined) await write(csv, writeReportCsv(csv, report, curve));
  if (html !== undefined) await write(html, writeWhole(html, reportHtml(report)));
}

const collect = (value: string, all: readonly string[]): string[] => [...all, value];

function seedOf(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError(`Wanted a whole number from 0 to ${Number.MAX_SAFE_INTEGER}.`);
}

/** Adds `backtest` to the command line. */
export function registerBacktestCommand(program: Command): void {
  program
    .command("backtest")
    .description("run the desk through a market's past, in memory, and report what it came to")
    .option("--candles <file>", "CSV of candles, plain or gzip; once for each file", collect, [])
    .option("--data <series>", "stored candles, such as kraken/BTC/USD/1m; repeatable", collect, [])
    .option("--recording <file>", "venue streams as received; once for each file", collect, [])
    .option("--symbol <symbol>", "what the file holds, such as BTC/USD", collect, [])
    .option("--timeframe <time>", "what its candles span, such as 1m", collect, [])
    .option("--until <time>", "where to end, a time of the market", readTime)
    .option("--config <file>", "a configuration; flags win over it")
    .option("--preset <name>", "a whole configuration by purpose, such as paper-cautious")
    .option("--set <path=value>", "one key of the configuration", collect, [])
    .option("--seed <n>", "seed of ids and of generated prices", seedOf)
    .option("--sensitivity", "run again at 0, 2 and 3 times the fees and slippage", false)
    .option("--json <file>", "the report as JSON: the same run gives the same bytes")
    .option("--csv <folder>", "trades, equity, groups and decisions as tables")
    .option("--html <file>", "the report as one page with charts, that needs nothing else")
    .option("--ledger <file>", "keep its ledger and journal in a new file, for the visualiser")
    .addOption(storeOption())
    .action(async (options: BacktestOptions) => {
      process.exitCode = await backtest(options);
    });
}
