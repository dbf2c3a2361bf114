/** Messages of Coinbase Advanced's WebSocket, as its documentation writes them. */
import type { Peer } from "./scripted-server.fixture.ts";

export const orderId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
export const at = "2026-04-07T14:30:06.000000Z";
export const atMs = Date.parse(at);

/** Counts a connection's messages as the venue does. */
export class CoinbaseCounter {
  #next = 0;

  message(channel: string, ...events: unknown[]): string {
    this.#next += 1;
    const sequence_num = this.#next - 1;
    return JSON.stringify({ channel, client_id: "", timestamp: at, sequence_num, events });
  }

  /** Leaves so many numbers out. */
  skip(count: number): void {
    this.#next += count;
  }
}

/** Confirms each subscription with all that stand, as the venue does. */
export class CoinbaseDesk {
  readonly counters = new Map<Peer, CoinbaseCounter>();
  readonly #standing = new Map<Peer, Record<string, string[]>>();

  counter(peer: Peer): CoinbaseCounter {
    const counter = this.counters.get(peer) ?? new CoinbaseCounter();
    this.counters.set(peer, counter);
    return counter;
  }

  confirm(peer: Peer, message: Record<string, unknown>): void {
    if (message.type !== "subscribe") return;
    const { channel, product_ids: products = [] } = message as {
      channel: string;
      product_ids?: string[];
    };
    const subscriptions = { ...this.#standing.get(peer), [channel]: products };
    this.#standing.set(peer, subscriptions);
    peer.send(this.counter(peer).message("subscriptions", { subscriptions }));
  }
}

export const order = {
  order_id: orderId,
  client_order_id: "desk-1",
  cumulative_quantity: "0",
  leaves_quantity: "0.003",
  avg_price: "0",
  total_fees: "0",
  status: "OPEN",
  product_id: "BTC-USD",
  creation_time: "2026-04-07T14:29:55.123456Z",
  order_side: "BUY",
  order_type: "Limit",
  limit_price: "68900.50",
  stop_price: "",
  cancel_reason: "",
  reject_reason: "",
  product_type: "SPOT",
  trigger_status: "INVALID_ORDER_TYPE",
};

/** What {@link order} is told as. */
export const told = {
  venueOrderId: orderId,
  clientOrderId: "desk-1",
  symbol: "BTC/USD",
  side: "buy",
  type: "limit",
  quantity: "0.003",
  price: "68900.5",
  stopPrice: null,
  state: "open",
  filled: "0",
  reason: null,
  createdAt: Date.parse("2026-04-07T14:29:55.123Z"),
  updatedAt: atMs,
};
