/** The engine's whole state in memory, and how its rows are written and read. */
import {
  add,
  type Decimal,
  decimal,
  maximum,
  multiply,
  zero,
} from "../../../machines/domain/decimal.ts";
import type { Fill, VenueReport } from "../../../machines/domain/fill.ts";
import type { SymbolName } from "../../../machines/domain/ids.ts";
import type { Instrument } from "../../../machines/domain/instrument.ts";
import { Balances } from "./balances.ts";
import { ChangeLog, type KeyedChange } from "./change-log.ts";
import {
  type BalanceRow,
  type CountersRow,
  countersKey,
  type EngineOrder,
  type MarketRow,
  numberOf,
  orderId,
  rowPrefix,
  type TradeRow,
  toFill,
  toVenueOrder,
  tradeId,
} from "./rows.ts";
import type { MatchingSettings } from "./settings.ts";

/** One symbol. Its numbers change in place: a point without orders must cost next to nothing. */
export interface Market {
  readonly instrument: Instrument;
  readonly holds: BuyHolds;
  /** Whole ticks; equal where the feed is points. */
  bid: number;
  ask: number;
  /** Of the last point or book; -1 before the first. */
  at: number;
  dirty: boolean;
  /** Living orders, in order of acceptance. */
  readonly working: Map<string, EngineOrder>;
}

/** What a buy holds of quote coin for each unit of notional: the dearer fee, and the buffer. */
export interface BuyHolds {
  readonly limited: Decimal;
  readonly unlimited: Decimal;
}

const one = decimal(1);

function buyHolds(instrument: Instrument, settings: MatchingSettings): BuyHolds {
  const { takerFee, makerFee } = instrument;
  const fee = settings.feeCoin === "base" ? zero : maximum(zero, maximum(takerFee, makerFee));
  const limited = add(one, fee);
  return { limited, unlimited: multiply(limited, add(one, settings.marketBuffer)) };
}

const noCounters: CountersRow = { orders: 0, trades: 0, ended: 0, reports: 0, reportsDropped: 0 };

export class EngineState {
  readonly settings: MatchingSettings;
  readonly markets = new Map<SymbolName, Market>();
  readonly balances: Balances;
  /** Living orders of all symbols, in order of acceptance. */
  readonly open = new Map<string, EngineOrder>();
  readonly #log: ChangeLog;
  /** Ended orders in memory, in order of ending. */
  readonly #ended = new Map<string, EngineOrder>();
  /** Their ids in that order: a map's own first key is far to go to where many were deleted. */
  readonly #endedIds: string[] = [];
  readonly #idsByClientId = new Map<string, string[]>();
  readonly #fillsByOrder = new Map<string, Fill[]>();
  #trades: Fill[] = [];
  readonly #outbox = new Map<number, VenueReport>();
  #counters: CountersRow = noCounters;
  #countersChanged = false;
  #movedMarkets: Market[] = [];

