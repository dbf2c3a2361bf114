import BigNumber from "bignumber.js";

declare const brand: unique symbol;

/**
 * An exact decimal number in canonical plain notation: no exponent, no plus sign, no needless
 * zeros ("0.00000001", "-12.5", "0"). Prices, quantities and money cross every boundary as this.
 */
export type Decimal = string & { readonly [brand]: "Decimal" };

/** Which way a value goes that lies between two steps. */
export type Rounding = "down" | "up" | "nearest";

// Reads and cuts what is not written as a decimal is here; arithmetic is on whole numbers.
const Exact = BigNumber.clone({ EXPONENTIAL_AT: 1e9, DECIMAL_PLACES: 40 });

// "down" and "up" are toward minus and plus infinity, so a short sum and a long one agree.
const modes = {
  down: BigNumber.ROUND_FLOOR,
  up: BigNumber.ROUND_CEIL,
  nearest: BigNumber.ROUND_HALF_EVEN,
} as const;

const plain = /^-?\d+(\.\d+)?$/;

/** Plain, and as it is written here: most text is. */
const settled = /^(?:0|-?[1-9]\d*(?:\.\d*[1-9])?|-?0\.\d*[1-9])$/;

function canonical(value: BigNumber): Decimal {
  return (value.isZero() ? "0" : value.toFixed()) as Decimal;
}

/**
 * Text that may be read as a whole number of its last places without losing a digit: prices and
 * quantities nearly always are, and arithmetic on them needs no big number.
 */
const shortMost = 15;

/** `10 ** places`, exact as floats. */
const powers = Array.from({ length: 23 }, (_, places) => 10 ** places);

const isShort = (a: Decimal): boolean => a.length <= shortMost;

/** Of a short one: how many whole steps of its last place it is. */
function unitsOf(a: Decimal, places: number): number {
  // Off by far less than a half before it is rounded: both factors are below 2 ** 53.
  return places === 0 ? Number(a) : Math.round(Number(a) * (powers[places] as number));
}

/** Steps below which as many digits come back from a float; and the least that has no exponent. */
const printedMost = 1e15;
const leastPrinted = 1e-6;

/** So many steps of a place as a decimal, or null if floats do not hold that number. */
function ofUnits(units: number, places: number): Decimal | null {
  if (!Number.isSafeInteger(units)) return null;
  if (units === 0) return zero;
  // Of fifteen digits at most, a decimal is what the float nearest to it prints as.
  const value = units / (powers[places] as number);
  const size = Math.abs(value);
  if (Math.abs(units) < printedMost && size >= leastPrinted) return String(value) as Decimal;
  let left = units;
  let kept = places;
  while (kept > 0 && left % 10 === 0) {
    left /= 10;
    kept -= 1;
  }
  if (kept === 0) return String(left) as Decimal;
  const digits = String(Math.abs(left)).padStart(kept + 1, "0");
  const point = digits.length - kept;
  return `${left < 0 ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}` as Decimal;
}

/** The sum of short ones, `sign` being 1, or the difference, being -1; null where it is too long. */
function sumOfShort(a: Decimal, b: Decimal, sign: 1 | -1): Decimal | null {
  const first = decimalPlaces(a);
  const second = decimalPlaces(b);
  const places = Math.max(first, second);
  const one = unitsOf(a, first) * (powers[places - first] as number);
  const other = unitsOf(b, second) * (powers[places - second] as number);
  // A step that is lost to rounding makes a number beyond the safe ones, and so does its sum.
  if (!Number.isSafeInteger(one) || !Number.isSafeInteger(other)) return null;
  return ofUnits(one + sign * other, places);
}

/** A decimal of any length as a whole number of its last places. */
interface Whole {
  readonly units: bigint;
  readonly places: number;
}

function wholeOf(a: Decimal): Whole {
  const point = a.indexOf(".");
  if (point < 0) return { units: BigInt(a), places: 0 };
  return { units: BigInt(a.slice(0, point) + a.slice(point + 1)), places: a.length - point - 1 };
}

const tens: bigint[] = [];

function tenTo(places: number): bigint {
  for (let next = tens.length; next <= places; next++) tens.push(10n ** BigInt(next));
  return tens[places] as bigint;
}

