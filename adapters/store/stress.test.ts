/** The faults that the table in `errors.ts` lists, except those that have a test file of their own. */
import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { journalRecord } from "../../actors/runtime/journal.ts";
import type { JournalRecord } from "../../actors/runtime/ports.ts";
import { verifyChain } from "../../actors/runtime/verify.ts";
import { CommitFailed, StoreNotWritable, StoreUnreadable } from "./errors.ts";
import { commitUntilFailure, found, later, thrownBy } from "./faults.fixture.ts";
import { LeaseChild } from "./lease-child.fixture.ts";
import { Ledger } from "./ledger.ts";
import { LedgerReader } from "./reader.ts";
import { batch, everything, TemporaryFolder } from "./samples.fixture.ts";

describe("Ledger on a full disk", () => {
  test("refuses the commit that does not fit, keeps the others, and had warned before", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    const pagesMax = 200;
    const free: number[] = [];
    let before: JournalRecord[] = [];
    {
      using ledger = new Ledger(path, { pagesMax });
      const { acknowledged, failure } = commitUntilFailure(ledger, 100_000, 5, () => {
        free.push(ledger.freeBytes());
      });
      before = acknowledged;
      expect(failure).toBeInstanceOf(CommitFailed);
      expect(failure).toMatchObject({ path, code: "SQLITE_FULL" });
      // It stays refused, and with nothing half-written.
      expect(commitUntilFailure(ledger, 1, 5).failure).toMatchObject({ code: "SQLITE_FULL" });
    }
    // A brake at a tenth of the room would have tripped long before the first refusal.
    const warnings = free.filter((bytes) => bytes < (pagesMax * 4096) / 10).length;
    expect(warnings).toBeGreaterThan(10);
    expect(free.at(-1)).toBeLessThan(2 * 4096);
    expect(free.every((bytes, index) => bytes <= (free[index - 1] ?? bytes))).toBe(true);
    expect(found(path)).toEqual({ records: before, value: before.length, findings: [] });
    // With room it goes on where it was.
    using ledger = new Ledger(path, { pagesMax: 2 * pagesMax });
    expect(commitUntilFailure(ledger, 10).failure).toBeNull();
  });

  test("is not opened where not even the lease fits", () => {
    using folder = new TemporaryFolder();
    const error = thrownBy(() => new Ledger(folder.file("desk.db"), { pagesMax: 3 }));
    expect(error).toBeInstanceOf(StoreNotWritable);
    expect(error).toMatchObject({ code: "SQLITE_FULL" });
  });

  test("knows what the real disk has left", () => {
    using folder = new TemporaryFolder();
    using ledger = new Ledger(folder.file("desk.db"));
    using reader = ledger.reader();
    expect(ledger.freeBytes()).toBeGreaterThan(0);
    expect(ledger.freeBytes()).toBeLessThan(reader.stats().pageBytes * 2 ** 32);
  });
});

describe("Ledger that is locked by another process", () => {
  test("waits for it, and then commits", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    await using desk = new LeaseChild(path, 3_600_000);
    await desk.started();
    const program = `
      import { Database } from "bun:sqlite";
      const database = new Database(${JSON.stringify(path)});
      database.run("BEGIN IMMEDIATE");
      console.log("locked");
      for await (const _ of console) break;
      database.run("ROLLBACK");
    `;
    const other = Bun.spawn([process.execPath, "-e", program], { stdin: "pipe", stdout: "pipe" });
    await other.stdout.getReader().read();
    const committed = desk.does("commit");
    other.stdin.write("go\n");
    other.stdin.end();
    expect(await committed).toBe("committed 1");
    await other.exited;
  });
});

