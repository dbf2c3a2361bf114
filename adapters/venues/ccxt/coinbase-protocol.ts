import type { Found, Movement } from "../../../actors/order/ports.ts";
import { add, type Decimal, decimal, zero } from "../../../machines/domain/decimal.ts";
import type { Fill } from "../../../machines/domain/fill.ts";
import type { Balance } from "../../../machines/domain/ledger.ts";
import type { CancelRequest, OrderRequest, VenueOrder } from "../../../machines/domain/order.ts";
import { createOrder } from "./coinbase-orders.ts";
import { readFill, readMarket, readOrder, sideOf } from "./coinbase-reading.ts";
import { readTransactions } from "./coinbase-transactions.ts";
import { MalformedReply, NotSent, VenueRefusal } from "./faults.ts";
import type { Priority } from "./limiter.ts";
import type { KeyRights, Market, MarketNames, Protocol, VenueStatus } from "./protocol.ts";
import {
  amountOf,
  type Fields,
  fieldsOf,
  flagOf,
  listOf,
  millisecondsOf,
  optionalText,
  textOf,
} from "./reading.ts";
import { allPages, type Wire } from "./wire.ts";

const pageSize = "250";
/** Wider than clocks can differ: with more than two minutes between them no token would be valid. */
const lookBackMs = 600_000;

/** Coinbase Advanced's REST API. */
export class CoinbaseProtocol implements Protocol {
  /** Edit Order takes some orders only: a change is a cancel and a new attempt. */
  readonly amend = null;
  readonly #wire: Wire;
  readonly #names: MarketNames;

  constructor(wire: Wire, names: MarketNames) {
    this.#wire = wire;
    this.#names = names;
  }

  async markets(): Promise<readonly Market[]> {
    const fees = await this.#fees();
    const reply = await this.#public("brokerage/market/products", { product_type: "SPOT" });
    return listOf(reply.products, '"products"').flatMap((product) => {
      const market = readMarket(fieldsOf(product, "product"), fees);
      return market === null ? [] : [market];
    });
  }

  async place(market: Market, request: OrderRequest): Promise<VenueOrder> {
    const { clock, ids, assumptions } = this.#wire;
    const { clientOrderId, symbol } = request;
    const order = createOrder(market, request, assumptions);
    let sentAt = clock.now();
    const parameters = () => {
      sentAt = clock.now();
      ids.sent(clientOrderId, symbol, sentAt);
      return { client_order_id: clientOrderId, ...order };
    };
    const priority = request.side === "sell" ? "safety" : "entry";
    const reply = await this.#private("POST", "brokerage/orders", parameters, priority);
    if (reply.success !== true) throw new VenueRefusal([textOf(reply, "failure_reason")]);
    const taken = fieldsOf(reply.success_response, '"success_response"');
    const venueOrderId = textOf(taken, "order_id");
    // A repeated id may be answered with the order that it once named.
    const isSame =
      textOf(taken, "product_id") === market.id &&
      sideOf(taken) === request.side &&
      (optionalText(taken, "client_order_id") ?? clientOrderId) === clientOrderId;
    if (!isSame) {
      throw new MalformedReply(
        `Cannot read reply: order "${venueOrderId}" is not the one asked for`,
      );
    }
    ids.known(clientOrderId, symbol, venueOrderId);
    const { side, type, quantity, price, stopPrice } = request;
    return {
      ...{ venueOrderId, clientOrderId, symbol, side, type, quantity, price, stopPrice },
      ...{ state: "open", filled: zero, reason: null, createdAt: sentAt, updatedAt: sentAt },
    };
  }

  async validate(market: Market, request: OrderRequest): Promise<string> {
    const order = createOrder(market, request, this.#wire.assumptions);
    const reply = await this.#private("POST", "brokerage/orders/preview", () => order);
    const errors = listOf(reply.errs ?? [], '"errs"').map(String);
    if (errors.length > 0) throw new VenueRefusal(errors);
    return `previewed, in all ${amountOf(reply, "order_total")}`;
  }

  async cancel(market: Market, request: CancelRequest): Promise<void> {
    const id = await this.#venueIdOf(market, request);
    const body = { order_ids: [id] };
    const path = "brokerage/orders/batch_cancel";
    const reply = await this.#private("POST", path, () => body, "safety");
    const [first] = listOf(reply.results, '"results"');
    const result = fieldsOf(first, "result of the cancel");
    if (textOf(result, "order_id") !== id) {
      throw new MalformedReply(`Cannot read result of cancel: wanted order "${id}"`);
    }
    if (!flagOf(result, "success")) throw new VenueRefusal([textOf(result, "failure_reason")]);
  }

  async order(market: Market, request: CancelRequest): Promise<VenueOrder | null> {
    const order_id = await this.#venueIdOf(market, request);
    const freshAt = this.#freshAt();
    const path = "brokerage/orders/historical/{order_id}";
    const reply = await this.#private("GET", path, () => ({ order_id }), "safety");
    return this.#order(reply.order, freshAt);
  }

  /** Orders cannot be asked for by client id: they are listed until it is found, or to the end. */
  async find(market: Market, clientOrderId: string): Promise<Found> {
    const orders: VenueOrder[] = [];
    const sentAt = this.#wire.ids.get(clientOrderId)?.sentAt ?? 0;
    const since = sentAt - lookBackMs;
    const filter = {
      product_ids: [market.id],
      ...(sentAt === 0 ? {} : { start_date: new Date(since).toISOString() }),
    };
    await this.#list(filter, "safety", (page) => {
      orders.push(...page.filter((order) => order.clientOrderId === clientOrderId));
      return orders.length === 0;
    });
    const filled = orders.filter((order) => order.filled !== zero);
    if (filled.length === 0) return { orders, fills: [] };
    const order_ids = filled.map(({ venueOrderId }) => venueOrderId);
    return { orders, fills: await this.#fills({ order_ids }, "safety") };
  }

