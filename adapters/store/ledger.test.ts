import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { genesis } from "../../actors/runtime/journal.ts";
import { segmentRecords } from "../../actors/runtime/ports.ts";
import { verifyChain } from "../../actors/runtime/verify.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import { exportLedger } from "./export.ts";
import { Ledger } from "./ledger.ts";
import type { LedgerReader } from "./reader.ts";
import {
  actor,
  attempt,
  balance,
  bareOrder,
  batch,
  everything,
  fill,
  firstRecords,
  openPosition,
  order,
  position,
  posting,
  recordsFrom,
  TemporaryFolder,
} from "./samples.fixture.ts";

/** All that can be read, to be compared before and after. */
function contents(reader: LedgerReader) {
  return {
    head: reader.head(),
    records: [...reader.journal.range()],
    segments: [...reader.journal.segments()],
    rows: [...exportLedger(reader)].map((line): unknown => JSON.parse(line)),
    actors: reader.actors(),
    archived: reader.archivedActor("order:0"),
    source: reader.state("source"),
    market: reader.state("market"),
    meta: reader.meta(),
  };
}

function headOf(ledger: Ledger) {
  return ledger.load().head;
}

describe.each(["file", ":memory:"])("Ledger (%s)", (place) => {
  function open(folder: TemporaryFolder): Ledger {
    return new Ledger(place === "file" ? folder.file("desk.db") : place);
  }

  test("starts empty, at the genesis", () => {
    using folder = new TemporaryFolder();
    using ledger = open(folder);
    expect(ledger.load()).toEqual({ head: genesis, actors: [] });
    using reader = ledger.reader();
    expect(reader.counts()).toEqual({ decisions: 0, orders: 0, fills: 0, trades: 0 });
  });

  test("gives back every row as it was committed", () => {
    using folder = new TemporaryFolder();
    using ledger = open(folder);
    ledger.commit(everything);
    ledger.writeMeta({ configuration: "{}", createdAt: "1" });
    ledger.writeMeta({ configuration: "{1}" });
    using reader = ledger.reader();
    const last = everything.records.at(-1);
    expect(contents(reader)).toEqual({
      head: { seq: 12, hash: last?.hash ?? "" },
      records: [...everything.records],
      segments: [],
      rows: [
        { table: "orders", ...order },
        { table: "orders", ...bareOrder },
        { table: "attempts", ...attempt },
        { table: "fills", ...fill },
        { table: "positions", ...position },
        { table: "positions", ...openPosition },
        { table: "postings", ...posting },
        { table: "postings", ...posting, line: 1, account: "trading" },
        { table: "balances", ...balance },
      ],
      actors: everything.actors,
      archived: everything.archived[0] ?? null,
      source: new Map([["position", { index: 7 }]]),
      market: new Map([["BTC/USD", { series: new Float64Array([1.5, -0]) }]]),
      meta: new Map([
        ["configuration", "{1}"],
        ["createdAt", "1"],
      ]),
    });
    expect(ledger.load()).toEqual({ head: reader.head(), actors: everything.actors });
    expect(ledger.archivedActor("order:0")).toEqual(everything.archived[0] ?? null);
    expect(ledger.archivedActor("order:1")).toBeNull();
    expect(ledger.stateOf("source")).toEqual(reader.state("source"));
    expect([...ledger.recordsAfter(["bar"], 6)].map(({ seq }) => seq)).toEqual([8, 10, 12]);
  });

  test("replaces rows by their key, and moves actors to the archive and back", () => {
    using folder = new TemporaryFolder();
    using ledger = open(folder);
    ledger.commit(everything);
    const changed = actor("order:1", { value: "done" }, 13);
    ledger.commit(
      batch({
        records: recordsFrom(headOf(ledger), 1),
        actors: [actor("order:0")],
        archived: [changed],
        revived: ["order:0"],
        ledger: [{ table: "orders", row: { ...order, state: "filled", filled: decimal("1") } }],
        state: [
          { space: "source", key: "position", value: null },
          { space: "market", key: "BTC/USD", value: 2 },
        ],
      }),
    );
    using reader = ledger.reader();
    expect({
      live: reader.actors().map(({ name }) => name),
      archived: [reader.archivedActor("order:0"), reader.archivedActor("order:1")],
      order: reader.books.order(order.intent.intentId),
      state: [ledger.stateOf("source"), ledger.stateOf("market")],
    }).toEqual({
      live: ["desk", "order:0"],
      archived: [null, changed],
      order: { ...order, state: "filled", filled: decimal("1") },
      state: [new Map(), new Map([["BTC/USD", 2]])],
    });
  });

  test("closes a segment in the commit that fills it", () => {
    using folder = new TemporaryFolder();
    using ledger = open(folder);
    const records = firstRecords(2 * segmentRecords + 1);
    ledger.commit(batch({ records: records.slice(0, segmentRecords - 1) }));
    using reader = ledger.reader();
    expect([...reader.journal.segments()]).toEqual([]);
    ledger.commit(batch({ records: records.slice(segmentRecords - 1) }));
    const [first, second] = [records[segmentRecords - 1], records[2 * segmentRecords - 1]];
    expect([...reader.journal.segments()]).toEqual([
      {
        number: 1,
        firstSeq: 1,
        lastSeq: segmentRecords,
        previousHash: genesis.hash,
        head: first?.hash ?? "",
        closedAt: first?.at ?? 0,
      },
      {
        number: 2,
        firstSeq: segmentRecords + 1,
        lastSeq: 2 * segmentRecords,
        previousHash: first?.hash ?? "",
        head: second?.hash ?? "",
        closedAt: second?.at ?? 0,
      },
    ]);
    const options = { storedHead: reader.head(), segments: reader.journal.segments() };
    expect(verifyChain(reader.journal.range(), options).findings).toEqual([]);
  });

  const next = () => recordsFrom({ seq: 12, hash: everything.records.at(-1)?.hash ?? "" }, 2);
  const otherOrder = { ...order, intent: { ...order.intent, intentId: "other" } };
  test.each([
    ["a fill that is booked already", { ledger: [{ table: "fills", row: fill }] }],
    ["a posting that is booked already", { ledger: [{ table: "postings", row: posting }] }],
    [
      "a fill of no order",
      { ledger: [{ table: "fills", row: { ...fill, tradeId: "T-2", intentId: "none" } }] },
    ],
    [
      "an attempt of no order",
      {
        ledger: [
          { table: "attempts", row: { ...attempt, intentId: "none", clientOrderId: "c-2" } },
        ],
      },
    ],
    [
      "a client order id of another attempt",
      {
        ledger: [
          { table: "orders", row: otherOrder },
          { table: "attempts", row: { ...attempt, intentId: "other" } },
        ],
      },
    ],
    [
      "a value that cannot be packed",
      { state: [{ space: "a", key: "b", value: { a: Symbol("none") } }] },
    ],
    ["a function", { state: [{ space: "a", key: "b", value: { run: () => 1 } }] }],
    ["an actor that is live and archived", { actors: [actor("a")], archived: [actor("a")] }],
    ["a record that leaves one out", { records: next().slice(1) }],
    ["a record that is there already", { records: everything.records.slice(-1) }],
  ] as [string, Partial<typeof everything>][])("keeps nothing of a batch with %s", (_, parts) => {
    using folder = new TemporaryFolder();
    using ledger = open(folder);
    ledger.commit(everything);
    using reader = ledger.reader();
    const before = contents(reader);
    const good = batch({
      records: next(),
      actors: [actor("order:new", { aNewShape: { ofSnapshot: 1 } })],
      state: [{ space: "source", key: "other", value: { anotherShape: 1 } }],
    });
    const bad = {
      ...good,
      ...parts,
      actors: [...good.actors, ...(parts.actors ?? [])],
      state: [...good.state, ...(parts.state ?? [])],
    };
    expect(() => ledger.commit(bad)).toThrow(`Cannot commit to ledger "${ledger.path}": `);
    expect(contents(reader)).toEqual(before);
    // The ledger goes on as if the batch had never been.
    ledger.commit(good);
    expect(reader.head().seq).toBe(14);
    expect(reader.actors().slice(-1)).toEqual([...good.actors]);
  });
});

