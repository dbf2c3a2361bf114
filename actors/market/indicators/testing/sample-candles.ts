import type { CandleColumns } from "../../ring.ts";

/** A small seeded generator (mulberry32) of numbers in [0, 1). */
export function seededDraws(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface SampleOptions {
  readonly seed: number;
  readonly candles: number;
  /** Whole ticks; a low price makes ties, which is where implementations differ. */
  readonly startTicks?: number;
  /** The size of a bar's moves, as a fraction of price. */
  readonly volatility?: number;
}

/**
 * One-minute candles for tests and benchmarks: a walk in whole ticks that now and then jumps,
 * stands still for some bars, or trades nothing.
 */
export function sampleCandles(options: SampleOptions): CandleColumns {
  const { seed, candles, startTicks = 4_000_000, volatility = 0.001 } = options;
  const draw = seededDraws(seed);
  const columns = emptyColumns(candles);
  let price = startTicks;
  let flatBars = 0;
  for (let row = 0; row < candles; row++) {
    if (flatBars > 0) flatBars -= 1;
    else if (draw() < 0.002) flatBars = Math.floor(draw() * 60);
    const jump = draw() < 0.001 ? 20 : 1;
    const size = flatBars > 0 ? 0 : price * volatility * jump;
    // Back to where it started, slowly: a free walk would run off the range of ticks.
    const pull = flatBars > 0 ? 0 : (startTicks - price) * 0.0005;
    const open = Math.max(10, Math.round(price + size * 0.1 * (draw() - 0.5)));
    const close = Math.max(10, Math.round(open + pull + size * (draw() + draw() - 1)));
    columns.openedAt[row] = 1_700_000_040_000 + row * 60_000;
    columns.open[row] = open;
    columns.close[row] = close;
    columns.high[row] = Math.max(open, close) + Math.round(size * 0.5 * draw());
    columns.low[row] = Math.max(1, Math.min(open, close) - Math.round(size * 0.5 * draw()));
    columns.volume[row] = flatBars > 0 ? 0 : Math.round(draw() * 1e8) / 1e6;
    price = close;
  }
  return columns;
}

function emptyColumns(length: number): CandleColumns {
  return {
    openedAt: new Float64Array(length),
    open: new Float64Array(length),
    high: new Float64Array(length),
    low: new Float64Array(length),
    close: new Float64Array(length),
    volume: new Float64Array(length),
  };
}
