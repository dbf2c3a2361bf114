/**
 * Indicators against the libraries of the field: the same seven on the same candles, one after
 * the other in one process and interleaved, the least of several rounds of each. The ratios carry
 * over to other machines, the nanoseconds do not.
 *
 * @debut/indicators, which is faster than the three here, is GPL-3 and so no dependency even of a
 * benchmark; the fastest permissive library is compared with.
 */
import { heapStats } from "bun:jsc";
import * as fast from "fast-technical-indicators";
import * as classic from "technicalindicators";
import * as signals from "trading-signals";
import { Ema } from "../../actors/market/indicators/averages.ts";
import { catalog, type IndicatorInstance } from "../../actors/market/indicators/catalog.ts";
import { Bollinger } from "../../actors/market/indicators/channels.ts";
import { Adx } from "../../actors/market/indicators/direction.ts";
import { Macd, Rsi } from "../../actors/market/indicators/momentum.ts";
import { createIndicator, createIndicators } from "../../actors/market/indicators/registry.ts";
import { sampleCandles } from "../../actors/market/indicators/testing/sample-candles.ts";
import { Ichimoku } from "../../actors/market/indicators/trend.ts";
import { Atr } from "../../actors/market/indicators/volatility.ts";
import type { CandleColumns } from "../../actors/market/ring.ts";

export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: "ns a candle" | "times ours" | "bytes a candle" | "ratio of times";
  /** The bar: the least (or the most) that `value` may be; absent where none is set. */
  readonly least?: number;
  readonly most?: number;
}

const bundleSpecification = "ema:20,rsi:14,atr:14,bollinger:20:2,macd:12:26:9,adx:14,ichimoku";

/** What each contender makes of the last candle, to see that all did the same work. */
interface LastValues {
  readonly ema: number;
  readonly atr: number;
  readonly bollinger: number;
  readonly macd: number;
  readonly adx: number;
  readonly ichimoku: number;
}

interface Contender {
  readonly name: string;
  run(): LastValues;
}

function ours({ high, low, close }: CandleColumns): LastValues {
  const ema = new Ema(20);
  const rsi = new Rsi(14);
  const atr = new Atr(14);
  const bollinger = new Bollinger(20, 2);
  const macd = new Macd(12, 26, 9);
  const adx = new Adx(14);
  const ichimoku = new Ichimoku(9, 26, 52);
  for (let row = 0; row < close.length; row++) {
    const barHigh = high[row] as number;
    const barLow = low[row] as number;
    const barClose = close[row] as number;
    ema.update(barClose);
    rsi.update(barClose);
    atr.update(barHigh, barLow, barClose);
    bollinger.update(barClose);
    macd.update(barClose);
    adx.update(barHigh, barLow, barClose);
    ichimoku.update(barHigh, barLow);
  }
  return {
    ema: ema.value,
    atr: atr.value,
    bollinger: bollinger.upper,
    macd: macd.macd,
    adx: adx.adx,
    ichimoku: ichimoku.spanB,
  };
}

function plugIns(columns: CandleColumns): LastValues {
  const instances = createIndicators(bundleSpecification);
  feed(instances, columns, columns.close.length);
  const lines = new Map(instances.flatMap(({ lines }) => lines).map((line) => [line.name, line]));
  const read = (name: string) => lines.get(name)?.read() ?? Number.NaN;
  return {
    ema: read("ema_20"),
    atr: read("atr_14"),
    bollinger: read("bb_upper_20_2"),
    macd: read("macd_12_26_9"),
    adx: read("adx_14"),
    ichimoku: read("ichimoku_span_b_9_26_52"),
  };
}

