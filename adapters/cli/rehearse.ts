import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Vital } from "../../actors/desk/ports.ts";
import type { MovableClock } from "../../actors/runtime/ports.ts";
import { coinsOf } from "../../machines/domain/ids.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import { unpaced } from "../clock/pace.ts";
import { systemDraws } from "../clock/system-clock.ts";
import { liveSource } from "../simulation/live-timeline.ts";
import type { ScriptedInput } from "../simulation/market-run.ts";
import type { TimelineSource } from "../simulation/timeline.ts";
import { keepLease } from "../store/lease-keeper.ts";
import type { VenueClock } from "../venues/ccxt/mod.ts";
import { PublicMarket } from "../venues/ccxt/public-market.ts";
import { type FaultLevel, type Rehearsal, startRehearsal } from "../venues/rehearsal/mod.ts";
import {
  coinbaseLiveMarket,
  defaultConnectionLimits,
  krakenLiveMarket,
  type StreamTimers,
} from "../venues/streams/mod.ts";
import { type Composition, compose } from "./compose.ts";
import { EventLines } from "./events.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import {
  brokenIn,
  type RehearsalReport,
  rehearsalReport,
  rehearsalText,
} from "./rehearse-report.ts";
import { runConfig } from "./run-config.ts";
import { drainOnSignals } from "./signals.ts";
import { type ConfigurationFlags, startConfiguration } from "./start-configuration.ts";
import { atVenue } from "./traded-at.ts";
import { type WiredVenueName, wiredVenue, wiredVenueNames } from "./wired-venue.ts";

/** Where a venue streams, and how its market is heard. */
const wires = {
  kraken: { market: "/v2", account: "/auth/v2", open: krakenLiveMarket },
  coinbase: { market: "/", account: "/user", open: coinbaseLiveMarket },
} as const;

interface RehearseOptions extends ConfigurationFlags {
  readonly venue: WiredVenueName;
  readonly faults: FaultLevel;
  /** Market minutes until faults and entries end. */
  readonly minutes: number;
  /** Market seconds in a real one. */
  readonly speed: number;
  readonly seed: number;
  readonly db?: string;
  readonly json: boolean;
}

const minuteMs = 60_000;
/** Market minutes after the faults in which everything still in doubt has to be settled. */
const settleMinutes = 10;
const pastBars = 700;
/** Between two looks at whether the books are the venue's, real milliseconds; and how many at most. */
const lookMs = 500;
const settleLooks = 120;
/** A reply that takes longer than this is none, real milliseconds: loopback is quick. */
const replyMs = 1_500;

/** The venue's time, for everything of the desk: their clocks agree, as those of a good host do. */
class RehearsalTime implements MovableClock, VenueClock, StreamTimers {
  constructor(
    private readonly venue: Rehearsal,
    readonly speed: number,
  ) {}

  readonly now = (): number => this.venue.control.now;
  readonly elapsed = (): number => performance.now() * this.speed;
  readonly advanceTo = (): void => {};
  readonly sleep = (ms: number): Promise<void> => Bun.sleep(ms / this.speed);

  readonly after = (delayMs: number, run: () => void): (() => void) => {
    const timer = setTimeout(run, delayMs / this.speed);
    return () => clearTimeout(timer);
  };
}

/**
 * Runs the operator's configuration on a venue of our own, over real sockets and with faults, and
 * reports what was thrown and what the desk did. Resolves to the exit code: not 0 where the desk's
 * books are not the venue's.
 */
