/** The venue's own record of one account: orders in all their versions, trades, ledger. */
import {
  add,
  type Decimal,
  multiply,
  negate,
  subtract,
  zero,
} from "../../../machines/domain/decimal.ts";
import type { Fill } from "../../../machines/domain/fill.ts";
import {
  isTerminal,
  type OrderType,
  type Side,
  type TimeInForce,
  type VenueOrder,
} from "../../../machines/domain/order.ts";
import { letters } from "./draws.ts";

/** What an order was asked to be beyond what the matching engine tells of it. */
export interface OrderExtras {
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly expiresAt: number | null;
  /** A number of the client's own, not unique. */
  readonly userref: number | null;
  /** `foreign`: placed by somebody else with access to the account. */
  readonly origin: "key" | "foreign";
}

/** An order as it was from a time on. Replaced, never changed. Prices and money in quote coin. */
export interface OrderVersion extends OrderExtras {
  readonly engineId: string;
  /** The venue's id as clients see it. */
  readonly orderId: string;
  readonly clientOrderId: string | null;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity: Decimal;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly state: VenueOrder["state"];
  readonly filled: Decimal;
  readonly cost: Decimal;
  readonly fee: Decimal;
  readonly reason: string | null;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly tradeIds: readonly string[];
}

/** An execution of the account's. */
export interface AccountTrade {
  readonly tradeId: string;
  /** Counts up by one. */
  readonly number: number;
  readonly order: OrderVersion;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly feeCoin: string;
  readonly liquidity: "maker" | "taker";
  readonly at: number;
}

/** A change of what the account has of one coin. */
export interface LedgerEntry {
  readonly id: string;
  readonly at: number;
  readonly type: "trade" | "deposit" | "withdrawal";
  readonly coin: string;
  /** Signed; the fee comes off on top. */
  readonly amount: Decimal;
  readonly fee: Decimal;
  readonly balance: Decimal;
  /** The trade or transfer that caused it. */
  readonly reference: string;
}

/** What happened to the account, in the order in which it did. */
export type AccountEvent =
  | {
      readonly type: "accepted" | "amended" | "triggered" | "filled" | "canceled" | "expired";
      readonly order: OrderVersion;
    }
  | { readonly type: "trade"; readonly order: OrderVersion; readonly trade: AccountTrade }
  | { readonly type: "ledger"; readonly entry: LedgerEntry };

/** How a venue forms the id of what these words name; `kind` is O, T, L or R. */
export type IdForm = (
  seed: string,
  kind: "O" | "T" | "L" | "R",
  ...words: readonly (string | number)[]
) => string;

/** Ids of the form that Kraken gives, such as `OUF4EM-FRGI2-MQMWZD`. */
const dashedId: IdForm = (seed, kind, ...words) => {
  const drawn = letters(16, seed, kind, ...words);
  return `${kind}${drawn.slice(0, 5)}-${drawn.slice(5, 10)}-${drawn.slice(10)}`;
};

/** Client ids that the engine needs and nobody gave. */
const unnamed = "~";
const ordersKept = 50_000;

export class Account {
  readonly trades: AccountTrade[] = [];
  readonly ledger: LedgerEntry[] = [];
  readonly #seed: string;
  readonly #idForm: IdForm;
  readonly #extras = new Map<string, OrderExtras>();
  /** Oldest version first, by the id that clients see, in order of acceptance. */
  readonly #versions = new Map<string, OrderVersion[]>();
  readonly #living = new Map<string, OrderVersion>();
  readonly #wireIds = new Map<string, string>();
  readonly #totals = new Map<string, Decimal>();
  readonly #entriesOf = new Map<string, readonly string[]>();
  #pendingFill: Fill | null = null;
  #unnamed = 0;

  constructor(seed: string, opening: Readonly<Record<string, Decimal>>, idForm: IdForm = dashedId) {
    this.#seed = seed;
    this.#idForm = idForm;
    for (const [coin, total] of Object.entries(opening)) this.#totals.set(coin, total);
  }

  /** A client id for an order that came without. */
  nameUnnamed(): string {
    this.#unnamed += 1;
    return `${unnamed}${this.#unnamed}`;
  }

  expectOrder(engineId: string, extras: OrderExtras): void {
    this.#extras.set(engineId, extras);
  }

  takeFill(fill: Fill): void {
    this.#pendingFill = fill;
  }

  /** Takes over what the engine reported of an order; what that means to the account. */
  takeOrder(order: VenueOrder, now: number): AccountEvent[] {
    const orderId = this.orderId(order.venueOrderId);
    const versions = this.#versions.get(orderId) ?? [];
    const before = versions.at(-1) ?? null;
    const version = this.#version(order, orderId, before, now);
    versions.push(version);
    this.#versions.set(orderId, versions);
    if (isTerminal(version.state)) this.#living.delete(orderId);
    else this.#living.set(orderId, version);
    this.#forgetOldest();
    const fill = this.#pendingFill;
    this.#pendingFill = null;
    const events = fill === null ? [] : this.#booked(fill, version);
    const type = whatHappened(version, before);
    if (type !== null) events.push({ type, order: version });
    return events;
  }

