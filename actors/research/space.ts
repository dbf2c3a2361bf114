import {
  add,
  compare,
  type Decimal,
  decimal,
  decimalPlaces,
  divide,
  multiply,
  subtract,
} from "../../machines/domain/decimal.ts";
import { drawBelow, type Stream } from "./random.ts";

/** One configuration key that a study varies. */
export interface Dimension {
  /** The key's path, such as `strategy.votes.trend.fast`. */
  readonly path: string;
  /** What it may be, as text; for a range without steps, its two ends. */
  readonly values: readonly string[];
  /** Set for a range without steps, of which only random draws can be taken. */
  readonly isContinuous?: true;
  /** Set where its key takes whole numbers alone: of a range without steps those are drawn. */
  readonly isWhole?: true;
}

/** A value for each dimension, by path. */
export type Assignment = Readonly<Record<string, string>>;

const valuesMost = 10_000;
const number = String.raw`\d+(?:\.\d+)?(?:e-?\d{1,2})?`;
const rangeForm = new RegExp(`^(-?${number})\\.\\.(-?${number})(?::(${number}))?$`);

/**
 * Reads `path=5..20:5` (from, to, step), `path=0.5..2` (any number in between, for random search)
 * or `path=limit,market` (each of them).
 *
 * @throws {RangeError} for what is of no such form
 */
export function dimensionOf(text: string): Dimension {
  const equals = text.indexOf("=");
  const path = text.slice(0, Math.max(0, equals)).trim();
  if (path === "") throw unreadable(text);
  return dimensionAt(path, text.slice(equals + 1).trim());
}

/** The same with the path apart. @throws {RangeError} */
export function dimensionAt(path: string, said: string | readonly string[]): Dimension {
  if (typeof said !== "string") return listed(path, said);
  const range = rangeForm.exec(said);
  if (!range) return listed(path, said.split(","));
  const [, from = "", to = "", step] = range;
  const [first, last] = [decimalIn(from), decimalIn(to)];
  const isRising = compare(first, last) < 0;
  if (!isRising) {
    throw new RangeError(`Cannot vary "${path}": "${said}" ends before it begins, wanted 5..20:5`);
  }
  if (step === undefined) {
    return { path, values: [first, last], isContinuous: true };
  }
  return listed(path, stepped(path, first, last, decimalIn(step)));
}

/** A number as it is written, exponents too: "9e-7" is 0.0000009. */
function decimalIn(text: string): Decimal {
  const [digits = "", exponent = "0"] = text.split("e");
  return multiply(decimal(digits), powerOfTen(Number(exponent)));
}

/** @param exponent whole, from -99 to 99 */
function powerOfTen(exponent: number): Decimal {
  return decimal(
    exponent < 0 ? `0.${"1".padStart(-exponent, "0")}` : "1".padEnd(exponent + 1, "0"),
  );
}

function stepped(path: string, from: Decimal, to: Decimal, step: Decimal): string[] {
  const values: string[] = [];
  if (compare(step, decimal(0)) <= 0) {
    throw new RangeError(`Cannot vary "${path}": its step is ${step}, wanted one above 0`);
  }
  for (let value = from; compare(value, to) <= 0; value = add(value, step)) {
    values.push(value);
    if (values.length > valuesMost) break;
  }
  return values;
}

function listed(path: string, said: readonly string[]): Dimension {
  const values = said.map((each) => each.trim());
  if (values.length === 0 || values.includes("")) throw unreadable(`${path}=${said.join(",")}`);
  if (values.length > valuesMost) {
    throw new RangeError(`Cannot vary "${path}": wanted at most ${valuesMost} values`);
  }
  if (new Set(values).size < values.length) {
    throw new RangeError(`Cannot vary "${path}": [${values}] has a value twice, wanted each once`);
  }
  return { path, values };
}

function unreadable(text: string): RangeError {
  return new RangeError(`Cannot vary "${text}": wanted PATH=FROM..TO:STEP or PATH=VALUE,VALUE`);
}

/** How many trials a whole grid has. @throws {RangeError} where a range has no steps */
export function gridSize(dimensions: readonly Dimension[]): number {
  for (const { path, isContinuous } of dimensions) {
    if (isContinuous) {
      throw new RangeError(`Cannot make a grid of "${path}": its range wants a step, as 5..20:5`);
    }
  }
  return dimensions.reduce((size, { values }) => size * values.length, 1);
}

/** The grid's trial of that number; the last dimension changes first. */
export function gridPoint(dimensions: readonly Dimension[], number: number): Assignment {
  let rest = number;
  const chosen: [string, string][] = [];
  for (const { path, values } of dimensions.toReversed()) {
    chosen.unshift([path, values[rest % values.length] as string]);
    rest = Math.floor(rest / values.length);
  }
  return Object.fromEntries(chosen);
}

/**
 * The same dimension for a key that takes whole numbers alone.
 *
 * @throws {RangeError} for a range without steps that does not begin and end with one
 */
export function wholeDimension(dimension: Dimension): Dimension {
  const { path, values, isContinuous } = dimension;
  if (isContinuous && values.some((each) => each.includes("."))) {
    throw new RangeError(
      `Cannot vary "${path}" from ${values.join(" to ")}: its key takes whole numbers, wanted ` +
        "whole ends such as 5..20, or a step as in 5..20:5",
    );
  }
  return { ...dimension, isWhole: true };
}

/** Whole ranges up to this wide are lists for a search; a wider one has more than any study tries. */
const listedMost = 200_000;

/** As random draws are taken from it: a range of whole numbers as the list of them. */
export function drawnFrom(dimension: Dimension): Dimension {
  const { path, values, isContinuous, isWhole } = dimension;
  const [from = decimal(0), to = decimal(0)] = values.map(decimal);
  if (!isContinuous || !isWhole) return dimension;
  const width = Number(subtract(to, from));
  if (width >= listedMost) return dimension;
  const each = Array.from({ length: width + 1 }, (_, index) => add(from, decimal(index)));
  return { path, values: each, isWhole };
}

/** Digits of the number of steps in a range without steps: no fewer, and no more than floats hold. */
const [stepsDigitsLeast, stepsDigitsMost] = [7, 15];

/** How many whole steps there are in a width. */
const stepsIn = (width: Decimal, step: Decimal): Decimal => divide(width, step, 0, "down");

/** A step of a range without steps: a power of ten of which a million and more make up its width. */
function drawnStep(from: Decimal, to: Decimal, isWhole: boolean): Decimal {
  const places = Math.max(decimalPlaces(from), decimalPlaces(to));
  const { length } = stepsIn(subtract(to, from), powerOfTen(-places));
  const finer = isWhole ? 0 : Math.max(0, stepsDigitsLeast - length);
  return powerOfTen(Math.max(0, length - stepsDigitsMost) - places - finer);
}

/** Any step of a range is as likely as any other; in plain digits. */
function drawnBetween({ values, isWhole }: Dimension, stream: Stream): Decimal {
  const [from = decimal(0), to = decimal(0)] = values.map(decimal);
  const step = drawnStep(from, to, isWhole === true);
  const steps = Number(stepsIn(subtract(to, from), step));
  return add(from, multiply(step, decimal(drawBelow(stream, steps + 1))));
}

/** A point of the space at random; of a range without steps in a millionth of it or finer. */
export function randomPoint(dimensions: readonly Dimension[], stream: Stream): Assignment {
  return Object.fromEntries(
    dimensions.map((dimension) => {
      const { path, values, isContinuous } = dimension;
      if (isContinuous) return [path, drawnBetween(dimension, stream)];
      return [path, values[drawBelow(stream, values.length)] as string];
    }),
  );
}
