import type { Found, Reply } from "../../../actors/order/ports.ts";
import { add, type Decimal, isNegative, subtract, zero } from "../../../machines/domain/decimal.ts";
import type { Fill, VenueReport } from "../../../machines/domain/fill.ts";
import type { SymbolName } from "../../../machines/domain/ids.ts";
import type { Instrument } from "../../../machines/domain/instrument.ts";
import type { Balance } from "../../../machines/domain/ledger.ts";
import type {
  AmendRequest,
  CancelRequest,
  OrderRequest,
  VenueOrder,
} from "../../../machines/domain/order.ts";
import { checkAmend, checkRequest, refused, type Terms } from "./acceptance.ts";
import {
  type BookUpdate,
  type MarketPrint,
  matchBook,
  matchPrint,
  type OpenBook,
  openBook,
} from "./book-matching.ts";
import type { MarketPoint } from "./candle-path.ts";
import type { KeyedChange } from "./change-log.ts";
import { endOrder } from "./execution.ts";
import { matchPath } from "./path-matching.ts";
import { type EngineOrder, orderId, toVenueOrder } from "./rows.ts";
import { defaultMatchingSettings, type MatchingSettings } from "./settings.ts";
import { EngineState } from "./state.ts";

/** The engine always knows: it confirms or refuses. */
export type Answer<T> = Exclude<Reply<T>, { readonly type: "unknown" }>;

export interface MatchingOptions {
  readonly instruments: readonly Instrument[];
  /** What the account starts with, by coin; a restored engine has what it had. */
  readonly balances: Readonly<Record<string, Decimal>>;
  readonly settings?: Partial<MatchingSettings>;
}

/**
 * Matches one account's orders against a market that they do not move, as told in fill-rules.ts.
 * Pure and synchronous: no clock, no draw, no I/O; every call brings its time, and times never go
 * back. The same calls give the same answers, also by a copy restored from the rows in between.
 *
 * Feed a symbol either points, or books and prints. A client order id is unique among living
 * orders only, as at most venues. Ended orders and trades beyond `memoryLimit` are not found any
 * more; their rows stay where the changes were written, up to `recordLimit`.
 */
export class MatchingEngine {
  readonly instruments: readonly Instrument[];
  readonly #state: EngineState;
  /** Living orders that end by themselves. */
  readonly #expiring = new Map<string, number>();
  /** The last book of each symbol; opened when the first order meets it. */
  readonly #books = new Map<SymbolName, { readonly told: BookUpdate; open: OpenBook | null }>();

  /** @throws {RangeError} if the settings leave no room for an order, a trade or a report. */
  constructor({ instruments, balances, settings = {} }: MatchingOptions) {
    const all = { ...defaultMatchingSettings, ...settings };
    if (!(all.memoryLimit >= 1 && all.outboxLimit >= 1)) {
      throw new RangeError(
        `Cannot build matching engine: memory limit is ${all.memoryLimit} and outbox limit ` +
          `${all.outboxLimit}, wanted at least 1`,
      );
    }
    if (!(all.recordLimit >= all.memoryLimit)) {
      throw new RangeError(
        `Cannot build matching engine: record limit is ${all.recordLimit}, wanted at least the ` +
          `memory limit, ${all.memoryLimit}`,
      );
    }
    this.instruments = instruments;
    this.#state = new EngineState(instruments, balances, all);
  }