  constructor(
    instruments: readonly Instrument[],
    opening: Readonly<Record<string, Decimal>>,
    settings: MatchingSettings,
  ) {
    this.settings = settings;
    this.#log = new ChangeLog(settings.notesChanges ?? true);
    this.balances = new Balances(this.#log);
    for (const instrument of instruments) {
      const holds = buyHolds(instrument, settings);
      const still = { bid: 0, ask: 0, at: -1, dirty: false, working: new Map() };
      this.markets.set(instrument.symbol, { instrument, holds, ...still });
    }
    for (const [coin, total] of Object.entries(opening)) {
      this.balances.put(coin, { total, held: zero });
    }
  }

  get counters(): CountersRow {
    return this.#counters;
  }

  /** The next number of a kind: part of the state, so ids go on where they were. */
  next(kind: keyof CountersRow): number {
    const number = this.#counters[kind] + 1;
    this.#counters = { ...this.#counters, [kind]: number };
    this.#countersChanged = true;
    return number;
  }

  /** @throws {RangeError} on a symbol that no instrument names. */
  marketOf(symbol: SymbolName): Market {
    const market = this.markets.get(symbol);
    if (market === undefined) throw new RangeError(`Cannot match "${symbol}": no such instrument`);
    return market;
  }

  move(market: Market, bid: number, ask: number, at: number): void {
    market.bid = bid;
    market.ask = ask;
    market.at = at;
    if (market.dirty) return;
    market.dirty = true;
    this.#movedMarkets.push(market);
  }

  /** Writes a new or changed order; one that has ended leaves the living. */
  putOrder(order: EngineOrder): void {
    this.#log.put(rowPrefix.orders + order.venueOrderId, order);
    this.#index(order);
    if (order.sequence === this.#counters.orders) this.#dropOrders(order.sequence);
  }

  order(venueOrderId: string): EngineOrder | null {
    return this.open.get(venueOrderId) ?? this.#ended.get(venueOrderId) ?? null;
  }

  /** Every order in memory under a client id, oldest first. */
  ordersByClientId(clientOrderId: string): readonly EngineOrder[] {
    const ids = this.#idsByClientId.get(clientOrderId) ?? [];
    return ids.map((id) => this.order(id)).filter((order) => order !== null);
  }

  fillsOf(venueOrderId: string): readonly Fill[] {
    return this.#fillsByOrder.get(venueOrderId) ?? [];
  }

  addTrade(trade: TradeRow): Fill {
    this.#log.put(rowPrefix.trades + trade.tradeId, trade);
    const fill = this.#indexTrade(trade);
    this.#dropTrades(trade.sequence);
    return fill;
  }

  /** Trades in memory at or after a time, oldest first. */
  tradesSince(since: number): readonly Fill[] {
    const oldest = Math.max(0, this.#trades.length - this.settings.memoryLimit);
    let first = this.#trades.length;
    while (first > oldest && (this.#trades[first - 1] as Fill).at >= since) first -= 1;
    return this.#trades.slice(first);
  }

  report(report: VenueReport): void {
    const sequence = this.next("reports");
    this.#outbox.set(sequence, report);
    this.#log.putNumbered(rowPrefix.outbox, sequence, report);
    if (this.#outbox.size <= this.settings.outboxLimit) return;
    this.takeReport();
    this.next("reportsDropped");
  }

  reportOrder(order: EngineOrder): void {
    this.report({ type: "order", order: toVenueOrder(order) });
  }

  takeReport(): VenueReport | null {
    for (const [sequence, report] of this.#outbox) {
      this.#outbox.delete(sequence);
      this.#log.removeWrittenOnce(rowPrefix.outbox, sequence);
      return report;
    }
    return null;
  }

  changes(): KeyedChange[] {
    for (const market of this.#movedMarkets) {
      const { bid, ask, at } = market;
      this.#log.put(rowPrefix.markets + market.instrument.symbol, { bid, ask, at });
      market.dirty = false;
    }
    this.#movedMarkets = [];
    if (this.#countersChanged) this.#log.put(countersKey, this.#counters);
    this.#countersChanged = false;
    return this.#log.take();
  }

  restore(entries: ReadonlyMap<string, unknown>): void {
    this.#clear();
    this.#counters = (entries.get(countersKey) as CountersRow | undefined) ?? noCounters;
    for (const [coin, row] of rowsUnder<BalanceRow>(entries, rowPrefix.balances)) {
      this.balances.put(coin, row);
    }
    for (const [symbol, row] of rowsUnder<MarketRow>(entries, rowPrefix.markets)) {
      Object.assign(this.marketOf(symbol), row);
    }
    this.#restoreOrders(entries);
    for (const [key, report] of rowsUnder<VenueReport>(entries, rowPrefix.outbox).sort(byKey)) {
      this.#outbox.set(Number(key), report);
    }
    this.#log.clear();
  }

  #restoreOrders(entries: ReadonlyMap<string, unknown>): void {
    const orders = rowsUnder<EngineOrder>(entries, rowPrefix.orders).map(([, order]) => order);
    const living = orders.filter((order) => order.ended === null);
    const ended = orders.filter((order) => order.ended !== null);
    ended.sort((a, b) => (a.ended ?? 0) - (b.ended ?? 0));
    living.sort((a, b) => a.sequence - b.sequence);
    // A client id is used again only after its last order ended: this is the order of use.
    for (const order of [...ended, ...living]) {
      this.#rememberClientId(order);
      this.#index(order);
    }
    const trades = rowsUnder<TradeRow>(entries, rowPrefix.trades).map(([, trade]) => trade);
    for (const trade of trades.sort((a, b) => a.sequence - b.sequence)) this.#indexTrade(trade);
  }

  #index(order: EngineOrder): void {
    const id = order.venueOrderId;
    const { working } = this.marketOf(order.symbol);
    if (order.ended === null) {
      if (!this.open.has(id)) this.#rememberClientId(order);
      this.open.set(id, order);
      working.set(id, order);
      return;
    }
    this.open.delete(id);
    working.delete(id);
    if (!this.#ended.has(id)) this.#endedIds.push(id);
    this.#ended.set(id, order);
    if (this.#ended.size <= this.settings.memoryLimit) return;
    const oldest = this.#ended.get(this.#endedIds.shift() ?? "");
    if (oldest) this.#forget(oldest);
  }

  #rememberClientId(order: EngineOrder): void {
    const key = order.clientOrderId ?? "";
    const ids = this.#idsByClientId.get(key);
    if (ids === undefined) this.#idsByClientId.set(key, [order.venueOrderId]);
    else if (!ids.includes(order.venueOrderId)) ids.push(order.venueOrderId);
  }

  #forget(order: EngineOrder): void {
    const key = order.clientOrderId ?? "";
    this.#ended.delete(order.venueOrderId);
    this.#dropPassedOver(order);
    this.#fillsByOrder.delete(order.venueOrderId);
    const left = (this.#idsByClientId.get(key) ?? []).filter((id) => id !== order.venueOrderId);
    if (left.length === 0) this.#idsByClientId.delete(key);
    else this.#idsByClientId.set(key, left);
  }

  /** The last number whose row is dropped when `last` is the newest: rows go in blocks. */
  #droppedUpTo(last: number): number {
    const block = this.#blockLength;
    return Math.max(0, Math.floor(last / block) * block - this.settings.recordLimit);
  }

  get #blockLength(): number {
    return Math.max(1, Math.floor(this.settings.recordLimit / 10));
  }

  /** A living or remembered order keeps its row until it is forgotten. */
  #dropOrders(last: number): void {
    if (last % this.#blockLength !== 0) return;
    const upTo = this.#droppedUpTo(last);
    for (let number = Math.max(1, upTo - this.#blockLength + 1); number <= upTo; number += 1) {
      const id = orderId(number);
      if (this.order(id) === null) this.#log.remove(rowPrefix.orders + id);
    }
  }

  /** So do its trades. */
  #dropTrades(last: number): void {
    if (last % this.#blockLength !== 0) return;
    const remembered = new Set<string>();
    for (const fills of this.#fillsByOrder.values()) {
      for (const fill of fills) remembered.add(fill.tradeId);
    }
    const upTo = this.#droppedUpTo(last);
    for (let number = Math.max(1, upTo - this.#blockLength + 1); number <= upTo; number += 1) {
      const id = tradeId(number);
      if (!remembered.has(id)) this.#log.remove(rowPrefix.trades + id);
    }
  }

  /** An order that is forgotten loses the rows that were left for its sake. */
  #dropPassedOver({ venueOrderId }: EngineOrder): void {
    const { orders, trades } = this.#counters;
    if (numberOf(venueOrderId) <= this.#droppedUpTo(orders)) {
      this.#log.remove(rowPrefix.orders + venueOrderId);
    }
    const upTo = this.#droppedUpTo(trades);
    for (const fill of this.fillsOf(venueOrderId)) {
      const isDue = numberOf(fill.tradeId) <= upTo;
      if (isDue) this.#log.remove(rowPrefix.trades + fill.tradeId);
    }
  }

  #indexTrade(trade: TradeRow): Fill {
    const fill = toFill(trade);
    this.#trades.push(fill);
    // Cut in blocks, so that most trades cost no copy; what is older is never shown.
    const limit = this.settings.memoryLimit;
    if (this.#trades.length > 2 * limit) this.#trades = this.#trades.slice(-limit);
    if (this.order(trade.venueOrderId) === null) return fill;
    const fills = this.#fillsByOrder.get(trade.venueOrderId);
    if (fills === undefined) this.#fillsByOrder.set(trade.venueOrderId, [fill]);
    else fills.push(fill);
    return fill;
  }

  #clear(): void {
    for (const market of this.markets.values()) {
      market.working.clear();
      Object.assign(market, { bid: 0, ask: 0, at: -1, dirty: false });
    }
    this.balances.clear();
    for (const map of [this.open, this.#ended, this.#idsByClientId, this.#fillsByOrder]) {
      map.clear();
    }
    this.#endedIds.length = 0;
    this.#outbox.clear();
    this.#trades = [];
    this.#movedMarkets = [];
    this.#countersChanged = false;
  }
}

const byKey = (a: readonly [string, unknown], b: readonly [string, unknown]) =>
  a[0] < b[0] ? -1 : 1;

/** The rows under a prefix, by the rest of their key. They are the engine's own, so trusted. */
export function rowsUnder<T>(entries: ReadonlyMap<string, unknown>, prefix: string): [string, T][] {
  const rows: [string, T][] = [];
  for (const [key, value] of entries) {
    if (key.startsWith(prefix)) rows.push([key.slice(prefix.length), value as T]);
  }
  return rows;
}
