import type { Refusal } from "../../../../actors/order/ports.ts";
import { compare, type Decimal, fromSteps, zero } from "../../../../machines/domain/decimal.ts";
import type { OrderVersion } from "../account.ts";
import type { PlaceRequest } from "../exchange.ts";
import type { Strike } from "../faults/registry.ts";
import type { CoinbaseProduct } from "./names.ts";
import {
  type Failure,
  failure,
  type Invalid,
  type OrderTerms,
  previewFailure,
  termsOf,
} from "./order-terms.ts";
import { boughtFor, canFillWhole } from "./reach.ts";
import { type CoinbaseVenue, isLiving } from "./venue.ts";

/** An order as a client asks for it; a preview has no client id. */
export interface AskedOrder {
  readonly clientOrderId: string | null;
  readonly productId: string | null;
  readonly side: string | null;
  readonly configuration: unknown;
}

/** What would be placed, with the terms that it comes from. */
export interface Previewed {
  readonly type: "previewed";
  readonly product: CoinbaseProduct;
  readonly terms: OrderTerms;
  readonly quantity: Decimal;
}

export interface Placed {
  readonly type: "placed";
  readonly order: OrderVersion;
}

/** What an edit asks for; what is not given stays. */
export interface OrderChange {
  readonly price: Decimal | null;
  readonly quantity: Decimal | null;
}

/** Orders that more than their version is remembered of. */
const remembered = 50_000;

/** Orders as Coinbase takes, edits and ends them. */
export class CoinbaseTrading {
  readonly #venue: CoinbaseVenue;
  readonly #terms = new Map<string, OrderTerms>();
  readonly #firstOf = new Map<string, string>();
  readonly #filledAt = new Map<string, number>();
  /** The order that is being placed: what it is reported with, before its id is known. */
  #placing: { readonly clientOrderId: string; readonly terms: OrderTerms } | null = null;

