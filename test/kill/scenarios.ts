/** What is done to a run, and what must be true of it afterwards. */
import { askDesk } from "../../adapters/cli/control.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";
import type { Brake } from "../../machines/domain/brake.ts";
import type { CommandName } from "../../machines/domain/command.ts";
import type { CrashPoint } from "../../machines/domain/crash-point.ts";
import { letSettle } from "./aftermath.ts";
import { committedSeq } from "./desk-process.ts";
import { readEvidence } from "./evidence.ts";
import { exposureBoundMs, exposureOf } from "./exposure.ts";
import {
  crashAt,
  killAlong,
  type Outcome,
  outcomeOf,
  runToEnd,
  spread,
  verifyJournal,
  type WorkFolder,
} from "./harness.ts";
import { type MarketRun, partsOf } from "./market-run.ts";
import * as promises from "./promises.ts";
import { makeWitnessedLedger } from "./witness.ts";

/** A run as it is when nobody disturbs it. */
export interface WholeRun {
  readonly run: MarketRun;
  readonly outcome: Outcome;
  /** Records in its journal. */
  readonly total: number;
}

export async function wholeRun(run: MarketRun, folder: WorkFolder): Promise<WholeRun> {
  const file = folder.file("whole.db");
  const report = await runToEnd(run, file);
  await verifyJournal(file, report.journalHead);
  return { run, outcome: outcomeOf(report), total: committedSeq(file) };
}

/** What a disturbed run came to. */
export interface Disturbed {
  readonly outcome: Outcome;
  /** Where its journal ended each time that it was killed. */
  readonly killedAt: readonly number[];
}

/** Kills a run at sequences spread over it, and takes it to its end. The chain is verified. */
export async function killedRun(
  { run, total }: WholeRun,
  kills: number,
  folder: WorkFolder,
): Promise<Disturbed> {
  const file = folder.file("killed.db");
  const killedAt = await killAlong(run, file, spread(total, kills));
  const report = await runToEnd(run, file);
  await verifyJournal(file, report.journalHead);
  return { outcome: outcomeOf(report), killedAt };
}

/** A moment at which the process kills itself, for the n-th time that it is reached. */
export type Crash = readonly [point: CrashPoint, times: number];

/** @throws naming the crash point that the run never reached. */
async function crashAlong(
  run: MarketRun,
  file: string,
  crashes: readonly Crash[],
): Promise<number[]> {
  const crashedAt: number[] = [];
  for (const [point, times] of crashes) {
    const seq = await crashAt(run, file, point, times);
    if (seq === null) throw new Error(`Cannot crash at "${point}:${times}": never reached`);
    crashedAt.push(seq);
  }
  return crashedAt;
}

/** Crashes a run at named moments, one after the other, and takes it to its end. */
export async function crashedRun(
  run: MarketRun,
  crashes: readonly Crash[],
  folder: WorkFolder,
): Promise<Disturbed> {
  const file = folder.file(
    `crashed-${crashes
      .map(([point]) => point)
      .join("-")
      .slice(0, 60)}.db`,
  );
  const killedAt = await crashAlong(run, file, crashes);
  const report = await runToEnd(run, file);
  await verifyJournal(file, report.journalHead);
  return { outcome: outcomeOf(report), killedAt };
}

/**
 * Each request's moments, where a look-up is what follows a submit that was under way. Not three
 * in a row of one order: attempts, and cancels that are sent again at once, have a limit, past
 * which an entry is given up and a cancel waits.
 */
export const everyCrashPoint: readonly Crash[] = [
  ["commit.before", 1],
  ["commit.inside", 2],
  ["commit.after", 3],
  ["submit.beforeSend", 1],
  ["lookUp.beforeSend", 1],
  ["submit.afterSend", 3],
  ["lookUp.afterSend", 1],
  ["submit.afterReply", 3],
  ["lookUp.afterReply", 1],
  ["amend.beforeSend", 2],
  ["amend.afterSend", 2],
  ["amend.afterReply", 2],
  ["cancel.beforeSend", 1],
  ["cancel.afterSend", 2],
  ["cancel.afterReply", 2],
  ["archive.before", 2],
  ["archive.after", 2],
];

/** What an operator does while a run is killed again and again. */
const operator: readonly (CommandName | null)[] = [null, "pause", "resume", "flatten", "resume"];

