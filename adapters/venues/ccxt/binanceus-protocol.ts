import type { Found } from "../../../actors/order/ports.ts";
import { add, type Decimal, decimal, zero } from "../../../machines/domain/decimal.ts";
import type { Fill } from "../../../machines/domain/fill.ts";
import type { Balance } from "../../../machines/domain/ledger.ts";
import type { CancelRequest, OrderRequest, VenueOrder } from "../../../machines/domain/order.ts";
import { newOrder } from "./binanceus-orders.ts";
import { readFill, readMarket, readOrder } from "./binanceus-reading.ts";
import { evidenceOf, MalformedReply } from "./faults.ts";
import type { Charge, Priority } from "./limiter.ts";
import type { KeyRights, Market, MarketNames, Protocol, VenueStatus } from "./protocol.ts";
import {
  amountOf,
  type Fields,
  fieldsOf,
  flagOf,
  listOf,
  millisecondsOf,
  textOf,
} from "./reading.ts";
import { allPages, type Wire } from "./wire.ts";

const pageSize = 1_000;
/** Wider than clocks can differ: with more than the window between them no request is taken. */
const lookBackMs = 600_000;

/** What each path weighs in the venue's own counter, as its documentation says. */
const weights: Readonly<Record<string, number>> = {
  "POST order": 1,
  "POST order/test": 1,
  "DELETE order": 1,
  "GET order": 4,
  "GET openOrders": 40,
  "GET allOrders": 20,
  "GET myTrades": 20,
  "GET account": 20,
};

/** Binance.US's REST API. */
export class BinanceusProtocol implements Protocol {
  readonly amend = null;
  /** Deposits have lists of their own, by coin and by network: not read. */
  readonly movementsSince = null;
  readonly #wire: Wire;
  readonly #names: MarketNames;

  constructor(wire: Wire, names: MarketNames) {
    this.#wire = wire;
    this.#names = names;
  }

  async markets(): Promise<readonly Market[]> {
    const fees = await this.#fees();
    const reply = await this.#public("public", "exchangeInfo");
    return listOf(reply.symbols, '"symbols"').flatMap((symbol) => {
      const market = readMarket(fieldsOf(symbol, "symbol"), fees);
      return market === null ? [] : [market];
    });
  }

  async place(market: Market, request: OrderRequest): Promise<VenueOrder> {
    const { clock, ids, assumptions } = this.#wire;
    const { clientOrderId, symbol } = request;
    const order = { ...newOrder(market, request, assumptions), newOrderRespType: "RESULT" };
    const parameters = () => {
      ids.sent(clientOrderId, symbol, clock.now());
      return order;
    };
    const priority = request.side === "sell" ? "safety" : "entry";
    const reply = await this.#private("POST", "order", parameters, priority);
    const placed = this.#order(reply, 0);
    if (placed.clientOrderId === clientOrderId && placed.side === request.side) return placed;
    throw new MalformedReply(
      `Cannot read reply: order "${placed.venueOrderId}" is not the one asked for`,
    );
  }

