import { add, compare, type Decimal, decimal } from "../../machines/domain/decimal.ts";
import { drawBelow, type Stream } from "./random.ts";

/** One configuration key that a study varies. */
export interface Dimension {
  /** The key's path, such as `strategy.votes.trend.fast`. */
  readonly path: string;
  /** What it may be, as text; for a range without steps, its two ends. */
  readonly values: readonly string[];
  /** Set for a range without steps, of which only random draws can be taken. */
  readonly isContinuous?: true;
}

/** A value for each dimension, by path. */
export type Assignment = Readonly<Record<string, string>>;

const valuesMost = 10_000;
const numberForm = /^-?\d+(\.\d+)?$/;
const rangeForm = /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?$/;

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
  const isRising = compare(decimal(from), decimal(to)) < 0;
  if (!isRising) {
    throw new RangeError(`Cannot vary "${path}": "${said}" ends before it begins, wanted 5..20:5`);
  }
  if (step === undefined) return { path, values: [from, to], isContinuous: true };
  return listed(path, stepped(path, decimal(from), decimal(to), decimal(step)));
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

/** A point of the space at random; of a range without steps in at most six digits. */
export function randomPoint(dimensions: readonly Dimension[], stream: Stream): Assignment {
  return Object.fromEntries(
    dimensions.map(({ path, values, isContinuous }) => {
      if (!isContinuous) return [path, values[drawBelow(stream, values.length)] as string];
      const [from, to] = [Number(values[0]), Number(values[1])];
      // Never in exponents, which no configuration key reads.
      const drawn = String(Number((from + stream() * (to - from)).toPrecision(6)));
      return [path, numberForm.test(drawn) ? drawn : "0"];
    }),
  );
}
