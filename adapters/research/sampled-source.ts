import type { CandleSource } from "../../actors/market/ports.ts";
import type { Candle } from "../../machines/domain/market.ts";

/** The columns of one symbol's candles, by row; open times in Unix milliseconds, whole ticks. */
interface Columns {
  readonly openedAt: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/**
 * The first candles of each symbol of a source, kept in typed arrays: what is read many times, and
 * must not be made anew each time. 48 bytes a candle.
 */
export function sampledSource(source: CandleSource, candles: number): CandleSource {
  const columns = new Map(
    source.symbols.map(({ symbol }) => [symbol, columnsOf(source, symbol, candles)]),
  );
  const lengthOf = (symbol: string) => columns.get(symbol)?.openedAt.length ?? 0;
  return {
    ...source,
    description: `The first ${candles} candles of: ${source.description}`,
    identity: { ...source.identity, candles },
    length: source.symbols.reduce((total, { symbol }) => total + lengthOf(symbol), 0),
    cursor(symbol, from) {
      const own = columns.get(symbol);
      const { timeframeMs } = source.symbols.find((each) => each.symbol === symbol) ?? {};
      if (!own || timeframeMs === undefined) {
        throw new RangeError(
          `Cannot read candles of "${symbol}": wanted one of ${[...columns.keys()].join(", ")}`,
        );
      }
      let row = from - 1;
      return {
        next(): Candle | null {
          row += 1;
          if (row >= own.openedAt.length) return null;
          return {
            symbol,
            openedAt: own.openedAt[row] as number,
            timeframeMs,
            open: own.open[row] as number,
            high: own.high[row] as number,
            low: own.low[row] as number,
            close: own.close[row] as number,
            volume: own.volume[row] as number,
          };
        },
      };
    },
  };
}

function columnsOf(source: CandleSource, symbol: string, most: number): Columns {
  const empty = () => new Float64Array(most);
  const columns: Columns = {
    ...{ openedAt: empty(), open: empty(), high: empty() },
    ...{ low: empty(), close: empty(), volume: empty() },
  };
  const cursor = source.cursor(symbol, 0);
  let row = 0;
  for (; row < most; row += 1) {
    const candle = cursor.next();
    if (candle === null) break;
    columns.openedAt[row] = candle.openedAt;
    columns.open[row] = candle.open;
    columns.high[row] = candle.high;
    columns.low[row] = candle.low;
    columns.close[row] = candle.close;
    columns.volume[row] = candle.volume;
  }
  if (row === most) return columns;
  const cut = (column: Float64Array) => column.subarray(0, row);
  const { openedAt, open, high, low, close, volume } = columns;
  return {
    ...{ openedAt: cut(openedAt), open: cut(open), high: cut(high) },
    ...{ low: cut(low), close: cut(close), volume: cut(volume) },
  };
}
