import {
  type Decimal,
  fromFloat,
  multiply,
  subtract,
  toNumber,
} from "../../../machines/domain/decimal.ts";
import type { Balance } from "../../../machines/domain/ledger.ts";
import type { AmendRequest, OrderRequest } from "../../../machines/domain/order.ts";
import {
  type Answer,
  defaultMatchingSettings,
  MatchingEngine,
  type MatchingOptions,
} from "../matching/mod.ts";
import {
  Account,
  type AccountEvent,
  type IdForm,
  type OrderExtras,
  type OrderVersion,
} from "./account.ts";
import type { VenueClock } from "./clock.ts";
import { DueTasks } from "./due-tasks.ts";
import type { PublicTrade } from "./market/candle-series.ts";
import type { Ladder } from "./market/ladder.ts";
import type { SymbolMarket } from "./market/symbol-market.ts";
import { withoutTaken } from "./market/taken.ts";

/** When an accepted order meets the market: as at a venue, or as in a paper run of candles. */
export type Meeting = "onArrival" | "atNextPoint";

/**
 * How much of the moment that time is let pass to has happened: all, with the price on its way
 * between two points of the walk; its points alone; those but one that opens a candle; or none.
 */
export const reaches = ["present", "open", "close", "before"] as const;
export type Reach = (typeof reaches)[number];

export interface ExchangeOptions {
  readonly clock: VenueClock;
  readonly markets: readonly SymbolMarket[];
  readonly matching: MatchingOptions;
  readonly meeting: Meeting;
  readonly seed: string;
  /** Kraken's if not given. */
  readonly idForm?: IdForm | undefined;
}

/** What the exchange tells its front ends, at once and in order. */
export type ExchangeEvent =
  | AccountEvent
  | {
      readonly type: "market";
      readonly symbol: string;
      readonly trade: PublicTrade | null;
    };

/** An order to be placed; without client id the venue names it by itself only. */
export interface PlaceRequest extends Omit<OrderRequest, "clientOrderId"> {
  readonly clientOrderId: string | null;
}

/**
 * Share of what is left, 0 to 1, that a new order finds at once; 1 unless a fault says so. At 0 it
 * does not meet the market on arrival at all.
 */
export interface ArrivalTerms {
  readonly share: number;
}

/**
 * The venue itself, without any wire: one account, a market that goes on by its walks, and the
 * matching engine between them. Synchronous; time moves only by {@link advanceTo}.
 */