  async validate(market: Market, request: OrderRequest): Promise<string> {
    const order = newOrder(market, request, this.#wire.assumptions);
    fieldsOf(await this.#private("POST", "order/test", () => order), "reply");
    return "tested, nothing placed";
  }

  async cancel(market: Market, request: CancelRequest): Promise<void> {
    const reply = await this.#private("DELETE", "order", this.#naming(market, request), "safety");
    this.#order(reply, 0);
  }

  async order(market: Market, request: CancelRequest): Promise<VenueOrder | null> {
    const freshAt = this.#freshAt();
    const reply = await this.#private("GET", "order", this.#naming(market, request), "safety");
    return this.#order(reply, freshAt);
  }

  /** By its id, and in the list: one of the two alone has been seen to lag behind. */
  async find(market: Market, clientOrderId: string): Promise<Found> {
    const orders = new Map<string, VenueOrder>();
    const { symbol } = market.instrument;
    const named = await this.#named(market, { venueOrderId: null, clientOrderId, symbol });
    for (const order of await this.#listed(market, clientOrderId)) {
      orders.set(order.venueOrderId, order);
    }
    const listed = named === null ? undefined : orders.get(named.venueOrderId);
    if (named !== null && (listed === undefined || listed.updatedAt < named.updatedAt)) {
      orders.set(named.venueOrderId, named);
    }
    const fills: Fill[] = [];
    for (const { venueOrderId, filled } of orders.values()) {
      if (filled === zero) continue;
      const filter = { symbol: market.id, orderId: venueOrderId };
      fills.push(...(await this.#trades(filter, "safety")));
    }
    return { orders: [...orders.values()], fills };
  }

  async byVenueId(market: Market, venueOrderId: string): Promise<Found> {
    const { symbol } = market.instrument;
    const order = await this.order(market, { venueOrderId, clientOrderId: "", symbol });
    if (order === null) return { orders: [], fills: [] };
    const filter = { symbol: market.id, orderId: venueOrderId };
    const fills = order.filled === zero ? [] : await this.#trades(filter, "safety");
    return { orders: [order], fills };
  }

  async openOrders(): Promise<readonly VenueOrder[]> {
    const freshAt = this.#freshAt();
    const reply = await this.#private("GET", "openOrders", this.#windowed({}));
    return listOf(reply, "open orders").map((order) => this.#order(order, freshAt));
  }

  async balances(): Promise<readonly Balance[]> {
    const reply = fieldsOf(await this.#private("GET", "account", this.#windowed({})), "account");
    const balances = listOf(reply.balances, '"balances"');
    if (balances.length === 0) throw new MalformedReply("Cannot read balances: none in the reply");
    return balances.map((value) => {
      const fields = fieldsOf(value, "balance");
      const held = amountOf(fields, "locked");
      return { coin: textOf(fields, "asset"), total: add(amountOf(fields, "free"), held), held };
    });
  }

  async fillsSince(since: number): Promise<readonly Fill[]> {
    const fills: Fill[] = [];
    for (const symbol of this.#wire.options.symbols) {
      const market = this.#names.marketOf(symbol);
      if (market === null) throw new MalformedReply(`Cannot read fills: "${symbol}" is not listed`);
      const filter = { symbol: market.id, startTime: String(since) };
      fills.push(...(await this.#trades(filter, "read")));
    }
    const known: Fill[] = [];
    for (const fill of fills) known.push(await this.#withClientId(fill));
    return known.sort((a, b) => a.at - b.at || (a.tradeId < b.tradeId ? -1 : 1));
  }

  async keyRights(): Promise<KeyRights> {
    const reply = fieldsOf(await this.#private("GET", "account", this.#windowed({})), "account");
    return { canTrade: flagOf(reply, "canTrade"), canWithdraw: flagOf(reply, "canWithdraw") };
  }

  async status(): Promise<VenueStatus> {
    const reply = await this.#public("sapi", "system/status");
    const isUp = textOf(reply, "status") === "0";
    return { state: isUp ? "online" : "maintenance", text: textOf(reply, "msg") };
  }

  async serverTime(): Promise<number> {
    return millisecondsOf(await this.#public("public", "time"), "serverTime");
  }

  /** Ours where the account tells them; a stated assumption where it does not. */
  async #fees(): Promise<{ makerFee: Decimal; takerFee: Decimal }> {
    const { assumptions, hasKeys, options } = this.#wire;
    const assumed = {
      makerFee: decimal(assumptions.makerFee),
      takerFee: decimal(assumptions.takerFee),
    };
    if (!hasKeys) return assumed;
    try {
      const reply = fieldsOf(await this.#private("GET", "account", this.#windowed({})), "account");
      const rates = fieldsOf(reply.commissionRates, '"commissionRates"');
      return { makerFee: amountOf(rates, "maker"), takerFee: amountOf(rates, "taker") };
    } catch (error) {
      // Fees are booked from fills: here they only size orders, and the assumed ones are high.
      const text = `binanceus did not tell its fees, assumed instead: ${String(error)}`;
      options.onNotice?.({ code: "feesAssumed", text });
      return assumed;
    }
  }

  /** Null where the venue says that it knows no such order: half of the proof. */
  async #named(market: Market, request: CancelRequest): Promise<VenueOrder | null> {
    try {
      return await this.order(market, request);
    } catch (error) {
      const texts = evidenceOf(error)?.texts ?? [];
      if (texts.some((text) => text.startsWith("-2013 "))) return null;
      throw error;
    }
  }

  async #listed(market: Market, clientOrderId: string): Promise<readonly VenueOrder[]> {
    const found: VenueOrder[] = [];
    const freshAt = this.#freshAt();
    const sentAt = this.#wire.ids.get(clientOrderId)?.sentAt ?? 0;
    const since = sentAt - lookBackMs;
    const base = { symbol: market.id, limit: String(pageSize) };
    const first = sentAt === 0 ? base : { ...base, startTime: String(since) };
    await allPages<Readonly<Record<string, string>>>(first, async (parameters) => {
      const reply = await this.#private("GET", "allOrders", this.#windowed(parameters), "safety");
      const page = listOf(reply, "orders").map((order) => this.#order(order, freshAt));
      found.push(...page.filter((order) => order.clientOrderId === clientOrderId));
      if (page.length < pageSize || found.length > 0) return null;
      if (sentAt === 0) {
        throw new MalformedReply(
          `Cannot look up "${clientOrderId}": more than ${pageSize} orders since`,
        );
      }
      return { ...base, orderId: after(page.map((order) => order.venueOrderId)) };
    });
    return found;
  }

  async #trades(
    filter: Readonly<Record<string, string>>,
    priority: Priority,
  ): Promise<readonly Fill[]> {
    const fills = new Map<string, Fill>();
    const { startTime: _start, ...rest } = filter;
    const first = { ...filter, limit: String(pageSize) };
    await allPages<Readonly<Record<string, string>>>(first, async (parameters) => {
      const reply = await this.#private("GET", "myTrades", this.#windowed(parameters), priority);
      const page = listOf(reply, "trades").map((trade) => fieldsOf(trade, "trade"));
      for (const trade of page) {
        const fill = readFill(trade, this.#names, (id) => this.#wire.ids.clientIdOf(id));
        fills.set(fill.tradeId, fill);
      }
      if (page.length < pageSize) return null;
      const fromId = after(page.map((trade) => textOf(trade, "id")));
      return { ...rest, limit: String(pageSize), fromId };
    });
    return [...fills.values()];
  }

  /** Trades do not carry the client id: their orders do. */
  async #withClientId(fill: Fill): Promise<Fill> {
    const { ids } = this.#wire;
    const { venueOrderId, symbol } = fill;
    const market = this.#names.marketOf(symbol);
    if (fill.clientOrderId === null && ids.clientIdOf(venueOrderId) === null && market !== null) {
      await this.order(market, { venueOrderId, clientOrderId: "", symbol });
    }
    return { ...fill, clientOrderId: fill.clientOrderId ?? ids.clientIdOf(venueOrderId) };
  }

  #naming(market: Market, request: CancelRequest): () => Readonly<Record<string, string>> {
    const { venueOrderId, clientOrderId } = request;
    const name =
      venueOrderId === null ? { origClientOrderId: clientOrderId } : { orderId: venueOrderId };
    return this.#windowed({ symbol: market.id, ...name });
  }

  #windowed(parameters: Readonly<Record<string, string>>): () => Readonly<Record<string, string>> {
    const recvWindow = String(this.#wire.assumptions.recvWindowMs);
    return () => ({ ...parameters, recvWindow });
  }

  #order(value: unknown, freshAt: number): VenueOrder {
    const { stopLimitDistance } = this.#wire.assumptions;
    const order = readOrder(fieldsOf(value, "order"), this.#names, freshAt, stopLimitDistance);
    this.#wire.ids.known(order.clientOrderId, order.symbol, order.venueOrderId);
    return order;
  }

  #freshAt(): number {
    return this.#wire.clock.now() - this.#wire.assumptions.readLagMs;
  }

  async #public(api: "public" | "sapi", path: string): Promise<Fields> {
    const call = { path, api, method: "GET" as const, parameters: () => ({}) };
    return fieldsOf(await this.#wire.public(call), "reply");
  }

  #private(
    method: "GET" | "POST" | "DELETE",
    path: string,
    parameters: () => Readonly<Record<string, string>>,
    priority: Priority = "read",
  ): Promise<unknown> {
    const name = `${method} ${path}`;
    const charges = (): readonly Charge[] => [
      { counter: "rest", amount: weights[name] ?? 1 },
      ...(name === "POST order" ? [{ counter: "orders", amount: 1 }] : []),
    ];
    return this.#wire.private({ path, api: "private", method, parameters, priority, charges });
  }
}

/** The number after the greatest, as text: ids outgrow what a float holds exactly. */
function after(ids: readonly string[]): string {
  let greatest = 0n;
  for (const id of ids) if (BigInt(id) > greatest) greatest = BigInt(id);
  return String(greatest + 1n);
}
