import { type Decimal, decimal } from "../../../machines/domain/decimal.ts";
import { MalformedReply } from "./faults.ts";

/** A JSON object of a reply. */
export type Fields = Readonly<Record<string, unknown>>;

/** Reads an object. @throws {MalformedReply} naming what was wanted. */
export function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new MalformedReply(`Cannot read ${what}: was ${kindOf(value)}, wanted an object`);
}

export function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new MalformedReply(`Cannot read ${what}: was ${kindOf(value)}, wanted a list`);
}

/** A text, or a number's own digits (numbers are kept as they were written). */
export function textOf(fields: Fields, key: string): string {
  const value = fields[key];
  if (typeof value === "string" && value !== "") return value;
  throw new MalformedReply(`Cannot read field "${key}": was ${kindOf(value)}, wanted text`);
}

export function optionalText(fields: Fields, key: string): string | null {
  const value = fields[key];
  return typeof value === "string" && value !== "" ? value : null;
}

export function flagOf(fields: Fields, key: string): boolean {
  const value = fields[key];
  if (typeof value === "boolean") return value;
  throw new MalformedReply(
    `Cannot read field "${key}": was ${kindOf(value)}, wanted true or false`,
  );
}

/** An amount, digit for digit; scientific notation is written out. */
export function amountOf(fields: Fields, key: string): Decimal {
  const text = textOf(fields, key);
  try {
    return decimal(withoutExponent(text));
  } catch {
    throw new MalformedReply(`Cannot read field "${key}": was "${text}", wanted a decimal`);
  }
}

/** An amount that the venue leaves out, or writes as zero, where there is none. */
export function optionalAmount(fields: Fields, key: string): Decimal | null {
  if (optionalText(fields, key) === null) return null;
  const amount = amountOf(fields, key);
  return amount === "0" ? null : amount;
}

/** Unix seconds with a fraction, as Kraken writes times, in whole milliseconds. */
export function secondsOf(fields: Fields, key: string): number {
  return finite(Math.round(Number(textOf(fields, key)) * 1000), fields, key);
}

export function millisecondsOf(fields: Fields, key: string): number {
  return finite(Number(textOf(fields, key)), fields, key);
}

/** An ISO 8601 time; digits past the millisecond are dropped. */
export function isoTimeOf(fields: Fields, key: string): number {
  return finite(Date.parse(textOf(fields, key).replace(/(\.\d{3})\d+/, "$1")), fields, key);
}

/**
 * JSON with every number kept as the digits that the venue wrote: no amount and no order id ever
 * passes through a binary float. @throws {SyntaxError}
 */
export function parseExact(text: string): unknown {
  const keep = (_key: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === "number" ? (context?.source ?? String(value)) : value;
  return JSON.parse(text, keep as (key: string, value: unknown) => unknown);
}

function finite(value: number, fields: Fields, key: string): number {
  if (Number.isSafeInteger(value)) return value;
  throw new MalformedReply(`Cannot read field "${key}": was "${fields[key]}", wanted a time`);
}

function withoutExponent(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d{1,3})$/.exec(text);
  if (!match) return text;
  const [, sign, whole = "", fraction = "", exponent] = match;
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + "0".repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (value === "") return "empty";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
