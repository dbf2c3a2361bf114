import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type Desk, vitalBrakeId } from "../../actors/desk/mod.ts";
import type { CandleSource } from "../../actors/market/ports.ts";
import { runSettingsOf } from "../../config/run-settings.ts";
import type { Configuration } from "../../config/schema.ts";
import { type Decimal, sum } from "../../machines/domain/decimal.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import { pacedBy, readyFirst, unpaced } from "../clock/pace.ts";
import { watchVitals } from "../clock/vitals.ts";
import { type Log, type LogEntry, TurnLog } from "../log/mod.ts";
import { CandleFileError, RecordingError } from "../market/mod.ts";
import { JobRunner } from "../research/job-runner.ts";
import { SeenBooks } from "../simulation/seen-books.ts";
import type { TimelineSource } from "../simulation/timeline.ts";
import { keepLease } from "../store/lease-keeper.ts";
import { ledgerHead } from "../store/ledger-head.ts";
import { AccountGates, type AccountGatesOptions } from "./account-gates.ts";
import { banner, marketsWords, noteAll, sayTo } from "./banner.ts";
import { type Composition, compose } from "./compose.ts";
import { serveControl } from "./control.ts";
import { crashHook } from "./crash-hook.ts";
import { candleFileRequestsOf, generatorOptionsOf } from "./desk-config.ts";
import { doorOf } from "./door.ts";
import { EventLines } from "./events.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import { type KnownRules, knownRules, knowsAll } from "./known-rules.ts";
import { openLiveUnlessStopped, openMarketsBeside, type Told } from "./live.ts";
import { type NotFit, passLiveGate } from "./live-gate.ts";
import { followLevel, type LogFlags, openLog } from "./log.ts";
import { type Market, refuseFaultsOverWire, refuseForeignOptions } from "./market-options.ts";
import { openPanel } from "./open-panel.ts";
import { withSeenBooks } from "./panel-lanes.ts";
import { panelOptions } from "./panel-options.ts";
import { tradedAccounts } from "./preflight.ts";
import { Progress } from "./progress.ts";
import { Pulse } from "./pulse.ts";
import { runningConfiguration } from "./reload.ts";
import { type RunReport, reportJson, reportText } from "./report.ts";
import { type FaultLevel, runConfig } from "./run-config.ts";
import { readScript } from "./script.ts";
import { drainOnSignals } from "./signals.ts";
import {
  fileRequests,
  type GeneratedMarket,
  type OpenedSource,
  openCandleFiles,
  openGeneratedBooks,
  openGenerator,
  openRecordings,
  sharesOf,
} from "./sources.ts";
import {
  type ConfigurationFlags,
  type StartConfiguration,
  startConfiguration,
} from "./start-configuration.ts";
import { statusBody } from "./status-body.ts";
import { keepTidy } from "./tidy.ts";
import { tradedAt } from "./traded-at.ts";
import { version } from "./version.ts";
import { passed } from "./waiting.ts";
import type { StreamedVenue } from "./wired-venue.ts";

/** For the first readings of all accounts, milliseconds: what comes later is not waited for. */
const readingPatienceMs = 5_000;

export interface StartOptions extends GeneratedMarket, ConfigurationFlags, LogFlags {
  /** Undefined for the configuration's. */
  readonly market?: Market;
  readonly candles: readonly string[];
  readonly recording: readonly string[];
  /** Whether the paper venue matches against books of the generated market. */
  readonly book: boolean;
  readonly symbol: readonly string[];
  readonly timeframe: readonly string[];
  /** A time of the market, or the source's end; null if nothing was said, which means that too. */
  readonly until: number | "end" | null;
  readonly db: string;
  readonly port: number | null;
  readonly faults: FaultLevel;
  readonly takeChanges: boolean;
  readonly json: boolean;
}

/** When the process's own condition stops new exposure. */
const vitalLimits = {
  everyMs: 500,
  lagMs: 1_000,
  patience: 3,
  lowDiskBytes: 200_000_000,
} as const;

