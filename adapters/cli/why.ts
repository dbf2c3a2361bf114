import { type Command, InvalidArgumentError, Option } from "commander";
import { type Explanation, explanations } from "../../actors/desk/mod.ts";
import { defaultLedgerFile } from "../../config/defaults.ts";
import { timeframeMs } from "../../machines/domain/market.ts";
import type { LedgerReader } from "../store/reader.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import { openReader } from "./inspect.ts";
import { findMoment, type MomentWanted } from "./why-ledger.ts";
import { settingsChange } from "./why-settings.ts";
import { frameText, mismatchText, whyText } from "./why-text.ts";

interface WhyOptions {
  readonly at?: number;
  readonly seq?: number;
  readonly frame?: number;
  /** As after `--set`: `minConfidence=0.5`. */
  readonly set: readonly string[];
  readonly db: string;
  readonly json: boolean;
}

/**
 * `novactor why`: one past decision with all that led to it, run again from its inputs. Returns
 * the exit code: 4 where it does not come out as it was recorded.
 *
 * @throws {CommandError} if there is no such decision, or the journal up to it does not verify
 */
function why(symbol: string, options: WhyOptions): number {
  const { set, frame = null, db, json } = options;
  if (options.at !== undefined && options.seq !== undefined) {
    throw new CommandError("Cannot take --at and --seq at once: wanted one", exitCode.usage);
  }
  using reader = openReader(db);
  const wanted = { symbol, at: options.at ?? null, seq: options.seq ?? null };
  // Of one state of the file: a desk may write it, and archive, meanwhile.
  const explanation = reader.atOnce(() => explain(reader, wanted, set));
  const shown = frame === null ? explanation : withFrame(explanation, frame);
  console.log(json ? JSON.stringify(shown) : whyText(shown, set, frame));
  const mismatch = mismatchText(explanation);
  if (mismatch === null) return exitCode.ok;
  console.error(mismatch);
  return exitCode.finding;
}

/** Finds a past decision in a ledger and runs it again. @throws {CommandError} as {@link why} */
export function explain(
  reader: LedgerReader,
  wanted: MomentWanted,
  settings: readonly string[],
): Explanation {
  const change = settings.length === 0 ? {} : { change: settingsChange(settings) };
  const { lane, record, history } = findMoment(reader, wanted);
  const options = { symbol: lane, history, ...change };
  for (const each of explanations(reader.history(), new Set([record.seq]), options)) return each;
  throw new RangeError(`Cannot explain record ${record.seq}: it was not found again`);
}

/** The explanation with one frame only. @throws {CommandError} if there is no such frame */
function withFrame(explanation: Explanation, frameMs: number): Explanation {
  const { again } = explanation;
  const frames = again.evaluation.frames.filter((each) => each.frameMs === frameMs);
  if (frames.length === 0) {
    const known = again.evaluation.frames.map((each) => frameText(each.frameMs)).join(", ");
    throw new CommandError(
      `Cannot show timeframe ${frameText(frameMs)}: wanted one of ${known}`,
      exitCode.usage,
    );
  }
  return { ...explanation, again: { ...again, evaluation: { ...again.evaluation, frames } } };
}

const isoTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** A time as people write it, UTC unless it says otherwise. */
function time(text: string): number {
  const isLocal = text.includes("T") && !/(Z|[+-]\d\d:\d\d)$/.test(text);
  const value = isoTime.test(text) ? Date.parse(isLocal ? `${text}Z` : text) : Number.NaN;
  if (Number.isNaN(value)) {
    throw new InvalidArgumentError("Wanted a time such as 2022-01-15T10:35:00Z.");
  }
  return value;
}

function frameLength(text: string): number {
  try {
    return timeframeMs(text);
  } catch {
    throw new InvalidArgumentError("Wanted a timeframe such as 5m.");
  }
}

function sequence(text: string): number {
  const value = Number(text);
  if (!/^[1-9]\d*$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("Wanted the number of a journal record.");
  }
  return value;
}

/** Adds `why` to the command line. */
export function registerWhyCommand(program: Command): void {
  const collect = (value: string, all: readonly string[]) => [...all, value];
  program
    .command("why <symbol>")
    .description("why a past decision came out as it did: votes, regime and gates, run again")
    .option("--at <time>", "the last decision at or before this time; the latest unless told", time)
    .option("--seq <n>", "the decision of this journal record", sequence)
    .option("--frame <time>", "this timeframe only, with its indicators' values", frameLength)
    .option("--set <name=value>", "the same moment with this changed; again for more", collect, [])
    .addOption(
      new Option("--db <file>", "the ledger").default(defaultLedgerFile).env("NOVACTOR_DB"),
    )
    .option("--json", "as one line of JSON", false)
    .action((symbol: string, options: WhyOptions) => {
      process.exitCode = why(symbol, options);
    });
}
