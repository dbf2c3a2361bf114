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
import type { FloorPoint, FloorTrader, MarketEvent, TradingFloor } from "./floor.ts";
import type { SymbolMarket } from "./market/symbol-market.ts";
import { withoutTaken } from "./market/taken.ts";

/** When an accepted order meets the market: as at a venue, or as in a paper run of candles. */
export type Meeting = "onArrival" | "atNextPoint";

export interface ExchangeOptions {
  readonly matching: MatchingOptions;
  readonly meeting: Meeting;
  /** Names the account's orders and trades. */
  readonly seed: string;
  /** Kraken's if not given. */
  readonly idForm?: IdForm | undefined;
}

/** What the exchange tells its front ends, at once and in order. */
export type ExchangeEvent = AccountEvent | MarketEvent;

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
 * One account's way to the markets that all share, without any wire: its own record, balances and
 * matching engine. Synchronous; time moves by the floor's alone.
 */
export class Exchange implements FloorTrader {
  readonly account: Account;
  readonly #floor: TradingFloor;
  readonly #options: ExchangeOptions;
  readonly #engine: MatchingEngine;
  /** The engine's state space: what a copy is restored from. */
  readonly #rows = new Map<string, unknown>();
  readonly #listeners = new Set<(event: ExchangeEvent) => void>();

  constructor(floor: TradingFloor, options: ExchangeOptions) {
    this.#floor = floor;
    this.#options = options;
    this.account = new Account(options.seed, options.matching.balances, options.idForm);
    this.#engine = new MatchingEngine(options.matching);
    floor.join(this);
  }

  get clock(): TradingFloor["clock"] {
    return this.#floor.clock;
  }

  get tasks(): TradingFloor["tasks"] {
    return this.#floor.tasks;
  }

  get markets(): TradingFloor["markets"] {
    return this.#floor.markets;
  }

  listen(listener: (event: ExchangeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @throws {RangeError} on a symbol that is not traded here. */
  market(symbol: string): SymbolMarket {
    return this.#floor.market(symbol);
  }

  catchUp(): void {
    this.#floor.catchUp();
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
      this.tell(this.account.transfer(coin, amount, this.clock.now));
    }
    return answer;
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
    this.#floor.point(market, { ticks: through, gap: false, volume: this.#volumeFor(left) });
    this.#floor.point(market, { ticks: back, gap: true, volume: 0 });
  }

  tick(symbol: string, { ticks, gap, volume }: FloorPoint): void {
    this.#engine.tick(symbol, { at: this.clock.now, ticks, gap, volume });
    this.#drain();
  }

  meetBook(market: SymbolMarket): boolean {
    const book = market.manualBook;
    if (book === null) return false;
    const before = this.account.trades.length;
    this.#engine.book(market.symbol, { at: this.clock.now, ...book });
    this.#drain();
    const made = this.account.trades.slice(before);
    if (made.length > 0) market.manualBook = withoutTaken(book, market.instrument, made);
    return made.length > 0;
  }

  print(symbol: string, ticks: number, quantity: Decimal): void {
    this.#engine.print(symbol, { at: this.clock.now, ticks, quantity });
    this.#drain();
  }

  expire(): void {
    this.#engine.expire(this.clock.now);
    this.#drain();
  }

  tell(event: ExchangeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** A new or amended order meets the market as it stands, `quantity` of it at most. */
  #arrive(symbol: string, quantity: Decimal | null): void {
    if (this.#options.meeting === "atNextPoint") return;
    const latency = this.#options.matching.settings?.latencyMs ?? 0;
    const meet = () => {
      const market = this.market(symbol);
      if (market.manualBook !== null) return this.#floor.meetBook(market);
      if (market.price <= 0) return;
      const volume = quantity === null ? null : this.#volumeFor(quantity);
      const at = this.clock.now;
      this.#engine.tick(symbol, { at, ticks: market.price, gap: false, volume });
      this.#drain();
    };
    if (latency > 0) this.tasks.add(this.clock.now + latency, meet);
    else meet();
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
        for (const event of this.account.takeOrder(report.order, this.clock.now)) this.tell(event);
      }
    }
  }
}

function places(value: number): Decimal {
  return fromFloat(value, 8);
}

function named(order: OrderVersion) {
  const { engineId: venueOrderId, symbol } = order;
  return { venueOrderId, symbol, clientOrderId: order.clientOrderId ?? "" };
}
