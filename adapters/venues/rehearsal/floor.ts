import { type Decimal, toNumber } from "../../../machines/domain/decimal.ts";
import type { VenueClock } from "./clock.ts";
import { DueTasks } from "./due-tasks.ts";
import type { PublicTrade } from "./market/candle-series.ts";
import type { Ladder } from "./market/ladder.ts";
import type { SymbolMarket } from "./market/symbol-market.ts";

/**
 * How much of the moment that time is let pass to has happened: all, with the price on its way
 * between two points of the walk; its points alone; those but one that opens a candle; or none.
 */
export const reaches = ["present", "open", "close", "before"] as const;
export type Reach = (typeof reaches)[number];

/** A point that a market moves to, in whole ticks. */
export interface FloorPoint {
  readonly ticks: number;
  readonly gap: boolean;
  readonly volume: number | null;
}

/** What the floor tells all who trade on it. */
export interface MarketEvent {
  readonly type: "market";
  readonly symbol: string;
  readonly trade: PublicTrade | null;
}

/** Somebody whose orders meet the floor's markets. */
export interface FloorTrader {
  /** The price moved to a point. */
  tick(symbol: string, point: FloorPoint): void;
  /** Orders meet the book fed by hand, if there is one; whether they took something of it. */
  meetBook(market: SymbolMarket): boolean;
  print(symbol: string, ticks: number, quantity: Decimal): void;
  expire(): void;
  tell(event: MarketEvent): void;
}

/**
 * The markets that all accounts of a venue share: they go on by their walks, or by hand, and every
 * trader meets the same points in order. Synchronous; time moves only by {@link advanceTo}.
 */
export class TradingFloor {
  readonly clock: VenueClock;
  readonly tasks = new DueTasks();
  readonly markets: ReadonlyMap<string, SymbolMarket>;
  readonly #traders: FloorTrader[] = [];

  constructor(clock: VenueClock, markets: readonly SymbolMarket[]) {
    this.clock = clock;
    this.markets = new Map(markets.map((market) => [market.symbol, market]));
    this.#openAt(clock.now);
  }

  /** Trades here from now on, beginning with the market as it stands. */
  join(trader: FloorTrader): void {
    this.#traders.push(trader);
    for (const market of this.markets.values()) {
      const { symbol, price } = market;
      if (price > 0) trader.tick(symbol, { ticks: price, gap: true, volume: null });
      trader.meetBook(market);
    }
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
    this.#each((trader) => trader.expire());
  }

  /** The price is moved by hand; the symbol no longer follows its walk. */
  feedPoint(symbol: string, ticks: number, gap: boolean, volume: number | null): void {
    const market = this.market(symbol);
    market.isManual = true;
    market.manualBook = null;
    this.point(market, { ticks, gap, volume });
  }

  /** The book is set by hand; orders meet it at once and take from it what they fill. */
  feedBook(symbol: string, book: Ladder): void {
    const market = this.market(symbol);
    market.isManual = true;
    market.manualBook = book;
    const touch = book.asks[0]?.ticks ?? book.bids[0]?.ticks;
    if (touch !== undefined) market.price = touch;
    this.meetBook(market);
    this.#tell({ type: "market", symbol, trade: null });
  }

  /** Somebody else trades. */
  feedPrint(symbol: string, ticks: number, quantity: Decimal): void {
    const market = this.market(symbol);
    market.isManual = true;
    const isBuy = ticks >= market.price;
    market.price = ticks;
    const trade = market.trade(this.clock.now, ticks, toNumber(quantity), isBuy);
    this.#each((trader) => trader.print(symbol, ticks, quantity));
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

  /** A market moves to a point; what is fed is to be seen in trades and candles. */
  point(market: SymbolMarket, { ticks, gap, volume }: FloorPoint): void {
    const at = this.clock.now;
    // Somebody traded there, if only the least.
    const least = toNumber(market.instrument.minQuantity);
    const published = Math.max(volume ?? 0, least);
    const trade = market.move({ at, ticks, gap, volume: published, tradedAt: at });
    this.#each((trader) => trader.tick(market.symbol, { ticks, gap, volume }));
    this.#tell({ type: "market", symbol: market.symbol, trade });
  }

  /** All orders meet the book that was fed by hand, less what was taken of it since. */
  meetBook(market: SymbolMarket): void {
    const taken = this.#traders.filter((trader) => trader.meetBook(market));
    if (taken.length > 0) this.#tell({ type: "market", symbol: market.symbol, trade: null });
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
    }
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
    this.#each((trader) => trader.tick(market.symbol, point));
    this.#tell({ type: "market", symbol: market.symbol, trade });
  }

  #tell(event: MarketEvent): void {
    this.#each((trader) => trader.tell(event));
  }

  #each(run: (trader: FloorTrader) => void): void {
    for (const trader of this.#traders) run(trader);
  }
}

/** Whether the next point of a walk is one of that moment that has not happened yet. */
function isBeyond({ walk }: SymbolMarket, time: number, reach: Reach): boolean {
  if (walk.next?.at !== time) return false;
  return reach === "before" || (reach === "close" && walk.next.gap);
}
