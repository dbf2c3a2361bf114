/** Messages of Kraken's private WebSocket v2, as its documentation writes them: numbers are bare. */
import type { Peer } from "./scripted-server.fixture.ts";

export const orderId = "OK4GJX-KSTLS-7DZZO5";
const at = "2026-05-05T10:00:00.123456Z";
export const atMs = Date.parse("2026-05-05T10:00:00.123Z");

/** JSON whose numbers are written as given: "0.10000000" stays that. */
export function written(value: unknown): string {
  return JSON.stringify(value).replace(/"#(-?[\d.e-]+)"/g, "$1");
}

export const pendingNew = {
  order_id: orderId,
  cl_ord_id: "desk-1",
  exec_type: "pending_new",
  order_status: "pending_new",
  symbol: "BTC/USD",
  side: "buy",
  order_type: "limit",
  order_qty: "#0.30000000",
  limit_price: "#26500.00",
  cum_qty: "#0.00000000",
  time_in_force: "GTC",
  timestamp: at,
};

export const newOrder = { order_id: orderId, exec_type: "new", order_status: "new", timestamp: at };

export function trade(execId: string, quantity: string, extra: Record<string, unknown> = {}) {
  return {
    order_id: orderId,
    exec_id: execId,
    exec_type: "trade",
    trade_id: "#365573",
    symbol: "BTC/USD",
    side: "buy",
    last_qty: `#${quantity}`,
    last_price: "#26499.90",
    liquidity_ind: "m",
    order_status: "partially_filled",
    order_type: "limit",
    fees: [{ asset: "USD", qty: "#0.3458" }],
    timestamp: at,
    ...extra,
  };
}

export function ended(status: "filled" | "canceled" | "expired", filled: string, reason?: string) {
  return {
    order_id: orderId,
    exec_type: status,
    order_status: status,
    cum_qty: `#${filled}`,
    timestamp: at,
    ...(reason ? { reason } : {}),
  };
}

export function executions(
  type: "snapshot" | "update",
  sequence: number,
  ...data: unknown[]
): string {
  return written({ channel: "executions", type, data, sequence: `#${sequence}` });
}

export function balances(
  type: "snapshot" | "update",
  sequence: number,
  ...data: unknown[]
): string {
  return written({ channel: "balances", type, data, sequence: `#${sequence}` });
}

/** Confirms a subscription, and sends its snapshot. */
export function confirm(
  peer: Peer,
  message: Record<string, unknown>,
  snapshots: Readonly<Record<string, string>> = {},
): void {
  if (message.method !== "subscribe") return;
  const { channel } = message.params as { channel: string };
  const result = { channel, snapshot: true };
  peer.send(JSON.stringify({ method: "subscribe", result, success: true, req_id: message.req_id }));
  const snapshot = snapshots[channel];
  if (snapshot !== undefined) peer.send(snapshot);
}

/** What the order is told as after {@link pendingNew}. */
export const openOrder = {
  venueOrderId: orderId,
  clientOrderId: "desk-1",
  symbol: "BTC/USD",
  side: "buy",
  type: "limit",
  quantity: "0.3",
  price: "26500",
  stopPrice: null,
  state: "open",
  filled: "0",
  reason: null,
  createdAt: atMs,
  updatedAt: atMs,
};

export function fillOf(tradeId: string, quantity: string) {
  return {
    tradeId,
    venueOrderId: orderId,
    clientOrderId: "desk-1",
    symbol: "BTC/USD",
    side: "buy",
    price: "26499.9",
    quantity,
    fee: "0.3458",
    feeCoin: "USD",
    liquidity: "maker",
    at: atMs,
  };
}