async function rehearse(options: RehearseOptions): Promise<number> {
  process.umask(0o077);
  const say = options.json ? () => {} : (text: string) => console.log(text);
  const { configuration, settings } = startConfiguration(options);
  const { seed, speed } = options;
  await using venue = await startRehearsal({ venue: options.venue, seed: String(seed), speed });
  const time = new RehearsalTime(venue, speed);
  const symbols = symbolsOf(configuration.market.live.symbols, venue.symbols);
  const urls = { rest: venue.url };
  const reach = { symbols, urls, clock: time, timeoutMs: replyMs };
  const market = new PublicMarket({ venue: options.venue, ...reach });
  const { timeframe: timeframeMs } = configuration.market;
  const instruments = await instrumentsOf(market);
  const source = sourceOf({ name: options.venue, market, venue, time, instruments, timeframeMs });
  const at = { venue: options.venue, account: configuration.account.account };
  const wire = wiredVenue({
    ...reach,
    at,
    keys: { apiKey: venue.apiKey, secret: venue.secret },
    streamUrl: streamOf(venue, wires[options.venue].account),
    draws: systemDraws,
    timers: time,
    limits: limitsAt(speed),
  });
  const plain = runConfig(source, seed, "none", settings);
  const wired = atVenue(plain, {
    rulesOf: () => instruments,
    intervalMs: configuration.reconcile.wiredInterval,
  });
  const config = { ...wired, desk: { ...wired.desk, at } };
  const ledgerFile = options.db ?? `data/rehearsals/${options.venue}-${Date.now()}.db`;
  mkdirSync(dirname(ledgerFile), { recursive: true });
  const endAt = time.now() + options.minutes * minuteMs;
  const lines = new EventLines(say, config.desk.quote);
  using parts = compose({
    config,
    source,
    ledgerFile,
    wires: [wire],
    pace: () => unpaced(),
    until: null,
    reached: () => {},
    onBar: (decisions) => {
      for (const decision of decisions) lines.bar(parts.desk, decision);
    },
    script: (desk) => [
      endOf(endAt, desk, venue),
      { at: endAt + settleMinutes * minuteMs, run: () => venue.control.hold() },
    ],
  });
  say(`NOVACTOR  REHEARSAL  ${venue.description}`);
  say(
    `  venue   ${options.venue} at ${venue.url}, faults ${options.faults}, seed ${seed}, ${speed} times real time`,
  );
  say(`  ledger  ${ledgerFile}`);
  await runOn(
    parts,
    (tell) => wire.listen(tell),
    () => {
      venue.control.setFaultLevel(options.faults, String(seed));
      return stopOnceSettled(parts, venue, () => time.now() > endAt + settleMinutes * minuteMs);
    },
  );
  const report = reportOf(parts, venue);
  if (options.json) console.log(JSON.stringify(report));
  else say(`\n${rehearsalText(report)}`);
  for (const problem of venue.control.problems) console.error(`the venue itself: ${problem}`);
  const isSound = report.broken.length === 0 && venue.control.problems.length === 0;
  return isSound ? exitCode.ok : exitCode.finding;
}

/** The configuration's own symbols where the venue has them all; else all it has in dollars. */
function symbolsOf(wanted: readonly string[], offered: readonly string[]): readonly string[] {
  if (wanted.every((symbol) => offered.includes(symbol))) return wanted;
  return offered.filter((symbol) => coinsOf(symbol).quote === "USD");
}

async function instrumentsOf(market: PublicMarket): Promise<readonly Instrument[]> {
  const reply = await market.instruments();
  if (reply.type === "confirmed") return reply.value;
  const cause = reply.type === "unknown" ? reply.cause : reply.text;
  const text = `Cannot rehearse: the venue's rules did not load: ${cause}`;
  throw new CommandError(text, exitCode.failure);
}

function streamOf({ url }: Rehearsal, path: string): string {
  return `${url.replace("http", "ws")}${path}`;
}

interface SourceParts {
  readonly name: WiredVenueName;
  readonly market: PublicMarket;
  readonly venue: Rehearsal;
  readonly time: RehearsalTime;
  readonly instruments: readonly Instrument[];
  readonly timeframeMs: number;
}

