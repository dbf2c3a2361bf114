import type { Found, Movement } from "../../../actors/order/ports.ts";
import { zero } from "../../../machines/domain/decimal.ts";
import type { Fill } from "../../../machines/domain/fill.ts";
import type { Balance } from "../../../machines/domain/ledger.ts";
import type {
  AmendRequest,
  CancelRequest,
  OrderRequest,
  VenueOrder,
} from "../../../machines/domain/order.ts";
import { MalformedReply } from "./faults.ts";
import { readMovements } from "./kraken-ledgers.ts";
import { addOrder, amendOrder } from "./kraken-orders.ts";
import { krakenCoin, readFill, readMarket, readOrder, resultOf } from "./kraken-reading.ts";
import type { Charge, Priority } from "./limiter.ts";
import { krakenPenalty } from "./limits.ts";
import type { KeyRights, Market, MarketNames, Protocol, VenueStatus } from "./protocol.ts";
import { amountOf, type Fields, fieldsOf, listOf, secondsOf, textOf } from "./reading.ts";
import { allPages, type Wire } from "./wire.ts";

const tradesPerQuery = 20;
const ordersPerQuery = 50;
/** By itself the venue adds up the trades of one taking, under other ids than its stream's (P4). */
const everyTrade = { consolidate_taker: "false" } as const;

/** Kraken's REST API. */
export class KrakenProtocol implements Protocol {
  readonly #wire: Wire;
  readonly #names: MarketNames;

  constructor(wire: Wire, names: MarketNames) {
    this.#wire = wire;
    this.#names = names;
  }

