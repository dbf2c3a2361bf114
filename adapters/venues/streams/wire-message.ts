import type { Decimal } from "../../../machines/domain/decimal.ts";
import { coinsOf } from "../../../machines/domain/ids.ts";
import type { Side } from "../../../machines/domain/order.ts";
import { canonicalAmount, readWrittenNumber } from "../../market/mod.ts";

/** A JSON object of a venue. Its numbers are text, digit for digit as they were written. */
export type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with a message: it has no such field, or not of the kind that was wanted. */
export class WireFlaw extends Error {
  override readonly name = "WireFlaw";
}

type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;
// The third argument came to the language after the compiler's own declarations.
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown;

const keepDigits: Reviver = (_key, value, context) =>
  typeof value === "number" ? (context?.source ?? String(value)) : value;

/**
 * Reads a message, its numbers as text: a float would turn 0.1 + 0.2 into something else, and a
 * checksum is over the digits. @throws {WireFlaw} if it is not a JSON object.
 */
export function readWireMessage(text: string): Fields {
  let message: unknown;
  try {
    message = parse(text, keepDigits);
  } catch {
    throw new WireFlaw(`holds ${shown(text)}, wanted whole JSON`);
  }
  return fieldsOf(message, "message");
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}

export function flawed(name: string, value: unknown, wanted: string): WireFlaw {
  const found = value === undefined ? `no ${name}` : `${name} ${shown(value)}`;
  return new WireFlaw(`has ${found}, wanted ${wanted}`);
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: unknown, name: string): Fields {
  if (isFields(value)) return value;
  throw flawed(name, value, "an object");
}

export function listOf(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name];
  if (!Array.isArray(value)) throw flawed(name, value, "a list");
  return value.map((item: unknown) => fieldsOf(item, `item of ${name}`));
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string" && value !== "") return value;
  throw flawed(name, value, "text");
}

/** Null for a field that is missing, null or empty: venues write all three for "none". */
export function textIn(fields: Fields, name: string): string | null {
  const value = fields[name];
  if (value === undefined || value === null || value === "") return null;
  return textOf(fields, name);
}

const plainForm = /^-?(?:0|[1-9]\d{0,19})(?:\.\d{1,24})?$/;

/** The exact decimal of a number as written, scientific notation included; null if it is not one. */
export function exactDecimal(text: string): Decimal | null {
  if (plainForm.test(text)) {
    const exact = canonicalAmount(text);
    return exact === "-0" ? ("0" as Decimal) : exact;
  }
  const isNegative = text.startsWith("-");
  const written = readWrittenNumber(isNegative ? text.slice(1) : text);
  if (written === null || !Number.isSafeInteger(written.mantissa)) return null;
  if (Math.abs(written.places) > 30) return null;
  if (written.mantissa === 0) return "0" as Decimal;
  const { mantissa, places } = written;
  const digits = places < 0 ? `${mantissa}${"0".repeat(-places)}` : String(mantissa);
  const whole = Math.max(0, places);
  const padded = digits.padStart(whole + 1, "0");
  const point = padded.length - whole;
  const plain = whole === 0 ? padded : `${padded.slice(0, point)}.${padded.slice(point)}`;
  return (isNegative ? `-${plain}` : plain) as Decimal;
}

export function amountOf(fields: Fields, name: string): Decimal {
  const value = fields[name];
  const exact = typeof value === "string" ? exactDecimal(value) : null;
  if (exact === null) throw flawed(name, value, "a number");
  return exact;
}

/** Null for a field that is missing, null or empty. */
export function amountIn(fields: Fields, name: string): Decimal | null {
  return textIn(fields, name) === null ? null : amountOf(fields, name);
}

/** An amount from 0 up: quantities are never negative. */
export function quantityOf(fields: Fields, name: string): Decimal {
  const amount = amountOf(fields, name);
  if (amount.startsWith("-")) throw flawed(name, fields[name], "a number from 0 up");
  return amount;
}

export function quantityIn(fields: Fields, name: string): Decimal | null {
  return textIn(fields, name) === null ? null : quantityOf(fields, name);
}

export function wholeOf(fields: Fields, name: string): number {
  const value = fields[name];
  const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw flawed(name, value, "a whole number");
  return number;
}

/** Unix milliseconds of a time in RFC 3339. */
export function timeOf(fields: Fields, name: string): number {
  const value = fields[name];
  const time = typeof value === "string" && /^\d{4}-/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw flawed(name, value, "a time in RFC 3339");
  return time;
}

export function timeIn(fields: Fields, name: string): number | null {
  return textIn(fields, name) === null ? null : timeOf(fields, name);
}

/** "buy" or "sell", in small letters or in capitals. */
export function sideOf(fields: Fields, name: string): Side {
  const value = textOf(fields, name).toLowerCase();
  if (value === "buy" || value === "sell") return value;
  throw flawed(name, fields[name], "buy or sell");
}

/** A symbol as the desk writes it. */
export function symbolOf(fields: Fields, name: string, separator: "/" | "-"): string {
  const symbol = textOf(fields, name).replace(separator, "/");
  try {
    coinsOf(symbol);
  } catch {
    throw flawed(name, fields[name], `BASE${separator}QUOTE`);
  }
  return symbol;
}