function sourceOf({ name, market, venue, time, ...bars }: SourceParts): TimelineSource {
  const { instruments, timeframeMs } = bars;
  const source = liveSource(
    {
      description: venue.description,
      symbols: instruments.map(({ symbol, tick, lot }) => ({ symbol, tick, lot, timeframeMs })),
      identity: { kind: "live", venue: market.venue, timeframeMs },
      length: null,
    },
    {
      clock: time,
      pastBars,
      onNotice: () => {},
      open: (since) =>
        wires[name].open({
          url: streamOf(venue, wires[name].market),
          ...{ instruments, timeframeMs, since, timers: time },
          candles: (symbol, from) => market.candles(symbol, from, timeframeMs),
          poll: (symbol) => market.poll(symbol),
          draw: () => Math.random(),
          limits: limitsAt(time.speed),
        }),
    },
  );
  return { ...source, clock: time };
}

/** What a machine needs to answer does not shrink with the market's time. */
function limitsAt(speed: number) {
  const { connectMs, subscribeMs } = defaultConnectionLimits;
  return { connectMs: connectMs * speed, subscribeMs: subscribeMs * speed };
}

/** At the end faults are over and no entry is made: what is in doubt has time to be settled. */
function endOf(at: number, desk: Composition["desk"], venue: Rehearsal): ScriptedInput {
  return {
    at,
    run() {
      venue.control.setFaultLevel("none", "0");
      desk.command({
        ...{ name: "pause", who: "rehearsal", role: "operate", target: null },
        ...{ reason: "the rehearsal ends", idempotencyKey: `rehearsal/${at}` },
      });
    },
  };
}

async function runOn(
  { desk, run, ledger }: Composition,
  listen: (tell: (vital: Vital) => void) => void,
  strike: () => { stop(): void },
): Promise<void> {
  const signals = drainOnSignals(() => run.stop());
  let failure: unknown = null;
  using _lease = keepLease(ledger, (error) => {
    failure = error;
    run.stop();
  });
  try {
    await desk.start(() => run.takeReports());
    listen((vital) => desk.observe(vital));
    const end = strike();
    await run.run().finally(() => end.stop());
    if (failure !== null) throw failure;
  } finally {
    signals.stop();
  }
}

/**
 * Ends the run once its books are the venue's. Until then prices stand still, for what fills in the
 * very moment of looking is in one of the two first; a machine that is too busy for the rehearsal's
 * speed catches up meanwhile.
 */
function stopOnceSettled({ run, reader }: Composition, venue: Rehearsal, isOver: () => boolean) {
  let looks = 0;
  const timer = setInterval(() => {
    if (!isOver()) return;
    looks += 1;
    const isSettled = brokenIn(reader, venue.control.record()).length === 0;
    if (isSettled || looks >= settleLooks) run.stop();
  }, lookMs);
  return { stop: () => clearInterval(timer) };
}

function reportOf({ desk, reader }: Composition, venue: Rehearsal): RehearsalReport {
  const { control } = venue;
  const status = desk.status();
  desk.stop();
  return rehearsalReport(reader, control.record(), control.thrown, status);
}

function whole(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Wanted a whole number from ${least} to ${most}.`);
  };
}

/** Adds `rehearse` to the command line. */
export function registerRehearseCommand(program: Command): void {
  const collect = (value: string, before: readonly string[]) => [...before, value];
  program
    .command("rehearse")
    .description("run your configuration on a venue of our own, over real sockets, with faults")
    .addOption(
      new Option("--venue <name>", "whose wire format").choices(wiredVenueNames).default("kraken"),
    )
    .addOption(
      new Option("--faults <level>", "how bad the venue and the network are")
        .choices(["none", "calm", "rough", "storm"])
        .default("calm"),
    )
    .option("--seed <n>", "seed of market and faults", whole(0, 2 ** 53 - 1), 1)
    .option("--minutes <n>", "of the market, until the faults end", whole(1, 100_000), 360)
    .option("--speed <n>", "times real time", whole(1, 200), 60)
    .option("--config <file>", "a configuration; flags win over it")
    .option("--preset <name>", "a whole configuration by purpose, such as kraken-paper")
    .option("--set <path=value>", "one key of the configuration", collect, [])
    .option("--db <file>", "a new ledger for it; by default one in data/rehearsals")
    .option("--json", "print the report as one line of JSON, and nothing else", false)
    .action(async (options: RehearseOptions) => {
      process.exitCode = await rehearse(options);
    });
}