  async markets(): Promise<readonly Market[]> {
    const pairs = resultOf(await this.#public("AssetPairs"));
    return Object.entries(pairs).flatMap(([id, pair]) => {
      const market = readMarket(id, fieldsOf(pair, `pair "${id}"`), this.#wire.assumptions);
      return market === null ? [] : [market];
    });
  }

  async place(market: Market, request: OrderRequest): Promise<VenueOrder> {
    const { clock, assumptions, ids } = this.#wire;
    let sentAt = clock.now();
    const parameters = () => {
      sentAt = clock.now();
      ids.sent(request.clientOrderId, request.symbol, sentAt);
      return addOrder(market.id, request, sentAt, assumptions);
    };
    const priority = request.side === "sell" ? "safety" : "entry";
    const charges = this.#engine(request.symbol, () => 1);
    const reply = await this.#private("AddOrder", parameters, priority, charges);
    const [venueOrderId] = listOf(resultOf(reply).txid, '"txid"');
    if (typeof venueOrderId !== "string" || venueOrderId === "") {
      throw new MalformedReply('Cannot read reply of AddOrder: "txid" has no order id');
    }
    ids.known(request.clientOrderId, request.symbol, venueOrderId);
    const { clientOrderId, symbol, side, type, quantity, price, stopPrice } = request;
    return {
      ...{ venueOrderId, clientOrderId, symbol, side, type, quantity, price, stopPrice },
      ...{ state: "open", filled: zero, reason: null, createdAt: sentAt, updatedAt: sentAt },
    };
  }

  async validate(market: Market, request: OrderRequest): Promise<string> {
    const { clock, assumptions } = this.#wire;
    const parameters = () => ({
      ...addOrder(market.id, request, clock.now(), assumptions),
      validate: "true",
    });
    const result = resultOf(await this.#private("AddOrder", parameters, "read", () => []));
    if (result.txid !== undefined) {
      throw new MalformedReply(
        'Cannot read reply of a dry run: it has "txid", an order was placed',
      );
    }
    return textOf(fieldsOf(result.descr, '"descr"'), "order");
  }

  /** Returns when it was sent. */
  async amend(_market: Market, request: AmendRequest): Promise<number> {
    const { clock, assumptions } = this.#wire;
    let sentAt = clock.now();
    const parameters = () => {
      sentAt = clock.now();
      return amendOrder(request, sentAt, assumptions);
    };
    const charges = this.#engine(request.symbol, () =>
      krakenPenalty("amend", this.#ageOf(request.clientOrderId)),
    );
    const reply = await this.#private("AmendOrder", parameters, "safety", charges);
    textOf(resultOf(reply), "amend_id");
    return sentAt;
  }

  async cancel(_market: Market, request: CancelRequest): Promise<void> {
    const { venueOrderId, clientOrderId, symbol } = request;
    const parameters = () =>
      venueOrderId === null ? { cl_ord_id: clientOrderId } : { txid: venueOrderId };
    const charges = this.#engine(symbol, () => krakenPenalty("cancel", this.#ageOf(clientOrderId)));
    const reply = await this.#private("CancelOrder", parameters, "safety", charges);
    // However many it says: whether this order ended is looked for.
    textOf(resultOf(reply), "count");
  }

  /** All orders of the account end unless this is asked again in time; 0 calls it off. */
  async cancelAllAfter(timeoutMs: number): Promise<void> {
    const timeout = String(Math.ceil(timeoutMs / 1_000));
    const reply = await this.#read("CancelAllOrdersAfter", { timeout }, "safety");
    const isArmed = textOf(reply, "triggerTime") !== "0";
    if (isArmed === timeoutMs > 0) return;
    throw new MalformedReply(`Cannot read reply of CancelAllOrdersAfter: asked for ${timeout} s`);
  }

  async order(market: Market, request: CancelRequest): Promise<VenueOrder | null> {
    const known = request.venueOrderId ?? this.#wire.ids.get(request.clientOrderId)?.venueOrderId;
    if (!known) {
      const { orders } = await this.find(market, request.clientOrderId);
      if (orders.length > 1) {
        throw new MalformedReply(`Cannot tell ${orders.length} orders of one client id apart`);
      }
      return orders[0] ?? null;
    }
    const freshAt = this.#freshAt();
    const fields = (await this.#query([known], "safety")).get(known);
    // `{"error":[],"result":{}}` is no answer at all.
    if (!fields) throw new MalformedReply(`Cannot read order "${known}": not in the reply`);
    return this.#order(known, fields, freshAt);
  }

  async find(_market: Market, clientOrderId: string): Promise<Found> {
    // Open ones first: an order that closes between the two reads is then seen twice, never not.
    const orders = new Map<string, VenueOrder>();
    const take = (page: Fields, freshAt: number): void => {
      for (const [id, value] of Object.entries(page)) {
        const fields = fieldsOf(value, `order "${id}"`);
        assertFiltered(id, fields, clientOrderId);
        orders.set(id, this.#order(id, fields, freshAt));
      }
    };
    const freshAt = this.#freshAt();
    take(await this.#open({ cl_ord_id: clientOrderId }, "safety"), freshAt);
    await allPages(0, async (ofs: number) => {
      const parameters = { cl_ord_id: clientOrderId, ofs: String(ofs), ...everyTrade };
      const reply = await this.#read("ClosedOrders", parameters, "safety");
      const closed = fieldsOf(reply.closed, '"closed"');
      take(closed, freshAt);
      return nextOffset(reply, ofs, Object.keys(closed).length);
    });
    const found = [...orders.values()];
    return { orders: found, fills: await this.#fillsOf(found.filter(hasFilled)) };
  }

  async openOrders(): Promise<readonly VenueOrder[]> {
    const freshAt = this.#freshAt();
    const open = await this.#open({}, "read");
    return Object.entries(open).map(([id, value]) => this.#order(id, value, freshAt));
  }

  async balances(): Promise<readonly Balance[]> {
    const entries = Object.entries(await this.#read("BalanceEx", {}));
    // An account that ever held anything lists it: nothing at all is a reply that lost its content.
    if (entries.length === 0) throw new MalformedReply("Cannot read balances: none in the reply");
    return entries.map(([asset, value]) => {
      const fields = fieldsOf(value, `balance of "${asset}"`);
      const coin = krakenCoin(asset);
      return { coin, total: amountOf(fields, "balance"), held: amountOf(fields, "hold_trade") };
    });
  }

  async fillsSince(since: number): Promise<readonly Fill[]> {
    const trades = await this.#trades(since);
    const unknown = new Set<string>();
    for (const trade of trades.values()) {
      const id = textOf(trade, "ordertxid");
      if (this.#wire.ids.clientIdOf(id) === null) unknown.add(id);
    }
    const freshAt = this.#freshAt();
    const orders = await this.#query([...unknown], "read");
    for (const [id, order] of orders) this.#order(id, order, freshAt);
    return this.#readFills(trades).filter((fill) => fill.at >= since);
  }

  async byVenueId(_market: Market, venueOrderId: string): Promise<Found> {
    const freshAt = this.#freshAt();
    const queried = await this.#query([venueOrderId], "safety");
    const orders = [...queried].map(([id, fields]) => this.#order(id, fields, freshAt));
    return { orders, fills: await this.#fillsOf(orders.filter(hasFilled)) };
  }

  readonly movementsSince = async (
    since: number,
    coins: readonly string[],
  ): Promise<readonly Movement[]> => {
    const movements = new Map<string, Movement>();
    const start = (Math.max(0, since - 1) / 1000).toFixed(3);
    const charges = () => [{ counter: "rest", amount: 2 }];
    await allPages(0, async (ofs: number) => {
      const parameters = () => ({ start, ofs: String(ofs) });
      const reply = resultOf(await this.#private("Ledgers", parameters, "read", charges));
      const page = fieldsOf(reply.ledger, '"ledger"');
      for (const each of readMovements(page)) movements.set(each.id, each);
      return nextOffset(reply, ofs, Object.keys(page).length);
    });
    return [...movements.values()].filter(({ coin, at }) => coins.includes(coin) && at >= since);
  };

  async keyRights(): Promise<KeyRights> {
    const { permissions } = await this.#read("GetApiKeyInfo", {});
    const names = listOf(permissions, '"permissions"');
    return {
      canTrade: names.includes("modify-trades") && names.includes("close-trades"),
      canWithdraw: names.some((name) => /withdraw/.test(String(name))),
    };
  }

  async status(): Promise<VenueStatus> {
    const text = textOf(resultOf(await this.#public("SystemStatus")), "status");
    const state = systemStates[text];
    if (state === undefined) throw new MalformedReply(`Cannot read system status: was "${text}"`);
    return { state, text };
  }

  async serverTime(): Promise<number> {
    return secondsOf(resultOf(await this.#public("Time")), "unixtime");
  }

  /** A token for the private stream: each connection needs a fresh one. */
  async streamToken(): Promise<string> {
    return textOf(await this.#read("GetWebSocketsToken", {}), "token");
  }

  /** Lists of orders add trades up, so their ids are asked for order by order. */
  async #fillsOf(orders: readonly VenueOrder[]): Promise<readonly Fill[]> {
    const trades = new Map<string, Fields>();
    const tradeIds: string[] = [];
    const queried = await this.#query(
      orders.map(({ venueOrderId }) => venueOrderId),
      "safety",
    );
    for (const { venueOrderId, createdAt } of orders) {
      const listed = queried.get(venueOrderId)?.trades;
      if (Array.isArray(listed) && listed.length > 0) {
        tradeIds.push(...listed.map(String));
        continue;
      }
      for (const [tradeId, trade] of await this.#trades(createdAt)) {
        if (trade.ordertxid === venueOrderId) trades.set(tradeId, trade);
      }
    }
    for (const batch of batches(tradeIds, tradesPerQuery)) {
      const found = await this.#read("QueryTrades", { txid: batch.join(",") }, "safety");
      for (const [id, trade] of Object.entries(found)) trades.set(id, fieldsOf(trade, id));
    }
    return this.#readFills(trades);
  }

  /** Trades at or after a time, newest first page by page; what arrives meanwhile only repeats. */
  async #trades(since: number): Promise<ReadonlyMap<string, Fields>> {
    const trades = new Map<string, Fields>();
    // `start` is exclusive.
    const start = (Math.max(0, since - 1) / 1000).toFixed(3);
    const charges = () => [{ counter: "rest", amount: 2 }];
    await allPages(0, async (ofs: number) => {
      const parameters = () => ({ start, ofs: String(ofs), ...everyTrade });
      const reply = resultOf(await this.#private("TradesHistory", parameters, "read", charges));
      const page = Object.entries(fieldsOf(reply.trades, '"trades"'));
      for (const [id, trade] of page) trades.set(id, fieldsOf(trade, `trade "${id}"`));
      return nextOffset(reply, ofs, page.length);
    });
    return trades;
  }

  #readFills(trades: ReadonlyMap<string, Fields>): readonly Fill[] {
    const { ids } = this.#wire;
    return [...trades]
      .map(([id, trade]) => readFill(id, trade, this.#names, (order) => ids.clientIdOf(order)))
      .sort((a, b) => a.at - b.at || (a.tradeId < b.tradeId ? -1 : 1));
  }

  /** Orders by the venue's ids, with the ids of all their trades. */
  async #query(ids: readonly string[], priority: Priority): Promise<ReadonlyMap<string, Fields>> {
    const orders = new Map<string, Fields>();
    for (const batch of batches(ids, ordersPerQuery)) {
      const parameters = { txid: batch.join(","), trades: "true", ...everyTrade };
      const found = await this.#read("QueryOrders", parameters, priority);
      for (const [id, value] of Object.entries(found)) {
        orders.set(id, fieldsOf(value, `order "${id}"`));
      }
    }
    return orders;
  }

  async #open(filter: Readonly<Record<string, string>>, priority: Priority): Promise<Fields> {
    const reply = await this.#read("OpenOrders", filter, priority);
    return fieldsOf(reply.open, '"open"');
  }

  #order(id: string, value: unknown, freshAt: number): VenueOrder {
    const order = readOrder(id, fieldsOf(value, `order "${id}"`), this.#names, freshAt);
    this.#wire.ids.known(order.clientOrderId, order.symbol, order.venueOrderId);
    return order;
  }

  /** A read may be as stale as that: what it says of an order is at least this fresh. */
  #freshAt(): number {
    return this.#wire.clock.now() - this.#wire.assumptions.readLagMs;
  }

  #ageOf(clientOrderId: string): number {
    const sentAt = this.#wire.ids.get(clientOrderId)?.sentAt ?? 0;
    return this.#wire.clock.now() - sentAt;
  }

  #engine(symbol: string, amount: () => number): () => readonly Charge[] {
    return () => [{ counter: `engine:${symbol}`, amount: amount() }];
  }

  #public(path: string): Promise<unknown> {
    return this.#wire.public({ path, api: "public", method: "GET", parameters: () => ({}) });
  }

  async #read(
    path: string,
    parameters: Readonly<Record<string, string>>,
    priority: Priority = "read",
  ): Promise<Fields> {
    const charges = () => [{ counter: "rest", amount: 1 }];
    return resultOf(await this.#private(path, () => parameters, priority, charges));
  }

  #private(
    path: string,
    parameters: () => Readonly<Record<string, unknown>>,
    priority: Priority,
    charges: () => readonly Charge[],
  ): Promise<unknown> {
    return this.#wire.private({
      ...{ path, api: "private", method: "POST", parameters, priority, charges },
    });
  }
}

const systemStates: Readonly<Record<string, VenueStatus["state"]>> = {
  online: "online",
  maintenance: "maintenance",
  cancel_only: "cancelOnly",
  post_only: "postOnly",
  limit_only: "limitOnly",
};

/**
 * A reply that holds an order of another client id, or one without any, was not filtered as asked:
 * it shows a first page of everything, and absence from it proves nothing.
 */
function assertFiltered(id: string, order: Fields, clientOrderId: string): void {
  if (order.cl_ord_id === clientOrderId) return;
  throw new MalformedReply(
    `Cannot look up "${clientOrderId}": the venue listed order "${id}" of another client id`,
  );
}

function hasFilled({ filled }: VenueOrder): boolean {
  return filled !== zero;
}

/** Where the next page begins, or null after the last one. */
function nextOffset(reply: Fields, offset: number, length: number): number | null {
  const count = Number(textOf(reply, "count"));
  const next = offset + length;
  if (next >= count) return null;
  if (length === 0) throw new MalformedReply(`Cannot read list: ended at ${next} of ${count}`);
  return next;
}

function batches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const result: (readonly T[])[] = [];
  for (let start = 0; start < items.length; start += size) {
    result.push(items.slice(start, start + size));
  }
  return result;
}