  constructor(venue: CoinbaseVenue) {
    this.#venue = venue;
    venue.exchange.listen((event) => {
      if (event.type !== "trade") return;
      remember(this.#filledAt, event.order.orderId, event.trade.at);
    });
  }

  /** What an order was asked to be; null for one that was not placed with a key. */
  termsOf({ orderId, clientOrderId }: OrderVersion): OrderTerms | null {
    const placing = this.#placing;
    if (placing !== null && placing.clientOrderId === clientOrderId) return placing.terms;
    return this.#terms.get(orderId) ?? null;
  }

  /** When an order last filled, Unix milliseconds; null if it never did. */
  filledAt(orderId: string): number | null {
    return this.#filledAt.get(orderId) ?? null;
  }

  preview(asked: AskedOrder): Previewed | Failure | Invalid {
    const request = this.#requestOf(asked);
    if (request.type !== "previewed") return request;
    const answer = this.#venue.exchange.tryPlace(this.#wanted(asked, request), null);
    return answer.type === "refused" ? this.#refusedOrder(answer.code, request) : request;
  }

  place(asked: AskedOrder, strike: Strike | null): Placed | Failure | Invalid {
    const { clientOrderId } = asked;
    if (clientOrderId === null) return { type: "invalid", message: "client_order_id is required" };
    const first = this.#repeated(clientOrderId);
    if (first !== null) return first;
    const request = this.#requestOf(asked);
    if (request.type !== "previewed") return request;
    const { terms } = request;
    this.#placing = { clientOrderId, terms };
    try {
      const placed = this.#place(asked, request, strike);
      if (placed.type === "placed") {
        remember(this.#terms, placed.order.orderId, terms);
        if (!this.#firstOf.has(clientOrderId)) {
          remember(this.#firstOf, clientOrderId, placed.order.orderId);
        }
      }
      return placed;
    } finally {
      this.#placing = null;
    }
  }

  /** Why an order does not end, in Coinbase's words; null where it does. */
  cancel(orderId: string, strike: Strike | null): string | null {
    const { exchange } = this.#venue;
    const order = exchange.account.order(orderId);
    if (order === null) return "UNKNOWN_CANCEL_ORDER";
    if (!isLiving(order)) return whyNotCanceled(order);
    if (strike?.name === "fillAfterCancel") {
      // Told to be canceled, it fills first: what the client learns of the end comes too early.
      exchange.tasks.add(exchange.clock.now + (strike.delayMs ?? 1_000), () => {
        exchange.meetOrder(order, strike.share ?? 1);
        exchange.cancel(order);
      });
      return null;
    }
    if (strike?.name === "fillRacesCancel") exchange.meetOrder(order, strike.share ?? 1);
    if (exchange.cancel(order).type === "confirmed") return null;
    return whyNotCanceled(exchange.account.order(orderId) ?? order);
  }

  /** Why an order is not edited, in Coinbase's words; null where it is. */
  edit(order: OrderVersion, change: OrderChange): Failure | string | null {
    const problem = this.editProblem(order, change);
    if (problem !== null) return problem;
    const quantity = change.quantity ?? order.quantity;
    const answer = this.#venue.exchange.amend(order, {
      quantity,
      price: change.price,
      stopPrice: null,
    });
    if (answer.type === "confirmed") return null;
    const product = this.#venue.products.of(order.symbol);
    return this.#refused(answer.code, quantity, product, false);
  }

  /** Why an order cannot be edited so, as far as that shows without doing it. */
  editProblem(order: OrderVersion, { price, quantity }: OrderChange): string | null {
    if (!isLiving(order)) return "ONLY_OPEN_ORDERS_CAN_BE_EDITED";
    if (order.type !== "limit" || order.timeInForce !== "gtc") {
      return "ONLY_LIMIT_ORDER_EDITS_SUPPORTED";
    }
    if (quantity !== null && compare(quantity, order.filled) < 0) {
      return "CANNOT_EDIT_TO_BELOW_FILLED_SIZE";
    }
    const isSame =
      (price ?? order.price) === order.price && (quantity ?? order.quantity) === order.quantity;
    return isSame ? "EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST" : null;
  }

  #place(asked: AskedOrder, request: Previewed, strike: Strike | null): Placed | Failure {
    const { exchange } = this.#venue;
    const { terms } = request;
    const extras = { userref: null, origin: "key" } as const;
    const wanted = this.#wanted(asked, request);
    const isKilled =
      terms.isFillOrKill === true && !canFillWhole(request, this.#market(request.product));
    const share = strike?.name === "partialFill" ? (strike.share ?? 0.5) : 1;
    // One that cannot fill whole is taken and ends; the engine knows no such order.
    const answer = isKilled
      ? exchange.place({ ...wanted, timeInForce: "gtc" }, extras, { share: 0 })
      : exchange.place(wanted, extras, { share: terms.isFillOrKill === true ? 1 : share });
    if (answer.type === "refused") return this.#refusedOrder(answer.code, request);
    if (!isKilled) return { type: "placed", order: answer.value };
    const ended = exchange.cancel(answer.value);
    return { type: "placed", order: ended.type === "confirmed" ? ended.value : answer.value };
  }

  /** What an id that was used before comes to; null where an order is to be placed. */
  #repeated(clientOrderId: string): Placed | Failure | null {
    const first = this.#firstOf.get(clientOrderId);
    if (first === undefined || this.#venue.repeats === "secondOrder") return null;
    const order = this.#venue.exchange.account.order(first);
    if (order !== null && this.#venue.repeats === "firstOrder") return { type: "placed", order };
    return failure("DUPLICATE_CLIENT_ORDER_ID", "client_order_id was used before");
  }

  #requestOf({ productId, side, configuration }: AskedOrder): Previewed | Failure | Invalid {
    const product = this.#venue.products.find(productId ?? "");
    if (product === null) return failure("INVALID_PRODUCT_ID", "invalid product_id");
    const terms = termsOf(configuration, side, product);
    if (terms.type === "failed" || terms.type === "invalid") return terms;
    const closed = this.#closedFor(terms) ?? this.#stopProblem(terms, product);
    if (closed !== null) return closed;
    const quantity =
      terms.quantity ??
      boughtFor(terms.quoteSize ?? zero, product.instrument, this.#market(product));
    if (quantity === null) return failure("INVALID_NO_LIQUIDITY", "No liquidity");
    return { type: "previewed", product, terms, quantity };
  }

  #wanted(
    { clientOrderId }: AskedOrder,
    { terms, product: { symbol }, quantity }: Previewed,
  ): PlaceRequest {
    const { side, type, price, stopPrice, timeInForce, postOnly } = terms;
    const { skewMs } = this.#venue.exchange.clock;
    const expiresAt = terms.expiresAt === null ? null : terms.expiresAt - skewMs;
    const shape = { side, type, price, stopPrice, postOnly, timeInForce };
    return { clientOrderId, symbol, quantity, expiresAt, ...shape };
  }

  /** Why orders are not taken now, by the state that the venue is in. */
  #closedFor({ type, postOnly }: OrderTerms): Failure | null {
    const { status } = this.#venue;
    const isTaken =
      status === "online" ||
      (status === "limit_only" && type === "limit") ||
      (status === "post_only" && postOnly);
    return isTaken ? null : failure("ORDER_ENTRY_DISABLED", `orders are in ${status} mode`);
  }

