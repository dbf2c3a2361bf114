import { type AccountConfig, accountsOf, type Counts, type Desk } from "../../actors/desk/mod.ts";
import type { CandleSource } from "../../actors/market/ports.ts";
import type { HeldSymbol, RoundTrip } from "../../actors/research/mod.ts";
import { assert } from "../../machines/domain/assert.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import type { Candle } from "../../machines/domain/market.ts";
import type { PositionContext } from "../../machines/position.types.ts";
import { openingBalances } from "../cli/account-venues.ts";
import { assemble, type ComposeOptions, compose } from "../cli/compose.ts";
import { CommandError, exitCode } from "../cli/exit-codes.ts";
import type { RunConfig } from "../cli/run-config.ts";
import { unpaced } from "../clock/pace.ts";
import type { Pace } from "../simulation/market-run.ts";
import type { TimelineSource } from "../simulation/timeline.ts";
import { headOfRows, type LedgerRows } from "../store/ledger-head.ts";
import { MemoryLedger } from "../store/memory-ledger.ts";
import { type LastPrice, tradesOf } from "./backtest-trades.ts";
import { EquityCurve } from "./equity-curve.ts";
import { HeldSymbols } from "./run-outcome.ts";

/** What is to be run: the very configuration of a paper desk, and candles. */
export interface BacktestRequest {
  readonly config: RunConfig;
  readonly source: CandleSource | TimelineSource;
  /** Time of the market at which the run ends, Unix milliseconds; null for the source's end. */
  readonly until?: number | null;
  /** Time of the market before which nothing is entered, for warming up; null for none. */
  readonly enterFrom?: number | null;
  /** Told every few thousand candles, and at the end: candles so far, and all where known. */
  readonly onProgress?: (candles: number, of: number | null) => void;
  /** Told what each lane decided on a bar, or on a move inside one. */
  readonly onDecisions?: (decisions: readonly Decision[]) => void;
  /** Asked as often: true ends the run after the step under way. */
  readonly isStopped?: () => boolean;
  /** A file that its ledger and journal are kept in, to be looked at; in memory where left out. */
  readonly ledgerFile?: string;
}

/** What a run came to: all accounts together, in their quote coin. */
export interface BacktestResult {
  readonly candles: number;
  readonly counts: Counts;
  /** Round trips that are closed, in the order in which they were. */
  readonly trades: readonly RoundTrip[];
  /** Still open at the end, marked at the last close less the fee of taking it. */
  readonly open: readonly RoundTrip[];
  /**
   * Equity in floats at each time at which a bar closed, Unix milliseconds; above a million points
   * every second one is dropped, as often as need be.
   */
  readonly equity: { readonly at: Float64Array; readonly value: Float64Array };
  /** Share of equity in positions at the same points. */
  readonly exposure: Float64Array;
  readonly quote: string;
  readonly openingEquity: number;
  /** Prices of each symbol at the run's ends. */
  readonly held: readonly HeldSymbol[];
  /** Hash over what the ledger says: that of the same run on a file. */
  readonly ledgerHead: string;
  readonly elapsedMs: number;
}

/** Steps of the market between two looks at the time. */
const stepsPerBreath = 64;

/** Candles between two tellings of progress. */
const progressEvery = 2_000;

/**
 * Runs a desk through candles under a virtual clock, its ledger in memory: the machines, gates and
 * paper venue of every other run.
 *
 * @throws {CommandError} as a paper run does for a configuration that does not fit its source
 */
