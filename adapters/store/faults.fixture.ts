/** What the tests of faults share: commits until one fails, and a look at what is left. */
import type { JournalRecord } from "../../actors/runtime/ports.ts";
import { verifyChain } from "../../actors/runtime/verify.ts";
import { Ledger, type LedgerOptions } from "./ledger.ts";
import { batch, recordsFrom } from "./samples.fixture.ts";

/** By the time of this clock every lease is over: copies of a ledger that is open can be opened. */
export const later = { clock: { wall: () => Date.now() + 1e10, steady: () => performance.now() } };

/** What it throws, or null. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run();
    return null;
  } catch (error) {
    return error;
  }
}

/** Commits so many records at a time until that fails, or so many are acknowledged. */
export function commitUntilFailure(
  ledger: Ledger,
  most: number,
  size = 1,
  eachMeanwhile = () => {},
) {
  const acknowledged: JournalRecord[] = [];
  while (acknowledged.length < most) {
    eachMeanwhile();
    const records = recordsFrom(ledger.load().head, size);
    const state = [{ space: "a", key: "b", value: records.at(-1)?.seq }];
    try {
      ledger.commit(batch({ records, state }));
    } catch (failure) {
      return { acknowledged, failure };
    }
    acknowledged.push(...records);
  }
  return { acknowledged, failure: null };
}

/** All records of a ledger as another process would find them, and what is wrong with it. */
export function found(path: string, options: LedgerOptions = {}) {
  using ledger = new Ledger(path, options);
  using reader = ledger.reader();
  const { findings } = verifyChain(reader.journal.range(), { storedHead: reader.head() });
  return {
    records: [...reader.journal.range()],
    value: reader.state("a").get("b"),
    findings: [...findings, ...reader.integrityFindings()],
  };
}
