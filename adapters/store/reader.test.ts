import { describe, expect, test } from "bun:test";
import { decimal } from "../../machines/domain/decimal.ts";
import { exportLedger } from "./export.ts";
import { Ledger } from "./ledger.ts";
import { LedgerReader } from "./reader.ts";
import {
  attempt,
  balance,
  bareOrder,
  batch,
  everything,
  fill,
  openPosition,
  order,
  position,
  posting,
  recordsFrom,
  TemporaryFolder,
} from "./samples.fixture.ts";

const at = order.intent.at;

function filled(): Ledger {
  const ledger = new Ledger(":memory:");
  ledger.commit(everything);
  return ledger;
}

describe("LedgerReader", () => {
  test("counts decisions, orders, fills and round trips", () => {
    using ledger = filled();
    // A position that never held anything is no trade.
    const never = { ...position, positionId: "never", bought: decimal("0") };
    ledger.commit(batch({ ledger: [{ table: "positions", row: never }] }));
    expect(ledger.reader().counts()).toEqual({ decisions: 4, orders: 2, fills: 1, trades: 1 });
  });

  test("finds orders, attempts and fills by what they are asked for with", () => {
    using ledger = filled();
    const { books } = ledger.reader();
    const { intentId, positionId } = order.intent;
    expect([
      books.order(intentId),
      books.order("none"),
      books.orderByClientId(at, "c-1"),
      books.orderByClientId({ ...at, account: "other" }, "c-1"),
      books.orderByVenueId(at, "V-1"),
      books.orderByVenueId({ ...at, venue: "kraken" }, "V-1"),
      books.ordersOfPosition(positionId),
      books.ordersPage({ limit: 1 }),
      books.ordersPage({ limit: 1, offset: 1 }),
      books.attemptsOf(intentId),
      books.fillsOf(intentId),
      books.fillsOf(bareOrder.intent.intentId),
    ]).toEqual([
      order,
      null,
      order,
      null,
      order,
      null,
      [order, bareOrder],
      [bareOrder],
      [order],
      [attempt],
      [fill],
      [],
    ]);
  });

  test("knows a fill by venue, account and trade, all three", () => {
    using ledger = filled();
    const { books } = ledger.reader();
    expect([
      books.hasFill("paper", "main", "T-1"),
      books.hasFill("paper", "main", "T-2"),
      books.hasFill("paper", "other", "T-1"),
      books.hasFill("kraken", "main", "T-1"),
    ]).toEqual([true, false, false, false]);
  });

  test("gives positions by state in pages, postings by entry, and balances", () => {
    using ledger = filled();
    const { books } = ledger.reader();
    const later = { ...position, positionId: "later", openedAt: position.openedAt + 1 };
    ledger.commit(batch({ ledger: [{ table: "positions", row: later }] }));
    expect([
      books.position(openPosition.positionId),
      books.positionsPage("open", { limit: 10 }),
      books.positionsPage("closed", { limit: 1 }),
      books.positionsPage("closed", { limit: 1, offset: 1 }),
      books.postingsOf("fill:T-1").map(({ line }) => line),
      books.allBalances(),
    ]).toEqual([openPosition, [openPosition], [later], [position], [0, 1], [balance]]);
    expect(books.postingsOf("fill:T-1")[0]).toEqual(posting);
  });

  test.each([
    ["everything, newest first", {}, 3, [12, 11, 10]],
    ["before a record", { before: 4 }, 9, [3, 2, 1]],
    ["a kind", { kind: "bar" }, 2, [12, 10]],
    ["a subject", { subject: "feed:ETH/USD" }, 9, [12, 8, 4]],
    ["a correlation", { correlation: "paper:main/BTC/USD/1" }, 9, [10, 5]],
    ["a code", { code: "noSignal" }, 9, [12, 9, 6, 3]],
    ["another code", { code: "trade" }, 9, []],
    ["decisions", { decisions: true }, 2, [12, 9]],
    ["all of it together", { kind: "bar", code: "noSignal", before: 12 }, 9, [6]],
  ] as const)("pages the journal by %s", (_, filter, limit, expected) => {
    using ledger = filled();
    const page = ledger.reader().journal.page(filter, limit);
    expect(page.map(({ seq }) => seq)).toEqual([...expected]);
  });

  test("reads ranges, the tail and single records", () => {
    using ledger = filled();
    const { journal } = ledger.reader();
    expect([...journal.range(3, 5)]).toEqual(everything.records.slice(2, 5));
    expect(journal.tail(2)).toEqual(everything.records.slice(-2));
    expect([journal.record(7), journal.record(13)]).toEqual([everything.records[6] ?? null, null]);
  });

  test("sees what is committed after it was opened, new structures included", () => {
    using folder = new TemporaryFolder();
    using ledger = new Ledger(folder.file("desk.db"));
    ledger.commit(everything);
    using reader = ledger.reader();
    expect(reader.state("late")).toEqual(new Map());
    ledger.commit(batch({ state: [{ space: "late", key: "a", value: { never: { seen: 1 } } }] }));
    expect(reader.state("late")).toEqual(new Map([["a", { never: { seen: 1 } }]]));
  });

  test("exports one moment, whatever is committed meanwhile", () => {
    using folder = new TemporaryFolder();
    using ledger = new Ledger(folder.file("desk.db"));
    ledger.commit(everything);
    using reader = ledger.reader();
    const whole = [...exportLedger(reader)];
    const lines: string[] = [];
    for (const line of exportLedger(reader)) {
      if (lines.length === 0) {
        const more = { ...fill, tradeId: "T-2" };
        ledger.commit(batch({ ledger: [{ table: "fills", row: more }] }));
      }
      lines.push(line);
    }
    expect(lines).toEqual(whole);
    expect(reader.counts().fills).toBe(2);
  });

  test("lets go of the moment when an export is left early", () => {
    using folder = new TemporaryFolder();
    using ledger = new Ledger(folder.file("desk.db"));
    ledger.commit(everything);
    using reader = ledger.reader();
    for (const line of exportLedger(reader)) if (line.includes("orders")) break;
    ledger.commit(batch({ records: recordsFrom(reader.head(), 1) }));
    expect(reader.head().seq).toBe(13);
  });

  test("cannot write, not even by raw SQL on its connection", () => {
    using folder = new TemporaryFolder();
    using ledger = new Ledger(folder.file("desk.db"));
    using reader = ledger.reader();
    const database = Reflect.get(reader, "database");
    expect(() => database.run("DELETE FROM meta")).toThrow("readonly");
  });

  test("reads a file that no desk has open", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    new Ledger(path).close();
    using reader = new LedgerReader(path);
    expect(reader.head().seq).toBe(0);
  });

  test("refuses a file that is not there, and does not make one", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("none.db");
    expect(() => new LedgerReader(path)).toThrow("unable to open database file");
    expect(await Bun.file(path).exists()).toBe(false);
  });
});
