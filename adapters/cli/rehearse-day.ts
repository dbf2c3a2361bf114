import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { CandleSource } from "../../actors/market/ports.ts";
import { keyedDraws, VirtualClock } from "../../actors/runtime/mod.ts";
import { openingBalance } from "../../config/defaults.ts";
import { decimal, fromSteps, multiply } from "../../machines/domain/decimal.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import { unpaced } from "../clock/pace.ts";
import { type AskedStage, AskedTimeline } from "../simulation/asked-timeline.ts";
import type { TimelineSource } from "../simulation/timeline.ts";
import { keepLease } from "../store/lease-keeper.ts";
import { PublicMarket } from "../venues/ccxt/public-market.ts";
import { candlePath, type MarketPoint, pointsPerCandle } from "../venues/matching/mod.ts";
import { type Rehearsal, startRehearsal } from "../venues/rehearsal/mod.ts";
import { type ComposeOptions, type Composition, compose } from "./compose.ts";
import { compareDays, comparisonText, type DayRecord, type DayTerms } from "./day-comparison.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import { namedFileRequests } from "./file-names.ts";
import { Lockstep, partOf } from "./lockstep.ts";
import { type RunConfig, runConfig } from "./run-config.ts";
import { openCandleFiles, usualGenerator } from "./sources.ts";
import { type ConfigurationFlags, startConfiguration } from "./start-configuration.ts";
import { atVenue } from "./traded-at.ts";
import { wiredVenue } from "./wired-venue.ts";

interface DayOptions extends ConfigurationFlags {
  readonly candles: readonly string[];
  readonly symbol: readonly string[];
  readonly timeframe: readonly string[];
  readonly skip: number;
  readonly bars: number;
  /** Milliseconds from an order's acceptance to the market; where not given, as on paper. */
  readonly latency?: number;
  readonly seed: number;
  readonly db?: string;
  readonly json: boolean;
}

/** A reply takes as long as the machine is busy: no time of the market passes meanwhile. */
const replyMs = 60_000;
/** Silence is no sign of anything where time stands still. */
const patientMs = 3_600_000;
const streamPath = "/auth/v2";

/** One market, and how it is traded in both runs. */
interface Day {
  readonly source: CandleSource;
  readonly symbol: string;
  readonly timeframeMs: number;
  readonly from: number;
  readonly until: number;
  readonly latencyMs: number | null;
  readonly config: RunConfig;
}

/**
 * Trades the same candles by the same configuration twice: on paper in the process, and at a Kraken
 * of our own over real sockets, whose time goes with the run's. Prints what differs, and why.
 * Resolves to the exit code: not 0 where a difference has no explanation.
 */
async function rehearseDay(options: DayOptions): Promise<number> {
  process.umask(0o077);
  const { configuration, settings } = startConfiguration(options);
  const source = await sourceOf(options);
  const plain = runConfig(source, options.seed, "none", settings);
  // Whoever arrives at a price finds all that he wants there; on a path of candles too, then.
  const matching = { ...plain.matching, volumeShare: null };
  await using venue = await startRehearsal({
    ...{ venue: "kraken", seed: String(options.seed), speed: "lockstep", controlPort: 0 },
    ...{ source, history: 0 },
    meeting: options.latency === undefined ? "atNextPoint" : "onArrival",
    settings: { ...matching, latencyMs: matching.latencyMs + (options.latency ?? 0) },
  });
  const day = dayOf(source, options, plain);
  const clock = new VirtualClock(venue.control.now);
  const market = publicMarket(venue, day.symbol, clock);
  const instruments = await rulesOf(market);
  const at = { venue: "kraken", account: configuration.account.account } as const;
  const ruled = atVenue(
    { ...plain, matching },
    { rulesOf: () => instruments, intervalMs: configuration.reconcile.wiredInterval },
  );
  const { quote } = ruled.desk;
  const balances = { [quote]: openingBalance(quote), BTC: decimal(1) };
  const config: RunConfig = { ...ruled, desk: { ...ruled.desk, at }, balances };
  const traded = { ...day, config };
  const files = options.db ?? `data/rehearsals/day-${Date.now()}`;
  mkdirSync(dirname(files), { recursive: true });
  const inProcess = await runDay({ config, source, ledgerFile: `${files}-process.db` });
  const overSockets = await overWire({ day: traded, venue, clock, market }, `${files}-sockets.db`);
  const comparison = compareDays(inProcess, overSockets, termsOf(traded, instruments));
  if (options.json) console.log(JSON.stringify(comparison));
  else console.log(comparisonText(comparison, latencyText(options.latency)));
  for (const problem of venue.control.problems) console.error(`the venue itself: ${problem}`);
  const isSame = comparison.differences.every(({ explanation }) => explanation !== null);
  return isSame && venue.control.problems.length === 0 ? exitCode.ok : exitCode.finding;
}

