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
import { type EngineOrder, tradeId } from "./rows.ts";
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
  return order.filled === zero ? order.quantity : subtract(order.quantity, order.filled);
}

/** Books one fill and reports it; the order ends if it is full, or if its money ran out. */
export function execute(
  state: EngineState,
  market: Market,
  order: EngineOrder,
  execution: Execution,
): EngineOrder {
  const { instrument } = market;
  const price = priceOfTicks(instrument, execution.ticks);
  const rate = execution.liquidity === "maker" ? instrument.makerFee : instrument.takerFee;
  const terms = { ...execution, instrument, price, rate };
  const wanted = moneyOf(state, order, terms, execution.quantity);
  if (canPay(state, instrument, order, wanted.cost)) return bookFill(state, order, terms, wanted);
  const quantity = payableQuantity(state, order, terms);
  const after = isPositive(quantity)
    ? bookFill(state, order, terms, moneyOf(state, order, terms, quantity))
    : order;
  return endOrder(state, after, "canceled", "insufficient funds", execution.now);
}

interface FillTerms extends Execution {
  readonly instrument: Instrument;
  readonly price: Decimal;
  readonly rate: Decimal;
}

/** What a fill of a quantity costs and brings. */
interface FillMoney {
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly feeCoin: string;
  /** Quote coin that a buy pays, or a sell brings. */
  readonly cost: Decimal;
}

function moneyOf(
  state: EngineState,
  order: EngineOrder,
  { instrument, price, rate }: FillTerms,
  quantity: Decimal,
): FillMoney {
  const notional = multiply(price, quantity);
  const { feeCoin } = state.settings;
  if (typeof feeCoin === "object") {
    const { coin, price: worth } = feeCoin;
    const fee = divide(multiply(notional, rate), worth, quantityPlaces, "up");
    const isThere = compare(state.balances.free(coin), fee) >= 0;
    if (isThere) return { quantity, fee, feeCoin: coin, cost: notional };
  }
  if (order.side === "buy" && feeCoin === "base") {
    return { quantity, fee: multiply(quantity, rate), feeCoin: instrument.base, cost: notional };
  }
  const fee = multiply(notional, rate);
  const cost = order.side === "buy" ? add(notional, fee) : subtract(notional, fee);
  return { quantity, fee, feeCoin: instrument.quote, cost };
}

/** A market or stop buy may cost more than it held: then what is free pays the rest. */
function canPay(
  state: EngineState,
  { quote }: Instrument,
  order: EngineOrder,
  cost: Decimal,
): boolean {
  if (order.side === "sell" || compare(cost, order.held) <= 0) return true;
  return compare(cost, add(order.held, state.balances.free(quote))) <= 0;
}

function payableQuantity(
  state: EngineState,
  order: EngineOrder,
  { instrument, price, rate }: FillTerms,
): Decimal {
  const perUnit = state.settings.feeCoin === "base" ? price : multiply(price, add(one, rate));
  const funds = add(order.held, state.balances.free(instrument.quote));
  return roundToStep(divide(funds, perUnit, quantityPlaces, "down"), instrument.lot, "down");
}

function bookFill(
  state: EngineState,
  order: EngineOrder,
  { instrument, price, liquidity, now }: FillTerms,
  money: FillMoney,
): EngineOrder {
  const filled = order.filled === zero ? money.quantity : add(order.filled, money.quantity);
  const isFull = filled === order.quantity;
  const held = isFull ? zero : heldAfter(state, instrument, order, filled, money.cost);
  settleFill(state, instrument, order, money, held);
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
    tradeId: tradeId(sequence),
    venueOrderId: order.venueOrderId,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    price,
    quantity: money.quantity,
    fee: money.fee,
    feeCoin: money.feeCoin,
    liquidity,
    at: now,
  });
  state.putOrder(after);
  state.report({ type: "fill", fill });
  state.reportOrder(after);
  return after;
}

/** What is left goes on holding what it did, or what the account has if the fill was dearer. */
function heldAfter(
  state: EngineState,
  { quote }: Instrument,
  order: EngineOrder,
  filled: Decimal,
  cost: Decimal,
): Decimal {
  const left = multiply(subtract(order.quantity, filled), order.holdPerUnit);
  if (order.side === "sell") return left;
  const rest = subtract(order.held, cost);
  if (compare(left, rest) <= 0) return left;
  return minimum(left, add(rest, state.balances.free(quote)));
}

function settleFill(
  state: EngineState,
  { base, quote }: Instrument,
  order: EngineOrder,
  { quantity, fee, feeCoin, cost }: FillMoney,
  held: Decimal,
): void {
  const heldChange = held === zero ? negate(order.held) : subtract(held, order.held);
  if (order.side === "buy") {
    state.balances.settle(quote, negate(cost), heldChange);
    state.balances.settle(base, feeCoin === base ? subtract(quantity, fee) : quantity, zero);
  } else {
    state.balances.settle(base, negate(quantity), heldChange);
    state.balances.settle(quote, cost, zero);
  }
  if (feeCoin !== base && feeCoin !== quote) state.balances.settle(feeCoin, negate(fee), zero);
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
