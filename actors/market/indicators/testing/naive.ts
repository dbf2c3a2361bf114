/**
 * The indicators by their plain definitions, each bar worked out from the whole window or from the
 * beginning: slow, without state, and without a line in common with the real ones. For tests.
 */
import type { CandleColumns } from "../../ring.ts";

type Numbers = ArrayLike<number>;
export type NaiveLines = Readonly<Record<string, number[]>>;

const undefinedYet = Number.NaN;

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

export function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/** `measure` of each full window of `period` numbers; windows with an undefined one are not. */
export function windows(
  values: Numbers,
  period: number,
  measure: (window: number[]) => number,
): number[] {
  const all = Array.from(values);
  return all.map((_, row) => {
    const window = all.slice(Math.max(0, row - period + 1), row + 1);
    return window.length < period || window.some(Number.isNaN) ? undefinedYet : measure(window);
  });
}

/** A recursive mean over the defined numbers, seeded with the mean of the first `period`. */
function recursive(values: Numbers, period: number, weight: number): number[] {
  const seen: number[] = [];
  let current = undefinedYet;
  return Array.from(values, (value) => {
    if (Number.isNaN(value)) return current;
    seen.push(value);
    if (seen.length === period) current = mean(seen);
    else if (seen.length > period) current = weight * value + (1 - weight) * current;
    return current;
  });
}

export const exponential = (values: Numbers, period: number) =>
  recursive(values, period, 2 / (period + 1));
export const wilder = (values: Numbers, period: number) => recursive(values, period, 1 / period);

/** `combine` of each row and the one before; the first row has none. */
function changes(length: number, combine: (row: number, before: number) => number): number[] {
  return Array.from({ length }, (_, row) => (row === 0 ? undefinedYet : combine(row, row - 1)));
}

export const highest = (values: Numbers, period: number) =>
  windows(values, period, (window) => Math.max(...window));
export const lowest = (values: Numbers, period: number) =>
  windows(values, period, (window) => Math.min(...window));
export const middle = (upper: readonly number[], lower: readonly number[]) =>
  upper.map((value, row) => (value + at(lower, row)) / 2);

export function at(values: Numbers, row: number): number {
  return values[row] ?? undefinedYet;
}

export function trueRanges({ high, low, close }: CandleColumns): number[] {
  return changes(close.length, (row, before) =>
    Math.max(
      at(high, row) - at(low, row),
      Math.abs(at(high, row) - at(close, before)),
      Math.abs(at(low, row) - at(close, before)),
    ),
  );
}

export function typicalPrices({ high, low, close }: CandleColumns): number[] {
  return Array.from(close, (value, row) => (at(high, row) + at(low, row) + value) / 3);
}

export function leastSquares(window: readonly number[]): { slope: number; end: number } {
  const times = window.map((_, index) => index);
  const centre = mean(times);
  const level = mean(window);
  const slope =
    sum(times.map((time, index) => (time - centre) * (at(window, index) - level))) /
    sum(times.map((time) => (time - centre) ** 2));
  return { slope, end: level + slope * (window.length - 1 - centre) };
}

export function rsi(close: Numbers, period: number): number[] {
  const moves = changes(close.length, (row, before) => at(close, row) - at(close, before));
  const gains = wilder(
    moves.map((move) => Math.max(move, 0)),
    period,
  );
  const losses = wilder(
    moves.map((move) => Math.max(-move, 0)),
    period,
  );
  return gains.map((gain, row) => {
    const moved = gain + at(losses, row);
    return moved < 1e-14 ? 0 : (100 * gain) / moved;
  });
}

