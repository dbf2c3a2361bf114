import {
  add,
  compare,
  type Decimal,
  decimal,
  minimum,
  subtract,
  sum,
  zero,
} from "./domain/decimal.ts";
import type { Fill, VenueReport } from "./domain/fill.ts";
import {
  type AmendRequest,
  isTerminal,
  type OrderRequest,
  type VenueOrder,
} from "./domain/order.ts";

/** Decisions from a finite list; the first option, the fair one, once the list is used up. */
export class Choices {
  private taken = 0;

  constructor(private readonly list: readonly number[]) {}

  /** A number from 0 to `options - 1`. */
  pick(options: number): number {
    const choice = this.list[this.taken] ?? 0;
    this.taken += 1;
    return choice % options;
  }

  get areUsedUp(): boolean {
    return this.taken >= this.list.length;
  }
}

/** How long after it was sent a request may still land, and how stale a read may be. */
export const latestAcceptMs = 50;
export const readLagMs = 30;

interface Landing {
  /** When at the latest. */
  readonly by: number;
  readonly places: boolean;
  readonly land: () => void;
}

/**
 * The simplest venue that can be wrong in all the ways that are allowed: a request may land late
 * within its time, a read may be stale within its lag; nothing it says is untrue.
 */
export class ModelVenue {
  now = 0;
  readonly orders = new Map<string, VenueOrder>();
  readonly fills: Fill[] = [];
  /** Reports not yet taken, oldest first. */
  readonly reports: VenueReport[] = [];
  landings: Landing[] = [];
  private readonly history: VenueOrder[] = [];

  /** Orders that live here or may yet. */
  get live(): number {
    const resting = [...this.orders.values()].filter(({ state }) => !isTerminal(state));
    return resting.length + this.landings.filter(({ places }) => places).length;
  }

  /** What all orders here filled. */
  get bought(): Decimal {
    return sum(this.fills.map(({ quantity }) => quantity));
  }

  advance(ms: number): void {
    this.now += ms;
    this.landings = this.landings.filter(({ by }) => by >= this.now);
  }

  /** Takes a request that will land later, or never. */
  later(land: () => void, places = false): void {
    this.landings.push({ by: this.now + latestAcceptMs, places, land });
  }

  place(request: OrderRequest): VenueOrder {
    const { clientOrderId, quantity, price, stopPrice, symbol, side, type } = request;
    if (this.orders.has(clientOrderId)) throw new Error(`Cannot place "${clientOrderId}" twice`);
    return this.change({
      venueOrderId: `venue-${this.orders.size + 1}`,
      clientOrderId,
      symbol,
      side,
      type,
      quantity,
      price,
      stopPrice,
      state: "open",
      filled: zero,
      reason: null,
      createdAt: this.now,
      updatedAt: this.now,
    });
  }

  /** False if the order is over, or filled beyond the wanted quantity. */
  amend({ clientOrderId, quantity, price, stopPrice }: AmendRequest): boolean {
    const order = this.liveOrder(clientOrderId);
    if (!order || compare(order.filled, quantity) >= 0) return false;
    this.change({ ...order, quantity, price, stopPrice });
    return true;
  }

  /** Ends it by cancel or by the venue's own doing. False if it is over or not here. */
  end(clientOrderId: string, state: "canceled" | "expired" | "rejected"): boolean {
    const order = this.liveOrder(clientOrderId);
    if (order) this.change({ ...order, state });
    return order !== undefined;
  }

  trigger(clientOrderId: string): void {
    const order = this.liveOrder(clientOrderId);
    if (order?.state === "open") this.change({ ...order, state: "triggered" });
  }

  /** Fills up to so much of it. */
  fill(clientOrderId: string, upTo: number): void {
    const order = this.liveOrder(clientOrderId);
    if (!order) return;
    const quantity = minimum(subtract(order.quantity, order.filled), decimal(upTo));
    const fill: Fill = {
      tradeId: `trade-${this.fills.length + 1}`,
      venueOrderId: order.venueOrderId,
      clientOrderId,
      symbol: order.symbol,
      side: order.side,
      price: decimal("100"),
      quantity,
      fee: zero,
      feeCoin: "USD",
      liquidity: "maker",
      at: this.now,
    };
    this.fills.push(fill);
    const filled = add(order.filled, quantity);
    const isDone = compare(filled, order.quantity) >= 0;
    this.change({ ...order, filled, state: isDone ? "filled" : "partial" });
    this.reports.push({ type: "fill", fill });
  }

  /** What a read finds that is so many milliseconds stale. */
  lookUp(clientOrderId: string, staleMs: number): { orders: VenueOrder[]; fills: Fill[] } {
    const until = this.now - staleMs;
    const versions = this.history.filter(
      (order) => order.clientOrderId === clientOrderId && order.updatedAt <= until,
    );
    const latest = versions.at(-1);
    const fills = this.fills.filter(
      (fill) => fill.clientOrderId === clientOrderId && fill.at <= until,
    );
    return { orders: latest ? [latest] : [], fills };
  }

  order(clientOrderId: string): VenueOrder | undefined {
    return this.orders.get(clientOrderId);
  }

  private liveOrder(clientOrderId: string): VenueOrder | undefined {
    const order = this.orders.get(clientOrderId);
    return order && !isTerminal(order.state) ? order : undefined;
  }

  private change(order: VenueOrder): VenueOrder {
    const changed = { ...order, updatedAt: this.now };
    this.orders.set(changed.clientOrderId ?? "", changed);
    this.history.push(changed);
    this.reports.push({ type: "order", order: changed });
    return changed;
  }
}