function latencyText(latency: number | undefined): string {
  if (latency === undefined) {
    return "stated latency none: at both an order meets the next point of a candle's path";
  }
  return (
    `stated latency ${latency} ms after arrival over sockets; in the process an order waits for ` +
    "the next point of a candle's path"
  );
}

async function sourceOf({ candles, symbol, timeframe, ...options }: DayOptions) {
  const { skip, bars, seed } = options;
  if (candles.length + symbol.length + timeframe.length === 0) {
    const { source } = usualGenerator(seed);
    return partOf({ ...source, symbols: source.symbols.slice(0, 1) }, skip, bars);
  }
  const { source, notes } = await openCandleFiles(namedFileRequests(candles, symbol, timeframe));
  for (const note of notes) console.error(note);
  if (source.symbols.length > 1) {
    throw new CommandError(
      `Cannot rehearse a day of ${source.symbols.length} symbols: wanted one candle file`,
      exitCode.usage,
    );
  }
  return partOf(source, skip, bars);
}

function dayOf(source: CandleSource, { bars, latency }: DayOptions, config: RunConfig): Day {
  const [traded] = source.symbols;
  const first = traded && source.cursor(traded.symbol, 0).next();
  if (!traded || !first) {
    throw new CommandError("Cannot rehearse a day without candles: wanted one", exitCode.usage);
  }
  const { symbol, timeframeMs } = traded;
  const from = first.openedAt;
  const until = from + bars * timeframeMs;
  return { source, symbol, timeframeMs, from, until, latencyMs: latency ?? null, config };
}

function publicMarket(venue: Rehearsal, symbol: string, clock: VirtualClock): PublicMarket {
  return new PublicMarket({
    ...{ venue: "kraken", symbols: [symbol], urls: { rest: venue.url }, timeoutMs: replyMs },
    clock: venueClock(clock),
  });
}

/** Time of the run for what waits by it: it stands still, so a wait is only a turn of the loop. */
function venueClock(clock: VirtualClock) {
  return { now: () => clock.now(), sleep: () => Bun.sleep(1) };
}

async function rulesOf(market: PublicMarket): Promise<readonly Instrument[]> {
  const reply = await market.instruments();
  if (reply.type === "confirmed") return reply.value;
  const cause = reply.type === "unknown" ? reply.cause : reply.text;
  const text = `Cannot rehearse a day: the venue's rules did not load: ${cause}`;
  throw new CommandError(text, exitCode.failure);
}

interface WireParts {
  readonly day: Day;
  readonly venue: Rehearsal;
  readonly clock: VirtualClock;
  readonly market: PublicMarket;
}

/** The day at the venue: requests through ccxt, fills by its stream, prices and bars by REST. */
async function overWire(parts: WireParts, ledgerFile: string): Promise<DayRecord> {
  const { day, venue, clock } = parts;
  const { config, symbol, latencyMs } = day;
  const wire = wiredVenue({
    at: { venue: "kraken", account: config.desk.at.account },
    keys: { apiKey: venue.apiKey, secret: venue.secret },
    symbols: [symbol],
    urls: { rest: venue.url },
    streamUrl: `${venue.url.replace("http", "ws")}${streamPath}`,
    ...{ clock: venueClock(clock), timeoutMs: replyMs, tier: "unlimited" },
    draws: keyedDraws(config.desk.seed),
    timers: {
      now: () => clock.now(),
      elapsed: () => performance.now(),
      after: (delayMs, run) => {
        const timer = setTimeout(run, delayMs);
        return () => clearTimeout(timer);
      },
    },
    limits: { staleAfterMs: patientMs, deadAfterMs: 2 * patientMs },
  });
  const { controlUrl } = venue;
  if (controlUrl === null) throw new Error("Cannot keep step with a venue without control");
  const totalMs = latencyMs === null ? null : latencyMs + config.matching.latencyMs;
  const step = new Lockstep({ controlUrl, clock, wire, streamPath, latencyMs: totalMs });
  return runDay(
    { config, source: askedSource(parts, step), ledgerFile, wires: [step.wired()] },
    async (desk) => {
      const { promise: stands, resolve } = Promise.withResolvers<void>();
      wire.listen((vital) => {
        desk.observe(vital);
        if (vital.type === "account" && vital.link === "stands") resolve();
      });
      await stands;
    },
  );
}

