import { compareWritten, readWrittenNumber, type WrittenNumber } from "./written-number.ts";

const columnCount = 6;

/** More places than any venue quotes; a file that claims them is damaged. */
const placesMax = 30;

/** The last millisecond that has a calendar date. */
const timestampMax = 8_640_000_000_000_000;

/** A well-formed row, its prices not yet in ticks: only the whole file tells the tick. */
export interface CandleRow {
  readonly line: number;
  readonly openedAt: number;
  readonly prices: readonly [WrittenNumber, WrittenNumber, WrittenNumber, WrittenNumber];
  readonly volume: number;
}

export const priceNames = ["open", "high", "low", "close"] as const;

/** A value from a file, short enough for a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** Why a row is not a candle in itself, its neighbours aside; or the row. */
export function readCandleRow(line: number, text: string): CandleRow | string {
  if (text.includes('"')) return "has a quoted field, wanted plain numbers";
  const fields = text.split(",");
  if (fields.length !== columnCount) return `has ${fields.length} columns, wanted ${columnCount}`;
  const [time = "", open = "", high = "", low = "", close = "", volume = ""] = fields;
  const openedAt = /^\d{1,16}$/.test(time) ? Number(time) : Number.NaN;
  if (!(openedAt <= timestampMax)) {
    return `has timestamp_ms ${quoted(time)}, wanted whole Unix milliseconds`;
  }
  const prices: WrittenNumber[] = [];
  for (const [index, priceText] of [open, high, low, close].entries()) {
    const price = readWrittenNumber(priceText);
    if (price === null || price.mantissa === 0) {
      return `has ${priceNames[index]} ${quoted(priceText)}, wanted a number above 0`;
    }
    if (!Number.isSafeInteger(price.mantissa) || price.places > placesMax) {
      return `has ${priceNames[index]} ${quoted(priceText)}, wanted at most 15 digits and ${placesMax} places`;
    }
    prices.push(price);
  }
  const amount = readWrittenNumber(volume) === null ? Number.NaN : Number(volume);
  if (!Number.isFinite(amount)) return `has volume ${quoted(volume)}, wanted a number from 0 up`;
  return shapeProblem(fields, prices) ?? { line, openedAt, prices: four(prices), volume: amount };
}

function four(prices: readonly WrittenNumber[]): CandleRow["prices"] {
  const [open, high, low, close] = prices;
  if (!open || !high || !low || !close) throw new Error("Cannot read row: wanted four prices");
  return [open, high, low, close];
}

function shapeProblem(fields: readonly string[], prices: readonly WrittenNumber[]): string | null {
  const [open, high, low, close] = four(prices);
  const [, openText, highText, lowText, closeText] = fields;
  if (compareWritten(high, low) < 0) return `has high ${highText} below low ${lowText}`;
  const range = `wanted it within ${lowText} to ${highText}`;
  if (compareWritten(open, low) < 0 || compareWritten(open, high) > 0) {
    return `has open ${openText}, ${range}`;
  }
  if (compareWritten(close, low) < 0 || compareWritten(close, high) > 0) {
    return `has close ${closeText}, ${range}`;
  }
  return null;
}
