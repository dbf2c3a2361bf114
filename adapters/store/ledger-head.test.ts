import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decimal } from "../../machines/domain/decimal.ts";
import type { LedgerChange, OrderRow } from "../../machines/domain/ledger.ts";
import { Ledger } from "./ledger.ts";
import { ledgerHead } from "./ledger-head.ts";
import {
  attempt,
  bareOrder,
  batch,
  everything,
  fill,
  firstRecords,
  openPosition,
  order,
  position,
  posting,
} from "./samples.fixture.ts";

function headOf(ledger: readonly LedgerChange[], records = firstRecords(1)): string {
  using written = new Ledger(":memory:");
  written.commit(batch({ records, ledger }));
  return ledgerHead(written.reader());
}

/** The rows of `everything` with one of them put in another's place. */
function withRow(change: LedgerChange, index: number): LedgerChange[] {
  return everything.ledger.map((each, place) => (place === index ? change : each));
}

const indexOf = (row: object) => everything.ledger.findIndex((change) => change.row === row);
const whole = headOf(everything.ledger);

const intent = (changed: Partial<OrderRow["intent"]>): OrderRow => ({
  ...order,
  intent: { ...order.intent, ...changed },
});

describe("ledgerHead()", () => {
  test("is the hash of the lines that it says", () => {
    const line = [
      ...[
        "postings",
        "fill:T-1",
        0,
        "paper",
        "main",
        "asset",
        "BTC",
        "0.5",
        1_700_000_000_008,
        "fill",
      ],
    ];
    const hash = new Bun.CryptoHasher("sha256").update(`${JSON.stringify(line)}\n`).digest("hex");
    expect(headOf([{ table: "postings", row: posting }])).toBe(hash);
  });

  test("is the same whatever the order of writing, and over how many commits", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...everything.ledger], { minLength: everything.ledger.length }),
        fc.nat({ max: everything.ledger.length }),
        (changes, split) => {
          // Fills and attempts come after their order, as they do in life.
          const orders = changes.filter(({ table }) => table === "orders");
          const others = changes.filter(({ table }) => table !== "orders");
          using ledger = new Ledger(":memory:");
          ledger.commit(batch({ ledger: [...orders, ...others.slice(0, split)] }));
          ledger.commit(batch({ ledger: others.slice(split) }));
          expect(ledgerHead(ledger.reader())).toBe(whole);
        },
      ),
      { seed: 20261121, numRuns: 50 },
    );
  });

  test("passes over attempts, their ids, venue order ids, balances and the journal", () => {
    const changes: LedgerChange[] = everything.ledger.flatMap((change): LedgerChange[] => {
      switch (change.table) {
        case "orders":
          return [
            {
              table: "orders",
              row: { ...change.row, attempts: 9, venueOrderId: "other", updatedAt: 1 },
            },
          ];
        case "fills":
          return [
            {
              table: "fills",
              row: { ...change.row, venueOrderId: "other", clientOrderId: "other" },
            },
          ];
        case "attempts":
          return [
            { table: "attempts", row: { ...attempt, clientOrderId: "other", sentAt: 1 } },
            { table: "attempts", row: { ...attempt, number: 2, clientOrderId: "more" } },
          ];
        case "balances":
          return [];
        default:
          return [change];
      }
    });
    expect(headOf(changes, firstRecords(7))).toBe(whole);
  });

  const other = { venue: "kraken", account: "main" };
  const otherAccount = { venue: "paper", account: "other" };
  const orders: [string, OrderRow][] = [
    ["at.venue", intent({ at: other })],
    ["at.account", intent({ at: otherAccount })],
    ["symbol", intent({ symbol: "ETH/USD" })],
    ["positionId", intent({ positionId: "other" })],
    ["role", intent({ role: "stop" })],
    ["side", intent({ side: "sell" })],
    ["type", intent({ type: "limit" })],
    ["quantity", intent({ quantity: decimal("3") })],
    ["price", intent({ price: null })],
    ["stopPrice", intent({ stopPrice: null })],
    ["timeInForce", intent({ timeInForce: "gtc" })],
    ["postOnly", intent({ postOnly: false })],
    ["expiresAt", intent({ expiresAt: null })],
    ["patienceMs", intent({ patienceMs: null })],
    ["createdAt", intent({ createdAt: 1 })],
    ["state", { ...order, state: "filled" }],
    ["filled", { ...order, filled: decimal("3") }],
    ["filledFor", { ...order, filledFor: decimal("3") }],
    ["reason", { ...order, reason: null }],
  ];
  test.each(orders)("changes with an order's %s", (_, row) => {
    expect(headOf(withRow({ table: "orders", row }, indexOf(order)))).not.toBe(whole);
  });

  test.each([
    ["venue", { venueAccount: other }],
    ["account", { venueAccount: otherAccount }],
    ["tradeId", { tradeId: "T-2" }],
    ["intentId", { intentId: bareOrder.intent.intentId }],
    ["symbol", { symbol: "ETH/USD" }],
    ["side", { side: "sell" as const }],
    ["price", { price: decimal("3") }],
    ["quantity", { quantity: decimal("3") }],
    ["fee", { fee: decimal("3") }],
    ["feeCoin", { feeCoin: "BTC" }],
    ["liquidity", { liquidity: "taker" as const }],
    ["at", { at: 1 }],
  ])("changes with a fill's %s", (_, changed) => {
    const row = { ...fill, ...changed };
    expect(headOf(withRow({ table: "fills", row }, indexOf(fill)))).not.toBe(whole);
  });

  test.each([
    ["positionId", { positionId: "other" }],
    ["venue", { at: other }],
    ["account", { at: otherAccount }],
    ["vaultId", { vaultId: "other" }],
    ["symbol", { symbol: "ETH/USD" }],
    ["state", { state: "open" as const }],
    ["quantity", { quantity: decimal("9") }],
    ["cost", { cost: decimal("9") }],
    ["bought", { bought: decimal("9") }],
    ["boughtFor", { boughtFor: decimal("9") }],
    ["sold", { sold: decimal("9") }],
    ["soldFor", { soldFor: decimal("9") }],
    ["fees", { fees: decimal("9") }],
    ["realizedPnl", { realizedPnl: decimal("9") }],
    ["openedAt", { openedAt: 1 }],
    ["closedAt", { closedAt: 1 }],
    ["exitReason", { exitReason: "trail" as const }],
  ])("changes with a position's %s", (_, changed) => {
    const row = { ...position, ...changed };
    expect(headOf(withRow({ table: "positions", row }, indexOf(position)))).not.toBe(whole);
  });

  test.each([
    ["entryId", { entryId: "other" }],
    ["line", { line: 7 }],
    ["venue", { at: other }],
    ["venue account", { at: otherAccount }],
    ["account", { account: "fees" as const }],
    ["coin", { coin: "ETH" }],
    ["amount", { amount: decimal("9") }],
    ["time", { time: 1 }],
    ["cause", { cause: "other" }],
  ])("changes with a posting's %s", (_, changed) => {
    const row = { ...posting, ...changed };
    expect(headOf(withRow({ table: "postings", row }, indexOf(posting)))).not.toBe(whole);
  });

  test.each([order, fill, position, openPosition, posting])(
    "changes with a row less, %#",
    (row) => {
      const without = everything.ledger.filter(
        (change) =>
          change.row !== row && (row !== order || !["fills", "attempts"].includes(change.table)),
      );
      expect(headOf(without)).not.toBe(whole);
    },
  );
});