function ofWhole(units: bigint, places: number): Decimal {
  if (units === 0n) return zero;
  const isBelow = units < 0n;
  const digits = (isBelow ? -units : units).toString().padStart(places + 1, "0");
  const point = digits.length - places;
  let end = digits.length;
  while (end > point && digits.charCodeAt(end - 1) === 48) end -= 1;
  const text =
    end > point ? `${digits.slice(0, point)}.${digits.slice(point, end)}` : digits.slice(0, point);
  return (isBelow ? `-${text}` : text) as Decimal;
}

/** Both in whole numbers of the smaller of their last places. */
function aligned(a: Decimal, b: Decimal): readonly [one: bigint, other: bigint, places: number] {
  const one = wholeOf(a);
  const other = wholeOf(b);
  const places = Math.max(one.places, other.places);
  return [
    one.units * tenTo(places - one.places),
    other.units * tenTo(places - other.places),
    places,
  ];
}

function sumOfLong(a: Decimal, b: Decimal): Decimal {
  const [one, other, places] = aligned(a, b);
  return ofWhole(one + other, places);
}

/** A whole number of times, rounded as told. */
function quotient(dividend: bigint, divisor: bigint, rounding: Rounding): bigint {
  const toZero = dividend / divisor;
  const rest = dividend % divisor;
  if (rest === 0n) return toZero;
  const isBelow = dividend < 0n !== divisor < 0n;
  const away = toZero + (isBelow ? -1n : 1n);
  if (rounding === "down") return isBelow ? away : toZero;
  if (rounding === "up") return isBelow ? toZero : away;
  const twice = 2n * (rest < 0n ? -rest : rest);
  const whole = divisor < 0n ? -divisor : divisor;
  if (twice === whole) return toZero % 2n === 0n ? toZero : away;
  return twice > whole ? away : toZero;
}

/**
 * Reads a decimal from text such as "12.50" or from a safe integer.
 *
 * @throws {RangeError} if the text is not a plain decimal number, or the number is not an integer.
 */
export function decimal(value: string | number | bigint): Decimal {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new RangeError(`Cannot read decimal from ${value}: wanted text or a safe integer`);
  }
  const text = String(value);
  if (settled.test(text)) return text as Decimal;
  if (!plain.test(text)) {
    throw new RangeError(`Cannot read decimal from "${text}": wanted digits such as "12.5"`);
  }
  return canonical(new Exact(text));
}

/** Whether the text is a plain decimal number that {@link decimal} would read. */
export function isDecimal(text: string): boolean {
  return plain.test(text);
}

export const zero = "0" as Decimal;

export function add(a: Decimal, b: Decimal): Decimal {
  if (a === zero) return b;
  if (b === zero) return a;
  const short = isShort(a) && isShort(b) ? sumOfShort(a, b, 1) : null;
  return short ?? sumOfLong(a, b);
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  if (b === zero) return a;
  if (a === b) return zero;
  const short = isShort(a) && isShort(b) ? sumOfShort(a, b, -1) : null;
  return short ?? sumOfLong(a, negate(b));
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  if (a === zero || b === zero) return zero;
  if (isShort(a) && isShort(b)) {
    const first = decimalPlaces(a);
    const second = decimalPlaces(b);
    const short = ofUnits(unitsOf(a, first) * unitsOf(b, second), first + second);
    if (short !== null) return short;
  }
  const one = wholeOf(a);
  const other = wholeOf(b);
  return ofWhole(one.units * other.units, one.places + other.places);
}

/** Divides to `places` decimal places, rounded as told. @throws {RangeError} on a zero divisor. */
export function divide(a: Decimal, b: Decimal, places: number, rounding: Rounding): Decimal {
  if (b === zero) throw new RangeError(`Cannot divide ${a} by zero`);
  const one = wholeOf(a);
  const other = wholeOf(b);
  const shift = other.places + places - one.places;
  const dividend = shift > 0 ? one.units * tenTo(shift) : one.units;
  const divisor = shift < 0 ? other.units * tenTo(-shift) : other.units;
  return ofWhole(quotient(dividend, divisor, rounding), places);
}

