import { describe, expect, spyOn, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { segmentRecords } from "../../actors/runtime/ports.ts";
import { Ledger } from "../store/ledger.ts";
import { LedgerReader } from "../store/reader.ts";
import {
  batch,
  everything,
  firstRecords,
  recordsFrom,
  TemporaryFolder,
} from "../store/samples.fixture.ts";
import { dbArchive, dbStats, dbVacuum, registerDbCommands } from "./db.ts";
import { exitCode } from "./exit-codes.ts";
import { verifyJournal } from "./journal-verify.ts";

const records = firstRecords(3 * segmentRecords + 50);
const last = records.at(-1);
const value = { saved: {}, seq: records.length };
const state = ["feed:BTC/USD", "feed:ETH/USD"].map((key) => ({ space: "market", key, value }));

function filled(folder: TemporaryFolder): string {
  const path = folder.file("desk.db");
  using ledger = new Ledger(path);
  ledger.commit({ ...everything, records, state });
  return path;
}

function verified(path: string, head?: string) {
  using reader = new LedgerReader(path);
  return verifyJournal(reader, head);
}

/** What the command line would print. */
async function said(...args: string[]): Promise<string> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  registerDbCommands(program);
  const log = spyOn(console, "log").mockImplementation(() => {});
  try {
    await program.parseAsync(args, { from: "user" });
    return log.mock.calls.join("\n");
  } finally {
    log.mockRestore();
  }
}

describe("novactor db archive", () => {
  test("moves what is old, and the whole history still verifies", async () => {
    using folder = new TemporaryFolder();
    const path = filled(folder);
    const whole = { records: records.length, head: { seq: last?.seq, hash: last?.hash } };
    expect(verified(path, last?.hash)).toMatchObject({ ...whole, archives: 0, findings: [] });
    const output = await said("db", "archive", "--db", path, "--keep", "10050");
    expect(output).toMatch(/^2 segments archived: 20000 records in \d+\.\d MB; 0 finished actors/);
    expect(output).toEndWith("No more, for no closed segment is older than the last 10050 records");
    expect(verified(path, last?.hash)).toMatchObject({ ...whole, archives: 2, findings: [] });
    // A head that was noted down while its record was not yet archived is still found.
    const noted = records[segmentRecords - 5]?.hash;
    expect(verified(path, noted).findings).toEqual([]);
    expect(verified(path, "f".repeat(64)).findings).toMatchObject([
      { kind: "cut", seq: records.length + 1 },
    ]);
    expect(JSON.parse(await said("db", "archive", "--db", path, "--keep", "1", "--json"))).toEqual({
      segments: 1,
      records: segmentRecords,
      bytes: expect.any(Number),
      actors: 0,
      reason: "no closed segment is older than the last 1 records",
    });
    expect(verified(path)).toMatchObject({ ...whole, archives: 3, findings: [] });
  });

  test("is refused beside a running desk, with its name", () => {
    using folder = new TemporaryFolder();
    const path = filled(folder);
    using _desk = new Ledger(path);
    for (const run of [dbArchive, dbVacuum]) {
      expect(() => run({ db: path, json: false, keep: 1 })).toThrow(
        expect.objectContaining({
          name: "CommandError",
          code: exitCode.leaseHeld,
          message: expect.stringContaining(`process ${process.pid} on host "`),
        }),
      );
    }
  });

  test.each(["0", "-1", "1.5", "many"])("is refused to keep %s records", async (keep) => {
    using folder = new TemporaryFolder();
    const path = filled(folder);
    const args = ["db", "archive", "--db", path, `--keep=${keep}`];
    expect(said(...args)).rejects.toMatchObject({ code: "commander.invalidArgument" });
  });

  test("leaves a desk to go on from it as if nothing had been archived", async () => {
    using folder = new TemporaryFolder();
    const main = new URL("main.ts", import.meta.url).pathname;
    const run = async (db: string, until: string) => {
      const args = ["start", "--speed", "max", "--json", "--seed", "7", "--db", folder.file(db)];
      const child = Bun.spawn([process.execPath, main, ...args, "--until", until], {
        stdout: "pipe",
        stderr: "inherit",
      });
      const report = JSON.parse(await child.stdout.text());
      return { ...report, elapsedMs: 0 };
    };
    const [middle, end] = ["2026-01-02T14:00:00Z", "2026-01-02T16:00:00Z"];
    for (const db of ["whole.db", "archived.db"]) await run(db, middle);
    const whole = await run("whole.db", end);
    const path = folder.file("archived.db");
    expect(JSON.parse(dbArchive({ db: path, json: true, keep: 1 }))).toMatchObject({ segments: 1 });
    expect(await run("archived.db", end)).toEqual(whole);
    expect(verified(path, whole.journalHead)).toMatchObject({ archives: 1, findings: [] });
  }, 60_000);
});

