/** Runs that are killed and started again, and what an uninterrupted one of the same came to. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isForeseenAlarm } from "./alarms.ts";
import { committedSeq, DeskProcess, type Ended, HeadWatch, novactor } from "./desk-process.ts";
import { environmentOf, type MarketRun, startArgs } from "./market-run.ts";

/** The last line of `start --json`. */
export interface Report {
  readonly candles: number;
  readonly decisions: number;
  readonly orders: number;
  readonly fills: number;
  readonly trades: number;
  readonly realizedPnl: string;
  readonly fees: string;
  readonly equity: string;
  readonly codes: Readonly<Record<string, number>>;
  readonly journalHead: string;
  readonly ledgerHead: string;
  readonly elapsedMs: number;
}

/** What must be the same whether a run was killed or not. */
export type Outcome = Omit<Report, "journalHead" | "elapsedMs">;

/** A folder of its own, gone when it is disposed; `keep` leaves it for whoever looks for a cause. */
export class WorkFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "novactor-"));
  keep = false;

  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    if (!this.keep) rmSync(this.path, { recursive: true, force: true });
  }
}

/** What of its log, or of what else a desk wrote beside it, nobody ordered: errors and crashes. */
export function complaintsOf({ err }: Ended): string {
  const lines = err.split("\n").filter((line) => line !== "");
  return lines.filter((line) => !isQuiet(line)).join("\n");
}

/** Whether a line of the log is no error, or an alarm that faults make. */
function isQuiet(line: string): boolean {
  if (/^\{"level":"(info|warn)"/.test(line)) return true;
  // Not the line as a whole: a process that was killed may have written part of it.
  const [, message] = /"message":("(?:[^"\\]|\\.)*")/.exec(line) ?? [];
  return message !== undefined && isForeseenAlarm(JSON.parse(message) as string);
}

/** @throws if the process did not end well, with what it said. */
export function reportOf(ended: Ended): Report {
  const { code, signal, out } = ended;
  const line = out.trim().split("\n").at(-1) ?? "";
  const complaints = complaintsOf(ended);
  if (code !== 0 || complaints !== "") {
    throw new Error(`Cannot read report: the desk ended with ${signal ?? code}: ${complaints}`);
  }
  return JSON.parse(line) as Report;
}

export function outcomeOf({ journalHead: _, elapsedMs: __, ...outcome }: Report): Outcome {
  return outcome;
}

export async function runToEnd(run: MarketRun, ledgerFile: string): Promise<Report> {
  return reportOf(await novactor(startArgs(run, ledgerFile), environmentOf(run)));
}

/** What to do at the moment of a kill, while the process still runs. */
export type BeforeKill = (index: number) => Promise<void>;

/** As many sequences, spread evenly over a journal of `total` records. */
export function spread(total: number, kills: number): number[] {
  return Array.from({ length: kills }, (_, index) => {
    return Math.floor((total * (index + 1)) / (kills + 1));
  });
}

/**
 * Starts a run, kills it from outside once its journal holds so many records, and starts it again
 * with the same command, for each target. Returns the sequences at which it was found dead; they
 * strictly rise.
 *
 * @throws if the run ends before it could be killed.
 */
export async function killAlong(
  run: MarketRun,
  ledgerFile: string,
  targets: readonly number[],
  afterKill: (seq: number) => void = () => {},
  beforeKill: BeforeKill = async () => {},
): Promise<number[]> {
  const killedAt: number[] = [];
  for (const [index, target] of targets.entries()) {
    const wanted = Math.max(target, (killedAt.at(-1) ?? 0) + 1);
    await using desk = new DeskProcess(startArgs(run, ledgerFile), environmentOf(run));
    using watch = new HeadWatch(ledgerFile);
    const isThere = await desk.until(() => watch.seq() >= wanted);
    if (isThere && !desk.isDone) await beforeKill(index);
    desk.signal("SIGKILL");
    const ended = await desk.ended;
    if (ended.signal !== "SIGKILL" || complaintsOf(ended) !== "") {
      throw new Error(
        `Cannot kill the desk at record ${wanted}: it ended with ${ended.signal ?? ended.code}: ` +
          complaintsOf(ended),
      );
    }
    const seq = committedSeq(ledgerFile);
    killedAt.push(seq);
    afterKill(seq);
  }
  return killedAt;
}

/**
 * Starts a run that kills itself when it reaches a named moment for the n-th time. Returns where
 * its journal ended, or null if it came to its own end without having reached it.
 */
export async function crashAt(
  run: MarketRun,
  ledgerFile: string,
  point: string,
  times: number,
): Promise<number | null> {
  const ended = await novactor(startArgs(run, ledgerFile), {
    ...environmentOf(run),
    NOVACTOR_CRASH: `${point}:${times}`,
  });
  if (ended.signal === "SIGKILL" && complaintsOf(ended) === "") return committedSeq(ledgerFile);
  reportOf(ended);
  return null;
}

/** @throws with its findings if the journal's chain does not hold. */
export async function verifyJournal(ledgerFile: string, head: string): Promise<string> {
  const { code, out, err } = await novactor([
    ...["journal", "verify", "--db", ledgerFile],
    ...["--head", head],
  ]);
  if (code !== 0) throw new Error(`Cannot verify journal of "${ledgerFile}": ${out}${err}`);
  return out.trim();
}