  async openOrders(): Promise<readonly VenueOrder[]> {
    const orders: VenueOrder[] = [];
    await this.#list({ order_status: ["OPEN"] }, "read", (page) => {
      orders.push(...page);
      return true;
    });
    return orders;
  }

  async balances(): Promise<readonly Balance[]> {
    const balances = new Map<string, Balance>();
    const add_ = (fields: Fields): void => {
      const coin = textOf(fields, "currency");
      const available = amountOf(
        fieldsOf(fields.available_balance, '"available_balance"'),
        "value",
      );
      const hold = amountOf(fieldsOf(fields.hold, '"hold"'), "value");
      const { total, held } = balances.get(coin) ?? { total: zero, held: zero };
      balances.set(coin, { coin, total: add(total, add(available, hold)), held: add(held, hold) });
    };
    await this.#accounts(add_);
    if (balances.size === 0) throw new MalformedReply("Cannot read balances: none in the reply");
    return [...balances.values()];
  }

  async fillsSince(since: number): Promise<readonly Fill[]> {
    const start_sequence_timestamp = new Date(since - 1).toISOString();
    const fills = await this.#fills({ start_sequence_timestamp }, "read");
    return fills.filter((fill) => fill.at >= since);
  }

  async byVenueId(_market: Market, order_id: string): Promise<Found> {
    const freshAt = this.#freshAt();
    const path = "brokerage/orders/historical/{order_id}";
    const reply = await this.#private("GET", path, () => ({ order_id }), "safety");
    const order = this.#order(reply.order, freshAt);
    const isUntouched = order.filled === zero;
    const fills = isUntouched ? [] : await this.#fills({ order_ids: [order_id] }, "safety");
    return { orders: [order], fills };
  }

  /** By coin, in the older API, which alone tells of money that came and went. */
  readonly movementsSince = async (
    since: number,
    coins: readonly string[],
  ): Promise<readonly Movement[]> => {
    const accounts = new Map<string, string>();
    await this.#accounts((fields) => {
      const coin = textOf(fields, "currency");
      if (coins.includes(coin)) accounts.set(textOf(fields, "uuid"), coin);
    });
    const movements = new Map<string, Movement>();
    for (const account_id of accounts.keys()) {
      await allPages("", async (starting_after: string) => {
        const page = { account_id, limit: "100", ...(starting_after && { starting_after }) };
        const path = "accounts/{account_id}/transactions";
        const reply = await this.#private("GET", path, () => page, "read", "v2");
        const { movements: some, oldestAt, lastId } = readTransactions(reply.data);
        for (const each of some) movements.set(each.id, each);
        return oldestAt < since ? null : lastId;
      });
    }
    return [...movements.values()].filter(({ at }) => at >= since);
  };

  async keyRights(): Promise<KeyRights> {
    const reply = await this.#private("GET", "brokerage/key_permissions", () => ({}));
    return { canTrade: flagOf(reply, "can_trade"), canWithdraw: flagOf(reply, "can_transfer") };
  }

  /** The venue has no status of its own to ask for: that it answers is all there is. */
  async status(): Promise<VenueStatus> {
    await this.serverTime();
    return { state: "online", text: "answers; the venue tells no more" };
  }

  async serverTime(): Promise<number> {
    return millisecondsOf(await this.#public("brokerage/time", {}), "epochMillis");
  }

  /** Ours where the venue tells them; a stated assumption where it does not. */
  async #fees(): Promise<{ makerFee: Decimal; takerFee: Decimal }> {
    const { assumptions, hasKeys, options } = this.#wire;
    const assumed = {
      makerFee: decimal(assumptions.makerFee),
      takerFee: decimal(assumptions.takerFee),
    };
    if (!hasKeys) return assumed;
    try {
      const path = "brokerage/transaction_summary";
      const reply = await this.#private("GET", path, () => ({ product_type: "SPOT" }));
      const tier = fieldsOf(reply.fee_tier, '"fee_tier"');
      return {
        makerFee: amountOf(tier, "maker_fee_rate"),
        takerFee: amountOf(tier, "taker_fee_rate"),
      };
    } catch (error) {
      // Fees are booked from fills: here they only size orders, and the assumed ones are high.
      const text = `coinbase did not tell its fees, assumed instead: ${String(error)}`;
      options.onNotice?.({ code: "feesAssumed", text });
      return assumed;
    }
  }

  async #accounts(take: (account: Fields) => void): Promise<void> {
    await allPages("", async (cursor: string) => {
      const parameters = { limit: pageSize, ...(cursor === "" ? {} : { cursor }) };
      const reply = await this.#private("GET", "brokerage/accounts", () => parameters);
      for (const account of listOf(reply.accounts, '"accounts"'))
        take(fieldsOf(account, "account"));
      return flagOf(reply, "has_next") ? textOf(reply, "cursor") : null;
    });
  }

  async #list(
    filter: Readonly<Record<string, unknown>>,
    priority: Priority,
    take: (page: readonly VenueOrder[]) => boolean,
  ): Promise<void> {
    await allPages("", async (cursor: string) => {
      const parameters = { limit: pageSize, ...filter, ...(cursor === "" ? {} : { cursor }) };
      const freshAt = this.#freshAt();
      const path = "brokerage/orders/historical/batch";
      const reply = await this.#private("GET", path, () => parameters, priority);
      const page = listOf(reply.orders, '"orders"').map((order) => this.#order(order, freshAt));
      const wantsMore = take(page);
      return flagOf(reply, "has_next") && wantsMore ? textOf(reply, "cursor") : null;
    });
  }

  async #fills(
    filter: Readonly<Record<string, unknown>>,
    priority: Priority,
  ): Promise<readonly Fill[]> {
    const trades = new Map<string, Fields>();
    await allPages("", async (cursor: string) => {
      const parameters = { limit: pageSize, ...filter, ...(cursor === "" ? {} : { cursor }) };
      const path = "brokerage/orders/historical/fills";
      const reply = await this.#private("GET", path, () => parameters, priority);
      for (const value of listOf(reply.fills, '"fills"')) {
        const fields = fieldsOf(value, "fill");
        // Reversals and corrections are no executions; the balances tell of them.
        const isFill = (optionalText(fields, "trade_type") ?? "FILL") === "FILL";
        if (isFill) trades.set(textOf(fields, "trade_id"), fields);
      }
      return optionalText(reply, "cursor");
    });
    await this.#learnClientIds([...trades.values()], priority);
    const { ids } = this.#wire;
    return [...trades.values()]
      .map((fields) => readFill(fields, this.#names, (id) => ids.clientIdOf(id)))
      .sort((a, b) => a.at - b.at || (a.tradeId < b.tradeId ? -1 : 1));
  }

  /** Fills do not carry the client id: their orders do. */
  async #learnClientIds(trades: readonly Fields[], priority: Priority): Promise<void> {
    const unknown = new Set<string>();
    for (const fields of trades) {
      const id = textOf(fields, "order_id");
      if (this.#wire.ids.clientIdOf(id) === null) unknown.add(id);
    }
    for (const order_id of unknown) {
      const path = "brokerage/orders/historical/{order_id}";
      const reply = await this.#private("GET", path, () => ({ order_id }), priority);
      this.#order(reply.order, this.#freshAt());
    }
  }

  async #venueIdOf(market: Market, request: CancelRequest): Promise<string> {
    const { venueOrderId, clientOrderId } = request;
    const known = venueOrderId ?? this.#wire.ids.get(clientOrderId)?.venueOrderId ?? null;
    if (known !== null) return known;
    const { orders } = await this.find(market, clientOrderId);
    const [order] = orders;
    if (orders.length === 1 && order) return order.venueOrderId;
    throw new NotSent(`Cannot name order "${clientOrderId}" to coinbase: ${orders.length} found`);
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

  async #public(path: string, parameters: Readonly<Record<string, unknown>>): Promise<Fields> {
    const api = ["v3", "public"];
    const call = { path, api, method: "GET" as const, parameters: () => parameters };
    return fieldsOf(await this.#wire.public(call), "reply");
  }

  async #private(
    method: "GET" | "POST",
    path: string,
    parameters: () => Readonly<Record<string, unknown>>,
    priority: Priority = "read",
    version: "v2" | "v3" = "v3",
  ): Promise<Fields> {
    const charges = () => [{ counter: "rest", amount: 1 }];
    const call = { path, api: [version, "private"], method, parameters, priority, charges };
    return fieldsOf(await this.#wire.private(call), "reply");
  }
}