describe("novactor journal verify", () => {
  const name = (path: string, number: number) => `${path}.archive/segment-00000${number}.jsonl.zst`;

  function archived(folder: TemporaryFolder): string {
    const path = filled(folder);
    dbArchive({ db: path, json: false, keep: 1 });
    return path;
  }

  /** Writes a file anew with other lines, and has the ledger vouch for it. */
  function forge(path: string, number: number, change: (lines: string[]) => string[]): void {
    const file = name(path, number);
    const text = Bun.zstdDecompressSync(readFileSync(file)).toString();
    const bytes = Bun.zstdCompressSync(`${change(text.trim().split("\n")).join("\n")}\n`);
    writeFileSync(file, bytes);
    const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
    sql(path, `UPDATE archives SET sha256 = '${sha256}' WHERE number = ${number}`);
  }

  function sql(path: string, text: string): void {
    using ledger = new Ledger(path);
    Reflect.get(ledger, "database").run(text);
  }

  test.each<[string, (path: string) => void, [string, number][]]>([
    ["a missing file", (path) => rmSync(name(path, 2)), [["unreadable", segmentRecords + 1]]],
    ["a changed file", (path) => writeFileSync(name(path, 1), "x"), [["unreadable", 1]]],
    [
      "two missing files",
      (path) => [1, 3].map((number) => rmSync(name(path, number))),
      [
        ["unreadable", 1],
        ["unreadable", 2 * segmentRecords + 1],
      ],
    ],
    [
      "a forged record, vouched for",
      (path) => forge(path, 1, (lines) => lines.with(10, lines[10]?.replace(":10}", ":11}") ?? "")),
      [["changedContent", 10]],
    ],
    [
      "a forged file that leaves one out",
      (path) => forge(path, 2, (lines) => lines.toSpliced(10, 1)),
      [["deleted", segmentRecords + 10]],
    ],
    [
      "a forged file that is cut",
      (path) => forge(path, 3, (lines) => lines.slice(0, -1)),
      [["cut", 3 * segmentRecords]],
    ],
    [
      "an archive that the ledger forgot",
      (path) => sql(path, "DELETE FROM archives WHERE number = 2"),
      [["deleted", segmentRecords + 1]],
    ],
    [
      "a segment with another hash before it",
      (path) =>
        sql(path, "UPDATE segments SET previous_hash = upper(previous_hash) WHERE number = 2"),
      [["wrongSegment", segmentRecords + 1]],
    ],
    [
      "a record that is gone from the journal",
      (path) => sql(path, `DELETE FROM journal WHERE seq = ${3 * segmentRecords + 5}`),
      [["deleted", 3 * segmentRecords + 5]],
    ],
  ])("finds %s", (_, damage, expected) => {
    using folder = new TemporaryFolder();
    const path = archived(folder);
    damage(path);
    const { findings } = verified(path);
    expect(findings.slice(0, expected.length).map(({ kind, seq }) => [kind, seq])).toEqual(
      expected as [string, number][] as never,
    );
  });

  test("finds a page of the journal that is damaged", () => {
    using folder = new TemporaryFolder();
    const path = filled(folder);
    const bytes = readFileSync(path);
    const at = bytes.indexOf(`"seq":${segmentRecords / 2},`);
    bytes.fill(0xa5, at - (at % 4096), at - (at % 4096) + 64);
    writeFileSync(path, bytes);
    expect(verified(path).findings).toMatchObject([{ kind: "unreadable", seq: 1 }]);
    expect(() => dbArchive({ db: path, json: false, keep: 1 })).toThrow(
      expect.objectContaining({
        code: exitCode.finding,
        message: `Cannot archive segment 1 of ledger "${path}": database disk image is malformed`,
      }),
    );
  });
});

