import {
  ConfigurationHistory,
  configurationRecordKind,
  type DeskConfig,
  isEvaluation,
  lanesOf,
} from "../../actors/desk/mod.ts";
import { type Finding, verifyChain } from "../../actors/runtime/mod.ts";
import type { JournalRecord } from "../../actors/runtime/ports.ts";
import { accountKey, type LaneName, symbolOfLane } from "../../machines/domain/ids.ts";
import type { LedgerReader } from "../store/reader.ts";
import { CommandError, exitCode } from "./exit-codes.ts";

/** Which evaluation is asked for; null for no such wish, and of neither for the latest. */
export interface MomentWanted {
  /** A lane; one of the first account with or without its name before it. */
  readonly symbol: string;
  /** The last one at or before this time of the desk, Unix milliseconds. */
  readonly at: number | null;
  readonly seq: number | null;
}

/** The evaluation that was meant, and under which configurations the ledger was written. */
export interface FoundMoment {
  readonly lane: LaneName;
  readonly record: JournalRecord;
  readonly history: ConfigurationHistory;
}

/** What the ledger says of the run's configuration when it was made. @throws {CommandError} */
export function firstConfiguration(reader: LedgerReader): DeskConfig {
  const text = reader.meta().get("config");
  if (text === undefined) {
    throw new CommandError(
      `Cannot read ledger "${reader.path}": no desk has started on it yet`,
      exitCode.usage,
    );
  }
  return (JSON.parse(text) as { readonly desk: DeskConfig }).desk;
}

/** Every configuration that a ledger was written under, archived records included. */
export function configurationHistory(reader: LedgerReader): ConfigurationHistory {
  const first = firstConfiguration(reader);
  // Without a reload there is nothing to look for, however long the history is.
  const wasReloaded = reader.state("desk").has("config");
  return new ConfigurationHistory(first, wasReloaded ? reloads(reader) : []);
}

function* reloads(reader: LedgerReader): Iterable<JournalRecord> {
  for (const record of reader.history()) {
    if (record.kind === configurationRecordKind) yield record;
  }
}

/**
 * Finds the evaluation that was meant, and verifies the chain on the way: what was tampered with
 * explains nothing. Reads all of the history, archived segments included.
 *
 * @throws {CommandError} if there is no such evaluation, or the chain does not hold up to it
 * @throws {ArchiveUnreadable} where an archived segment is missing or changed
 */
export function findMoment(reader: LedgerReader, wanted: MomentWanted): FoundMoment {
  const first = firstConfiguration(reader);
  const lane = tradedLane(first, wanted.symbol);
  const search = new Search({ ...wanted, symbol: lane });
  const { findings } = verifyChain(search.watch(reader.history()), {
    storedHead: reader.head(),
    segments: reader.journal.segments(),
  });
  // What comes after a record that was named has no part in it.
  const before = wanted.seq ?? Number.POSITIVE_INFINITY;
  const finding = findings.find(({ seq }) => seq <= before);
  if (finding) throw notWhole(wanted, finding);
  const record = search.found();
  return { lane, record, history: new ConfigurationHistory(first, search.reloads) };
}

function notWhole({ symbol }: MomentWanted, { seq, text }: Finding): CommandError {
  return new CommandError(
    `Cannot explain decisions of "${symbol}": the journal does not verify at record ${seq}: ` +
      `${text}; "novactor journal verify" shows all findings`,
    exitCode.finding,
  );
}

function tradedLane(config: DeskConfig, asked: string): LaneName {
  const known = lanesOf(config).map(({ lane }) => lane);
  const owner = `${accountKey(config.at)}/`;
  const symbol = asked.startsWith(owner) ? asked.slice(owner.length) : asked;
  if (known.includes(symbol)) return symbol;
  const lanes = known.filter((lane) => symbolOfLane(lane) === symbol);
  const why =
    lanes.length > 0
      ? `each of its strategy books decides on it, wanted one of ${lanes.join(", ")}`
      : `the ledger does not trade it, wanted one of ${known.join(", ")}`;
  throw new CommandError(`Cannot explain decisions of "${asked}": ${why}`, exitCode.usage);
}

/** Looks for one evaluation among all records as they pass. */
class Search {
  readonly reloads: JournalRecord[] = [];
  private first: JournalRecord | null = null;
  private last: JournalRecord | null = null;

  constructor(private readonly wanted: MomentWanted) {}

  *watch(records: Iterable<JournalRecord>): Iterable<JournalRecord> {
    const { symbol, at, seq } = this.wanted;
    for (const record of records) {
      if (record.kind === configurationRecordKind) this.reloads.push(record);
      if (isEvaluation(record, symbol)) {
        this.first ??= record;
        const isWanted = seq !== null ? record.seq === seq : at === null || record.at <= at;
        if (isWanted) this.last = record;
      }
      yield record;
    }
  }

  found(): JournalRecord {
    const { symbol, at, seq } = this.wanted;
    if (this.last) return this.last;
    const time = (milliseconds: number) => new Date(milliseconds).toISOString();
    if (!this.first) throw missing(`Cannot explain decisions of "${symbol}": none was made yet`);
    if (seq !== null) {
      throw missing(`Cannot explain record ${seq}: it is no decision on "${symbol}"`);
    }
    throw missing(
      `Cannot explain the decision on "${symbol}" at ${time(at ?? 0)}: ` +
        `the first one was made at ${time(this.first.at)}`,
    );
  }
}

function missing(text: string): CommandError {
  return new CommandError(text, exitCode.usage);
}
