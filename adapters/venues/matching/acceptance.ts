/** What the venue checks before it takes an order or an amendment on. */
import type { Refusal } from "../../../actors/order/ports.ts";
import {
  compare,
  type Decimal,
  decimal,
  fromSteps,
  isPositive,
  multiply,
  subtract,
  toNumber,
  zero,
} from "../../../machines/domain/decimal.ts";
import { type Instrument, priceOfTicks, sizeProblem } from "../../../machines/domain/instrument.ts";
import type { AmendRequest, OrderRequest, Side } from "../../../machines/domain/order.ts";
import { isMarketable } from "./fill-rules.ts";
import type { EngineOrder } from "./rows.ts";
import type { EngineState, Market } from "./state.ts";

export interface Refused {
  readonly type: "refused";
  readonly code: Refusal;
  readonly text: string;
}

export function refused(code: Refusal, text: string): Refused {
  return { type: "refused", code, text };
}

const one = decimal(1);

interface GridTerms {
  readonly priceTicks: number | null;
  readonly stopTicks: number | null;
  readonly holdPerUnit: Decimal;
}

/** An order's terms once they are known to lie on the grid and to be payable. */
export interface Terms extends GridTerms {
  readonly held: Decimal;
}

/** Checks a new order whole, client order id and funds included. */
export function checkRequest(
  state: EngineState,
  request: OrderRequest,
  now: number,
): Terms | Refused {
  const market = state.markets.get(request.symbol);
  if (market === undefined) return refused("unsupported", `No symbol "${request.symbol}" here`);
  const wrong = shapeProblem(request, now);
  if (wrong !== null) return wrong;
  if (state.ordersByClientId(request.clientOrderId).some((order) => order.ended === null)) {
    const text = `An open order has the client order id "${request.clientOrderId}"`;
    return refused("duplicateClientOrderId", text);
  }
  const terms = checkTerms(market, request);
  if ("code" in terms) return terms;
  if (request.postOnly && takesNow(state, market, request.side, terms.priceTicks)) {
    return refused("wouldTakeLiquidity", "Post-only order would take liquidity");
  }
  const held =
    request.side === "sell" ? request.quantity : multiply(request.quantity, terms.holdPerUnit);
  return fundsProblem(state, market, request.side, zero, held) ?? { ...terms, held };
}

/** Checks what an amendment asks of a living order; fields that are null stay as they are. */
export function checkAmend(
  state: EngineState,
  order: EngineOrder,
  request: AmendRequest,
): Terms | Refused {
  const market = state.marketOf(order.symbol);
  const price = request.price ?? order.price;
  const stopPrice = request.stopPrice ?? order.stopPrice;
  if ((order.price === null) !== (price === null)) {
    return refused("other", `An order of type "${order.type}" has no limit price to amend`);
  }
  if ((order.stopPrice === null) !== (stopPrice === null)) {
    return refused("other", `An order of type "${order.type}" has no stop price to amend`);
  }
  if (order.triggered && stopPrice !== order.stopPrice) {
    return refused("alreadyDone", "The stop has been triggered already");
  }
  if (compare(request.quantity, order.filled) < 0) {
    return refused("other", `Quantity ${request.quantity} is below the filled ${order.filled}`);
  }
  const { type, side } = order;
  const { quantity } = request;
  const terms = checkTerms(market, { type, side, quantity, price, stopPrice });
  if ("code" in terms) return terms;
  const postOnly = request.postOnly ?? order.postOnly;
  if (postOnly && takesNow(state, market, side, terms.priceTicks)) {
    return refused("wouldTakeLiquidity", "Post-only order would take liquidity");
  }
  const held = multiply(subtract(quantity, order.filled), terms.holdPerUnit);
  return fundsProblem(state, market, side, order.held, held) ?? { ...terms, held };
}

