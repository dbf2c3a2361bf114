import type { Refusal } from "../../../../actors/order/ports.ts";
import { compare, type Decimal } from "../../../../machines/domain/decimal.ts";
import type { OrderVersion } from "../account.ts";
import { letters } from "../draws.ts";
import type { Strike } from "../faults/registry.ts";
import type { KrakenPair } from "./names.ts";
import { type AskedOrder, type OrderTerms, termsOf } from "./order-terms.ts";
import { type KrakenVenue, refusedWith } from "./venue.ts";

type Refused = ReturnType<typeof refusedWith>;

/** What became of a new order; a mere validation has none. */
export type Added = {
  readonly type: "added";
  readonly order: OrderVersion | null;
  readonly terms: OrderTerms;
};

/** How a request names orders: by the venue's id, the client's, or the client's number. */
export interface OrderName {
  readonly orderId?: string | undefined;
  readonly clientOrderId?: string | undefined;
  readonly userref?: string | undefined;
}

/** What an amendment asks for; what is not given stays. */
export interface OrderChange {
  readonly quantity: Decimal | null;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly deadline: string | undefined;
  /** Of the new price alone, `post_only` of AmendOrder in docs.kraken.com: false unless said. */
  readonly postOnly: boolean;
}

/** A deadline lies at most so far ahead, `add_order` in docs.kraken.com. */
const deadlineMaxMs = 60_000;

/** Orders as Kraken takes, changes and ends them, whichever way they come. */
export class KrakenTrading {
  readonly #venue: KrakenVenue;
  #disarm: (() => void) | null = null;
  #amends = 0;

  constructor(venue: KrakenVenue) {
    this.#venue = venue;
  }

  add(asked: AskedOrder, pair: KrakenPair, strike: Strike | null): Added | Refused {
    const { exchange, limits } = this.#venue;
    const now = exchange.clock.now;
    const closed = this.#closedFor(asked);
    if (closed !== null) return closed;
    const late = this.#lateFor(asked.deadline);
    if (late !== null) return late;
    const terms = termsOf(asked, pair);
    if ("error" in terms) return terms;
    if (!asked.validate && !limits.takeEngine(pair.symbol, "add", 0, now)) {
      return refusedWith("EOrder:Rate limit exceeded");
    }
    const open = this.living().filter(({ symbol }) => symbol === pair.symbol);
    if (open.length >= limits.openOrders) return refusedWith("EOrder:Orders limit exceeded");
    const request = { ...terms, symbol: pair.symbol, expiresAt: this.#inner(terms.expiresAt) };
    if (asked.validate) {
      const answer = exchange.tryPlace(request, null);
      if (answer.type === "refused") return this.#refusedOrder(answer.code, terms.quantity, pair);
      return { type: "added", order: null, terms };
    }
    const share = strike?.name === "partialFill" ? (strike.share ?? 0.5) : 1;
    const extras = { userref: terms.userref, origin: "key" } as const;
    const answer = exchange.place(request, extras, { share });
    if (answer.type === "refused") return this.#refusedOrder(answer.code, terms.quantity, pair);
    return { type: "added", order: answer.value, terms };
  }

  amend(order: OrderVersion, change: OrderChange): { readonly amendId: string } | Refused {
    const { exchange, limits, pairs } = this.#venue;
    const now = exchange.clock.now;
    const late = this.#lateFor(change.deadline);
    if (late !== null) return late;
    if (!limits.takeEngine(order.symbol, "amend", now - order.changedAt, now)) {
      return refusedWith("EOrder:Rate limit exceeded");
    }
    const quantity = change.quantity ?? order.quantity;
    const { price, stopPrice } = change;
    // What is not priced anew stays as it is.
    const postOnly = price === null ? {} : { postOnly: change.postOnly };
    const answer = exchange.amend(order, { quantity, price, stopPrice, ...postOnly });
    if (answer.type === "refused") {
      return this.#refusedOrder(answer.code, quantity, pairs.of(order.symbol));
    }
    this.#amends += 1;
    const drawn = letters(16, order.orderId, "amend", this.#amends);
    return { amendId: `T${drawn.slice(0, 5)}-${drawn.slice(5, 10)}-${drawn.slice(10)}` };
  }

  /** Replaces an order by another with a new id; where the new one is refused, the old one stays. */
  edit(order: OrderVersion, asked: AskedOrder, pair: KrakenPair): Added | Refused {
    const { exchange, limits } = this.#venue;
    const now = exchange.clock.now;
    const late = this.#lateFor(asked.deadline);
    if (late !== null) return late;
    const terms = termsOf(asked, pair);
    if ("error" in terms) return terms;
    if (!asked.validate && !limits.takeEngine(pair.symbol, "edit", now - order.changedAt, now)) {
      return refusedWith("EOrder:Rate limit exceeded");
    }
    const request = { ...terms, symbol: pair.symbol, expiresAt: this.#inner(terms.expiresAt) };
    const tried = exchange.tryPlace(request, order);
    if (tried.type === "refused") return this.#refusedOrder(tried.code, terms.quantity, pair);
    if (asked.validate) return { type: "added", order: null, terms };
    exchange.cancel(order);
    const answer = exchange.place(request, { userref: terms.userref, origin: "key" });
    if (answer.type === "refused") return this.#refusedOrder(answer.code, terms.quantity, pair);
    return { type: "added", order: answer.value, terms };
  }

  /** Ends orders; how many, or why not one. */
  cancel(orders: readonly OrderVersion[], strike: Strike | null): number | Refused {
    const { exchange, limits } = this.#venue;
    const now = exchange.clock.now;
    if (orders.length === 0) return refusedWith("EOrder:Unknown order");
    for (const order of orders) {
      if (!limits.takeEngine(order.symbol, "cancel", now - order.changedAt, now)) {
        return refusedWith("EOrder:Rate limit exceeded");
      }
    }
    if (strike?.name === "fillAfterCancel") {
      for (const order of orders) this.#fillThenCancel(order, strike);
      return orders.length;
    }
    if (strike?.name === "fillRacesCancel") {
      for (const order of orders) exchange.meetOrder(order, strike.share ?? 1);
    }
    const canceled = orders.filter((order) => exchange.cancel(order).type === "confirmed");
    return canceled.length === 0 ? refusedWith("EOrder:Unknown order") : canceled.length;
  }

  /** Kraken's dead man's switch: all orders end after so many seconds; 0 calls it off. */
  cancelAllAfter(timeoutSeconds: number): { currentTime: number; triggerTime: number | null } {
    const { clock, tasks } = this.#venue.exchange;
    this.#disarm?.();
    this.#disarm = null;
    if (timeoutSeconds === 0) return { currentTime: clock.told, triggerTime: null };
    this.#disarm = tasks.add(clock.now + timeoutSeconds * 1_000, () => {
      this.#disarm = null;
      for (const order of this.living()) this.#venue.exchange.cancel(order);
    });
    return { currentTime: clock.told, triggerTime: clock.told + timeoutSeconds * 1_000 };
  }

  /** Orders that live, in order of acceptance. */
  living(): OrderVersion[] {
    return this.#venue.exchange.account.living();
  }

  /** The living orders that a request names. */
  named({ orderId, clientOrderId, userref }: OrderName): OrderVersion[] {
    return this.living().filter(
      (order) =>
        (orderId !== undefined && order.orderId === orderId) ||
        (clientOrderId !== undefined && order.clientOrderId === clientOrderId) ||
        (userref !== undefined && order.userref === Number(userref)),
    );
  }

  /** Told to be canceled, it fills first: what the client learns of the end comes too early. */
  #fillThenCancel(order: OrderVersion, strike: Strike): void {
    const { exchange } = this.#venue;
    exchange.tasks.add(exchange.clock.now + (strike.delayMs ?? 1_000), () => {
      exchange.meetOrder(order, strike.share ?? 1);
      exchange.cancel(order);
    });
  }

