/** Rows and batches that the tests of this folder share. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { genesis, journalRecord } from "../../actors/runtime/journal.ts";
import type {
  CommitBatch,
  JournalHead,
  JournalRecord,
  StoredActor,
} from "../../actors/runtime/ports.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import type { OrderRow, Posting } from "../../machines/domain/ledger.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import type { AttemptRow, BalanceRow, FillRow } from "./tables.ts";

/** A folder for one test's files; `using` removes it. */
export class TemporaryFolder {
  private readonly path = mkdtempSync(join(tmpdir(), "novactor-store-"));

  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

export function batch(parts: Partial<CommitBatch>): CommitBatch {
  return { records: [], actors: [], archived: [], revived: [], ledger: [], state: [], ...parts };
}

/** Records that go on from a head; every third one has a decision, every fifth a correlation. */
export function recordsFrom(head: JournalHead, count: number): JournalRecord[] {
  const records: JournalRecord[] = [];
  let last = head;
  for (let index = 0; index < count; index++) {
    const seq = last.seq + 1;
    const record = journalRecord(last, {
      at: 1_700_000_000_000 + seq * 1000,
      kind: seq % 2 === 0 ? "bar" : "timer",
      subject: `feed:${seq % 4 === 0 ? "ETH" : "BTC"}/USD`,
      code: seq % 3 === 0 ? "noSignal" : null,
      correlation: seq % 5 === 0 ? "paper:main/BTC/USD/1" : null,
      input: { close: seq },
    });
    records.push(record);
    last = record;
  }
  return records;
}

export const firstRecords = (count: number): JournalRecord[] => recordsFrom(genesis, count);

const at = { venue: "paper", account: "main" };

export const order: OrderRow = {
  intent: {
    intentId: "paper:main/BTC/USD/1/entry",
    at,
    symbol: "BTC/USD",
    positionId: "paper:main/BTC/USD/1",
    role: "entry",
    side: "buy",
    type: "stopLimit",
    quantity: decimal("0.00000001"),
    price: decimal("12345678901234567890.123456789"),
    stopPrice: decimal("42000.5"),
    timeInForce: "gtd",
    postOnly: true,
    expiresAt: 1_700_000_060_000,
    patienceMs: 30_000,
    createdAt: 1_700_000_000_001,
  },
  state: "partial",
  filled: decimal("0.5"),
  filledFor: decimal("21000.25"),
  attempts: 2,
  venueOrderId: "V-1",
  reason: "half of it",
  updatedAt: 1_700_000_000_002,
};

/** Everything that may be null is. */
export const bareOrder: OrderRow = {
  ...order,
  intent: {
    ...order.intent,
    intentId: "paper:main/BTC/USD/1/exit",
    role: "exit",
    side: "sell",
    type: "market",
    price: null,
    stopPrice: null,
    timeInForce: "ioc",
    postOnly: false,
    expiresAt: null,
    patienceMs: null,
    createdAt: 1_700_000_000_003,
  },
  state: "new",
  venueOrderId: null,
  reason: null,
};

export const attempt: AttemptRow = {
  intentId: order.intent.intentId,
  at,
  number: 1,
  clientOrderId: "c-1",
  quantity: decimal("1"),
  price: decimal("42000"),
  sentAt: 1_700_000_000_004,
};

export const fill: FillRow = {
  intentId: order.intent.intentId,
  venueAccount: at,
  tradeId: "T-1",
  venueOrderId: "V-1",
  clientOrderId: "c-1",
  symbol: "BTC/USD",
  side: "buy",
  price: decimal("42000.5"),
  quantity: decimal("0.5"),
  fee: decimal("-0.0000000001"),
  feeCoin: "USD",
  liquidity: "maker",
  at: 1_700_000_000_005,
};

export const position: PositionRow = {
  positionId: "paper:main/BTC/USD/1",
  at,
  vaultId: "main",
  symbol: "BTC/USD",
  state: "closed",
  quantity: decimal("0"),
  cost: decimal("1"),
  bought: decimal("0.5"),
  boughtFor: decimal("21000.25"),
  sold: decimal("0.25"),
  soldFor: decimal("10000"),
  fees: decimal("2"),
  realizedPnl: decimal("-3.5"),
  openedAt: 1_700_000_000_006,
  closedAt: 1_700_000_000_007,
  exitReason: "stop",
  votedBy: ["trend", "macd"],
};

const { votedBy: _, ...unvoted } = position;

export const openPosition: PositionRow = {
  ...unvoted,
  positionId: "paper:main/BTC/USD/2",
  state: "open",
  closedAt: null,
  exitReason: null,
};

export const posting: Posting = {
  entryId: "fill:T-1",
  line: 0,
  at,
  account: "asset",
  coin: "BTC",
  amount: decimal("0.5"),
  time: 1_700_000_000_008,
  cause: "fill",
};

export const balance: BalanceRow = { at, coin: "USD", total: decimal("1000.01") };

export function actor(name: string, snapshot: unknown = { value: "open" }, seq = 1): StoredActor {
  const timers = [{ id: "patience", deadline: 5, event: { type: "order.patienceOver" } }];
  return { name, kind: "order", version: 3, snapshot, timers, seq };
}

/** One row in every table. */
export const everything: CommitBatch = batch({
  records: firstRecords(12),
  actors: [actor("desk"), actor("order:1", { value: { held: "open" }, context: { n: [1, 2] } })],
  archived: [actor("order:0", { status: "done" })],
  ledger: [
    { table: "fills", row: fill },
    { table: "attempts", row: attempt },
    { table: "orders", row: order },
    { table: "orders", row: bareOrder },
    { table: "positions", row: position },
    { table: "positions", row: openPosition },
    { table: "postings", row: posting },
    { table: "postings", row: { ...posting, line: 1, account: "trading" } },
    { table: "balances", row: balance },
  ],
  state: [
    { space: "source", key: "position", value: { index: 7 } },
    { space: "market", key: "BTC/USD", value: { series: new Float64Array([1.5, -0]) } },
  ],
});