  /** Stops lie beyond the last trade, and their limits beyond them. */
  #stopProblem({ side, price, stopPrice }: OrderTerms, product: CoinbaseProduct): Failure | null {
    if (price === null || stopPrice === null) return null;
    const last = fromSteps(this.#market(product).price, product.instrument.tick);
    const isSell = side === "sell";
    const beyondLast = compare(stopPrice, last);
    const beyondLimit = compare(stopPrice, price);
    if (isSell && beyondLast >= 0) {
      return previewFailure("PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE");
    }
    if (!isSell && beyondLast <= 0) {
      return previewFailure("PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE");
    }
    if (isSell && beyondLimit < 0) return previewFailure("PREVIEW_STOP_PRICE_BELOW_LIMIT_PRICE");
    if (!isSell && beyondLimit > 0) return previewFailure("PREVIEW_STOP_PRICE_ABOVE_LIMIT_PRICE");
    return null;
  }

  #market({ symbol }: CoinbaseProduct) {
    return this.#venue.exchange.market(symbol);
  }

  #refusedOrder(code: Refusal, { quantity, product, terms }: Previewed): Failure {
    return this.#refused(code, quantity, product, terms.quoteSize !== null);
  }

  #refused(code: Refusal, quantity: Decimal, product: CoinbaseProduct, inQuote: boolean): Failure {
    switch (code) {
      case "insufficientFunds":
        return failure("INSUFFICIENT_FUND", "Insufficient balance in source account");
      case "wouldTakeLiquidity":
        return failure("INVALID_LIMIT_PRICE_POST_ONLY", "Post only mode");
      case "belowMinimum": {
        const coin = inQuote ? "QUOTE" : "BASE";
        return previewFailure(
          `PREVIEW_INVALID_${coin}_SIZE_TOO_SMALL`,
          `order of ${quantity} is too small for ${product.id}`,
        );
      }
      case "offGrid":
        return failure("INVALID_SIZE_PRECISION", "Too many decimals in order amount");
      case "duplicateClientOrderId":
        return failure("DUPLICATE_CLIENT_ORDER_ID", "client_order_id is of an open order");
      case "marketClosed":
        return failure("INVALID_NO_LIQUIDITY", "No liquidity");
      default:
        return failure("INVALID_REQUEST", "invalid request");
    }
  }
}

function whyNotCanceled({ state }: OrderVersion): string {
  return state === "filled" ? "ORDER_IS_FULLY_FILLED" : "INVALID_CANCEL_REQUEST";
}

/** A venue of a soak does not grow without end. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  if (map.size <= remembered) return;
  const oldest = map.keys().next().value;
  if (oldest !== undefined) map.delete(oldest);
}
