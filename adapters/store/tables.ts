/** The ledger's tables: one literal each way, so that a missing column does not type-check. */
import type { Decimal } from "../../machines/domain/decimal.ts";
import type { LedgerChange, OrderRow, Posting } from "../../machines/domain/ledger.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import type { Table } from "./table.ts";

type RowOf<Name extends LedgerChange["table"]> = Extract<LedgerChange, { table: Name }>["row"];

/** One sending of an intent, with the intent and account that it was for. */
export type AttemptRow = RowOf<"attempts">;
/** An execution of ours, with the intent and account that it was for. */
export type FillRow = RowOf<"fills">;
/** What a venue holds for us of one coin. */
export type BalanceRow = RowOf<"balances">;

interface OrderColumns {
  intent_id: string;
  venue: string;
  account: string;
  symbol: string;
  position_id: string;
  role: string;
  side: string;
  type: string;
  quantity: string;
  price: string | null;
  stop_price: string | null;
  time_in_force: string;
  post_only: number;
  expires_at: number | null;
  patience_ms: number | null;
  created_at: number;
  state: string;
  filled: string;
  filled_for: string;
  attempts: number;
  venue_order_id: string | null;
  reason: string | null;
  updated_at: number;
}

export const orders: Table<OrderRow, OrderColumns> = {
  name: "orders",
  key: ["intent_id"],
  replaces: true,
  columns: ({ intent, ...row }) => ({
    intent_id: intent.intentId,
    venue: intent.at.venue,
    account: intent.at.account,
    symbol: intent.symbol,
    position_id: intent.positionId,
    role: intent.role,
    side: intent.side,
    type: intent.type,
    quantity: intent.quantity,
    price: intent.price,
    stop_price: intent.stopPrice,
    time_in_force: intent.timeInForce,
    post_only: intent.postOnly ? 1 : 0,
    expires_at: intent.expiresAt,
    patience_ms: intent.patienceMs,
    created_at: intent.createdAt,
    state: row.state,
    filled: row.filled,
    filled_for: row.filledFor,
    attempts: row.attempts,
    venue_order_id: row.venueOrderId,
    reason: row.reason,
    updated_at: row.updatedAt,
  }),
  row: (columns) => ({
    intent: {
      intentId: columns.intent_id,
      at: { venue: columns.venue, account: columns.account },
      symbol: columns.symbol,
      positionId: columns.position_id,
      role: columns.role as OrderRow["intent"]["role"],
      side: columns.side as OrderRow["intent"]["side"],
      type: columns.type as OrderRow["intent"]["type"],
      quantity: columns.quantity as Decimal,
      price: columns.price as Decimal | null,
      stopPrice: columns.stop_price as Decimal | null,
      timeInForce: columns.time_in_force as OrderRow["intent"]["timeInForce"],
      postOnly: columns.post_only === 1,
      expiresAt: columns.expires_at,
      patienceMs: columns.patience_ms,
      createdAt: columns.created_at,
    },
    state: columns.state as OrderRow["state"],
    filled: columns.filled as Decimal,
    filledFor: columns.filled_for as Decimal,
    attempts: columns.attempts,
    venueOrderId: columns.venue_order_id,
    reason: columns.reason,
    updatedAt: columns.updated_at,
  }),
};

interface AttemptColumns {
  intent_id: string;
  number: number;
  venue: string;
  account: string;
  client_order_id: string;
  quantity: string;
  price: string | null;
  sent_at: number;
}

export const attempts: Table<AttemptRow, AttemptColumns> = {
  name: "attempts",
  key: ["intent_id", "number"],
  replaces: true,
  columns: (row) => ({
    intent_id: row.intentId,
    number: row.number,
    venue: row.at.venue,
    account: row.at.account,
    client_order_id: row.clientOrderId,
    quantity: row.quantity,
    price: row.price,
    sent_at: row.sentAt,
  }),
  row: (columns) => ({
    intentId: columns.intent_id,
    number: columns.number,
    at: { venue: columns.venue, account: columns.account },
    clientOrderId: columns.client_order_id,
    quantity: columns.quantity as Decimal,
    price: columns.price as Decimal | null,
    sentAt: columns.sent_at,
  }),
};

interface FillColumns {
  venue: string;
  account: string;
  trade_id: string;
  intent_id: string;
  venue_order_id: string;
  client_order_id: string | null;
  symbol: string;
  side: string;
  price: string;
  quantity: string;
  fee: string;
  fee_coin: string;
  liquidity: string;
  at: number;
}

