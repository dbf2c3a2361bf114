/** Lists by key, while the writer goes on. */
import { describe, expect, test } from "bun:test";
import { decimal } from "../../machines/domain/decimal.ts";
import type { LedgerChange } from "../../machines/domain/ledger.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import { Ledger } from "./ledger.ts";
import { batch, fill, order, position, recordsFrom, TemporaryFolder } from "./samples.fixture.ts";
import type { TradeKey } from "./trade-queries.ts";

const closed = (number: number, closedAt: number, pnl = "1"): PositionRow => ({
  ...position,
  positionId: `paper:main/BTC/USD/${number}`,
  realizedPnl: decimal(pnl),
  ...{ openedAt: closedAt - 1_000, closedAt },
});

class World implements Disposable {
  private readonly folder = new TemporaryFolder();
  readonly ledger = new Ledger(this.folder.file("desk.db"));
  readonly reader = this.ledger.reader();

  commit(...changes: LedgerChange[]): void {
    const records = recordsFrom(this.reader.head(), 1);
    this.ledger.commit(batch({ records, ledger: changes }));
  }

  positions(...rows: PositionRow[]): void {
    this.commit(...rows.map((row) => ({ table: "positions", row }) as const));
  }

  [Symbol.dispose](): void {
    this.reader.close();
    this.ledger.close();
    this.folder[Symbol.dispose]();
  }
}

describe("round trips", () => {
  test.each([true, false])(
    "are visited once each while new ones end, newest first: %p",
    (isDescending) => {
      using world = new World();
      // Several end at once: their ids tell them apart.
      for (let number = 1; number <= 20; number += 1) {
        world.positions(closed(number, 1_000 * Math.ceil(number / 3)));
      }
      const before = Array.from({ length: 20 }, (_, index) => `paper:main/BTC/USD/${index + 1}`);
      const seen: string[] = [];
      let after: TradeKey | null = null;
      for (let turn = 1; turn < 50; turn += 1) {
        const page = { sorting: "closed", isDescending, after, limit: 3 } as const;
        const part: ReturnType<typeof world.reader.trades.page> = world.reader.trades.page(
          {},
          page,
        );
        seen.push(...part.map(({ row }) => row.positionId));
        if (part.length < 3) break;
        after = part.at(-1)?.key ?? null;
        // One ends now; those that go upwards come to it in the end.
        if (turn <= 4) world.positions(closed(100 + turn, 1_000_000 + turn));
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(before.every((id) => seen.includes(id))).toBe(true);
    },
  );

  test("of equal value are told apart by their id, and none is left out", () => {
    using world = new World();
    for (let number = 1; number <= 9; number += 1) world.positions(closed(number, number, "2.5"));
    const seen: string[] = [];
    let after: TradeKey | null = null;
    for (let turn = 0; turn < 50; turn += 1) {
      const page = { sorting: "pnl", isDescending: true, after, limit: 2 } as const;
      const part: ReturnType<typeof world.reader.trades.page> = world.reader.trades.page({}, page);
      if (part.length === 0) break;
      seen.push(...part.map(({ row }) => row.positionId));
      after = part.at(-1)?.key ?? null;
    }
    expect([seen.length, new Set(seen).size]).toEqual([9, 9]);
  });

  test("that hold still, or never bought, are not among them", () => {
    using world = new World();
    world.positions(
      closed(1, 1),
      { ...closed(2, 2), state: "open", closedAt: null },
      { ...closed(3, 3), bought: decimal(0) },
    );
    const page = { sorting: "closed", isDescending: true, after: null, limit: 10 } as const;
    const found = world.reader.trades.page({}, page);
    expect(found.map(({ row }) => row.positionId)).toEqual(["paper:main/BTC/USD/1"]);
  });
});

describe("fills", () => {
  test("are visited once each while new ones are booked", () => {
    using world = new World();
    world.commit({ table: "orders", row: order });
    const book = (number: number) =>
      world.commit({ table: "fills", row: { ...fill, tradeId: `T${number}` } });
    for (let number = 1; number <= 10; number += 1) book(number);
    const seen: string[] = [];
    let after: number | null = null;
    for (let turn = 0; turn < 50; turn += 1) {
      const part: ReturnType<typeof world.reader.lists.fillsPage> = world.reader.lists.fillsPage(
        {},
        after,
        3,
      );
      if (part.length === 0) break;
      seen.push(...part.map(({ row }) => row.tradeId));
      after = part.at(-1)?.place ?? null;
      book(100 + turn);
    }
    expect(seen).toEqual(["T10", "T9", "T8", "T7", "T6", "T5", "T4", "T3", "T2", "T1"]);
  });
});