/**
 * Runs a paper desk until its market or `until` ends, or a signal comes. Resolves to the process's
 * exit code.
 */
export async function start(options: StartOptions): Promise<number> {
  if (options.db === "" || options.db === ":memory:") {
    const text = `Cannot keep a ledger in "${options.db}": wanted a file, for it must outlive the process`;
    throw new CommandError(text, exitCode.usage);
  }
  const configured = startConfiguration(options);
  refuseFaultsOverWire(options, configured.configuration);
  const secrets = [...configured.secrets.values()];
  using log = openLog(options, configured.configuration.log.level, secrets);
  try {
    const subject = { ...configured, flags: options, ledgerFile: options.db };
    const rules = knownRules(options.db);
    const isKnown = knowsAll(rules, configured.configuration);
    const notFit = await passLiveGate(subject, { say: sayTo(options), log, isKnown });
    if (notFit === null) return exitCode.ok;
    await runDesk(options, configured, { log, rules, notFit });
    log.write({ level: "info", event: "desk.stopped", message: "The desk ended", actor: "desk" });
    return exitCode.ok;
  } catch (error) {
    // What was foreseen is said to whoever gave the command, and by the exit code.
    if (!isForeseen(error)) log.write(failureLine(error));
    throw error;
  }
}

/** What a run begins with. */
interface Begun {
  readonly log: Log;
  readonly rules: KnownRules;
  readonly notFit: NotFit;
}

async function runDesk(
  options: StartOptions,
  started: StartConfiguration,
  { log, rules, notFit }: Begun,
): Promise<void> {
  const { configuration, settings, secrets } = started;
  const say = sayTo(options);
  const told = { say, log, rules, given: new AbortController() };
  const uptimeMs = stopwatch();
  const marketKind = options.market ?? configuration.market.source;
  const speed = marketKind === "live" ? "real" : configuration.market.speed;
  const opened = await openRun(options, marketKind, { configuration, settings, secrets }, told);
  if (opened === null) return;
  const { source, notes, beside, config, wires } = opened;
  const progress = new Progress(!options.json && process.stderr.isTTY === true, source.length);
  const isPaced = speed !== "max";
  const seenBooks = new SeenBooks();
  const pulse = new Pulse(new TurnLog(log), () => performance.now());
  using parts = compose({
    ...ofTheWorld(options, speed),
    ...{ config, wires, listener: pulse, ...withSeenBooks(seenBooks, source, beside) },
    onMove: (decisions) => tellOf(decisions),
    onBar(decisions) {
      progress.bar();
      tellOf(decisions);
    },
  });
  const { desk, run } = parts;
  const tellOf = (decisions: readonly Decision[]) => {
    if (isPaced) for (const decision of decisions) lines.bar(desk, decision);
  };
  const lines = new EventLines(say, config.desk.quote);
  const markets = marketsWords(marketKind, source, beside);
  const shown = { desk, market: markets.join("; "), uptimeMs, version };
  const status = () => statusBody(shown);
  const { reload, shown: inForce } = runningConfiguration({
    ...{ desk, run: config, started, read: () => startConfiguration(options) },
    onTaken(taken) {
      run.watchMoves(runSettingsOf(taken).strategy.eventPriceMove);
      followLevel(log, options, taken.log.level);
    },
  });
  const jobs = new JobRunner({ desk, ledgerFile: options.db });
  const door = doorOf(desk, jobs);
  const shownOf = { shown, parts, seenBooks, wires, log, configuration: inForce, door };
  using shownPanel = panelOptions({ ...shownOf, flags: options });
  const panel = await openPanel({
    ...{ options, isBatch: isBatch(options, marketKind), server: configuration.server, reload },
    ...{ log, pulse, reader: parts.reader, shown: shownPanel },
  });
  const { note } = panel;
  const ledgerFile = options.db;
  const control = await serveControl({ desk, ledgerFile, status, reload, log, door, note });
  const signals = drainOnSignals((signal) => drain(signal, run, log));
  try {
    if (options.json) noteAll(log, notes);
    say(banner(config.desk.mode, markets, panel.words, options.db, notes));
    const gate = { notFit, accounts: tradedAccounts(configuration), log };
    await runToEnd({ options, parts, say, isPaced, wires, gate, jobs });
    progress.end();
    const report = runReport(parts, config.desk.quote, uptimeMs(), progress.bars);
    say(`\n${reportText(report, process.stdout.isTTY === true)}`);
    if (options.json) console.log(reportJson(report));
  } finally {
    signals.stop();
    await control.stop();
    await panel.stop();
    desk.stop();
  }
}

