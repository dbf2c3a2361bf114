import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { appendFileSync, existsSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { segmentRecords } from "../../actors/runtime/ports.ts";
import { verifyChain } from "../../actors/runtime/verify.ts";
import type { ArchiveStep } from "./archiver.ts";
import { ArchiveFailed, ArchiveUnreadable } from "./errors.ts";
import { thrownBy } from "./faults.fixture.ts";
import { Ledger } from "./ledger.ts";
import { ledgerHead } from "./ledger-head.ts";
import { LedgerReader } from "./reader.ts";
import { revivableMs } from "./retention.ts";
import {
  actor,
  batch,
  everything,
  firstRecords,
  openPosition,
  order,
  position,
  recordsFrom,
  TemporaryFolder,
} from "./samples.fixture.ts";

const records = firstRecords(2 * segmentRecords + 50);
const bars = ["feed:BTC/USD", "feed:ETH/USD"] as const;

/** A checkpoint of the data plane, as far as the store looks into it. */
const checkpoints = (seq: number, symbols: readonly string[] = bars) =>
  symbols.map((key) => ({ space: "market", key, value: { saved: {}, seq } }));

function filled(path: string): Ledger {
  const ledger = new Ledger(path);
  ledger.commit({ ...everything, records, state: checkpoints(records.length) });
  return ledger;
}

function archiveAll(ledger: Ledger, keepRecords = 1): ArchiveStep[] {
  const steps: ArchiveStep[] = [];
  do steps.push(ledger.archiveOldest({ keepRecords, verify: verifyChain }));
  while (steps.at(-1)?.type === "archived");
  return steps;
}

const typesOf = (steps: readonly ArchiveStep[]): string[] => steps.map(({ type }) => type);

function verifyHistory(reader: LedgerReader) {
  const options = { storedHead: reader.head(), segments: reader.journal.segments() };
  return verifyChain(reader.history(), options);
}

describe("Ledger.archiveOldest()", () => {
  test("moves closed segments into files, and nothing of the history changes", () => {
    using folder = new TemporaryFolder();
    using ledger = filled(folder.file("desk.db"));
    using reader = ledger.reader();
    const before = [reader.head(), reader.counts(), ledgerHead(reader)];
    const steps = archiveAll(ledger);
    expect(typesOf(steps)).toEqual(["archived", "archived", "nothing"]);
    expect([reader.head(), reader.counts(), ledgerHead(reader)]).toEqual(before);
    expect(reader.stats()).toMatchObject({
      journal: { firstSeq: 2 * segmentRecords + 1, lastSeq: records.length },
      segments: { closed: 2, archived: 2 },
    });
    expect([...reader.history()]).toEqual(records);
    expect(verifyHistory(reader)).toMatchObject({ records: records.length, findings: [] });
    // And again with another process's eyes, after the ledger was opened anew.
    ledger.close();
    using again = new Ledger(ledger.path);
    expect(typesOf(archiveAll(again))).toEqual(["nothing"]);
    expect(again.load().head.seq).toBe(records.length);
  });

  test("lets the journal go on, and close a segment whose predecessor is archived", () => {
    using folder = new TemporaryFolder();
    using ledger = filled(folder.file("desk.db"));
    archiveAll(ledger);
    const more = recordsFrom(ledger.load().head, segmentRecords);
    ledger.commit(batch({ records: more, state: checkpoints(3 * segmentRecords) }));
    using reader = ledger.reader();
    expect(verifyHistory(reader)).toMatchObject({ records: 3 * segmentRecords + 50, findings: [] });
    expect(typesOf(archiveAll(ledger))).toEqual(["archived", "nothing"]);
    expect([...reader.history()]).toEqual([...records, ...more]);
  });

  test.each([
    [2 * segmentRecords + 50, 0],
    [segmentRecords + 51, 0],
    [segmentRecords + 50, 1],
    [51, 1],
    [50, 2],
  ])("keeps the last %i records: %i segments go", (keepRecords, count) => {
    using folder = new TemporaryFolder();
    using ledger = filled(folder.file("desk.db"));
    const steps = archiveAll(ledger, keepRecords);
    expect(steps.filter(({ type }) => type === "archived")).toHaveLength(count);
    expect(steps.at(-1)).toEqual({
      type: "nothing",
      reason: `no closed segment is older than the last ${keepRecords} records`,
    });
  });

  test.each([0, -1, 1.5, Number.NaN])("refuses to keep %p records", (keepRecords) => {
    using ledger = new Ledger(":memory:");
    expect(() => archiveAll(ledger, keepRecords)).toThrow(
      `Cannot keep ${keepRecords} records: wanted a whole number from 1`,
    );
  });
});

describe("Ledger.archiveOldest() and a restart", () => {
  // Even records are bars: of ETH/USD those that four divides, of BTC/USD the others.
  const lastBar = { BTC: segmentRecords - 2, ETH: segmentRecords };
  test.each([
    ["both checkpoints after it", lastBar.BTC, lastBar.ETH, null],
    ["one checkpoint before its last bar", lastBar.BTC, lastBar.ETH - 1, "ETH"],
    ["the other one before its last bar", lastBar.BTC - 1, lastBar.ETH, "BTC"],
    ["no checkpoint of one symbol", lastBar.BTC, null, "ETH"],
    ["a checkpoint that says nothing", Number.NaN, lastBar.ETH, "BTC"],
  ] as const)("keeps a segment whose bars it replays: %s", (_, btc, eth, needing) => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    using ledger = new Ledger(path);
    const seqs = { "feed:BTC/USD": btc, "feed:ETH/USD": eth };
    const state = Object.entries(seqs)
      .filter(([, seq]) => seq !== null)
      .map(([key, seq]) => ({ space: "market", key, value: { saved: {}, seq } }));
    ledger.commit(batch({ records, state }));
    const oldest = Math.min(btc || 0, eth ?? 0);
    const needed = [...ledger.recordsAfter(["bar"], oldest)].filter(
      ({ subject, seq }) => seq > (seqs[subject as keyof typeof seqs] || 0),
    );
    const step = ledger.archiveOldest({ keepRecords: 1, verify: verifyChain });
    expect(step.type).toBe(needing ? "nothing" : "archived");
    if (step.type === "nothing") {
      expect(step.reason).toMatch(`a restart needs bar ${lastBar[needing ?? "ETH"]} of "feed:`);
      expect(step.reason).toEndWith(`segment 1 stays`);
    }
    const after = [...ledger.recordsAfter(["bar"], oldest)].filter(
      ({ subject, seq }) => seq > (seqs[subject as keyof typeof seqs] || 0),
    );
    expect(after).toEqual(needed);
  });
});

