import { type CandleFileProblem, listedProblemsMax } from "./candle-file-error.ts";
import { type CandleRow, priceNames, quoted, readCandleRow } from "./candle-row.ts";
import { writtenSteps } from "./written-number.ts";

export const candleFileHeader = "timestamp_ms,open,high,low,close,volume";

/** Candles side by side, all of one length; prices in whole ticks. */
export interface CandleColumns {
  /** Unix milliseconds, UTC. */
  readonly openedAt: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

export interface CandleGap {
  /** The line of the first candle after the gap. */
  readonly line: number;
  /** How many candles of the timeframe are not there. */
  readonly missing: number;
}

export interface ParsedCandles {
  readonly columns: CandleColumns;
  /** The tick is `10 ** -tickPlaces`. */
  readonly tickPlaces: number;
  /** Data rows in the text, dropped ones included. */
  readonly rows: number;
  /** Lines of rows dropped because they repeat the row before. */
  readonly duplicates: readonly number[];
  readonly gaps: readonly CandleGap[];
}

export type CandleRowsResult =
  | { readonly type: "parsed"; readonly candles: ParsedCandles }
  | {
      readonly type: "refused";
      /** The first ones. */
      readonly problems: readonly CandleFileProblem[];
      readonly problemCount: number;
    };

function sameValues(a: CandleRow, b: CandleRow): boolean {
  return (
    a.volume === b.volume &&
    a.prices.every((price, index) => {
      const other = b.prices[index];
      return other?.mantissa === price.mantissa && other.places === price.places;
    })
  );
}

const cures = {
  row: "correct these rows or take them out; a candle that is missing is a gap, and allowed",
  grid: "give the timeframe that its candles are of",
  sort: "sort the rows by timestamp_ms",
  repeat: "keep one row of each timestamp_ms, the one that is right",
  header: `make its first line ${candleFileHeader}, and its columns those`,
  rows: "give a file with candles in it",
} as const;

/** Takes rows one by one and holds the rules of {@link parseCandleRows} between them. */
class RowCollector {
  readonly problems: CandleFileProblem[] = [];
  problemCount = 0;
  readonly duplicates: number[] = [];
  readonly gaps: CandleGap[] = [];
  rows = 0;
  #count = 0;
  #first: CandleRow | null = null;
  #last: CandleRow | null = null;
  #places = 0;
  readonly #timeframeMs: number;
  readonly #times: Float64Array;
  readonly #volumes: Float64Array;
  readonly #lines: Float64Array;
  // Prices wait as mantissa and places until the whole file has told the tick.
  readonly #mantissas: readonly Float64Array[];
  readonly #shifts: readonly Int16Array[];

  constructor(timeframeMs: number, rowsMax: number) {
    this.#timeframeMs = timeframeMs;
    this.#times = new Float64Array(rowsMax);
    this.#volumes = new Float64Array(rowsMax);
    this.#lines = new Float64Array(rowsMax);
    this.#mantissas = priceNames.map(() => new Float64Array(rowsMax));
    this.#shifts = priceNames.map(() => new Int16Array(rowsMax));
  }

  take(line: number, text: string): void {
    this.rows += 1;
    const row = readCandleRow(line, text);
    if (typeof row === "string") this.#refuse(line, row, cures.row);
    else if (this.#follows(row)) this.#keep(row);
  }

  #refuse(line: number, text: string, cure: string): void {
    this.problemCount += 1;
    if (this.problems.length < listedProblemsMax) this.problems.push({ line, text, cure });
  }

