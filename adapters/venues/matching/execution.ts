/** What a fill, a trigger and an end do to an order, to the balances and to the reports. */
import {
  add,
  compare,
  type Decimal,
  decimal,
  divide,
  isPositive,
  isZero,
  minimum,
  multiply,
  negate,
  roundToStep,
  subtract,
  zero,
} from "../../../machines/domain/decimal.ts";
import { type Instrument, priceOfTicks } from "../../../machines/domain/instrument.ts";
import type { VenueOrderState } from "../../../machines/domain/order.ts";
import type { EngineOrder } from "./rows.ts";
import type { EngineState, Market } from "./state.ts";

export interface Execution {
  readonly ticks: number;
  /** At most what is left of the order. */
  readonly quantity: Decimal;
  readonly liquidity: "maker" | "taker";
  readonly now: number;
}

const one = decimal(1);
/** Places of a quantity that money decides, before it is rounded to its lot. */
const quantityPlaces = 18;

export function remaining(order: EngineOrder): Decimal {
  return subtract(order.quantity, order.filled);
}

/** Books one fill and reports it; the order ends if it is full, or if its money ran out. */
export function execute(
  state: EngineState,
  market: Market,
  order: EngineOrder,
  execution: Execution,
): EngineOrder {
  const { instrument } = market;
  const rate = execution.liquidity === "maker" ? instrument.makerFee : instrument.takerFee;
  const price = priceOfTicks(instrument, execution.ticks);
  const quantity = payableQuantity(state, instrument, order, execution.quantity, price, rate);
  let after = order;
  if (isPositive(quantity)) {
    after = bookFill(state, instrument, order, { ...execution, quantity }, price, rate);
  }
  if (compare(quantity, execution.quantity) >= 0) return after;
  return endOrder(state, after, "canceled", "insufficient funds", execution.now);
}

/** How much of a fill the account can pay: a market or stop buy may cost more than it held. */
function payableQuantity(
  state: EngineState,
  instrument: Instrument,
  order: EngineOrder,
  wanted: Decimal,
  price: Decimal,
  rate: Decimal,
): Decimal {
  if (order.side === "sell") return wanted;
  const perUnit = state.settings.feeCoin === "quote" ? multiply(price, add(one, rate)) : price;
  const cost = multiply(perUnit, wanted);
  if (compare(cost, order.held) <= 0) return wanted;
  const funds = add(order.held, state.balances.free(instrument.quote));
  if (compare(cost, funds) <= 0) return wanted;
  return roundToStep(divide(funds, perUnit, quantityPlaces, "down"), instrument.lot, "down");
}

function bookFill(
  state: EngineState,
  instrument: Instrument,
  order: EngineOrder,
  { quantity, liquidity, now }: Execution,
  price: Decimal,
  rate: Decimal,
): EngineOrder {
  const filled = add(order.filled, quantity);
  const isFull = filled === order.quantity;
  const notional = multiply(price, quantity);
  const feeInBase = order.side === "buy" && state.settings.feeCoin === "base";
  const fee = multiply(feeInBase ? quantity : notional, rate);
  const left = multiply(subtract(order.quantity, filled), order.holdPerUnit);
  let held: Decimal;
  if (order.side === "buy") {
    const cost = feeInBase ? notional : add(notional, fee);
    const funds = subtract(add(order.held, state.balances.free(instrument.quote)), cost);
    held = isFull ? zero : minimum(left, funds);
    state.balances.settle(instrument.quote, negate(cost), subtract(held, order.held));
    state.balances.settle(instrument.base, feeInBase ? subtract(quantity, fee) : quantity, zero);
  } else {
    held = left;
    state.balances.settle(instrument.base, negate(quantity), subtract(held, order.held));
    state.balances.settle(instrument.quote, subtract(notional, fee), zero);
  }
  const after: EngineOrder = {
    ...order,
    state: isFull ? "filled" : "partial",
    filled,
    held,
    updatedAt: now,
    ended: isFull ? state.next("ended") : null,
  };
  const sequence = state.next("trades");
  const fill = state.addTrade({
    sequence,
    tradeId: `T${sequence}`,
    venueOrderId: order.venueOrderId,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    price,
    quantity,
    fee,
    feeCoin: feeInBase ? instrument.base : instrument.quote,
    liquidity,
    at: now,
  });
  state.putOrder(after);
  state.report({ type: "fill", fill });
  state.reportOrder(after);
  return after;
}

/** Notes that an order has met the market. Nobody is told: to the venue's clients it is open. */
export function arrive(state: EngineState, order: EngineOrder): EngineOrder {
  const after = { ...order, arrived: true };
  state.putOrder(after);
  return after;
}

export function trigger(state: EngineState, order: EngineOrder, now: number): EngineOrder {
  const after: EngineOrder = { ...order, triggered: true, state: "triggered", updatedAt: now };
  state.putOrder(after);
  state.reportOrder(after);
  return after;
}

/** Ends an order that is not full, and gives back what it still holds. */
export function endOrder(
  state: EngineState,
  order: EngineOrder,
  end: Extract<VenueOrderState, "filled" | "canceled" | "expired">,
  reason: string | null,
  now: number,
): EngineOrder {
  const { instrument } = state.marketOf(order.symbol);
  if (!isZero(order.held)) {
    const coin = order.side === "buy" ? instrument.quote : instrument.base;
    state.balances.settle(coin, zero, negate(order.held));
  }
  const after: EngineOrder = {
    ...order,
    state: end,
    reason,
    held: zero,
    updatedAt: now,
    ended: state.next("ended"),
  };
  state.putOrder(after);
  state.reportOrder(after);
  return after;
}