  /** Takes an order on, or refuses it. It meets the market with the feed's next event. */
  submit(request: OrderRequest, now: number): Answer<VenueOrder> {
    this.expire(now);
    const terms = checkRequest(this.#state, request, now);
    if ("code" in terms) return terms;
    const order = this.#accepted(request, terms, now);
    this.#hold(order, zero, order.held);
    this.#state.putOrder(order);
    this.#state.reportOrder(order);
    if (order.expiresAt !== null) this.#expiring.set(order.venueOrderId, order.expiresAt);
    return { type: "confirmed", value: toVenueOrder(order) };
  }

  /**
   * Changes price, stop price or quantity of a living order; null leaves a price as it is. The
   * order then meets the market anew, so that a limit moved across it takes.
   */
  amend(request: AmendRequest, now: number): Answer<VenueOrder> {
    this.expire(now);
    const order = this.#living(request);
    if ("code" in order) return order;
    const terms = checkAmend(this.#state, order, request);
    if ("code" in terms) return terms;
    this.#hold(order, order.held, terms.held);
    const after: EngineOrder = {
      ...order,
      ...terms,
      quantity: request.quantity,
      price: request.price ?? order.price,
      stopPrice: request.stopPrice ?? order.stopPrice,
      postOnly: request.postOnly ?? order.postOnly,
      updatedAt: now,
      activeAt: now + this.#state.settings.latencyMs,
      arrived: false,
    };
    if (after.quantity === after.filled) {
      return confirmed(endOrder(this.#state, after, "filled", null, now));
    }
    this.#state.putOrder(after);
    this.#state.reportOrder(after);
    return confirmed(after);
  }

  /** Ends a living order at once. */
  cancel(request: CancelRequest, now: number): Answer<VenueOrder> {
    this.expire(now);
    const order = this.#living(request);
    if ("code" in order) return order;
    return confirmed(endOrder(this.#state, order, "canceled", "canceled on request", now));
  }

  /** Every order in memory under a client order id, living or ended, with its fills. */
  orderByClientId(clientOrderId: string, now: number): Found {
    this.expire(now);
    const orders = this.#state.ordersByClientId(clientOrderId);
    return {
      orders: orders.map(toVenueOrder),
      fills: orders.flatMap((order) => this.#state.fillsOf(order.venueOrderId)),
    };
  }

  /** In order of acceptance. */
  openOrders(now: number): readonly VenueOrder[] {
    this.expire(now);
    return Array.from(this.#state.open.values(), toVenueOrder);
  }

  balances(now: number): readonly Balance[] {
    this.expire(now);
    return this.#state.balances.all();
  }

  /** Coins come in or, if negative, go out by no trade; refused if they are not there or not free. */
  transfer(coin: string, amount: Decimal, now: number): Answer<Balance> {
    this.expire(now);
    const { balances } = this.#state;
    const free = balances.free(coin);
    if (isNegative(add(free, amount))) {
      return refused("insufficientFunds", `Transfer of ${amount} ${coin} wanted, free is ${free}`);
    }
    balances.settle(coin, amount, zero);
    const [balance] = balances.all().filter((each) => each.coin === coin);
    return { type: "confirmed", value: balance ?? { coin, total: zero, held: zero } };
  }

  /** Our fills at or after a time, oldest first. */
  fillsSince(since: number): readonly Fill[] {
    return this.#state.tradesSince(since);
  }

  /** Whether any order is living. */
  get hasOpenOrders(): boolean {
    return this.#state.open.size > 0;
  }

  /** The price moves to a point. @throws {RangeError} on a symbol without instrument. */
  tick(symbol: SymbolName, point: MarketPoint): void {
    const state = this.#state;
    const market = state.marketOf(symbol);
    if (market.working.size === 0) {
      state.move(market, point.ticks, point.ticks, point.at);
      return;
    }
    this.expire(point.at);
    const gap = point.gap || market.at < 0;
    const from = gap ? point.ticks : market.bid;
    const path = { from, to: point.ticks, fromAt: market.at, at: point.at, gap };
    state.move(market, point.ticks, point.ticks, point.at);
    matchPath(state, market, path, point.volume);
  }

  /** The book changes. @throws {RangeError} on a symbol without instrument. */
  book(symbol: SymbolName, book: BookUpdate): void {
    const market = this.#state.marketOf(symbol);
    this.#state.move(market, book.bids[0]?.ticks ?? 0, book.asks[0]?.ticks ?? 0, book.at);
    this.#books.set(symbol, { told: book, open: null });
    if (market.working.size > 0) this.meet(symbol, book.at);
  }

  /**
   * Lets a symbol's orders meet the last book that was told, less what they took of it: for a
   * market that is not told again for every order. Not part of the rows: a restored engine waits
   * for the next book.
   */
  meet(symbol: SymbolName, now: number): void {
    const market = this.#state.marketOf(symbol);
    const book = this.#books.get(symbol);
    if (!book) return;
    this.expire(now);
    book.open ??= openBook(book.told);
    matchBook(this.#state, market, book.open, now);
  }

  /** Others traded. @throws {RangeError} on a symbol without instrument. */
  print(symbol: SymbolName, print: MarketPrint): void {
    const market = this.#state.marketOf(symbol);
    if (market.working.size === 0) return;
    this.expire(print.at);
    matchPrint(this.#state, market, print);
  }

  /** Ends the orders whose time has come. Every other call does so first. */
  expire(now: number): void {
    if (this.#expiring.size === 0) return;
    for (const [id, expiresAt] of this.#expiring) {
      const order = this.#state.open.get(id);
      if (order !== undefined && expiresAt > now) continue;
      this.#expiring.delete(id);
      if (order !== undefined) endOrder(this.#state, order, "expired", "time has come", now);
    }
  }

  /** Takes the oldest report that was not taken yet: fills, and orders that changed. */
  takeReport(): VenueReport | null {
    return this.#state.takeReport();
  }

  /** Reports dropped because more than `outboxLimit` were waiting. */
  get reportsDropped(): number {
    return this.#state.counters.reportsDropped;
  }

  /** The rows that changed since the last call; all of them, the first time. */
  changes(): readonly KeyedChange[] {
    return this.#state.changes();
  }

  /**
   * Becomes the engine that wrote these rows. No rows leave it as it was built.
   *
   * @throws {RangeError} if they speak of a symbol without instrument.
   */
  restore(entries: ReadonlyMap<string, unknown>): void {
    if (entries.size === 0) return;
    this.#state.restore(entries);
    this.#expiring.clear();
    for (const order of this.#state.open.values()) {
      if (order.expiresAt !== null) this.#expiring.set(order.venueOrderId, order.expiresAt);
    }
  }

  #accepted(request: OrderRequest, terms: Terms, now: number): EngineOrder {
    const sequence = this.#state.next("orders");
    return {
      ...terms,
      sequence,
      venueOrderId: orderId(sequence),
      clientOrderId: request.clientOrderId,
      symbol: request.symbol,
      side: request.side,
      type: request.type,
      quantity: request.quantity,
      price: request.price,
      stopPrice: request.stopPrice,
      timeInForce: request.timeInForce,
      postOnly: request.postOnly,
      expiresAt: request.expiresAt,
      state: "open",
      filled: zero,
      reason: null,
      createdAt: now,
      updatedAt: now,
      activeAt: now + this.#state.settings.latencyMs,
      arrived: false,
      triggered: false,
      ended: null,
    };
  }

  #hold(order: EngineOrder, before: Decimal, after: Decimal): void {
    const { instrument } = this.#state.marketOf(order.symbol);
    const coin = order.side === "buy" ? instrument.quote : instrument.base;
    this.#state.balances.settle(coin, zero, before === zero ? after : subtract(after, before));
  }

  /** The living order that a request names, by the venue's id if it has one. */
  #living(request: CancelRequest): EngineOrder | ReturnType<typeof refused> {
    const named =
      request.venueOrderId === null
        ? this.#state.ordersByClientId(request.clientOrderId)
        : [this.#state.order(request.venueOrderId)];
    const found = named.filter((order) => order?.symbol === request.symbol);
    const living = found.find((order) => order?.ended === null);
    if (living) return living;
    const last = found.at(-1);
    const name = request.venueOrderId ?? request.clientOrderId;
    if (!last) return refused("unknownOrder", `No order "${name}" for ${request.symbol}`);
    return refused("alreadyDone", `Order "${name}" is ${last.state} already`);
  }
}

function confirmed(order: EngineOrder): Answer<VenueOrder> {
  return { type: "confirmed", value: toVenueOrder(order) };
}
