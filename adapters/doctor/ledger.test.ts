/** What `doctor` finds in the ledger itself, each provoked on a real file. */
import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { verifyChain } from "../../actors/runtime/mod.ts";
import { segmentRecords } from "../../actors/runtime/ports.ts";
import { archivePath } from "../store/archive-file.ts";
import { LeaseChild } from "../store/lease-child.fixture.ts";
import { Ledger } from "../store/ledger.ts";
import { thisProcess } from "../store/process-identity.ts";
import { LedgerReader } from "../store/reader.ts";
import {
  actor,
  batch,
  everything,
  firstRecords,
  recordsFrom,
  TemporaryFolder,
} from "../store/samples.fixture.ts";
import { type Examination, examine } from "./examine.ts";
import { leaseFinding } from "./lease.ts";
import type { ActorVersions } from "./ledger.ts";

const verifier: Examination["verifier"] = {
  part: (records, start) => verifyChain(records, { start }),
  whole: (reader) => verifyChain(reader.history(), { storedHead: reader.head() }),
};
const versions: ActorVersions = { order: { version: 3 }, desk: { version: 1 } };

function examination(ledgerFile: string, options: Partial<Examination> = {}): Examination {
  return {
    ledgerFile,
    isFull: false,
    verifier,
    versions,
    timeSource: null,
    socketPath: `${ledgerFile}.sock`,
    uid: process.getuid?.() ?? -1,
    configuration: { file: null, preset: null, env: {}, flags: [] },
    installed: {
      bun: { is: "1.4.5", wanted: "1.4.5" },
      xstate: { is: "5.0.0", wanted: "5.0.0" },
      sqlite: "3.50.0",
    },
    flushRounds: 5,
    ...options,
  };
}

/** Findings about the ledger alone, that all is well left out. */
async function amiss(path: string, options: Partial<Examination> = {}): Promise<string[]> {
  const about = [
    "clockHistory",
    "lease",
    "ledger",
    "archives",
    "journalHead",
    "chain",
    "actors",
    "brakes",
  ];
  const findings = await examine(examination(path, options));
  return findings
    .filter(({ check, severity }) => about.includes(check) && severity !== "ok")
    .map(({ check, severity, text }) => `${severity} ${check}: ${text}`);
}

function made(folder: TemporaryFolder, parts = everything): string {
  const path = folder.file("desk.db");
  using ledger = new Ledger(path);
  ledger.commit(parts);
  return path;
}

function tampered(path: string, ...statements: string[]): void {
  using database = new Database(path);
  for (const sql of statements) database.run(sql);
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
}

test("examine() of a sound ledger finds every check in order and nothing amiss", async () => {
  using folder = new TemporaryFolder();
  const findings = await examine(examination(made(folder), { isFull: true }));
  expect(findings.map(({ check }) => check)).toEqual([
    "clock",
    "clockHistory",
    "disk",
    "flush",
    "permissions",
    "versions",
    "configuration",
    "lease",
    "ledger",
    "archives",
    "journalHead",
    "chain",
    "actors",
    "books",
    "brakes",
    "live",
  ]);
  expect(await amiss(folder.file("desk.db"))).toEqual([]);
});