export const fills: Table<FillRow, FillColumns> = {
  name: "fills",
  key: ["venue", "account", "trade_id"],
  // A fill that comes twice would be booked twice: that must not pass in silence (P4).
  replaces: false,
  columns: (row) => ({
    venue: row.venueAccount.venue,
    account: row.venueAccount.account,
    trade_id: row.tradeId,
    intent_id: row.intentId,
    venue_order_id: row.venueOrderId,
    client_order_id: row.clientOrderId,
    symbol: row.symbol,
    side: row.side,
    price: row.price,
    quantity: row.quantity,
    fee: row.fee,
    fee_coin: row.feeCoin,
    liquidity: row.liquidity,
    at: row.at,
  }),
  row: (columns) => ({
    venueAccount: { venue: columns.venue, account: columns.account },
    tradeId: columns.trade_id,
    intentId: columns.intent_id,
    venueOrderId: columns.venue_order_id,
    clientOrderId: columns.client_order_id,
    symbol: columns.symbol,
    side: columns.side as FillRow["side"],
    price: columns.price as Decimal,
    quantity: columns.quantity as Decimal,
    fee: columns.fee as Decimal,
    feeCoin: columns.fee_coin,
    liquidity: columns.liquidity as FillRow["liquidity"],
    at: columns.at,
  }),
};

interface PositionColumns {
  position_id: string;
  venue: string;
  account: string;
  vault_id: string;
  symbol: string;
  state: string;
  quantity: string;
  cost: string;
  bought: string;
  bought_for: string;
  sold: string;
  sold_for: string;
  fees: string;
  realized_pnl: string;
  opened_at: number;
  closed_at: number | null;
  exit_reason: string | null;
  voted_by: string | null;
}

export const positions: Table<PositionRow, PositionColumns> = {
  name: "positions",
  key: ["position_id"],
  replaces: true,
  columns: (row) => ({
    position_id: row.positionId,
    venue: row.at.venue,
    account: row.at.account,
    vault_id: row.vaultId,
    symbol: row.symbol,
    state: row.state,
    quantity: row.quantity,
    cost: row.cost,
    bought: row.bought,
    bought_for: row.boughtFor,
    sold: row.sold,
    sold_for: row.soldFor,
    fees: row.fees,
    realized_pnl: row.realizedPnl,
    opened_at: row.openedAt,
    closed_at: row.closedAt,
    exit_reason: row.exitReason,
    voted_by: row.votedBy ? JSON.stringify(row.votedBy) : null,
  }),
  row: (columns) => ({
    positionId: columns.position_id,
    at: { venue: columns.venue, account: columns.account },
    vaultId: columns.vault_id,
    symbol: columns.symbol,
    state: columns.state as PositionRow["state"],
    quantity: columns.quantity as Decimal,
    cost: columns.cost as Decimal,
    bought: columns.bought as Decimal,
    boughtFor: columns.bought_for as Decimal,
    sold: columns.sold as Decimal,
    soldFor: columns.sold_for as Decimal,
    fees: columns.fees as Decimal,
    realizedPnl: columns.realized_pnl as Decimal,
    openedAt: columns.opened_at,
    closedAt: columns.closed_at,
    exitReason: columns.exit_reason as PositionRow["exitReason"],
    ...(columns.voted_by !== null && { votedBy: JSON.parse(columns.voted_by) as string[] }),
  }),
};

interface PostingColumns {
  entry_id: string;
  line: number;
  venue: string;
  venue_account: string;
  account: string;
  coin: string;
  amount: string;
  time: number;
  cause: string;
}

export const postings: Table<Posting, PostingColumns> = {
  name: "postings",
  key: ["entry_id", "line"],
  replaces: false,
  columns: (row) => ({
    entry_id: row.entryId,
    line: row.line,
    venue: row.at.venue,
    venue_account: row.at.account,
    account: row.account,
    coin: row.coin,
    amount: row.amount,
    time: row.time,
    cause: row.cause,
  }),
  row: (columns) => ({
    entryId: columns.entry_id,
    line: columns.line,
    at: { venue: columns.venue, account: columns.venue_account },
    account: columns.account as Posting["account"],
    coin: columns.coin,
    amount: columns.amount as Decimal,
    time: columns.time,
    cause: columns.cause,
  }),
};

interface BalanceColumns {
  venue: string;
  account: string;
  coin: string;
  total: string;
}

export const balances: Table<BalanceRow, BalanceColumns> = {
  name: "balances",
  key: ["venue", "account", "coin"],
  replaces: true,
  columns: (row) => ({
    venue: row.at.venue,
    account: row.at.account,
    coin: row.coin,
    total: row.total,
  }),
  row: (columns) => ({
    at: { venue: columns.venue, account: columns.account },
    coin: columns.coin,
    total: columns.total as Decimal,
  }),
};