  /** Whether the row is a new candle after the ones before it; reports what else it is. */
  #follows(row: CandleRow): boolean {
    this.#first ??= row;
    const step = row.openedAt - (this.#last?.openedAt ?? row.openedAt - this.#timeframeMs);
    if ((row.openedAt - this.#first.openedAt) % this.#timeframeMs !== 0) {
      this.#refuse(
        row.line,
        `has timestamp_ms ${row.openedAt}, wanted a multiple of ${this.#timeframeMs} ms ` +
          `from the first row's ${this.#first.openedAt}`,
        cures.grid,
      );
      return false;
    }
    if (step < 0) {
      const last = this.#last?.openedAt;
      const text = `has timestamp_ms ${row.openedAt}, wanted it above ${last}`;
      this.#refuse(row.line, text, cures.sort);
      return false;
    }
    if (step === 0 && this.#last !== null) {
      if (sameValues(row, this.#last)) this.duplicates.push(row.line);
      else {
        const text = `repeats timestamp_ms ${row.openedAt} with other values`;
        this.#refuse(row.line, text, cures.repeat);
      }
      return false;
    }
    const missing = step / this.#timeframeMs - 1;
    if (missing > 0) this.gaps.push({ line: row.line, missing });
    return true;
  }

  #keep(row: CandleRow): void {
    const at = this.#count;
    this.#times[at] = row.openedAt;
    this.#volumes[at] = row.volume;
    this.#lines[at] = row.line;
    for (const [column, price] of row.prices.entries()) {
      const mantissas = this.#mantissas[column];
      const shifts = this.#shifts[column];
      if (mantissas) mantissas[at] = price.mantissa;
      if (shifts) shifts[at] = price.places;
      if (price.places > this.#places) this.#places = price.places;
    }
    this.#last = row;
    this.#count += 1;
  }

  finish(): CandleRowsResult {
    const [open, high, low, close] = priceNames.map((name, column) => this.#ticks(name, column));
    if (!open || !high || !low || !close || this.problemCount > 0) {
      return { type: "refused", problems: this.problems, problemCount: this.problemCount };
    }
    const openedAt = this.#times.slice(0, this.#count);
    const volume = this.#volumes.slice(0, this.#count);
    const columns = { openedAt, open, high, low, close, volume };
    const { rows, duplicates, gaps } = this;
    return {
      type: "parsed",
      candles: { columns, tickPlaces: this.#places, rows, duplicates, gaps },
    };
  }

  #ticks(name: string, column: number): Float64Array {
    const ticks = new Float64Array(this.#count);
    for (let at = 0; at < this.#count; at += 1) {
      const mantissa = this.#mantissas[column]?.[at] ?? Number.NaN;
      const places = this.#shifts[column]?.[at] ?? 0;
      const value = writtenSteps(mantissa, this.#places - places);
      ticks[at] = value;
      if (!Number.isSafeInteger(value)) {
        this.#refuse(
          this.#lines[at] ?? 0,
          `has ${name} ${mantissa}e${-places}, wanted at most ${Number.MAX_SAFE_INTEGER} ticks ` +
            `of the file's finest price step 1e-${this.#places}`,
          cures.row,
        );
      }
    }
    return ticks;
  }
}

/**
 * Reads candle rows from CSV text with the header {@link candleFileHeader}; `rowsMax` is a bound
 * on their number. One rule for each flaw:
 *
 * - a row that is no candle (columns, numbers, a price not above 0, a volume below 0, high below
 *   low, open or close outside them, a time off the timeframe's grid as the first row sets it):
 *   all is refused;
 * - a time below the one before: all is refused;
 * - a time equal to the one before: dropped and reported if every value is equal, else all is
 *   refused;
 * - a gap: kept as it is, counted and reported.
 *
 * The tick is the finest step in any price, trailing zeros not counted, and at most 1.
 */
export function parseCandleRows(
  text: string,
  timeframeMs: number,
  rowsMax: number,
): CandleRowsResult {
  const collector = new RowCollector(timeframeMs, rowsMax);
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const next = newline < 0 ? text.length : newline;
    const end = text.charCodeAt(next - 1) === 13 && next > start ? next - 1 : next;
    const row = text.slice(start, end);
    line += 1;
    start = next + 1;
    if (line > 1) collector.take(line, row);
    else if (row !== candleFileHeader) {
      const text = `is ${quoted(row)}, wanted ${quoted(candleFileHeader)}`;
      const problem = { line, text, cure: cures.header };
      return { type: "refused", problems: [problem], problemCount: 1 };
    }
  }
  if (collector.rows > 0) return collector.finish();
  const noRows = "it has no rows, wanted at least one below the header";
  const empty = { line: null, text: noRows, cure: cures.rows };
  return { type: "refused", problems: [empty], problemCount: 1 };
}