describe("novactor db stats", () => {
  test("tells sizes, rows and the lease beside a running desk", async () => {
    using folder = new TemporaryFolder();
    const path = filled(folder);
    dbArchive({ db: path, json: false, keep: 20_000 });
    using ledger = new Ledger(path);
    const stats = JSON.parse(await said("db", "stats", "--db", path, "--json"));
    expect(stats).toEqual({
      path,
      fileBytes: Bun.file(path).size,
      walBytes: Bun.file(`${path}-wal`).size,
      pageBytes: 4096,
      pages: expect.any(Number),
      pagesFree: expect.any(Number),
      diskBytesFree: expect.any(Number),
      rows: {
        ...{ meta: 0, journal: 2 * segmentRecords + 50, segments: 3, archives: 1 },
        ...{ actors: 2, archive: 1, state: 2, structures: stats.rows.structures },
        ...{ orders: 2, attempts: 1, fills: 1, positions: 2, postings: 2, balances: 1 },
      },
      journal: { firstSeq: segmentRecords + 1, lastSeq: records.length },
      segments: { closed: 3, archived: 1 },
      archiveBytes: Bun.file(`${path}.archive/segment-000001.jsonl.zst`).size,
      lease: expect.objectContaining({ pid: process.pid, token: 3, releasedAt: null }),
    });
    expect(stats.pagesFree).toBeGreaterThan(0);
    const text = dbStats({ db: path, json: false });
    expect(text).toContain("journal     records 10001 to 30050\n");
    expect(text).toContain("segments    3 closed, 1 archived (");
    expect(text).toContain(`lease       process ${process.pid} on host "`);
    ledger.close();
    expect(dbStats({ db: path, json: false })).toContain("lease       free, last held by process");
  });

  test("refuses what is not there, and what is no ledger", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    expect(() => dbStats({ db: path, json: false })).toThrow(
      `Cannot open ledger "${path}": there is no such file`,
    );
    writeFileSync(path, "open,high,low,close\n".repeat(500));
    expect(() => dbStats({ db: path, json: false })).toThrow(
      expect.objectContaining({ name: "CommandError", code: exitCode.ledgerRefused }),
    );
  });
});

describe("novactor db vacuum", () => {
  test("gives back what archiving freed, and the desk goes on", async () => {
    using folder = new TemporaryFolder();
    const path = filled(folder);
    dbArchive({ db: path, json: false, keep: 1 });
    const before = Bun.file(path).size;
    const { bytesBefore, bytesAfter } = JSON.parse(
      await said("db", "vacuum", "--db", path, "--json"),
    );
    expect([bytesBefore, bytesAfter]).toEqual([before, Bun.file(path).size]);
    expect(bytesAfter).toBeLessThan(before / 10);
    expect(verified(path)).toMatchObject({ archives: 3, findings: [] });
    using ledger = new Ledger(path);
    ledger.commit(batch({ records: recordsFrom(ledger.load().head, 1) }));
    using reader = ledger.reader();
    expect([...reader.actors()]).toEqual([...everything.actors]);
  });
});