export class Exchange {
  readonly clock: VenueClock;
  readonly account: Account;
  readonly tasks = new DueTasks();
  readonly markets: ReadonlyMap<string, SymbolMarket>;
  readonly #options: ExchangeOptions;
  readonly #engine: MatchingEngine;
  /** The engine's state space: what a copy is restored from. */
  readonly #rows = new Map<string, unknown>();
  readonly #listeners = new Set<(event: ExchangeEvent) => void>();

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.account = new Account(options.seed, options.matching.balances, options.idForm);
    this.markets = new Map(options.markets.map((market) => [market.symbol, market]));
    this.#engine = new MatchingEngine(options.matching);
    this.#openAt(this.clock.now);
  }

  listen(listener: (event: ExchangeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @throws {RangeError} on a symbol that is not traded here. */
  market(symbol: string): SymbolMarket {
    const market = this.markets.get(symbol);
    if (market !== undefined) return market;
    const known = [...this.markets.keys()].join(", ");
    throw new RangeError(`Cannot find market "${symbol}": wanted one of ${known}`);
  }

  /** Lets time pass up to now, where the clock runs by itself. */
  catchUp(): void {
    if (!this.clock.isLockstep) this.advanceTo(this.clock.target);
  }

  /** Lets time pass: points of the walks and tasks that are due, in their order. */
  advanceTo(time: number, reach: Reach = "present"): void {
    for (;;) {
      const market = this.#nextMarket();
      const pointAt = market?.walk.next?.at ?? Number.POSITIVE_INFINITY;
      const taskAt = this.tasks.nextAt ?? Number.POSITIVE_INFINITY;
      const at = Math.min(pointAt, taskAt);
      if (at > time || (taskAt > pointAt && market !== null && isBeyond(market, time, reach)))
        break;
      this.clock.moveTo(Math.max(at, this.clock.now));
      if (taskAt <= pointAt) this.tasks.runNext(at);
      else if (market !== null) this.#follow(market, market.walk.take());
    }
    this.clock.moveTo(Math.max(time, this.clock.now));
    for (const market of this.markets.values()) {
      if (reach !== "present" || market.isManual) continue;
      this.#follow(market, market.walk.between(time));
    }
    this.#engine.expire(this.clock.now);
    this.#drain();
  }

  place(
    request: PlaceRequest,
    extras: Pick<OrderExtras, "userref" | "origin">,
    arrival: ArrivalTerms = { share: 1 },
  ): Answer<OrderVersion> {
    const clientOrderId = request.clientOrderId ?? this.account.nameUnnamed();
    const answer = this.#engine.submit({ ...request, clientOrderId }, this.clock.now);
    if (answer.type === "refused") return answer;
    const { timeInForce, postOnly, expiresAt } = request;
    const { venueOrderId } = answer.value;
    this.account.expectOrder(venueOrderId, { ...extras, timeInForce, postOnly, expiresAt });
    this.#drain();
    const share = arrival.share < 1 ? multiply(request.quantity, places(arrival.share)) : null;
    if (arrival.share > 0) this.#arrive(request.symbol, share);
    return this.#versionOf(venueOrderId);
  }

  /** What placing it would be answered with, on a copy of the venue; nothing is placed. */
  tryPlace(request: PlaceRequest, without: OrderVersion | null): Answer<unknown> {
    const copy = new MatchingEngine(this.#options.matching);
    copy.restore(this.#rows);
    const now = this.clock.now;
    if (without !== null) copy.cancel(named(without), now);
    const clientOrderId = request.clientOrderId ?? this.account.nameUnnamed();
    return copy.submit({ ...request, clientOrderId }, now);
  }

  amend(
    order: OrderVersion,
    change: Pick<AmendRequest, "quantity" | "price" | "stopPrice" | "postOnly">,
  ): Answer<OrderVersion> {
    const answer = this.#engine.amend({ ...named(order), ...change }, this.clock.now);
    this.#drain();
    if (answer.type === "refused") return answer;
    this.#arrive(order.symbol, null);
    return this.#versionOf(order.engineId);
  }

  cancel(order: OrderVersion): Answer<OrderVersion> {
    const answer = this.#engine.cancel(named(order), this.clock.now);
    this.#drain();
    return answer.type === "refused" ? answer : this.#versionOf(order.engineId);
  }

  balances(): readonly Balance[] {
    const balances = this.#engine.balances(this.clock.now);
    this.#drain();
    return balances;
  }

  /** Coins come in or go out by somebody else's hand. */
  transfer(coin: string, amount: Decimal): Answer<Balance> {
    const answer = this.#engine.transfer(coin, amount, this.clock.now);
    this.#drain();
    if (answer.type === "confirmed") {
      this.#tell(this.account.transfer(coin, amount, this.clock.now));
    }
    return answer;
  }

  /** The price is moved by hand; the symbol no longer follows its walk. */
  feedPoint(symbol: string, ticks: number, gap: boolean, volume: number | null): void {
    const market = this.market(symbol);
    market.isManual = true;
    market.manualBook = null;
    this.#point(market, { ticks, gap, volume });
  }

  /** The book is set by hand; orders meet it at once and take from it what they fill. */
  feedBook(symbol: string, book: Ladder): void {
    const market = this.market(symbol);
    market.isManual = true;
    market.manualBook = book;
    const touch = book.asks[0]?.ticks ?? book.bids[0]?.ticks;
    if (touch !== undefined) market.price = touch;
    this.#meetBook(market);
    this.#tell({ type: "market", symbol, trade: null });
  }

  /** Somebody else trades. */
  feedPrint(symbol: string, ticks: number, quantity: Decimal): void {
    const market = this.market(symbol);
    market.isManual = true;
    this.#engine.print(symbol, { at: this.clock.now, ticks, quantity });
    const isBuy = ticks >= market.price;
    market.price = ticks;
    const trade = market.trade(this.clock.now, ticks, toNumber(quantity), isBuy);
    this.#drain();
    this.#tell({ type: "market", symbol, trade });
  }

  /** Every price stands still from here on, as if fed by hand; time goes on. */
  hold(): void {
    for (const market of this.markets.values()) market.isManual = true;
  }

  /** A symbol that was fed by hand follows its walk again. */
  follow(symbol: string): void {
    const market = this.market(symbol);
    market.isManual = false;
    market.manualBook = null;
  }

  /**
   * The market comes to meet a resting order with so much of it, and goes back where it was:
   * how a fill comes between a request and its answer.
   */
  meetOrder(order: OrderVersion, share: number): void {
    const market = this.market(order.symbol);
    const back = market.price;
    const level = order.price ?? order.stopPrice;
    if (level === null) return;
    const ticks = Math.round(toNumber(level) / toNumber(market.instrument.tick));
    const isLimit = order.price !== null;
    const through = isLimit ? (order.side === "buy" ? ticks - 1 : ticks + 1) : ticks;
    const left = multiply(subtract(order.quantity, order.filled), places(share));
    if (market.manualBook !== null) {
      const print = { at: this.clock.now, ticks: through, quantity: left };
      this.#engine.print(order.symbol, print);
      this.#drain();
      return;
    }
    this.#point(market, { ticks: through, gap: false, volume: this.#volumeFor(left) });
    this.#point(market, { ticks: back, gap: true, volume: 0 });
  }

  #openAt(now: number): void {
    for (const market of this.markets.values()) {
      for (;;) {
        const at = market.walk.next?.at;
        if (at === undefined || at > now) break;
        const point = market.walk.take();
        if (point !== null) market.move(point);
      }
      market.settleDepth();
      const point = { at: now, ticks: market.price, gap: true, volume: null };
      if (market.price > 0) this.#engine.tick(market.symbol, point);
    }
    this.#drain();
  }

  #nextMarket(): SymbolMarket | null {
    let first: SymbolMarket | null = null;
    let firstAt = Number.POSITIVE_INFINITY;
    for (const market of this.markets.values()) {
      const at = market.walk.next?.at ?? Number.POSITIVE_INFINITY;
      if (at < firstAt) {
        first = market;
        firstAt = at;
      }
    }
    return first;
  }

  #follow(market: SymbolMarket, point: ReturnType<SymbolMarket["walk"]["take"]>): void {
    // A market that is fed by hand lets its walk pass by, so that it can be followed again.
    if (point === null || market.isManual) return;
    const trade = market.move(point);
    this.#engine.tick(market.symbol, { ...point, at: this.clock.now });
    this.#drain();
    this.#tell({ type: "market", symbol: market.symbol, trade });
  }

  #point(
    market: SymbolMarket,
    { ticks, gap, volume }: { ticks: number; gap: boolean; volume: number | null },
  ): void {
    const at = this.clock.now;
    // Somebody traded there, if only the least: what is fed is to be seen in trades and candles.
    const least = toNumber(market.instrument.minQuantity);
    const published = Math.max(volume ?? 0, least);
    const trade = market.move({ at, ticks, gap, volume: published, tradedAt: at });
    this.#engine.tick(market.symbol, { at, ticks, gap, volume });
    this.#drain();
    this.#tell({ type: "market", symbol: market.symbol, trade });
  }

  /** A new or amended order meets the market as it stands, `quantity` of it at most. */
  #arrive(symbol: string, quantity: Decimal | null): void {
    if (this.#options.meeting === "atNextPoint") return;
    const latency = this.#options.matching.settings?.latencyMs ?? 0;
    const meet = () => {
      const market = this.market(symbol);
      if (market.manualBook !== null) return this.#meetBook(market);
      if (market.price <= 0) return;
      const volume = quantity === null ? null : this.#volumeFor(quantity);
      const at = this.clock.now;
      this.#engine.tick(symbol, { at, ticks: market.price, gap: false, volume });
      this.#drain();
    };
    if (latency > 0) this.tasks.add(this.clock.now + latency, meet);
    else meet();
  }

  /** Matches against the book that was fed by hand, less what was taken of it since. */
  #meetBook(market: SymbolMarket): void {
    const book = market.manualBook;
    if (book === null) return;
    const before = this.account.trades.length;
    this.#engine.book(market.symbol, { at: this.clock.now, ...book });
    this.#drain();
    const made = this.account.trades.slice(before);
    if (made.length === 0) return;
    market.manualBook = withoutTaken(book, market.instrument, made);
    this.#tell({ type: "market", symbol: market.symbol, trade: null });
  }

  /** The volume of a point of which our orders get so much. */
  #volumeFor(quantity: Decimal): number | null {
    const { volumeShare: share } = {
      ...defaultMatchingSettings,
      ...this.#options.matching.settings,
    };
    return share === null ? null : toNumber(quantity) / share;
  }

  #versionOf(engineId: string): Answer<OrderVersion> {
    const order = this.account.order(this.account.orderId(engineId));
    if (order === null) throw new Error(`Cannot find order "${engineId}" in its own record`);
    return { type: "confirmed", value: order };
  }

  /** Takes over what the engine has to tell, and tells it on. */
  #drain(): void {
    for (const { key, value } of this.#engine.changes()) {
      if (value === null) this.#rows.delete(key);
      else this.#rows.set(key, value);
    }
    for (;;) {
      const report = this.#engine.takeReport();
      if (report === null) return;
      if (report.type === "fill") this.account.takeFill(report.fill);
      else {
        for (const event of this.account.takeOrder(report.order, this.clock.now)) this.#tell(event);
      }
    }
  }

  #tell(event: ExchangeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** Whether the next point of a walk is one of that moment that has not happened yet. */
function isBeyond({ walk }: SymbolMarket, time: number, reach: Reach): boolean {
  if (walk.next?.at !== time) return false;
  return reach === "before" || (reach === "close" && walk.next.gap);
}

function places(value: number): Decimal {
  return fromFloat(value, 8);
}

function named(order: OrderVersion) {
  const { engineId: venueOrderId, symbol } = order;
  return { venueOrderId, symbol, clientOrderId: order.clientOrderId ?? "" };
}