describe("Ledger", () => {
  test("says what failed, where, and with which of SQLite's codes", () => {
    using ledger = new Ledger(":memory:");
    ledger.commit(everything);
    let failure: unknown;
    try {
      ledger.commit(batch({ ledger: [{ table: "fills", row: fill }] }));
    } catch (error) {
      failure = error;
    }
    expect(failure).toMatchObject({
      name: "CommitFailed",
      path: ":memory:",
      code: "SQLITE_CONSTRAINT_PRIMARYKEY",
      message: expect.stringContaining('Cannot commit to ledger ":memory:": UNIQUE constraint'),
    });
  });

  test("syncs every commit to the disk and checks references", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    using ledger = new Ledger(path);
    ledger.commit(everything);
    const database: Database = Reflect.get(ledger, "database");
    const pragma = (name: string) => database.query(`PRAGMA ${name}`).values()[0]?.[0];
    const names = ["journal_mode", "synchronous", "foreign_keys", "busy_timeout"];
    expect(names.map(pragma)).toEqual(["wal", 2, 1, 0]);
  });

  test("keeps everything over closing and opening, structures included", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    let before: ReturnType<typeof contents>;
    {
      using ledger = new Ledger(path);
      ledger.commit(everything);
      using reader = ledger.reader();
      before = contents(reader);
    }
    using ledger = new Ledger(path);
    using reader = ledger.reader();
    expect(contents(reader)).toEqual(before);
    const added = actor("order:2", { value: { held: "open" }, aShape: { notSeenBefore: 1 } });
    ledger.commit(batch({ records: recordsFrom(headOf(ledger), 1), actors: [added] }));
    expect(reader.actors().at(-1)).toEqual(added);
  });

  test("gives up on a busy file after so many tries, with nothing written", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    using ledger = new Ledger(path, { busy: { triesMax: 3, waitMs: 1 } });
    ledger.commit(everything);
    using reader = ledger.reader();
    const before = contents(reader);
    using other = new Database(path);
    other.run("BEGIN IMMEDIATE");
    const more = batch({ records: recordsFrom(headOf(ledger), 1) });
    expect(() => ledger.commit(more)).toThrow(
      expect.objectContaining({ name: "CommitFailed", code: "SQLITE_BUSY" }),
    );
    expect(contents(reader)).toEqual(before);
    other.run("ROLLBACK");
    ledger.commit(more);
    expect(reader.head().seq).toBe(13);
  });

  test("refuses to commit after someone else wrote", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    using ledger = new Ledger(path);
    using other = new Database(path);
    other.run(`UPDATE head SET seq = 2, hash = '${"f".repeat(64)}'`);
    expect(() => ledger.commit(batch({ state: [{ space: "a", key: "b", value: 1 }] }))).toThrow(
      `Cannot commit to ledger "${path}": the journal ends at record 2, wanted 0: someone else wrote`,
    );
    expect(ledger.stateOf("a")).toEqual(new Map());
  });

  test("tells of the moment inside the commit, and undoes all if that throws", () => {
    const points: string[] = [];
    using ledger = new Ledger(":memory:", {
      reached: (point) => {
        points.push(point);
        if (points.length > 1) throw new Error("pulled the plug");
      },
    });
    ledger.commit(batch({ records: firstRecords(1) }));
    expect(() => ledger.commit(batch({ records: recordsFrom(headOf(ledger), 1) }))).toThrow(
      'Cannot commit to ledger ":memory:": pulled the plug',
    );
    expect(points).toEqual(["commit.inside", "commit.inside"]);
    expect(headOf(ledger).seq).toBe(1);
  });
});
