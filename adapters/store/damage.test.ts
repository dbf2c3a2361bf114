/** Files that were damaged or cut while no desk looked. */
import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import type { JournalRecord } from "../../actors/runtime/ports.ts";
import { verifyChain } from "../../actors/runtime/verify.ts";
import { StoreDamaged } from "./errors.ts";
import { commitUntilFailure, found, later, thrownBy } from "./faults.fixture.ts";
import { Ledger } from "./ledger.ts";
import { LedgerReader } from "./reader.ts";
import { batch, everything, recordsFrom, TemporaryFolder } from "./samples.fixture.ts";

describe("Ledger with a damaged page", () => {
  /** A closed ledger of many pages; some bytes of a page of that table are then overwritten. */
  function damaged(folder: TemporaryFolder, table: string): string {
    const path = folder.file("desk.db");
    {
      using ledger = new Ledger(path);
      ledger.commit(everything);
      const records = recordsFrom(ledger.load().head, 3_000);
      ledger.commit(batch({ records }));
    }
    let page = 0;
    {
      using database = new Database(path, { readonly: true });
      const sql = "SELECT pageno FROM dbstat WHERE name = ? ORDER BY pageno";
      const pages = database.query<{ pageno: number }, [string]>(sql).all(table);
      page = pages[Math.floor(pages.length / 2)]?.pageno ?? 0;
    }
    const bytes = readFileSync(path);
    bytes.fill(0xa5, (page - 1) * 4096, (page - 1) * 4096 + 64);
    writeFileSync(path, bytes);
    return path;
  }

  test.each([
    "orders",
    "attempts",
    "fills",
    "positions",
    "postings",
    "balances",
    "actors",
    "archive",
    "state",
    "structures",
    "meta",
    "head",
    "segments",
    "lease",
  ])("is refused, and left as it is: %s", (table) => {
    using folder = new TemporaryFolder();
    const path = damaged(folder, table);
    const before = readFileSync(path);
    const error = thrownBy(() => new Ledger(path));
    expect(error).toBeInstanceOf(StoreDamaged);
    expect((error as Error).message).toStartWith(`Cannot use ledger "${path}": it is damaged: `);
    expect((error as Error).message).toContain("put back the latest good one");
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("is opened if it is one in the middle of the journal, which shows when it is read", () => {
    using folder = new TemporaryFolder();
    const path = damaged(folder, "journal");
    using ledger = new Ledger(path);
    expect(ledger.load().actors).toEqual(everything.actors);
    using reader = ledger.reader();
    expect(() => verifyChain(reader.journal.range())).toThrow("malformed");
    expect(reader.integrityFindings()).not.toEqual([]);
    // What is whole goes on.
    expect(commitUntilFailure(ledger, 3).failure).toBeNull();
  });

  test("is refused if it is the first", () => {
    using folder = new TemporaryFolder();
    const path = damaged(folder, "journal");
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 100, 4096);
    writeFileSync(path, bytes);
    expect(thrownBy(() => new Ledger(path))).toBeInstanceOf(StoreDamaged);
    expect(thrownBy(() => new LedgerReader(path))).toBeInstanceOf(StoreDamaged);
  });

  test("is refused if half of the file is missing", () => {
    using folder = new TemporaryFolder();
    const path = damaged(folder, "journal");
    truncateSync(path, Math.trunc(statSync(path).size / 8192) * 4096);
    expect(thrownBy(() => new Ledger(path))).toBeInstanceOf(StoreDamaged);
  });

  test.each([
    ["its journal ends at record 3011, its head says 3012", "DELETE FROM journal WHERE seq = 3012"],
    ["record 3012, its last, has another hash than its head", "UPDATE head SET hash = upper(hash)"],
    ["it has no journal head", "DELETE FROM head"],
  ])("is refused if its end is not what it says: %s", (reason, sql) => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    {
      using ledger = new Ledger(path);
      ledger.commit(everything);
      ledger.commit(batch({ records: recordsFrom(ledger.load().head, 3_000) }));
    }
    {
      using database = new Database(path);
      database.run(sql);
    }
    expect(thrownBy(() => new Ledger(path))).toMatchObject({ name: "StoreDamaged", reason });
  });
});

describe("Ledger whose log is cut", () => {
  /** Copies the files of a ledger that is open, the log only up to so many bytes. */
  function copyCut(path: string, copy: string, logBytes: number): void {
    copyFileSync(path, copy);
    copyFileSync(`${path}-wal`, `${copy}-wal`);
    truncateSync(`${copy}-wal`, logBytes);
  }

  test("holds every commit before the one that was cut, wherever it was", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    using ledger = new Ledger(path);
    const { acknowledged } = commitUntilFailure(ledger, 5);
    const whole = statSync(`${path}-wal`).size;
    const [last] = commitUntilFailure(ledger, 1).acknowledged;
    const end = statSync(`${path}-wal`).size;
    expect(end).toBeGreaterThan(whole);
    for (let cut = whole; cut < end; cut += 997) {
      const copy = folder.file(`cut-${cut}.db`);
      copyCut(path, copy, cut);
      const expected = { records: acknowledged, value: 5, findings: [] };
      expect(found(copy, { lease: later })).toEqual(expected);
    }
    copyCut(path, folder.file("whole.db"), end);
    const all = [...acknowledged, last as JournalRecord];
    expect(found(folder.file("whole.db"), { lease: later }).records).toEqual(all);
  });

  test("opens at an earlier commit if more was cut, which a noted head tells", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    using ledger = new Ledger(path);
    commitUntilFailure(ledger, 2);
    const early = statSync(`${path}-wal`).size;
    const { acknowledged } = commitUntilFailure(ledger, 3);
    const copy = folder.file("cut.db");
    copyCut(path, copy, early);
    expect(found(copy, { lease: later })).toMatchObject({ value: 2, findings: [] });
    using reader = new LedgerReader(copy);
    const head = acknowledged.at(-1)?.hash ?? "";
    const { findings } = verifyChain(reader.journal.range(), { head });
    expect(findings.map(({ kind, seq }) => [kind, seq])).toEqual([["cut", 3]]);
  });
});