function shapeProblem(request: OrderRequest, now: number): Refused | null {
  const { type, price, stopPrice, timeInForce, expiresAt } = request;
  const wantsPrice = type === "limit" || type === "stopLimit";
  const wantsStop = type === "stop" || type === "stopLimit";
  if (wantsPrice !== (price !== null)) {
    return refused("other", `Order type "${type}" ${wantsPrice ? "wants" : "has no"} limit price`);
  }
  if (wantsStop !== (stopPrice !== null)) {
    return refused("other", `Order type "${type}" ${wantsStop ? "wants" : "has no"} stop price`);
  }
  if (request.postOnly && (type !== "limit" || timeInForce === "ioc")) {
    return refused("unsupported", "Only a limit order that may rest can be post-only");
  }
  if ((timeInForce === "gtd") !== (expiresAt !== null)) {
    return refused("other", `Time in force "${timeInForce}" and expiry ${expiresAt} do not agree`);
  }
  if (expiresAt !== null && expiresAt <= now) {
    return refused("other", `Expiry ${expiresAt} is not after ${now}`);
  }
  return null;
}

function checkTerms(
  { instrument, holds, ask, bid, at }: Market,
  wanted: Pick<OrderRequest, "type" | "side" | "quantity" | "price" | "stopPrice">,
): GridTerms | Refused {
  const { side, price, stopPrice, quantity } = wanted;
  const last = side === "buy" ? ask : bid;
  if (wanted.type === "market" && (at < 0 || last <= 0)) {
    return refused("marketClosed", `There is no price for "${instrument.symbol}" yet`);
  }
  const priceTicks = price === null ? null : ticksOf(instrument, price);
  const stopTicks = stopPrice === null ? null : ticksOf(instrument, stopPrice);
  if (Number.isNaN(priceTicks) || Number.isNaN(stopTicks)) {
    const text = `Price ${price ?? stopPrice} is not a positive multiple of ${instrument.tick}`;
    return refused("offGrid", text);
  }
  const reference = price ?? stopPrice ?? priceOfTicks(instrument, last);
  const problem = sizeProblem(instrument, quantity, reference);
  if (problem === "offLot") {
    return refused("offGrid", `Quantity ${quantity} is not a multiple of ${instrument.lot}`);
  }
  if (problem !== null) {
    const { minQuantity, minNotional, quote } = instrument;
    const minimum = `${minQuantity} or ${minNotional} ${quote}`;
    const text = `Quantity ${quantity} at ${reference} is below ${minimum}`;
    return refused("belowMinimum", text);
  }
  const factor = price === null ? holds.unlimited : holds.limited;
  const holdPerUnit = side === "sell" ? one : multiply(reference, factor);
  return { priceTicks, stopTicks, holdPerUnit };
}

function fundsProblem(
  state: EngineState,
  { instrument }: Market,
  side: Side,
  held: Decimal,
  wanted: Decimal,
): Refused | null {
  const coin = side === "buy" ? instrument.quote : instrument.base;
  const free = state.balances.free(coin);
  const more = held === zero ? wanted : subtract(wanted, held);
  if (compare(more, free) <= 0) return null;
  return refused("insufficientFunds", `Order wants ${more} ${coin}, free is ${free}`);
}

/** Whether a limit would take at the last known price; with latency that is known on arrival. */
function takesNow(
  state: EngineState,
  market: Market,
  side: Side,
  priceTicks: number | null,
): boolean {
  const touch = side === "buy" ? market.ask : market.bid;
  if (state.settings.latencyMs > 0 || touch <= 0 || priceTicks === null) return false;
  return isMarketable(side, priceTicks, touch);
}

/** A price in whole ticks, or NaN if it is not a positive number of them. */
function ticksOf({ tick }: Instrument, price: Decimal): number {
  const ticks = Math.round(toNumber(price) / toNumber(tick));
  const isExact = isPositive(price) && Number.isSafeInteger(ticks);
  return isExact && fromSteps(ticks, tick) === price ? ticks : Number.NaN;
}
