/**
 * A number as it stands in a file, taken apart digit by digit: its value is exactly
 * `mantissa * 10 ** -places`. Floats would turn 0.1 + 0.2 ticks into one tick too few or too many.
 */
export interface WrittenNumber {
  /** Whole, not negative, without trailing zeros; above the safe integers if digits were too many. */
  readonly mantissa: number;
  /** Digits behind the point; negative for whole hundreds and the like. */
  readonly places: number;
}

const form = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Longest text read as a number: longer ones are damage, and would only cost time. */
const lengthMax = 64;

// As literals of the parser, and so correctly rounded: exact up to 10^22.
const powers = Array.from({ length: 400 }, (_, exponent) => Number(`1e${exponent}`));

function powerOfTen(exponent: number): number {
  return powers[exponent] ?? Number.POSITIVE_INFINITY;
}

/** Takes a plain or scientific number apart ("0.00003", "3e-05"); null if the text is not one. */
export function readWrittenNumber(text: string): WrittenNumber | null {
  if (text.length > lengthMax) return null;
  const match = form.exec(text);
  if (match === null) return null;
  const [, whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end -= 1;
  if (end === 0) return { mantissa: 0, places: 0 };
  return {
    mantissa: Number(digits.slice(0, end)),
    places: fraction.length - (digits.length - end) - Number(exponent),
  };
}

/** Negative, zero or positive as `a` is below, at or above `b`; exact for safe mantissas. */
export function compareWritten(a: WrittenNumber, b: WrittenNumber): number {
  const shift = a.places - b.places;
  // A product beyond the safe integers is rounded, but still above every safe mantissa.
  return shift >= 0
    ? a.mantissa - b.mantissa * powerOfTen(shift)
    : a.mantissa * powerOfTen(-shift) - b.mantissa;
}

/**
 * The value in steps of `10 ** -places`, where the number has no more places than that. Exact if
 * the result is a safe integer; if it is not, there is no exact answer.
 */
export function writtenSteps(mantissa: number, shift: number): number {
  return mantissa * powerOfTen(shift);
}
