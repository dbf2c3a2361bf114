/** A ledger with a journal as long as wanted, made of a run's own records again and again. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chainHash } from "../../actors/runtime/journal.ts";
import { genesis, verifyChain } from "../../actors/runtime/mod.ts";
import type { JournalHead, JournalRecord } from "../../actors/runtime/ports.ts";
import { Ledger } from "../../adapters/store/ledger.ts";
import { faultyRun } from "../../adapters/store/past/run.fixture.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";

/** Records that are committed at once. */
const batchRecords = 5_000;

/** Positions and orders of one round are other ones than those of the next. */
const numbered = /(paper:main\/[A-Z]+\/USD\/)(\d+)/g;
const numbersOfARound = 1_000;
const named = (text: string, round: number): string =>
  text.replace(numbered, (_, lane: string, number: string) => {
    return `${lane}${Number(number) + round * numbersOfARound}`;
  });

function* repeated(pattern: readonly JournalRecord[], count: number): Iterable<JournalRecord> {
  const [first] = pattern;
  const span = (pattern.at(-1)?.at ?? 0) - (first?.at ?? 0) + 60_000;
  let head: JournalHead = genesis;
  for (let index = 0; index < count; index++) {
    const record = pattern[index % pattern.length];
    if (!record) return;
    const round = Math.floor(index / pattern.length);
    const seq = index + 1;
    const at = record.at + round * span;
    const { code, kind } = record;
    const content = named(record.content, round)
      .replace(/^\{"at":\d+/, `{"at":${at}`)
      .replace(`"seq":${record.seq},`, `"seq":${seq},`);
    const hash = chainHash(head.hash, content);
    const correlation = record.correlation === null ? null : named(record.correlation, round);
    const subject = named(record.subject, round);
    yield { seq, at, kind, subject, code, correlation, content, hash };
    head = { seq, hash };
  }
}

export interface LongJournal extends Disposable {
  readonly path: string;
}

/** Records of a run with faults over so many hours, to be repeated. */
export async function journalPattern(hours: number): Promise<readonly JournalRecord[]> {
  using run = await faultyRun({ hours });
  using reader = new LedgerReader(run.ledgerFile);
  return [...reader.history()];
}

/** @param keep records that stay in the journal: older segments are archived */
export function longJournal(
  pattern: readonly JournalRecord[],
  count: number,
  keep: number,
): LongJournal {
  const folder = mkdtempSync(join(tmpdir(), "novactor-journal-"));
  const path = join(folder, "desk.db");
  using ledger = new Ledger(path);
  const state = ["BTC", "ETH", "SOL", "ADA", "XRP"].map((coin) => ({
    ...{ space: "market", key: `${coin}/USD`, value: { seq: Number.MAX_SAFE_INTEGER } },
  }));
  let records: JournalRecord[] = [];
  const commit = () => {
    ledger.commit({ records, actors: [], archived: [], revived: [], ledger: [], state });
    records = [];
  };
  for (const record of repeated(pattern, count)) {
    records.push(record);
    if (records.length === batchRecords) commit();
  }
  if (records.length > 0) commit();
  for (let isOlder = true; isOlder; ) {
    const step = ledger.archiveOldest({ keepRecords: keep, verify: verifyChain });
    isOlder = step.type === "archived";
  }
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