/** Milliseconds since it was made. */
function stopwatch(): () => number {
  const started = performance.now();
  return () => performance.now() - started;
}

/**
 * Opens every market that the run's accounts go by, and puts together what it trades by; null where
 * a signal ended the wait for a venue.
 */
async function openRun(
  options: StartOptions,
  market: Market,
  { configuration, settings, secrets }: Omit<StartConfiguration, "resolved" | "secretOrigins">,
  told: Told,
) {
  const [opened, others] = await Promise.all([
    openSource(options, market, configuration, told),
    openMarketsBeside(configuration, told),
  ]);
  if (!opened || !others) return null;
  const { source, notes, instruments = [] } = opened;
  const beside = new Map([...others].map(([name, each]) => [name, each.source]));
  const plain = runConfig(source, configuration.seed, options.faults, settings, beside);
  const traded = tradedAt(configuration, secrets, plain, (name) =>
    name === undefined ? instruments : (others.get(name)?.instruments ?? []),
  );
  return { source, notes, beside, ...traded };
}

/** Whether the run is over by itself, and wants no panel unless it is asked for. */
function isBatch({ json, until }: StartOptions, market: Market): boolean {
  return json || until !== null || market === "candles" || market === "recording";
}

/** What a run has of the world around it: a ledger, a pace, an end, a script. */
function ofTheWorld(options: StartOptions, speed: number | "max" | "real") {
  const script = scriptPath();
  mkdirSync(dirname(options.db), { recursive: true });
  return {
    ledgerFile: options.db,
    takesChanges: options.takeChanges,
    pace: (desk: Desk) =>
      typeof speed === "number" ? readyFirst(() => desk.isWarm, pacedBy(speed)) : unpaced(),
    ...(speed === "max" ? {} : { stopwatch: () => performance.now() }),
    until: typeof options.until === "number" ? options.until : null,
    reached: crashHook(),
    ...(script === undefined ? {} : { script: readScript(script) }),
  };
}

function drain(signal: string, run: Composition["run"], log: Log): void {
  const message = `${signal} came: the desk stops after the step under way`;
  log.write({ level: "info", event: "desk.stopping", message, actor: "desk" });
  run.stop();
}

/** Whether a failure is somebody's mistake that its message explains. */
function isForeseen(error: unknown): boolean {
  const kinds = [CommandError, CandleFileError, RecordingError, RangeError];
  return kinds.some((kind) => error instanceof kind);
}

function failureLine(error: unknown): LogEntry {
  const message = `The desk ends: ${error instanceof Error ? error.message : String(error)}`;
  return { level: "error", event: "desk.failed", message, actor: "desk", details: { error } };
}

interface Running {
  readonly options: StartOptions;
  readonly parts: Composition;
  readonly say: (text: string) => void;
  readonly isPaced: boolean;
  readonly wires: readonly StreamedVenue[];
  readonly gate: Pick<AccountGatesOptions, "notFit" | "accounts" | "log">;
  readonly jobs: JobRunner;
}

