/** How Kraken writes numbers: REST as text, streams as bare JSON numbers of fixed length. */
import {
  type Decimal,
  decimalPlaces,
  divide,
  fromFloat,
  fromSteps,
  isZero,
  roundToPlaces,
  zero,
} from "../../../../machines/domain/decimal.ts";
import type { KrakenPair } from "./names.ts";

/** With so many places, or more where it has them: money that was booked is never rounded. */
export function atLeast(value: Decimal, places: number): string {
  const missing = places - decimalPlaces(value);
  if (missing <= 0) return value;
  return `${value}${decimalPlaces(value) === 0 ? "." : ""}${"0".repeat(missing)}`;
}

/** With so many places exactly, rounded to them where it has more. */
export function fixed(value: Decimal, places: number): string {
  return atLeast(roundToPlaces(value, places, "nearest"), places);
}

/** A number that stands in the JSON just as it is written, `105944.20` with its zero. */
export function bare(text: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
}

export function priceText(pair: KrakenPair, price: Decimal): string {
  return fixed(price, pair.priceDecimals);
}

export function ticksText(pair: KrakenPair, ticks: number): string {
  return priceText(pair, fromSteps(ticks, pair.instrument.tick));
}

export function lotText(quantity: Decimal): string {
  return fixed(quantity, 8);
}

export function floatText(value: number, places: number): string {
  return fixed(fromFloat(value, places), places);
}

/** What a unit cost on average; zero for nothing. */
export function averagePrice(cost: Decimal, quantity: Decimal, places: number): Decimal {
  return isZero(quantity) ? zero : divide(cost, quantity, places, "nearest");
}

/** Unix milliseconds as Kraken's seconds. */
export function seconds(unixMs: number): number {
  return unixMs / 1_000;
}
