import {
  compare,
  type Decimal,
  decimal,
  isDecimal,
  multiply,
  toNumber,
} from "../machines/domain/decimal.ts";
import { coinsOf } from "../machines/domain/ids.ts";
import { timeframeMs } from "../machines/domain/market.ts";
import { nearest } from "./nearest.ts";
import { rowSeparator } from "./tree.ts";

/**
 * What the text of a value may say. Every layer (file, environment, command line) brings text, so
 * that 0.01 in a file never passes through a binary float.
 */
export interface Kind<T> {
  /** The value, or undefined if the text is not one. */
  readonly read: (text: string) => T | undefined;
  /** In words, to follow "wanted". */
  readonly wanted: string;
  /** What was perhaps meant by a text that cannot be read. */
  readonly suggest?: (text: string) => string | undefined;
  /** Set where every number that it takes is a whole one. */
  readonly isWhole?: true;
}

interface Bounds {
  readonly above?: string;
  readonly from?: string;
  readonly to: string;
}

function boundsText({ above, from, to }: Bounds): string {
  return above === undefined ? `from ${from ?? "0"} to ${to}` : `above ${above}, at most ${to}`;
}

function isWithin(value: Decimal, { above, from, to }: Bounds): boolean {
  if (compare(value, decimal(to)) > 0) return false;
  if (above !== undefined) return compare(value, decimal(above)) > 0;
  return compare(value, decimal(from ?? "0")) >= 0;
}

/** Digits that no sane setting passes: longer text is refused before arithmetic sees it. */
const digitsMax = 40;

function readDecimal(text: string): Decimal | undefined {
  return text.length <= digitsMax && isDecimal(text) ? decimal(text) : undefined;
}

/** "1%" is most likely 0.01. */
function withoutPercent(text: string): string | undefined {
  const share = /^(.*?)\s*%$/.exec(text)?.[1];
  const value = share === undefined ? undefined : readDecimal(share);
  return value === undefined ? undefined : multiply(value, decimal("0.01"));
}

/** Money, prices and shares of money: exact. */
export function exactNumber(bounds: Bounds, example: string): Kind<Decimal> {
  return {
    read: (text) => {
      const value = readDecimal(text);
      return value !== undefined && isWithin(value, bounds) ? value : undefined;
    },
    wanted: `a number ${boundsText(bounds)}, in plain digits such as ${example}`,
    suggest: withoutPercent,
  };
}

/** Factors of indicators and of simulation: binary floats from here on. */
export function realNumber(bounds: Bounds, example: string): Kind<number> {
  const exact = exactNumber(bounds, example);
  return {
    ...exact,
    read: (text) => {
      const value = exact.read(text);
      return value === undefined ? undefined : toNumber(value);
    },
  };
}

export function wholeNumber(from: number, to: number): Kind<number> {
  return {
    read: (text) => {
      const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
      return Number.isSafeInteger(value) && value >= from && value <= to ? value : undefined;
    },
    wanted: `a whole number from ${from} to ${to}`,
    isWhole: true,
  };
}

/** Another kind, or a word in its stead that stands for `value`. */
export function orWord<T, W>(kind: Kind<T>, word: string, value: W): Kind<T | W> {
  return {
    ...kind,
    read: (text) => (text === word ? value : kind.read(text)),
    wanted: `${kind.wanted}, or "${word}"`,
  };
}

/** Several of a kind in a row, parted by commas. */
export function numbersInRow(
  kind: Kind<number>,
  most: number,
  example: string,
): Kind<readonly number[]> {
  return {
    read: (text) => {
      if (text.length > most * digitsMax) return undefined;
      const numbers = text.split(",").map((part) => kind.read(part.trim()));
      const isRow = numbers.length <= most && numbers.every((number) => number !== undefined);
      return isRow ? numbers : undefined;
    },
    wanted: `at most ${most} in a row, parted by commas, such as ${example}: each ${kind.wanted}`,
  };
}

