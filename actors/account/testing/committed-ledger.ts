/** A committed ledger in memory, and the orders and fills that the tests of the books are about. */
import { decimal } from "../../../machines/domain/decimal.ts";
import type { Fill } from "../../../machines/domain/fill.ts";
import { accountKey, type VenueAccount } from "../../../machines/domain/ids.ts";
import type { LedgerChange, OrderRow } from "../../../machines/domain/ledger.ts";
import type { Intent } from "../../../machines/domain/order.ts";
import type { PositionRow } from "../../../machines/domain/position.ts";
import type { LedgerLookUp } from "../ports.ts";

export const at: VenueAccount = { venue: "paper", account: "main" };

export const intent: Intent = {
  intentId: "paper:main/BTC/USD/1/entry",
  at,
  symbol: "BTC/USD",
  positionId: "paper:main/BTC/USD/1",
  role: "entry",
  side: "buy",
  type: "limit",
  quantity: decimal(2),
  price: decimal(100),
  stopPrice: null,
  timeInForce: "gtc",
  postOnly: false,
  expiresAt: null,
  patienceMs: null,
  createdAt: 1,
};

export function fillOf(parts: Partial<Fill>): Fill {
  return {
    tradeId: "T1",
    venueOrderId: "V1",
    clientOrderId: "nv01",
    symbol: "BTC/USD",
    side: "buy",
    price: decimal(100),
    quantity: decimal(1),
    fee: decimal(0),
    feeCoin: "USD",
    liquidity: "taker",
    at: 10,
    ...parts,
  };
}

/** What was committed, as the store would answer for it. */
export class Committed implements LedgerLookUp {
  readonly orders: OrderRow[] = [];
  readonly changes: LedgerChange[] = [];

  take(changes: readonly LedgerChange[]): void {
    this.changes.push(...changes);
  }

  hasFill(where: VenueAccount, tradeId: string): boolean {
    return this.changes.some(
      ({ table, row }) =>
        table === "fills" &&
        row.tradeId === tradeId &&
        accountKey(row.venueAccount) === accountKey(where),
    );
  }

  orderByClientOrderId(): OrderRow | null {
    return null;
  }

  orderByVenueOrderId(_at: VenueAccount, venueOrderId: string): OrderRow | null {
    return this.orders.find((row) => row.venueOrderId === venueOrderId) ?? null;
  }

  position(positionId: string): PositionRow | null {
    return this.positions().get(positionId) ?? null;
  }

  openPositions(): readonly PositionRow[] {
    return [...this.positions().values()].filter(({ state }) => state === "open");
  }

  leftovers(): readonly PositionRow[] {
    const closed = [...this.positions().values()].filter(({ state }) => state === "closed");
    return closed.filter(({ quantity }) => quantity !== "0");
  }

  hasEntry(entryId: string): boolean {
    return this.changes.some(({ table, row }) => table === "postings" && row.entryId === entryId);
  }

  balances(): readonly { at: VenueAccount; coin: string; total: string }[] {
    const rows = new Map<string, { at: VenueAccount; coin: string; total: string }>();
    for (const { table, row } of this.changes) {
      if (table === "balances") rows.set(`${accountKey(row.at)} ${row.coin}`, row);
    }
    return [...rows.values()];
  }

  private positions(): Map<string, PositionRow> {
    const rows = new Map<string, PositionRow>();
    for (const { table, row } of this.changes) {
      if (table === "positions") rows.set(row.positionId, row);
    }
    return rows;
  }
}