export function adx({ high, low, close }: CandleColumns, period: number): NaiveLines {
  const up = (row: number) => at(high, row) - at(high, row - 1);
  const down = (row: number) => at(low, row - 1) - at(low, row);
  const plus = changes(close.length, (row) => (up(row) > Math.max(down(row), 0) ? up(row) : 0));
  const minus = changes(close.length, (row) => (down(row) > Math.max(up(row), 0) ? down(row) : 0));
  const ranges = trueRanges({ high, low, close } as CandleColumns);
  // Wilder's sums: period - 1 moves as they are, then each bar takes one period-th off.
  const smoothed = (values: readonly number[]) => {
    let total = 0;
    return values.map((value, row) => {
      if (row === 0) return undefinedYet;
      total = row < period ? total + value : total - total / period + value;
      return row < period ? undefinedYet : total;
    });
  };
  const range = smoothed(ranges);
  const index = (values: number[]) =>
    values.map((value, row) => (at(range, row) < 1e-14 ? 0 : (100 * value) / at(range, row)));
  const plusDi = index(smoothed(plus));
  const minusDi = index(smoothed(minus));
  let last = undefinedYet;
  const seen: number[] = [];
  const lines = plusDi.map((value, row) => {
    const moved = value + at(minusDi, row);
    if (Number.isNaN(moved)) return last;
    const still = moved < 1e-14;
    const dx = still ? 0 : (100 * Math.abs(value - at(minusDi, row))) / moved;
    seen.push(dx);
    if (seen.length === period) last = mean(seen);
    else if (seen.length > period && !still) last = (last * (period - 1) + dx) / period;
    return last;
  });
  return { adx: lines, plusDi, minusDi };
}

export function macd(close: Numbers, fast: number, slow: number, signal: number): NaiveLines {
  const late = Array.from(close, (value, row) => (row < slow - fast ? undefinedYet : value));
  const slowMean = exponential(close, slow);
  const line = exponential(late, fast).map((value, row) => value - at(slowMean, row));
  const smoothed = exponential(line, signal);
  const shown = line.map((value, row) => (Number.isNaN(at(smoothed, row)) ? undefinedYet : value));
  return {
    macd: shown,
    signal: smoothed,
    hist: shown.map((value, row) => value - at(smoothed, row)),
  };
}

export function stochastic(
  { high, low, close }: CandleColumns,
  period: number,
  slowing: number,
  signal: number,
) {
  const top = highest(high, period);
  const bottom = lowest(low, period);
  const raw = top.map((value, row) => {
    const width = value - at(bottom, row);
    return width === 0 ? 0 : (100 * (at(close, row) - at(bottom, row))) / width;
  });
  const k = windows(raw, slowing, mean);
  const d = windows(k, signal, mean);
  return { k: k.map((value, row) => (Number.isNaN(at(d, row)) ? undefinedYet : value)), d };
}

export function moneyFlow(columns: CandleColumns, period: number): number[] {
  const prices = typicalPrices(columns);
  // Typical prices are compared as sums, for thirds of whole ticks do not always compare equal.
  const sums = prices.map(
    (_, row) => at(columns.high, row) + at(columns.low, row) + at(columns.close, row),
  );
  const flows = changes(prices.length, (row, before) => {
    const direction = Math.sign(at(sums, row) - at(sums, before));
    return direction * at(prices, row) * at(columns.volume, row);
  });
  return windows(flows, period, (window) => {
    const rising = sum(window.filter((flow) => flow > 0));
    const moved = sum(window.map(Math.abs));
    return moved === 0 ? 0 : (100 * rising) / moved;
  });
}

/** Stop and reverse, as one loop over the bars with the state written out. */
export function parabolic({ high, low }: CandleColumns, step: number, most: number): number[] {
  const falling = at(low, 0) - at(low, 1) > Math.max(0, at(high, 1) - at(high, 0));
  let rising = !falling;
  let stop = rising ? at(low, 0) : at(high, 0);
  let extreme = rising ? at(high, 1) : at(low, 1);
  let speed = Math.min(step, most);
  const result = [undefinedYet];
  for (let row = 1; row < high.length; row++) {
    const before = Math.max(1, row - 1);
    const roof = Math.max(at(high, row), at(high, before));
    const floor = Math.min(at(low, row), at(low, before));
    const hit = rising ? at(low, row) <= stop : at(high, row) >= stop;
    if (hit) {
      rising = !rising;
      stop = rising ? Math.min(extreme, floor) : Math.max(extreme, roof);
      extreme = rising ? at(high, row) : at(low, row);
      speed = Math.min(step, most);
      result.push(stop);
    } else {
      result.push(stop);
      const reached = rising ? at(high, row) : at(low, row);
      if (rising ? reached > extreme : reached < extreme) {
        extreme = reached;
        speed = Math.min(speed + step, most);
      }
    }
    stop += speed * (extreme - stop);
    stop = rising ? Math.min(stop, floor) : Math.max(stop, roof);
  }
  return result;
}