export async function runBacktest(request: BacktestRequest): Promise<BacktestResult> {
  const { config, source, until = null, onProgress, onDecisions, isStopped } = request;
  const started = performance.now();
  const { quote } = config.desk;
  const accounts = accountsOf(config.desk);
  assertOneQuote(accounts);
  const curve = new EquityCurve();
  const held = new HeldSymbols(accounts);
  let candles = 0;
  const onBar = (decisions: readonly Decision[], candle: Candle) => {
    candles += 1;
    onDecisions?.(decisions);
    held.see(candle);
    mark();
    if (candles % progressEvery !== 0) return;
    onProgress?.(candles, source.length);
    if (isStopped?.()) run.stop();
  };
  const onMove = onDecisions ? { onMove: onDecisions } : {};
  const reached = () => {};
  const pace = () => breathing();
  const parts = partsOf(request.ledgerFile, {
    ...{ config, source, until, pace, reached, onBar, ...onMove },
    ...enteringFrom(request.enterFrom ?? null),
  });
  const { desk, run, clock, rows } = parts;
  const mark = () => {
    const { equity } = desk.equity;
    let cash = 0;
    for (const { at } of accounts) cash += desk.books.totalOf(at, quote);
    curve.add(clock.now(), equity, equity > 0 ? (equity - cash) / equity : 0);
  };
  await desk.start(() => run.takeReports());
  const openingEquity = openingOf(config);
  await run.run();
  onProgress?.(candles, source.length);
  const lastPrice: LastPrice = (at, symbol) => desk.lastPrice(at, symbol);
  const matching = "cursor" in source ? config.matching : null;
  const paid = { accounts, matching };
  const { trades, open } = tradesOf(rows, votersOf(desk, rows), paid, lastPrice);
  const result = {
    ...{ candles, counts: structuredClone(desk.counts), trades, open, ...curve.points() },
    ...{ quote, openingEquity, held: held.all(), ledgerHead: headOfRows(rows) },
    elapsedMs: performance.now() - started,
  };
  desk.stop();
  parts.close();
  return result;
}

type RunParts = Omit<ComposeOptions, "ledgerFile">;

/** A run's desk, and the rows that it leaves: on a file if one is named. */
function partsOf(ledgerFile: string | undefined, options: RunParts) {
  if (ledgerFile !== undefined) {
    const kept = compose({ ...options, ledgerFile });
    return { ...kept, rows: kept.reader.books, close: () => kept[Symbol.dispose]() };
  }
  const rows = new MemoryLedger();
  const { matching } = options.config;
  // Nobody goes on with it, so that nobody asks what changed at its venue.
  const config = { ...options.config, matching: { ...matching, notesChanges: false } as const };
  const inMemory = { store: rows, ledger: rows, lease: rows };
  const of = { ...options, config, ledgerFile: "(in memory)", leaps: true };
  return { ...assemble(of, inMemory), rows };
}

/** As fast as it goes: the clock on the wall is looked at now and then, not at each step. */
function breathing(): Pace {
  const pace = unpaced();
  let steps = 0;
  return {
    until(time) {
      steps += 1;
      return steps % stepsPerBreath === 0 ? pace.until(time) : null;
    },
  };
}

/** A report is of one coin. @throws {CommandError} for accounts of several */
function assertOneQuote(accounts: readonly AccountConfig[]): void {
  const quotes = [...new Set(accounts.map(({ quote }) => quote))];
  if (quotes.length === 1) return;
  throw new CommandError(
    `Cannot backtest accounts of ${quotes.join(" and ")} in one report: wanted one quote coin`,
    exitCode.usage,
  );
}

/** What all accounts begin with, in their quote coin. */
function openingOf(config: RunConfig): number {
  return accountsOf(config.desk)
    .map((account) => Number(openingBalances(config, account)[account.quote] ?? 0))
    .reduce((sum, opening) => sum + opening);
}

/** A pause from the beginning on, for planes that are to be warm when the first entry may be. */
function enteringFrom(at: number | null): Pick<RunParts, "script"> {
  if (at === null) return {};
  const told = (desk: Desk, name: "pause" | "resume") => () => {
    const key = `warming up/${name}`;
    const { done, text } = desk.command({
      ...{ name, target: null, reason: "warming up", idempotencyKey: key },
      ...{ who: "backtest", role: "admin" },
    });
    assert(done, `Cannot ${name} while warming up: ${text}`);
  };
  return {
    script: (desk) => [
      { at: 0, run: told(desk, "pause") },
      { at, run: told(desk, "resume") },
    ],
  };
}

/** Who voted for each position, living or closed. */
function votersOf(desk: Desk, rows: LedgerRows): (positionId: string) => readonly string[] {
  const voters = new Map<string, readonly string[]>();
  for (const { positionId, votedBy } of rows.eachPosition()) {
    if (votedBy) voters.set(positionId, votedBy);
  }
  for (const [name, { context }] of desk.actors()) {
    if (!name.startsWith("position:")) continue;
    const { positionId, votedBy } = context as PositionContext;
    voters.set(positionId, votedBy);
  }
  return (positionId) => voters.get(positionId) ?? [];
}
