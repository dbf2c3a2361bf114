import type { CandleCursor, CandleSource, SourceSymbol } from "../../actors/market/ports.ts";

/** Numbers of a candle, in the order of its columns. */
const columnCount = 6;

/** Candles in memory that several threads read at once: nothing is copied when it is posted. */
export interface SharedCandles {
  readonly description: string;
  readonly identity: CandleSource["identity"];
  readonly series: readonly (SourceSymbol & {
    readonly rows: number;
    /** Columns one after the other: opened at, open, high, low, close, volume. */
    readonly buffer: SharedArrayBuffer;
  })[];
}

/** A stretch of time, Unix milliseconds: candles opened at `from` or later, and before `until`. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
}

/** Candles of a source in whole, or of one stretch of time. */
export function shareCandles(source: CandleSource, stretch: Partial<Stretch> = {}): SharedCandles {
  const { from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = stretch;
  const series = source.symbols.map((each) => {
    const columns = read(source, each.symbol, from, until);
    const rows = columns[0]?.length ?? 0;
    const buffer = new SharedArrayBuffer(columnCount * rows * Float64Array.BYTES_PER_ELEMENT);
    const flat = new Float64Array(buffer);
    columns.forEach((column, index) => {
      flat.set(column, index * rows);
    });
    return { ...each, rows, buffer };
  });
  const { description } = source;
  return { description, identity: { ...source.identity, ...identityOf(stretch) }, series };
}

function identityOf({ from, until }: Partial<Stretch>) {
  return { ...(from !== undefined && { from }), ...(until !== undefined && { until }) };
}

function read(source: CandleSource, symbol: string, from: number, until: number): number[][] {
  const columns: number[][] = Array.from({ length: columnCount }, () => []);
  const cursor = source.cursor(symbol, 0);
  for (let candle = cursor.next(); candle && candle.openedAt < until; candle = cursor.next()) {
    if (candle.openedAt < from) continue;
    const { openedAt, open, high, low, close, volume } = candle;
    [openedAt, open, high, low, close, volume].forEach((value, index) => {
      columns[index]?.push(value);
    });
  }
  return columns;
}

type Series = SharedCandles["series"][number];

/** The six columns of a series, without a copy. */
export function columnsOf({ buffer, rows }: Series): readonly Float64Array[] {
  return Array.from(
    { length: columnCount },
    (_, index) => new Float64Array(buffer, index * rows * Float64Array.BYTES_PER_ELEMENT, rows),
  );
}

/** First row that opened at `at` or later. */
export function rowAt(openedAt: Float64Array, at: number): number {
  let [low, high] = [0, openedAt.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((openedAt[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First opening and last close of all series, Unix milliseconds. Null where there is no candle. */
export function spanOf({ series }: SharedCandles): Stretch | null {
  const spans = series.flatMap((each) => {
    const [openedAt] = columnsOf(each);
    const [first, last] = [openedAt?.[0], openedAt?.at(-1)];
    return first === undefined || last === undefined ? [] : [[first, last + each.timeframeMs]];
  });
  if (spans.length === 0) return null;
  return {
    from: Math.min(...spans.map(([from]) => from as number)),
    until: Math.max(...spans.map(([, until]) => until as number)),
  };
}

function cursorOver(series: Series, from: number, end: number): CandleCursor {
  const [openedAt, open, high, low, close, volume] = columnsOf(series) as Float64Array[];
  const { symbol, timeframeMs } = series;
  let row = from;
  return {
    next() {
      if (row >= end) return null;
      const at = row++;
      return {
        symbol,
        openedAt: openedAt?.[at] as number,
        timeframeMs,
        open: open?.[at] as number,
        high: high?.[at] as number,
        low: low?.[at] as number,
        close: close?.[at] as number,
        volume: volume?.[at] as number,
      };
    },
  };
}

/** A market over shared candles, or over a stretch of them. */
export function sharedSource(shared: SharedCandles, stretch: Partial<Stretch> = {}): CandleSource {
  const { from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = stretch;
  const bounds = new Map(
    shared.series.map((each) => {
      const openedAt = columnsOf(each)[0] as Float64Array;
      return [each.symbol, [rowAt(openedAt, from), rowAt(openedAt, until)] as const];
    }),
  );
  return {
    description: shared.description,
    symbols: shared.series.map(({ symbol, timeframeMs, tick, lot }) => ({
      ...{ symbol, timeframeMs, tick },
      ...(lot === undefined ? {} : { lot }),
    })),
    identity: { ...shared.identity, ...identityOf(stretch) },
    length: [...bounds.values()].reduce((total, [first, end]) => total + end - first, 0),
    cursor(symbol, number) {
      const series = shared.series.find((each) => each.symbol === symbol);
      const [first, end] = bounds.get(symbol) ?? [0, 0];
      if (!series) {
        const known = shared.series.map((each) => each.symbol).join(", ");
        throw new RangeError(`Cannot read candles of "${symbol}": wanted one of ${known}`);
      }
      return cursorOver(series, first + number, end);
    },
  };
}