/** Candles as the objects that some libraries take; made beforehand, in their favour. */
interface CandleObject {
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

function technicalIndicators(candles: readonly CandleObject[]): LastValues {
  const bars = { high: [], low: [], close: [] };
  const ema = new classic.EMA({ period: 20, values: [] });
  const rsi = new classic.RSI({ period: 14, values: [] });
  const atr = new classic.ATR({ period: 14, ...bars });
  const bollinger = new classic.BollingerBands({ period: 20, stdDev: 2, values: [] });
  const macd = new classic.MACD({
    fastPeriod: 12,
    slowPeriod: 26,
    signalPeriod: 9,
    SimpleMAOscillator: false,
    SimpleMASignal: false,
    values: [],
  });
  const adx = new classic.ADX({ period: 14, ...bars });
  const ichimoku = new classic.IchimokuCloud({
    high: [],
    low: [],
    conversionPeriod: 9,
    basePeriod: 26,
    spanPeriod: 52,
    displacement: 26,
  });
  // Its declarations leave out that the values before the first are undefined.
  const last: Record<string, unknown> = {};
  for (const candle of candles) {
    last.ema = ema.nextValue(candle.close);
    rsi.nextValue(candle.close);
    last.atr = atr.nextValue(candle as never);
    last.bollinger = bollinger.nextValue(candle.close);
    last.macd = macd.nextValue(candle.close);
    last.adx = adx.nextValue(candle as never);
    last.ichimoku = ichimoku.nextValue(candle as never);
  }
  return lastOf(last);
}

function fastTechnicalIndicators(candles: readonly CandleObject[]): LastValues {
  const bars = { high: [], low: [], close: [] };
  const ema = new fast.EMA({ period: 20, values: [] });
  const rsi = new fast.RSI({ period: 14, values: [] });
  const atr = new fast.ATR({ period: 14, ...bars });
  const bollinger = new fast.BollingerBands({ period: 20, stdDev: 2, values: [] });
  const macd = new fast.MACD({
    fastPeriod: 12,
    slowPeriod: 26,
    signalPeriod: 9,
    SimpleMAOscillator: false,
    SimpleMASignal: false,
    values: [],
  });
  const adx = new fast.ADX({ period: 14, ...bars });
  const ichimoku = new fast.IchimokuCloud({
    high: [],
    low: [],
    conversionPeriod: 9,
    basePeriod: 26,
    spanPeriod: 52,
    displacement: 26,
  });
  const last: Record<string, unknown> = {};
  for (const { high, low, close } of candles) {
    last.ema = ema.nextValue(close);
    rsi.nextValue(close);
    last.atr = atr.nextValue(high, low, close);
    last.bollinger = bollinger.nextValue(close);
    last.macd = macd.nextValue(close);
    last.adx = adx.nextValue(high, low, close);
    last.ichimoku = ichimoku.nextValue(high, low);
  }
  return lastOf(last);
}

/** The two libraries above answer in the same words. */
function lastOf(last: Record<string, unknown>): LastValues {
  const field = (name: string, key: string) =>
    (last[name] as Record<string, number>)[key] as number;
  return {
    ema: last.ema as number,
    atr: last.atr as number,
    bollinger: field("bollinger", "upper"),
    macd: field("macd", "MACD"),
    adx: field("adx", "adx"),
    ichimoku: field("ichimoku", "spanB"),
  };
}

function tradingSignals(candles: readonly CandleObject[]): LastValues {
  const ema = new signals.EMA(20);
  const rsi = new signals.RSI(14);
  const atr = new signals.ATR(14);
  const bollinger = new signals.BollingerBands(20, 2);
  const macd = new signals.MACD(new signals.EMA(12), new signals.EMA(26), new signals.EMA(9));
  const adx = new signals.ADX(14);
  const ichimoku = new signals.IchimokuCloud();
  for (const candle of candles) {
    ema.add(candle.close);
    rsi.add(candle.close);
    atr.add(candle);
    bollinger.add(candle.close);
    macd.add(candle.close);
    adx.add(candle);
    ichimoku.add(candle);
  }
  return {
    ema: ema.getResultOrThrow(),
    atr: atr.getResultOrThrow(),
    bollinger: bollinger.getResultOrThrow().upper,
    macd: macd.getResultOrThrow().macd,
    adx: adx.getResultOrThrow(),
    ichimoku: ichimoku.getResultOrThrow().spanB,
  };
}

function feed(
  instances: readonly IndicatorInstance[],
  { openedAt, open, high, low, close, volume }: CandleColumns,
  candles: number,
): void {
  for (let row = 0; row < candles; row++) {
    for (const instance of instances) {
      instance.update(
        openedAt[row] as number,
        open[row] as number,
        high[row] as number,
        low[row] as number,
        close[row] as number,
        volume[row] as number,
      );
    }
  }
}

/** The least time of each, in nanoseconds a candle; the contenders take turns. */
function race(contenders: readonly Contender[], candles: number, rounds: number): number[] {
  const least = contenders.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const start = Bun.nanoseconds();
      contender.run();
      const elapsed = (Bun.nanoseconds() - start) / candles;
      least[index] = Math.min(least[index] as number, elapsed);
    }
  }
  return least;
}

/** @throws {Error} if two contenders differ: then they did not do the same work */
function checkAgreement(contenders: readonly Contender[]): void {
  const [first, ...others] = contenders.map(({ name, run }) => ({ name, values: run() }));
  if (first === undefined) throw new Error("Cannot compare indicators: there is no contender");
  for (const { name, values } of others) {
    for (const key of Object.keys(first.values) as (keyof LastValues)[]) {
      const [wanted, actual] = [first.values[key], values[key]];
      if (!(Math.abs(actual - wanted) <= 1e-6 * Math.abs(wanted))) {
        throw new Error(
          `Cannot compare indicators: ${key} of ${name} is ${actual}, wanted ${wanted}`,
        );
      }
    }
  }
}