export interface Judged {
  readonly killedAt: readonly number[];
  /** By promise: what breaks it. */
  readonly findings: Readonly<Record<string, readonly string[]>>;
  readonly orders: number;
  readonly fills: number;
  readonly trades: number;
  /** Virtual hours after the run's end until nothing was in doubt any more. */
  readonly settledHours: number;
  /** The longest that something held had no order to sell it, and the longest allowed. */
  readonly longestUncoveredMs: number;
  readonly exposureBoundMs: number;
}

/** Where in its folder a judged run's ledger is. */
export const judgedLedger = "judged.db";

export interface Disturbance {
  readonly crashes: readonly Crash[];
  readonly kills: number;
  /** Records after which it is killed no more. */
  readonly lastKill: number;
}

/**
 * Crashes and kills a run over a venue that loses, delays and repeats, with an operator pausing,
 * flattening and resuming; lets everything settle; and judges it by the venue's own record.
 */
export async function judgedRun(
  run: MarketRun,
  { crashes, kills, lastKill }: Disturbance,
  folder: WorkFolder,
): Promise<Judged> {
  const file = folder.file(judgedLedger);
  makeWitnessedLedger(file);
  const crashedAt = await crashAlong(run, file, crashes);
  const first = crashedAt.at(-1) ?? 0;
  const targets = spread(lastKill - first, kills).map((seq) => first + seq);
  const brakesAtKill: { seq: number; brakes: readonly Brake[] }[] = [];
  const killedAt = await killAlong(
    run,
    file,
    targets,
    (seq) => brakesAtKill.push({ seq, brakes: storedBrakes(file) }),
    (index) => command(file, operator[index % operator.length] ?? null, index),
  );
  const report = await runToEnd(run, file);
  await verifyJournal(file, report.journalHead);
  const settledHours = await letSettle(run, file);
  return {
    ...(await judgeLedger(run, file, brakesAtKill)),
    ...{ killedAt: [...crashedAt, ...killedAt], settledHours },
    ...{ orders: report.orders, fills: report.fills, trades: report.trades },
  };
}

async function command(file: string, name: CommandName | null, index: number): Promise<void> {
  if (name === null) return;
  const key = `kill-${index}-${name}`;
  const body = { name, target: null, who: "test", reason: "", idempotencyKey: key };
  const { done, text } = (await askDesk(file, "/command", body)) as { done: boolean; text: string };
  if (!done) throw new Error(`Cannot ${name}: ${text}`);
}

/** The brakes that a starting desk would find. */
function storedBrakes(file: string): readonly Brake[] {
  using reader = new LedgerReader(file);
  const desk = reader.actors().find(({ name }) => name === "desk");
  if (!desk) throw new Error(`Cannot read brakes of "${file}": it holds no desk`);
  return (desk.snapshot as { context: { brakes: readonly Brake[] } }).context.brakes;
}

/** Judges a ledger made by `makeWitnessedLedger` in which nothing is in doubt any more. */
export async function judgeLedger(
  run: MarketRun,
  file: string,
  brakesAtKill: readonly { seq: number; brakes: readonly Brake[] }[],
): Promise<Pick<Judged, "findings" | "longestUncoveredMs" | "exposureBoundMs">> {
  const { config } = await partsOf(run);
  const evidence = readEvidence(file);
  const instruments = config.desk.symbols.map(({ instrument }) => instrument);
  const exposure = exposureOf(evidence, new Map(instruments.map((each) => [each.symbol, each])));
  const bound = exposureBoundMs(config);
  const tooLong = exposure.uncovered
    .filter(({ forMs }) => forMs > bound)
    .map(({ positionId, from, forMs }) => `${positionId}: uncovered ${forMs} ms from ${from}`);
  const forgotten = brakesAtKill
    .filter(({ seq, brakes }) => !Bun.deepEquals(brakes, evidence.journal.brakesAfter(seq)))
    .map(({ seq, brakes }) => `at record ${seq} the brakes kept are ${JSON.stringify(brakes)}`);
  return {
    longestUncoveredMs: Math.max(0, ...exposure.uncovered.map(({ forMs }) => forMs)),
    exposureBoundMs: bound,
    findings: {
      P1: promises.intentFirst(evidence),
      P2: promises.neverTwice(evidence),
      P3: promises.neverFromSilence(evidence),
      P4: promises.everyFillOnce(evidence),
      P5: promises.booksBalance(evidence),
      P6: [...exposure.broken, ...tooLong],
      P7: promises.brakesHold(evidence),
      P8: [...forgotten, ...evidence.journal.releasedByNobody],
      unforeseen: promises.nothingUnforeseen(evidence),
    },
  };
}