test("examine() changes nothing of the ledger", async () => {
  using folder = new TemporaryFolder();
  const path = made(folder);
  const before = readFileSync(path);
  await amiss(path, { isFull: true });
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("examine() notes that there is no ledger yet", async () => {
  using folder = new TemporaryFolder();
  const path = folder.file("none/desk.db");
  expect(await amiss(path)).toEqual([`note ledger: There is no ledger "${path}" yet`]);
});

describe("examine() finds", () => {
  const damages: [string, (path: string) => void, RegExp[]][] = [
    [
      "no database",
      (path) => writeFileSync(path, "x".repeat(5_000)),
      [/^critical ledger: Cannot read ledger/],
    ],
    [
      "a file of something else",
      (path) => tampered(path, "PRAGMA application_id = 7"),
      [/^critical ledger: .*something else/],
    ],
    [
      "a newer schema",
      (path) => tampered(path, "PRAGMA user_version = 99"),
      [/^critical ledger: .*schema is version 99/],
    ],
    [
      "an older schema",
      (path) => tampered(path, "PRAGMA user_version = 1"),
      [/^note ledger: .*schema is version 1/],
    ],
    [
      "a head that is ahead of the journal",
      (path) => tampered(path, "UPDATE head SET seq = 20"),
      [/^critical journalHead: The journal ends at record 12, the store says 20$/],
    ],
    [
      "a head of another hash",
      (path) => tampered(path, "UPDATE head SET hash = 'x'"),
      [/^critical journalHead: Record 12, the last, has another hash/],
    ],
    [
      "a record that was changed",
      (path) =>
        tampered(
          path,
          `UPDATE journal SET content = replace(content, '"close":5', '"close":6') WHERE seq = 5`,
        ),
      [/^critical chain: End of the chain: The content of record 5 was changed/],
    ],
    [
      "a record that was deleted",
      (path) => tampered(path, "DELETE FROM journal WHERE seq = 5"),
      [/^critical chain: End of the chain: Record 5 is missing/],
    ],
  ];
  test.each(damages)("%s", async (_name, damage, wanted) => {
    using folder = new TemporaryFolder();
    const path = made(folder);
    damage(path);
    const texts = await amiss(path);
    expect(texts.length).toBe(wanted.length);
    for (const [index, each] of wanted.entries()) expect(texts[index] ?? "").toMatch(each);
  });

  test("pages that were written over", async () => {
    using folder = new TemporaryFolder();
    const path = made(folder, { ...everything, records: firstRecords(2_000) });
    const bytes = readFileSync(path);
    for (let page = 20; page * 4096 < bytes.length; page += 3)
      bytes.fill(0xab, page * 4096, page * 4096 + 2_000);
    writeFileSync(path, bytes);
    const texts = await amiss(path);
    expect(texts).toContainEqual(expect.stringMatching(/^critical ledger: /));
  });

  test("a change far back only if it is told to look at everything", async () => {
    using folder = new TemporaryFolder();
    const records = firstRecords(segmentRecords + 500);
    const path = made(folder, { ...everything, records });
    tampered(path, "UPDATE journal SET subject = 'x' WHERE seq = 7");
    expect(await amiss(path)).toEqual([]);
    expect(await amiss(path, { isFull: true })).toEqual([
      expect.stringMatching(/^critical chain: Whole chain: Record 7 was changed/),
    ]);
  });

  test("an archive that is missing, and one that was cut", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    const records = firstRecords(3 * segmentRecords);
    const value = { saved: {}, seq: records.length };
    const state = ["feed:BTC/USD", "feed:ETH/USD"].map((key) => ({ space: "market", key, value }));
    using ledger = new Ledger(path);
    ledger.commit({ ...everything, records, state });
    const archived = { keepRecords: 1, verify: verifyChain };
    while (ledger.archiveOldest(archived).type === "archived");
    ledger.commit(batch({ records: recordsFrom(ledger.load().head, 1) }));
    expect(await amiss(path)).toEqual([]);
    using reader = new LedgerReader(path);
    const [first, second] = reader.journal.archives().map((each) => archivePath(path, each));
    rmSync(first ?? "");
    truncateSync(second ?? "", 10);
    expect(await amiss(path)).toEqual([
      `critical archives: Archive "${first}" is missing`,
      expect.stringMatching(/^critical archives: Archive ".*" has 10 bytes, wanted \d+$/),
    ]);
  });

  test("actors of other versions, counted by kind", async () => {
    using folder = new TemporaryFolder();
    const path = made(folder);
    const moved: ActorVersions = { order: { version: 4 } };
    const bridged: ActorVersions = {
      order: { version: 5, migrations: { 3: () => {}, 4: () => {} } },
    };
    expect([
      await amiss(path, { versions: moved }),
      await amiss(path, { versions: bridged }),
      await amiss(path, { versions: { order: { version: 2 } } }),
      await amiss(path, { versions: {} }),
    ]).toEqual([
      ['warning actors: 2 actors: kind "order" is stored in version 3, the machine is version 4'],
      ['note actors: 2 actors: kind "order" is stored in version 3, the machine is version 5'],
      ['warning actors: 2 actors: kind "order" is stored in version 3, the machine is version 2'],
      ['warning actors: 2 actors: kind "order" is not known here'],
    ]);
  });

  test.each([
    ["pause", "note"],
    ["poison", "warning"],
  ])("brake %s with severity %s", async (kind, severity) => {
    using folder = new TemporaryFolder();
    const brake = {
      brakeId: `${kind}/desk`,
      kind,
      scope: "desk",
      reason: "why",
      since: 1,
      releasedBy: "you",
    };
    const desk = actor("desk", { context: { brakes: [brake] } });
    const path = made(folder, { ...everything, actors: [desk] });
    expect(await amiss(path)).toEqual([
      `${severity} brakes: No new exposure while these are on: ${kind}/desk (why; released by you)`,
    ]);
  });

  test("a clock that is behind the ledger's file", async () => {
    using folder = new TemporaryFolder();
    const path = made(folder);
    const later = Date.now() / 1000 + 3_600;
    utimesSync(path, later, later);
    expect(await amiss(path)).toEqual([
      expect.stringMatching(/^critical clockHistory: The clock went back: the last write to/),
    ]);
  });

  test("a clock that is behind the ledger's lease", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    const clock = { wall: () => Date.now() + 60_000, steady: () => performance.now() };
    using ledger = new Ledger(path, { lease: { clock } });
    ledger.commit(everything);
    expect(await amiss(path)).toEqual([
      expect.stringMatching(/^warning clockHistory: The clock went back: the last renewal/),
    ]);
  });
});

