import {
  add,
  type Decimal,
  decimal,
  multiply,
  roundToStep,
  subtract,
} from "../../../machines/domain/decimal.ts";
import type { OrderType, Side } from "../../../machines/domain/order.ts";

/**
 * The limit of a stop where the venue has only stop-limits: the stated share beyond the stop price,
 * rounded away from it, so that it is never nearer than was stated.
 */
export function limitOfStop(
  side: Side,
  stopPrice: Decimal,
  distance: string,
  tick: Decimal,
): Decimal {
  const gap = multiply(stopPrice, decimal(distance));
  return side === "sell"
    ? roundToStep(subtract(stopPrice, gap), tick, "down")
    : roundToStep(add(stopPrice, gap), tick, "up");
}

/**
 * Reads a stop-limit back: one whose limit lies where {@link limitOfStop} puts it was asked for as
 * a stop, and is told as one, so that what the desk wants and what it hears compare equal.
 */
export function readStop(
  side: Side,
  terms: { readonly price: Decimal; readonly stopPrice: Decimal },
  distance: string,
  tick: Decimal | null,
): { type: OrderType; price: Decimal | null; stopPrice: Decimal } {
  const { price, stopPrice } = terms;
  const isOurs = tick !== null && limitOfStop(side, stopPrice, distance, tick) === price;
  return isOurs
    ? { type: "stop", price: null, stopPrice }
    : { type: "stopLimit", price, stopPrice };
}