export function negate(a: Decimal): Decimal {
  if (a === zero) return zero;
  return (a.startsWith("-") ? a.slice(1) : `-${a}`) as Decimal;
}

export function absolute(a: Decimal): Decimal {
  return a.startsWith("-") ? (a.slice(1) as Decimal) : a;
}

/** -1, 0 or 1 as `a` is below, at or above `b`. */
export function compare(a: Decimal, b: Decimal): -1 | 0 | 1 {
  if (a === b) return 0;
  // Of so few digits, two decimals that differ are two floats that do.
  if (isShort(a) && isShort(b)) return Number(a) < Number(b) ? -1 : 1;
  const [one, other] = aligned(a, b);
  return one < other ? -1 : 1;
}

export const isZero = (a: Decimal): boolean => a === zero;
export const isNegative = (a: Decimal): boolean => a.startsWith("-");
export const isPositive = (a: Decimal): boolean => a !== zero && !a.startsWith("-");

export function minimum(a: Decimal, b: Decimal): Decimal {
  return compare(a, b) <= 0 ? a : b;
}

export function maximum(a: Decimal, b: Decimal): Decimal {
  return compare(a, b) >= 0 ? a : b;
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = zero;
  for (const value of values) total = add(total, value);
  return total;
}

/**
 * The one place where a price meets its tick and a quantity its lot: the nearest multiple of
 * `step` at or below ("down"), at or above ("up"), or nearest to the value.
 */
export function roundToStep(value: Decimal, step: Decimal, rounding: Rounding): Decimal {
  if (!isPositive(step)) throw new RangeError(`Cannot round to step ${step}: wanted above zero`);
  if (rounding !== "nearest" && isShort(value) && isShort(step)) {
    const short = roundShort(value, step, rounding);
    if (short !== null) return short;
  }
  const [whole, by, places] = aligned(value, step);
  return ofWhole(quotient(whole, by, rounding) * by, places);
}

function roundShort(value: Decimal, step: Decimal, rounding: "down" | "up"): Decimal | null {
  const first = decimalPlaces(value);
  const second = decimalPlaces(step);
  const places = Math.max(first, second);
  const whole = unitsOf(value, first) * (powers[places - first] as number);
  const by = unitsOf(step, second) * (powers[places - second] as number);
  if (!Number.isSafeInteger(whole) || !Number.isSafeInteger(by)) return null;
  const rest = whole % by;
  if (rest === 0) return ofUnits(whole, places);
  const below = whole - rest - (rest < 0 ? by : 0);
  return ofUnits(rounding === "down" ? below : below + by, places);
}

/** Rounds to a number of decimal places; for money that is shown, not for what is booked. */
export function roundToPlaces(value: Decimal, places: number, rounding: Rounding): Decimal {
  return canonical(new Exact(value).decimalPlaces(places, modes[rounding]));
}

/** How many digits stand behind the point. */
export function decimalPlaces(value: Decimal): number {
  const point = value.indexOf(".");
  return point < 0 ? 0 : value.length - point - 1;
}

/** The binary float nearest to the value: for indicators, statistics and charts only. */
export function toNumber(value: Decimal): number {
  return Number(value);
}

/** A whole number of steps as a decimal: `fromSteps(12345, "0.01")` is "123.45". */
export function fromSteps(steps: number, step: Decimal): Decimal {
  if (isShort(step) && Number.isSafeInteger(steps)) {
    const places = decimalPlaces(step);
    const short = ofUnits(steps * unitsOf(step, places), places);
    if (short !== null) return short;
  }
  return canonical(new Exact(steps).times(step));
}

/**
 * A computed float as a decimal with at most `places` places. For values that came out of float
 * arithmetic (a stop at so many ATRs) before they are rounded to their tick.
 *
 * @throws {RangeError} if the value is not finite.
 */
export function fromFloat(value: number, places: number): Decimal {
  if (!Number.isFinite(value)) throw new RangeError(`Cannot read decimal from ${value}`);
  return canonical(new Exact(value).decimalPlaces(places, BigNumber.ROUND_HALF_EVEN));
}