/** The market as the venue tells it, asked for in step. */
function askedSource({ day, market, clock }: WireParts, step: Lockstep): TimelineSource {
  const { source, symbol, timeframeMs, from, until } = day;
  const asked = {
    catchUp: (stage: AskedStage) => step.catchUp(stage),
    price: async () => {
      const { bids, asks } = await market.poll(symbol);
      // The venue's own book lies evenly around what is traded at.
      return Math.round(((bids[0]?.ticks ?? 0) + (asks[0]?.ticks ?? 0)) / 2);
    },
    bar: async (openedAt: number) => {
      const { candles } = await market.candles(symbol, openedAt, timeframeMs);
      return candles.find((candle) => candle.openedAt === openedAt) ?? null;
    },
  };
  return {
    ...source,
    startAt: from,
    clock,
    timeline: () => new AskedTimeline({ symbol, timeframeMs, from, until, market: asked }),
  };
}

type DayRun = Pick<ComposeOptions, "config" | "source" | "ledgerFile" | "wires">;

async function runDay(
  options: DayRun,
  begin: (desk: Composition["desk"]) => Promise<void> = async () => {},
): Promise<DayRecord> {
  const decisions: Decision[] = [];
  const collect = (made: readonly Decision[]) => void decisions.push(...made);
  using parts = compose({
    ...options,
    pace: () => unpaced(),
    until: null,
    reached: () => {},
    onBar: collect,
    onMove: collect,
  });
  const { desk, run, reader, ledger } = parts;
  let failure: unknown = null;
  using _lease = keepLease(ledger, (error) => {
    failure = error;
    run.stop();
  });
  await desk.start(() => run.takeReports());
  await begin(desk);
  await run.run();
  if (failure !== null) throw failure;
  const record = { orders: [...reader.books.eachOrder()], fills: [...reader.books.eachFill()] };
  desk.stop();
  return { decisions, ...record };
}

function termsOf(day: Day, instruments: readonly Instrument[]): DayTerms {
  const { source, symbol, timeframeMs, latencyMs, config } = day;
  const tick = instruments[0]?.tick ?? decimal("0.1");
  const points: MarketPoint[] = [];
  const cursor = source.cursor(symbol, 0);
  for (let candle = cursor.next(); candle !== null; candle = cursor.next()) {
    points.push(...candlePath(candle));
  }
  const { slippageTicks } = config.matching;
  return {
    latencyMs: latencyMs ?? 0,
    pathMs: latencyMs === null ? 0 : Math.ceil(timeframeMs / (pointsPerCandle - 1)),
    equity: config.balances[config.desk.quote] ?? decimal(1),
    slippage: () => multiply(tick, decimal(slippageTicks)),
    range: (_, from, to) => {
      // The path is a line between two points: those around the time are part of it.
      const first = Math.max(
        0,
        points.findLastIndex(({ at }) => at <= from),
      );
      const after = points.findIndex(({ at }) => at > to);
      const part = points.slice(first, after < 0 ? points.length : after + 1);
      if (part.length === 0) return null;
      const ticks = part.map((point) => point.ticks);
      return [fromSteps(Math.min(...ticks), tick), fromSteps(Math.max(...ticks), tick)];
    },
  };
}

function whole(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Wanted a whole number from ${least} to ${most}.`);
  };
}

/** Adds `rehearse-day` to the command line. */
export function registerRehearseDayCommand(program: Command): void {
  const collect = (value: string, before: readonly string[]) => [...before, value];
  program
    .command("rehearse-day")
    .description(
      "trade a day of candles twice, in the process and at a Kraken of our own, and compare",
    )
    .option(
      "--candles <file>",
      "CSV of candles, plain or gzip; else a generated market",
      collect,
      [],
    )
    .option("--symbol <symbol>", "what the file holds, where its name does not say it", collect, [])
    .option("--timeframe <time>", "what its candles span, such as 1m", collect, [])
    .option("--skip <n>", "candles to pass over first", whole(0, 100_000_000), 0)
    .option("--bars <n>", "candles to trade", whole(1, 100_000), 1_440)
    .option("--latency <ms>", "from an order's acceptance to the market", whole(0, 10_000))
    .option("--seed <n>", "of ids, keys and a generated market", whole(0, 2 ** 53 - 1), 1)
    .option("--config <file>", "a configuration; flags win over it")
    .option("--preset <name>", "a whole configuration by purpose, such as kraken-paper")
    .option("--set <path=value>", "one key of the configuration", collect, [])
    .option("--db <prefix>", "of two new ledgers; by default in data/rehearsals")
    .option("--json", "print the comparison as one line of JSON, and nothing else", false)
    .action(async (options: DayOptions) => {
      process.exitCode = await rehearseDay(options);
    });
}