/** Starts the desk, watches what may stop it, and runs until its end or until it is drained. */
async function runToEnd(running: Running): Promise<void> {
  const { options, parts, say, isPaced, wires, gate, jobs } = running;
  const { desk, run, ledger, clock } = parts;
  let failure: unknown = null;
  // Whoever lost the lease sends nothing more, not even what it had begun.
  const end = (error: unknown): void => {
    failure = error;
    run.stop();
  };
  using _lease = keepLease(ledger, end);
  const gates = new AccountGates({ desk, wires, ...gate, reader: parts.reader, say, failed: end });
  const { resumed } = await desk.start(
    () => {
      gates.shut();
      run.takeReports();
    },
    wires.length === 0 ? undefined : { patience: passed(readingPatienceMs), failed: end },
  );
  if (resumed) say(`  resumed at ${new Date(clock.now()).toISOString()} of the market`);
  using _tidying = keepTidy(ledger, end);
  const vitals = watchWorld(options.db, parts, isPaced, end);
  gates.watch();
  for (const wire of wires) wire.listen((vital) => desk.observe(vital));
  jobs.start(end);
  const ended = await run.run().finally(async () => {
    gates.stop();
    for (const wire of wires) wire.close();
    vitals.stop();
    await jobs.stop();
  });
  if (failure !== null) throw failure;
  if (ended === "stopped") {
    say("stopped: everything is in the ledger, the same command goes on from here");
  }
}

/** The real world's signs, but for a run that is told of it by a script. */
function watchWorld(
  ledgerFile: string,
  { desk, ledger }: Composition,
  isPaced: boolean,
  onFailure: (error: unknown) => void,
): { stop(): void } {
  if (scriptPath() !== undefined) return { stop: () => {} };
  return watchVitals({
    ...vitalLimits,
    ledgerFile,
    freeBytes: () => ledger.freeBytes(),
    // A run without pace keeps the loop busy on purpose.
    lagMs: isPaced ? vitalLimits.lagMs : Number.POSITIVE_INFINITY,
    observe: (vital) => desk.observe(vital),
    isBraked: (by) => desk.isBraked(vitalBrakeId(by)),
    onFailure,
  });
}

const scriptPath = (): string | undefined => process.env.NOVACTOR_SCRIPT;

type AnySource = OpenedSource<CandleSource | TimelineSource>;

function openSource(
  options: StartOptions,
  market: Market,
  configuration: Configuration,
  told: Told,
): AnySource | Promise<AnySource | null> {
  refuseForeignOptions(options, market);
  const { candles, recording, symbol, timeframe } = options;
  switch (market) {
    case "generator": {
      const generated = { ...generatorOptionsOf(configuration), ...sharesOf(options) };
      return options.book ? openGeneratedBooks(generated) : openGenerator(generated);
    }
    case "candles":
      // Files of the command line win over those of the configuration, all or none.
      return openCandleFiles(
        candles.length > 0 || configuration.market.files.length === 0
          ? fileRequests(candles, symbol, timeframe)
          : candleFileRequestsOf(configuration),
      );
    case "recording":
      return openRecordings(recording, symbol, timeframe);
    case "live":
      return openLiveUnlessStopped(configuration.market, told);
  }
}

function runReport(
  { desk, reader }: Composition,
  quote: string,
  elapsedMs: number,
  candlesNow: number,
): RunReport {
  const { counts, equity, journalHead } = desk.status();
  const pnl: Decimal[] = [];
  const fees: Decimal[] = [];
  for (const row of reader.books.eachPosition()) {
    pnl.push(row.realizedPnl);
    fees.push(row.fees);
  }
  return {
    ...counts,
    realizedPnl: sum(pnl),
    fees: sum(fees),
    equity,
    quote,
    maxDrawdown: desk.equity.maxDrawdown,
    curve: desk.equity.curve,
    journalHead: journalHead.hash,
    ledgerHead: ledgerHead(reader),
    elapsedMs: Math.round(elapsedMs),
    candlesNow,
  };
}