describe("Ledger.archiveOldest() that fails", () => {
  test.each([
    ["a content", `UPDATE journal SET content = content || ' ' WHERE seq = 7`, "changed"],
    ["a column", "UPDATE journal SET code = 'trade' WHERE seq = 7", "code"],
    ["a record that is gone", "DELETE FROM journal WHERE seq = 7", "missing"],
    ["the segment's head", `UPDATE segments SET head = upper(head)`, "the store says"],
  ])("leaves a journal alone that was tampered with: %s", (_, sql, text) => {
    using folder = new TemporaryFolder();
    using ledger = filled(folder.file("desk.db"));
    {
      using database = new Database(ledger.path);
      database.run(sql);
    }
    using reader = ledger.reader();
    const before = [...reader.journal.range()];
    const error = thrownBy(() => archiveAll(ledger));
    expect(error).toBeInstanceOf(ArchiveFailed);
    expect((error as Error).message).toContain(
      `Cannot archive segment 1 of ledger "${ledger.path}": in the journal: `,
    );
    expect((error as Error).message).toContain(text);
    expect([...reader.journal.range()]).toEqual(before);
    expect(existsSync(`${ledger.path}.archive`)).toBe(false);
  });

  test("leaves the journal alone where the file reads otherwise; the next try replaces it", () => {
    using folder = new TemporaryFolder();
    using ledger = filled(folder.file("desk.db"));
    const file = `${ledger.path}.archive/segment-000001.jsonl.zst`;
    const damaging: typeof verifyChain = (read, options) => {
      if (existsSync(file)) appendFileSync(file, "x");
      return verifyChain(read, options);
    };
    expect(() => ledger.archiveOldest({ keepRecords: 1, verify: damaging })).toThrow(
      `Cannot archive segment 1 of ledger "${ledger.path}": Cannot read archive "${file}": its content is not the one that was archived`,
    );
    using reader = ledger.reader();
    expect([...reader.journal.range()]).toEqual(records);
    expect(reader.journal.archives()).toEqual([]);
    expect(typesOf(archiveAll(ledger))).toEqual(["archived", "archived", "nothing"]);
    expect([...reader.history()]).toEqual(records);
  });

  test("leaves the journal alone where no file can be written", () => {
    using folder = new TemporaryFolder();
    using ledger = filled(folder.file("desk.db"));
    writeFileSync(`${ledger.path}.archive`, "in the way");
    expect(thrownBy(() => archiveAll(ledger))).toBeInstanceOf(ArchiveFailed);
    using reader = ledger.reader();
    expect([...reader.journal.range()]).toEqual(records);
  });

  test("loses nothing to SIGKILL between the file and the journal", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    filled(path).close();
    const here = (name: string) => JSON.stringify(new URL(name, import.meta.url).pathname);
    const program = `
      import { Ledger } from ${here("ledger.ts")};
      let calls = 0;
      const verify = () => {
        calls += 1;
        if (calls === 1) return { findings: [] };
        process.stdout.write("written\\n");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      };
      new Ledger(${JSON.stringify(path)}).archiveOldest({ keepRecords: 1, verify });
    `;
    const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
    await child.stdout.getReader().read();
    child.kill("SIGKILL");
    await child.exited;
    using ledger = new Ledger(path);
    using reader = ledger.reader();
    expect([...reader.journal.range()]).toEqual(records);
    expect(typesOf(archiveAll(ledger))).toEqual(["archived", "archived", "nothing"]);
    expect([...reader.history()]).toEqual(records);
  });
});

