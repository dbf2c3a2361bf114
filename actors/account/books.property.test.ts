import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  add,
  compare,
  type Decimal,
  decimal,
  fromSteps,
  multiply,
  subtract,
  sum,
  zero,
} from "../../machines/domain/decimal.ts";
import type { Fill } from "../../machines/domain/fill.ts";
import type { Posting } from "../../machines/domain/ledger.ts";
import { Books } from "./books.ts";
import { at, Committed, fillOf, intent } from "./testing/committed-ledger.ts";

const cents = decimal("0.01");
const fill = fc
  .record({
    trade: fc.nat(12),
    side: fc.constantFrom("buy" as const, "buy" as const, "sell" as const),
    quantity: fc.integer({ min: 1, max: 500 }),
    price: fc.integer({ min: 1, max: 1_000_000 }),
    fee: fc.integer({ min: -20, max: 50 }),
    feeCoin: fc.constantFrom("USD", "BTC", "BNB"),
  })
  .map(({ trade, side, quantity, price, fee, feeCoin }) => ({
    // Content follows the trade id: a repeated trade is the same trade.
    trade,
    fill: fillOf({
      tradeId: `T${trade}`,
      side,
      quantity: fromSteps(quantity, cents),
      price: fromSteps(price, cents),
      fee: fromSteps(fee, decimal("0.0001")),
      feeCoin,
    }),
  }));
const step = fc.oneof(
  { weight: 8, arbitrary: fill },
  { weight: 1, arbitrary: fc.constant("commit" as const) },
  { weight: 1, arbitrary: fc.constant("close" as const) },
);

function sumBy(postings: readonly Posting[], key: (posting: Posting) => string) {
  const sums = new Map<string, Decimal>();
  for (const posting of postings) {
    sums.set(key(posting), add(sums.get(key(posting)) ?? zero, posting.amount));
  }
  return sums;
}

function signed({ side, quantity, feeCoin, fee }: Fill): Decimal {
  const moved = side === "buy" ? quantity : subtract(zero, quantity);
  return feeCoin === "BTC" ? subtract(moved, fee) : moved;
}

test("Books hold P4 and P5 over any fills, repeats, commits, closes and restarts", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const ledger = new Committed();
      let books = new Books(ledger);
      books.follow(intent, "nv01", "V1");
      let uncommitted = books.open(at, "USD", decimal(1_000_000), 0);
      const first = new Map<number, Fill>();
      for (const each of steps) {
        if (each === "commit") {
          ledger.take(uncommitted);
          uncommitted = [];
          books.committed();
          books = new Books(ledger);
          books.follow(intent, "nv01", "V1");
        } else if (each === "close") {
          uncommitted.push(...books.close(intent.positionId, 1, "signal"));
        } else {
          const known = first.get(each.trade);
          const booking = books.book(at, known ?? each.fill);
          expect(booking.type).toBe(known ? "known" : "booked");
          if (booking.type === "booked") uncommitted.push(...booking.changes);
          first.set(each.trade, known ?? each.fill);
        }
      }
      ledger.take(uncommitted);
      const fills = [...first.values()];
      const postings = ledger.changes.flatMap((change) =>
        change.table === "postings" ? [change.row] : [],
      );
      for (const total of sumBy(postings, ({ entryId, coin }) => `${entryId} ${coin}`).values()) {
        expect(total).toBe(zero);
      }
      const assets = sumBy(
        postings.filter(({ account }) => account === "asset"),
        ({ coin }) => coin,
      );
      expect(new Map(ledger.balances().map(({ coin, total }) => [coin, decimal(total)]))).toEqual(
        assets,
      );
      expect(new Map(books.balancesOf(at))).toEqual(assets);
      const row = books.position(intent.positionId);
      if (fills.length === 0) expect(row).toBeUndefined();
      else {
        const buys = fills.filter(({ side }) => side === "buy");
        const paid = (some: readonly Fill[]) =>
          sum(some.map(({ quantity, price }) => multiply(quantity, price)));
        expect(row).toMatchObject({
          quantity: sum(fills.map(signed)),
          bought: sum(buys.map(({ quantity }) => quantity)),
          boughtFor: paid(buys),
          soldFor: paid(fills.filter(({ side }) => side === "sell")),
          fees: sum(fills.filter(({ feeCoin }) => feeCoin === "USD").map(({ fee }) => fee)),
        });
        // Nothing is made or lost but in prices and fees: what was paid is invested or realized.
        const { cost, soldFor, boughtFor, fees, realizedPnl } = row ?? missing();
        expect(add(subtract(soldFor, boughtFor), subtract(cost, fees))).toBe(realizedPnl);
        if (compare(row?.quantity ?? zero, zero) <= 0 && fills.at(-1)?.side === "sell") {
          expect(cost).toBe(zero);
        }
      }
    }),
    { seed: 20260105, numRuns: 400 },
  );
});

function missing(): never {
  throw new RangeError("Cannot find position");
}