/** One or more of these names in a row, parted by commas, none of them twice. */
export function namesInRow<const T extends string>(
  names: readonly T[],
  example: string,
): Kind<readonly T[]> {
  const lengthMost = names.join(rowSeparator).length * 2;
  const partsOf = (text: string) =>
    text.length > lengthMost ? [] : text.split(",").map((part) => part.trim());
  const isOneOf = (part: string): part is T => (names as readonly string[]).includes(part);
  const read = (text: string): readonly T[] | undefined => {
    const parts = partsOf(text);
    const row = parts.filter(isOneOf);
    const isRow = row.length > 0 && row.length === parts.length;
    return isRow && new Set(row).size === row.length ? row : undefined;
  };
  return {
    read,
    wanted: `names in a row, parted by commas, such as ${example}: each once, and one of ${names.join(", ")}`,
    suggest: (text) => {
      const meant = partsOf(text).map((part) => nearest(part, names));
      // A row that can be read is refused for something else than its spelling.
      const isClear =
        read(text) === undefined && meant.length > 0 && meant.every((part) => part !== undefined);
      return isClear ? [...new Set(meant)].join(rowSeparator) : undefined;
    },
  };
}

/** Lengths of timeframes as multiples of the shortest. */
export function frameMultiples(most: number, longest: number): Kind<readonly number[]> {
  const row = numbersInRow(wholeNumber(1, longest), most, "1, 5, 15");
  return {
    read: (text) => {
      const multiples = row.read(text);
      const isRising = multiples?.every((each, index) =>
        index === 0 ? each === 1 : each > (multiples[index - 1] ?? 0),
      );
      return isRising ? multiples : undefined;
    },
    wanted: `whole multiples of market.timeframe in a row, rising from 1 to at most ${longest}, at most ${most} of them, such as 1, 5, 15`,
  };
}

const truths: Readonly<Record<string, string>> = {
  on: "true",
  yes: "true",
  "1": "true",
  off: "false",
  no: "false",
  "0": "false",
};

export const trueOrFalse: Kind<boolean> = {
  read: (text) => (text === "true" ? true : text === "false" ? false : undefined),
  wanted: '"true" or "false"',
  suggest: (text) => {
    const small = text.toLowerCase();
    return Object.hasOwn(truths, small) ? truths[small] : nearest(small, ["true", "false"]);
  },
};

export function oneOf<const T extends string>(options: readonly T[], note = ""): Kind<T> {
  const list = options.map((option) => `"${option}"`).join(", ");
  return {
    read: (text) => options.find((option) => option === text),
    wanted: (options.length > 1 ? `one of ${list}` : list) + note,
    suggest: (text) => nearest(text.toLowerCase(), options),
  };
}

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function readDuration(text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  return match ? Number(match[1]) * (units[match[2] ?? ""] ?? Number.NaN) : undefined;
}

/** A length of time in milliseconds; its bounds are given as it is written, such as "30s". */
export function duration(from: string, to: string): Kind<number> {
  const least = readDuration(from) ?? Number.NaN;
  const most = readDuration(to) ?? Number.NaN;
  return {
    read: (text) => {
      const value = readDuration(text);
      return value !== undefined && value >= least && value <= most ? value : undefined;
    },
    wanted: `a time from ${from} to ${to}, a whole number with its unit (ms, s, m, h, d)`,
  };
}

/** The length of a candle as it is written, such as "5m". Equal lengths may be written apart. */
export const timeframe: Kind<number> = {
  read: (text) => {
    const match = /^[1-9]\d{0,3}[smhd]$/.test(text);
    const length = match ? timeframeMs(text) : Number.NaN;
    return length >= 1_000 && length <= 86_400_000 ? length : undefined;
  },
  wanted: 'a candle length from "1s" to "1d", a whole number with its unit (s, m, h, d)',
};