describe("Ledger without the rights", () => {
  async function opened(path: string): Promise<unknown> {
    const program = new URL("refusals.fixture.ts", import.meta.url).pathname;
    const child = Bun.spawn([process.execPath, program, path], { stderr: "inherit" });
    return JSON.parse(await child.stdout.text());
  }

  test.each([
    ["a read-only file", 0o444, 0o777, { name: "StoreNotWritable", code: "SQLITE_READONLY" }],
    [
      "a read-only folder",
      0o666,
      0o555,
      { name: "StoreNotWritable", code: "SQLITE_READONLY_DIRECTORY" },
    ],
    [
      "a file that may not be read",
      0o000,
      0o777,
      { name: "StoreNotWritable", code: "SQLITE_CANTOPEN" },
    ],
    ["all rights", 0o666, 0o777, { name: "open" }],
  ])("is opened or refused: %s", async (_, fileMode, folderMode, expected) => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    {
      using ledger = new Ledger(path);
      ledger.commit(everything);
    }
    const before = readFileSync(path);
    chmodSync(path, fileMode);
    chmodSync(dirname(path), folderMode);
    expect(await opened(path)).toEqual(expected);
    chmodSync(path, 0o644);
    chmodSync(dirname(path), 0o755);
    if (expected.name !== "open") expect(readFileSync(path).equals(before)).toBe(true);
    using ledger = new Ledger(path);
    expect(ledger.load().head.seq).toBe(12);
  });

  test("is not made in a folder that is not there", () => {
    using folder = new TemporaryFolder();
    const error = thrownBy(() => new Ledger(folder.file("none/desk.db")));
    expect(error).toBeInstanceOf(StoreNotWritable);
    expect(error).toMatchObject({ code: "SQLITE_CANTOPEN" });
  });
});

describe("Ledger whose file is taken away", () => {
  test.each([
    ["deleted", (path: string) => rmSync(path), ""],
    ["replaced", (path: string) => renameSync(`${path}.other`, path), ""],
    ["its log deleted", (path: string) => rmSync(`${path}-wal`), "-wal"],
    [
      "its folder renamed",
      (path: string) => renameSync(dirname(path), `${dirname(path)}-away`),
      "",
    ],
  ])(
    "ends at the next commit, and leaves a copy of what was committed: %s",
    (name, take, which) => {
      using folder = new TemporaryFolder();
      mkdirSync(folder.file("place"));
      const path = folder.file("place/desk.db");
      using ledger = new Ledger(path);
      const { acknowledged } = commitUntilFailure(ledger, 20);
      new Ledger(`${path}.other`).close();
      take(path);
      if (name === "its folder renamed") mkdirSync(dirname(path));
      const { failure } = commitUntilFailure(ledger, 1);
      expect(failure).toBeInstanceOf(CommitFailed);
      expect((failure as Error).message).toBe(
        `Cannot commit to ledger "${path}": "${path}${which}" was deleted or replaced; what was committed is saved in "${path}.rescued"`,
      );
      const rescued = found(`${path}.rescued`, { lease: later });
      expect(rescued).toEqual({ records: acknowledged, value: 20, findings: [] });
      // Once: what is tried after that is refused by the token or goes nowhere, and saves nothing.
      ledger.close();
      expect(existsSync(`${path}.rescued-2`)).toBe(false);
    },
  );
});

describe("Ledger whose clock is set back", () => {
  test("takes records of any time, and orders them by sequence", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    using ledger = new Ledger(path);
    for (const at of [1_700_000_000_000, 1_600_000_000_000, 0, 1_700_000_000_001]) {
      const fields = { at, kind: "timer", subject: "desk", code: null, correlation: null };
      const record = journalRecord(ledger.load().head, { ...fields, input: null });
      ledger.commit(batch({ records: [record] }));
    }
    using reader = ledger.reader();
    const verified = verifyChain(reader.journal.range(), { storedHead: reader.head() });
    expect(verified).toMatchObject({ records: 4, findings: [] });
    expect(reader.journal.tail(1)[0]?.at).toBe(1_700_000_000_001);
  });
});

describe("Ledger of something else", () => {
  test.each([
    ["text", () => Buffer.from("open,high,low,close\n".repeat(500)), "file is not a database"],
    ["another database", otherDatabase, "it is the database of something else"],
  ])("is refused and left as it is: %s", (_, bytes, reason) => {
    using folder = new TemporaryFolder();
    const path = folder.file("other.db");
    writeFileSync(path, bytes(folder.file("made.db")));
    const before = readFileSync(path);
    for (const open of [() => new Ledger(path), () => new LedgerReader(path)]) {
      const error = thrownBy(open);
      expect(error).toBeInstanceOf(StoreUnreadable);
      expect((error as Error).message).toBe(`Cannot read ledger "${path}": ${reason}`);
    }
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  function otherDatabase(path: string): Uint8Array {
    using database = new Database(path);
    database.run("CREATE TABLE theirs (a)");
    return readFileSync(path);
  }
});