  /** Why orders are not taken now, by the state that the venue is in. */
  #closedFor(asked: AskedOrder): Refused | null {
    const { status } = this.#venue;
    const isLimit = asked.ordertype === "limit";
    const isTaken =
      status === "online" ||
      (status === "limit_only" && isLimit) ||
      (status === "post_only" && isLimit && asked.oflags.includes("post"));
    return isTaken ? null : refusedWith(`EService:Market in ${status} mode`);
  }

  #lateFor(deadline: string | undefined): Refused | null {
    if (deadline === undefined) return null;
    const at = Date.parse(deadline);
    const told = this.#venue.exchange.clock.told;
    if (Number.isNaN(at) || at > told + deadlineMaxMs) {
      return refusedWith("EGeneral:Invalid arguments:deadline");
    }
    return at < told ? refusedWith("EService:Deadline elapsed") : null;
  }

  /** A time that a client names is by the venue's told clock. */
  #inner(toldAt: number | null): number | null {
    return toldAt === null ? null : toldAt - this.#venue.exchange.clock.skewMs;
  }

  #refusedOrder(code: Refusal, quantity: Decimal, pair: KrakenPair): Refused {
    if (code === "belowMinimum") {
      const isSmall = compare(quantity, pair.instrument.minQuantity) < 0;
      return refusedWith(`EOrder:${isSmall ? "Order" : "Cost"} minimum not met`);
    }
    return refusedWith(refusals[code] ?? "EGeneral:Invalid arguments");
  }
}

/** What the engine says in Kraken's words; what it says otherwise is an invalid argument. */
const refusals: Readonly<Partial<Record<Refusal, string>>> = {
  insufficientFunds: "EOrder:Insufficient funds",
  offGrid: "EOrder:Tick size check failed",
  wouldTakeLiquidity: "EOrder:Post only order",
  duplicateClientOrderId: "EOrder:Duplicate cl_ord_id",
  unknownOrder: "EOrder:Unknown order",
  alreadyDone: "EOrder:Unknown order",
  unsupported: "EOrder:Invalid order",
  marketClosed: "EService:Unavailable",
};