describe("LedgerReader.history()", () => {
  test.each([
    ["is missing", (file: string) => rmSync(file)],
    ["was cut", (file: string) => truncateSync(file, 1_000)],
    ["is another", (file: string) => writeFileSync(file, Bun.zstdCompressSync("{}\n"))],
  ])("says so where a file %s", (_, damage) => {
    using folder = new TemporaryFolder();
    using ledger = filled(folder.file("desk.db"));
    archiveAll(ledger);
    damage(`${ledger.path}.archive/segment-000002.jsonl.zst`);
    using reader = new LedgerReader(ledger.path);
    const error = thrownBy(() => [...reader.history()]);
    expect(error).toBeInstanceOf(ArchiveUnreadable);
    expect((error as Error).message).toContain(`${ledger.path}.archive/segment-000002.jsonl.zst`);
  });
});

describe("Ledger.pruneActors()", () => {
  /** Two segments and a few records, the last one `ageMs` after the end of the first segment. */
  function aged(path: string, ageMs: number): Ledger {
    const ledger = new Ledger(path);
    const positions = [
      { table: "positions", row: position },
      { table: "positions", row: openPosition },
    ] as const;
    const held = { ...order, intent: { ...order.intent, intentId: "held" } };
    const intent = { ...held.intent, positionId: openPosition.positionId };
    ledger.commit({
      ...everything,
      records,
      archived: [
        actor(`order:${order.intent.intentId}`, {}, 5),
        actor("order:held", {}, 5),
        actor(`position:${position.positionId}`, {}, segmentRecords),
        actor("order:young", {}, segmentRecords + 1),
      ],
      ledger: [
        ...positions,
        { table: "orders", row: order },
        { table: "orders", row: { ...held, intent } },
      ],
    });
    using database = new Database(path);
    const end = records[segmentRecords - 1]?.at ?? 0;
    database.run("UPDATE journal SET at = ? WHERE seq = ?", [end + ageMs, records.length]);
    return ledger;
  }

  const left = (ledger: Ledger): string[] => {
    using database = new Database(ledger.path, { readonly: true });
    const rows = database.query<{ name: string }, []>("SELECT name FROM archive ORDER BY name");
    return rows.all().map(({ name }) => name);
  };

  test("drops what finished before the time for late fills, orders of open positions excepted", () => {
    using folder = new TemporaryFolder();
    using ledger = aged(folder.file("desk.db"), revivableMs);
    expect(ledger.pruneActors()).toBe(2);
    expect(left(ledger)).toEqual(["order:held", "order:young"]);
    expect(ledger.pruneActors()).toBe(0);
  });

  test("drops nothing a moment earlier", () => {
    using folder = new TemporaryFolder();
    using ledger = aged(folder.file("desk.db"), revivableMs - 1);
    expect(ledger.pruneActors()).toBe(0);
    expect(left(ledger)).toHaveLength(4);
  });

  test("takes no segment for old that follows a younger one: the clock was set back", () => {
    using folder = new TemporaryFolder();
    using ledger = aged(folder.file("desk.db"), revivableMs - 1);
    {
      using database = new Database(ledger.path);
      database.run("UPDATE segments SET closed_at = 0 WHERE number = 2");
    }
    expect(ledger.pruneActors()).toBe(0);
  });

  test("drops nothing of an empty ledger", () => {
    using ledger = new Ledger(":memory:");
    expect(ledger.pruneActors()).toBe(0);
  });
});