/**
 * How many bytes the heap grows by while candles are fed, what is kept and what is garbage alike,
 * beyond the page that taking the measure costs.
 */
export function heapGrowth(candles: number, update: (row: number) => void): number {
  // Three times over, so that what is compiled late is compiled before it counts.
  for (let pass = 0; pass < 3; pass++) for (let row = 0; row < candles; row++) update(row);
  return growthOver(candles, update) - growthOver(0, update);
}

function growthOver(candles: number, update: (row: number) => void): number {
  Bun.gc(true);
  const before = heapStats().heapCapacity;
  for (let row = 0; row < candles; row++) update(row);
  return heapStats().heapCapacity - before;
}

function windowRows(columns: CandleColumns, candles: number, rounds: number): BenchRow[] {
  const names = ["sma", "wma", "bollinger", "stddev", "linregSlope", "donchian", "williamsR"];
  names.push("mfi", "aroon", "roc", "vwap", "garmanKlass", "squeeze", "stochastic");
  const timed = (specification: string): Contender => ({
    name: specification,
    run() {
      feed([createIndicator(specification)], columns, candles);
      return {} as LastValues;
    },
  });
  return names.map((name) => {
    const [short = 0, long = 0] = race(
      [timed(`${name}:20`), timed(`${name}:2000`)],
      candles,
      rounds,
    );
    return {
      name: `${name}: 2000 over 20`,
      value: long / short,
      unit: "ratio of times",
      most: 1.5,
    };
  });
}

/** All rows, with their bars; `candles` is what each contender is fed in each round. */
export function benchIndicators({ candles }: { readonly candles: number }): BenchRow[] {
  const rounds = 5;
  const columns = sampleCandles({ seed: 20_241_121, candles });
  const objects = Array.from({ length: candles }, (_, row) => ({
    high: columns.high[row] as number,
    low: columns.low[row] as number,
    close: columns.close[row] as number,
  }));
  const contenders: Contender[] = [
    { name: "ours", run: () => ours(columns) },
    { name: "ours, as plug-ins", run: () => plugIns(columns) },
    { name: "fast-technical-indicators", run: () => fastTechnicalIndicators(objects) },
    { name: "trading-signals", run: () => tradingSignals(objects) },
    { name: "technicalindicators", run: () => technicalIndicators(objects) },
  ];
  checkAgreement(contenders);
  const times = race(contenders, candles, rounds);
  const [own = Number.NaN, , ...others] = times;
  const rows: BenchRow[] = contenders.map(({ name }, index) => ({
    name: `seven indicators: ${name}`,
    value: times[index] as number,
    unit: "ns a candle",
  }));
  rows.push({
    name: "fastest library",
    value: Math.min(...others) / own,
    unit: "times ours",
    least: 3,
  });
  for (const name of ["trading-signals", "technicalindicators"]) {
    const time = times[contenders.findIndex((contender) => contender.name === name)] as number;
    rows.push({ name, value: time / own, unit: "times ours", least: 8 });
  }
  const all = Object.keys(catalog).map(createIndicator);
  const one = (row: number) => {
    for (const instance of all) {
      instance.update(
        columns.openedAt[row] as number,
        columns.open[row] as number,
        columns.high[row] as number,
        columns.low[row] as number,
        columns.close[row] as number,
        columns.volume[row] as number,
      );
    }
  };
  // The heap grows by pages of 16 KiB, of which the engine may take one or two for itself. The
  // smallest object in a hundred candles would be 0.16.
  rows.push({
    name: `all ${all.length} indicators`,
    value: heapGrowth(candles, one) / candles,
    unit: "bytes a candle",
    most: 0.1,
  });
  return [...rows, ...windowRows(columns, Math.min(candles, 200_000), 2 * rounds)];
}

if (import.meta.main) {
  let failed = 0;
  for (const { name, value, unit, least, most } of benchIndicators({ candles: 500_000 })) {
    const missed = (least !== undefined && value < least) || (most !== undefined && value > most);
    const bar =
      least !== undefined ? `at least ${least}` : most !== undefined ? `at most ${most}` : "";
    if (missed) failed += 1;
    console.log(
      `${name.padEnd(44)} ${value.toFixed(2).padStart(9)} ${unit} ${bar} ${missed ? "MISSED" : ""}`,
    );
  }
  process.exitCode = failed === 0 ? 0 : 1;
}