export function supertrend(
  { high, low, close }: CandleColumns,
  range: readonly number[],
  width: number,
) {
  const directions: number[] = [];
  let [upper, lower, direction] = [undefinedYet, undefinedYet, undefinedYet];
  const line = range.map((value, row) => {
    const centre = (at(high, row) + at(low, row)) / 2;
    const [top, bottom] = [centre + width * value, centre - width * value];
    if (Number.isNaN(value)) {
      directions.push(undefinedYet);
      return undefinedYet;
    }
    const keepUpper = top >= upper && at(close, row - 1) <= upper;
    const keepLower = bottom <= lower && at(close, row - 1) >= lower;
    upper = keepUpper ? upper : top;
    lower = keepLower ? lower : bottom;
    if (Number.isNaN(direction)) direction = -1;
    else if (direction < 0) direction = at(close, row) > upper ? 1 : -1;
    else direction = at(close, row) < lower ? -1 : 1;
    directions.push(direction);
    return direction > 0 ? lower : upper;
  });
  return { line, direction: directions };
}

export function squeeze(
  columns: CandleColumns,
  period: number,
  band: number,
  channel: number,
): NaiveLines {
  const { high, low, close } = columns;
  const centre = middle(highest(high, period), lowest(low, period));
  const means = windows(close, period, mean);
  const distances = Array.from(
    close,
    (value, row) => value - (at(centre, row) + at(means, row)) / 2,
  );
  const ranges = windows(trueRanges(columns), period, mean);
  const spreads = windows(close, period, deviation);
  return {
    momentum: windows(distances, period, (window) => leastSquares(window).end),
    on: ranges.map((range, row) => {
      return Number.isNaN(range) ? undefinedYet : Number(band * at(spreads, row) < channel * range);
    }),
  };
}

export function ichimoku(
  { high, low }: CandleColumns,
  periods: readonly [number, number, number],
): NaiveLines {
  const [conversion, base, spanB] = periods.map((period) =>
    middle(highest(high, period), lowest(low, period)),
  ) as [number[], number[], number[]];
  const spanA = middle(conversion, base);
  const later = (line: number[]) => line.map((_, row) => at(line, row - periods[1]));
  return { conversion, base, spanA, spanB, cloudA: later(spanA), cloudB: later(spanB) };
}

export function volumeMean(columns: CandleColumns, from: (row: number) => number): number[] {
  const prices = typicalPrices(columns);
  return prices.map((price, row) => {
    if (from(row) < 0) return undefinedYet;
    const rows = prices.map((_, index) => index).slice(from(row), row + 1);
    const traded = sum(rows.map((index) => at(columns.volume, index)));
    const turnover = sum(rows.map((index) => at(prices, index) * at(columns.volume, index)));
    return traded === 0 ? price : turnover / traded;
  });
}

export function garmanKlass({ open, high, low, close }: CandleColumns, period: number): number[] {
  const bars = Array.from(close, (value, row) => {
    const [range, body] = [Math.log(at(high, row) / at(low, row)), Math.log(value / at(open, row))];
    return range ** 2 / 2 - (2 * Math.log(2) - 1) * body ** 2;
  });
  return windows(bars, period, (window) => Math.sqrt(mean(window)));
}

export function aroon(
  values: Numbers,
  period: number,
  better: (a: number, b: number) => boolean,
): number[] {
  return windows(values, period + 1, (window) => {
    let best = 0;
    for (const [index, value] of window.entries())
      if (!better(at(window, best), value)) best = index;
    return (100 * best) / period;
  });
}

export function bands(centre: readonly number[], reach: readonly number[]) {
  return {
    upper: centre.map((value, row) => value + at(reach, row)),
    mid: centre.map((value, row) => (Number.isNaN(at(reach, row)) ? undefinedYet : value)),
    lower: centre.map((value, row) => value - at(reach, row)),
  };
}
