import BigNumber from "bignumber.js";

declare const brand: unique symbol;

/**
 * An exact decimal number in canonical plain notation: no exponent, no plus sign, no needless
 * zeros ("0.00000001", "-12.5", "0"). Prices, quantities and money cross every boundary as this.
 */
export type Decimal = string & { readonly [brand]: "Decimal" };

/** Which way a value goes that lies between two steps. */
export type Rounding = "down" | "up" | "nearest";

// Exact for +, - and *; only divide() rounds, and it is told how.
const Exact = BigNumber.clone({ EXPONENTIAL_AT: 1e9, DECIMAL_PLACES: 40 });

// "down" and "up" are toward minus and plus infinity, so a short sum and a long one agree.
const modes = {
  down: BigNumber.ROUND_FLOOR,
  up: BigNumber.ROUND_CEIL,
  nearest: BigNumber.ROUND_HALF_EVEN,
} as const;

const plain = /^-?\d+(\.\d+)?$/;

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

/** So many steps of a place as a decimal, or null if floats do not hold that number. */
function ofUnits(units: number, places: number): Decimal | null {
  if (!Number.isSafeInteger(units)) return null;
  if (units === 0) return zero;
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
  const [first, second] = [decimalPlaces(a), decimalPlaces(b)];
  const places = Math.max(first, second);
  const one = unitsOf(a, first) * (powers[places - first] as number);
  const other = unitsOf(b, second) * (powers[places - second] as number);
  // A step that is lost to rounding makes a number beyond the safe ones, and so does its sum.
  if (!Number.isSafeInteger(one) || !Number.isSafeInteger(other)) return null;
  return ofUnits(one + sign * other, places);
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
  const short = isShort(a) && isShort(b) ? sumOfShort(a, b, 1) : null;
  return short ?? canonical(new Exact(a).plus(b));
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  const short = isShort(a) && isShort(b) ? sumOfShort(a, b, -1) : null;
  return short ?? canonical(new Exact(a).minus(b));
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  if (isShort(a) && isShort(b)) {
    const [first, second] = [decimalPlaces(a), decimalPlaces(b)];
    const short = ofUnits(unitsOf(a, first) * unitsOf(b, second), first + second);
    if (short !== null) return short;
  }
  return canonical(new Exact(a).times(b));
}

const dividers = new Map<string, typeof Exact>();

/** Kept, for making one costs more than the division. */
function dividerOf(places: number, rounding: Rounding): typeof Exact {
  const key = `${rounding}${places}`;
  let divider = dividers.get(key);
  if (!divider) {
    divider = Exact.clone({ DECIMAL_PLACES: places, ROUNDING_MODE: modes[rounding] });
    dividers.set(key, divider);
  }
  return divider;
}

/** Divides to `places` decimal places, rounded as told. @throws {RangeError} on a zero divisor. */
export function divide(a: Decimal, b: Decimal, places: number, rounding: Rounding): Decimal {
  if (b === zero) throw new RangeError(`Cannot divide ${a} by zero`);
  const Divider = dividerOf(places, rounding);
  return canonical(new Divider(a).div(b));
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
  return new Exact(a).comparedTo(b) as -1 | 0 | 1;
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
  let total = new Exact(0);
  for (const value of values) total = total.plus(value);
  return canonical(total);
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
  const steps = new Exact(value).div(step);
  return canonical(steps.integerValue(modes[rounding]).times(step));
}

function roundShort(value: Decimal, step: Decimal, rounding: "down" | "up"): Decimal | null {
  const [first, second] = [decimalPlaces(value), decimalPlaces(step)];
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