describe("the lease is told as", () => {
  async function lease(path: string): Promise<string> {
    const findings = await examine(examination(path));
    const { severity, text } = findings.find(({ check }) => check === "lease") ?? {};
    return `${severity}: ${text}`;
  }

  test("free once its holder gave it back", async () => {
    using folder = new TemporaryFolder();
    expect(await lease(made(folder))).toMatch(
      /^ok: The lease is free: process \d+ .* gave it back at /,
    );
  });

  test("held by a process that lives, and stale once that was killed", async () => {
    using folder = new TemporaryFolder();
    const path = made(folder);
    await using child = new LeaseChild(path, 30_000);
    expect(await child.started()).toBe("open");
    const who = `process ${child.pid} on host "${thisProcess().host}"`;
    expect(await lease(path)).toStartWith(`ok: The lease is held by ${who}, last renewed `);
    await child.kill();
    expect(await lease(path)).toStartWith(
      `note: The lease is stale: ${who} ended without giving it back`,
    );
  });

  test("run out if a process elsewhere no longer renews it", async () => {
    using folder = new TemporaryFolder();
    const path = made(folder);
    const old = Date.now() - 100_000;
    tampered(path, `UPDATE lease SET host = 'elsewhere', renewed_at = ${old}, released_at = NULL`);
    expect(await lease(path)).toMatch(
      /^warning: The lease ran out: process \d+ on host "elsewhere"/,
    );
  });

  test("free of a ledger that nobody ever wrote", () => {
    expect(leaseFinding(null, thisProcess(), 0)).toMatchObject({ severity: "ok" });
  });
});

test("examine() makes a check that fails a finding, and goes on", async () => {
  // Nobody can make a file there.
  if (process.platform !== "linux") {
    console.log("skipped: only Linux has /proc");
    return;
  }
  const findings = await examine(examination("/proc/desk.db"));
  const flush = findings.find(({ check }) => check === "flush");
  expect(flush).toMatchObject({
    severity: "critical",
    text: expect.stringMatching(/^Cannot check this: /),
  });
  expect(findings.at(-1)?.check).toBe("live");
});