function isSymbol(text: string): boolean {
  try {
    coinsOf(text);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

export const symbolName: Kind<string> = {
  read: (text) => (isSymbol(text) ? text : undefined),
  wanted: "a symbol BASE/QUOTE in capitals, such as BTC/USD",
  suggest: (text) => {
    const meant = text.toUpperCase().replace(/[-_]/, "/");
    return isSymbol(meant) ? meant : undefined;
  },
};

/** One or more symbols in a row, parted by commas. */
export function symbolsInRow(most: number): Kind<readonly string[]> {
  const partsOf = (text: string) =>
    text.length > most * symbolMost ? [] : text.split(",").map((part) => part.trim());
  return {
    read: (text) => {
      const parts = partsOf(text);
      return parts.length > 0 && parts.length <= most && parts.every(isSymbol) ? parts : undefined;
    },
    wanted: `symbols in a row, parted by commas, such as BTC/USD, ETH/USD: at most ${most}, each BASE/QUOTE in capitals`,
    suggest: (text) => {
      const meant = partsOf(text).map((part) => symbolName.suggest?.(part));
      const isClear = meant.length > 0 && meant.every((part) => part !== undefined);
      return isClear ? meant.join(rowSeparator) : undefined;
    },
  };
}

/** No symbol and its comma take more text. */
const symbolMost = 42;

/** An address on the web, of one of these schemes, without a name or password in it. */
export function webAddress(schemes: readonly string[]): Kind<string> {
  return {
    read: (text) => {
      const url = text.length <= 2_000 && URL.canParse(text) ? new URL(text) : undefined;
      const isFit = url && schemes.includes(url.protocol.slice(0, -1)) && url.username === "";
      return isFit ? text : undefined;
    },
    wanted: `an address that begins with ${schemes.map((each) => `${each}://`).join(" or ")}`,
  };
}

/** What a server may listen on. */
export const hostName: Kind<string> = {
  read: (text) =>
    /^(\d{1,3}(\.\d{1,3}){3}|[\da-f]*:[\da-f:.]+|[a-z\d]([a-z\d.-]{0,252}))$/.test(text)
      ? text
      : undefined,
  wanted: "an address or name of this machine, such as 127.0.0.1",
  suggest: (text) => (text === "*" ? "0.0.0.0" : undefined),
};

/** Names become parts of actor names and of rows, where ":" and "/" are separators. */
export const accountName: Kind<string> = {
  read: (text) => (/^[a-z][a-z0-9-]{0,31}$/.test(text) ? text : undefined),
  wanted: 'a name of small letters, digits and "-", such as main, at most 32 of them',
};

/** A part of actor names too. */
export const bookName: Kind<string> = {
  read: (text) => (/^[a-z][a-z0-9-]{0,19}$/.test(text) ? text : undefined),
  wanted:
    'a name of small letters, digits and "-", a letter first, such as trend, at most 20 of them',
  suggest: (text) => {
    const meant = text.toLowerCase().replace(/[ _]/g, "-");
    return /^[a-z][a-z0-9-]{0,19}$/.test(meant) ? meant : undefined;
  },
};

export const presetName: Kind<string> = {
  read: (text) => (/^[a-z][a-z0-9-]{0,31}$/.test(text) ? text : undefined),
  wanted: "the name of a preset, such as paper-demo",
};

export const templateName: Kind<string> = {
  read: presetName.read,
  wanted: "the name of a template, such as cautious, or none",
};

export const filePath: Kind<string> = {
  read: (text) => (text !== "" && text.length <= 4_096 ? text : undefined),
  wanted: "the path of a file, taken from the folder of the file that names it",
};

const daysOf = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A day of the calendar as its first millisecond, UTC. */
export const calendarDay: Kind<number> = {
  read: (text) => {
    const match = /^(20\d\d)-(\d\d)-(\d\d)$/.exec(text);
    if (!match) return undefined;
    const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
    const days = month === 2 && year % 4 === 0 ? 29 : (daysOf[month - 1] ?? 0);
    return day >= 1 && day <= days ? Date.UTC(year, month - 1, day) : undefined;
  },
  wanted: "a day from 2000-01-01 to 2099-12-31, written as 2026-01-31",
};