  transfer(coin: string, amount: Decimal, now: number): AccountEvent {
    const type = amount.startsWith("-") ? "withdrawal" : "deposit";
    const reference = this.#id("R", "transfer", this.ledger.length);
    const entry = this.#entry({ at: now, type, coin, amount, fee: zero, reference });
    return { type: "ledger", entry };
  }

  /** Orders that have not ended, in order of acceptance. */
  living(): OrderVersion[] {
    return [...this.#living.values()];
  }

  /** Orders as they were at a time, in order of acceptance. */
  ordersAsOf(time: number): OrderVersion[] {
    const orders: OrderVersion[] = [];
    for (const versions of this.#versions.values()) {
      const version = versions.findLast(({ changedAt }) => changedAt <= time);
      if (version !== undefined) orders.push(version);
    }
    return orders;
  }

  order(orderId: string): OrderVersion | null {
    return this.#versions.get(orderId)?.at(-1) ?? null;
  }

  orderId(engineId: string): string {
    const known = this.#wireIds.get(engineId);
    if (known !== undefined) return known;
    const id = this.#id("O", engineId);
    this.#wireIds.set(engineId, id);
    return id;
  }

  /** Ids of the ledger entries that a trade or transfer made. */
  ledgerIdsOf(reference: string): readonly string[] {
    return this.#entriesOf.get(reference) ?? [];
  }

  tradesAsOf(time: number): AccountTrade[] {
    return this.trades.filter(({ at }) => at <= time);
  }

  #id(kind: Parameters<IdForm>[1], ...words: (string | number)[]): string {
    return this.#idForm(this.#seed, kind, ...words);
  }

  #version(
    order: VenueOrder,
    orderId: string,
    before: OrderVersion | null,
    now: number,
  ): OrderVersion {
    const extras = this.#extras.get(order.venueOrderId);
    if (extras === undefined) throw new Error(`Cannot record order "${order.venueOrderId}"`);
    const fill = this.#pendingFill;
    const { venueOrderId: engineId, updatedAt: _, ...told } = order;
    return {
      ...told,
      ...extras,
      engineId,
      orderId,
      clientOrderId: order.clientOrderId?.startsWith(unnamed) ? null : order.clientOrderId,
      cost: add(before?.cost ?? zero, fill ? multiply(fill.price, fill.quantity) : zero),
      fee: add(before?.fee ?? zero, fill?.fee ?? zero),
      changedAt: now,
      tradeIds: fill
        ? [...(before?.tradeIds ?? []), this.#id("T", fill.tradeId)]
        : (before?.tradeIds ?? []),
    };
  }

  #booked(fill: Fill, order: OrderVersion): AccountEvent[] {
    const { price, quantity, fee, feeCoin, liquidity, at, side } = fill;
    const tradeId = this.#id("T", fill.tradeId);
    const number = this.trades.length + 1;
    const trade = { tradeId, number, order, price, quantity, fee, feeCoin, liquidity, at };
    this.trades.push(trade);
    const [base = "", quote = ""] = order.symbol.split("/");
    const notional = multiply(price, quantity);
    const isBuy = side === "buy";
    const amounts = [
      [base, isBuy ? quantity : negate(quantity)],
      [quote, isBuy ? negate(notional) : notional],
      // A third coin changes by nothing but the fee.
      ...(feeCoin === base || feeCoin === quote ? [] : [[feeCoin, zero] as const]),
    ] as const;
    const entries = amounts.map(([coin, amount]): AccountEvent => {
      const paid = coin === feeCoin ? fee : zero;
      const entry = { at, type: "trade", coin, amount, fee: paid, reference: tradeId } as const;
      return { type: "ledger", entry: this.#entry(entry) };
    });
    return [{ type: "trade", order, trade }, ...entries];
  }

  #entry(entry: Omit<LedgerEntry, "id" | "balance">): LedgerEntry {
    const before = this.#totals.get(entry.coin) ?? zero;
    const balance = subtract(add(before, entry.amount), entry.fee);
    this.#totals.set(entry.coin, balance);
    const whole = { ...entry, id: this.#id("L", this.ledger.length), balance };
    this.ledger.push(whole);
    const { reference, id } = whole;
    this.#entriesOf.set(reference, [...this.ledgerIdsOf(reference), id]);
    return whole;
  }

  /** A venue of a soak does not grow without end. */
  #forgetOldest(): void {
    if (this.#versions.size <= ordersKept) return;
    for (const [orderId, versions] of this.#versions) {
      const last = versions.at(-1);
      if (last === undefined || !isTerminal(last.state)) continue;
      this.#versions.delete(orderId);
      this.#wireIds.delete(last.engineId);
      this.#extras.delete(last.engineId);
      return;
    }
  }
}

function whatHappened(
  order: OrderVersion,
  before: OrderVersion | null,
): "accepted" | "amended" | "triggered" | "filled" | "canceled" | "expired" | null {
  const { state } = order;
  if (before === null) return "accepted";
  if (state === "filled" || state === "canceled" || state === "expired") return state;
  if (state === "triggered" && before.state !== "triggered") return "triggered";
  const { quantity, price, stopPrice } = before;
  const isSame =
    order.quantity === quantity && order.price === price && order.stopPrice === stopPrice;
  return isSame ? null : "amended";
}
