import { Ema, Sma, Wma } from "./averages.ts";
import { Bollinger, Donchian, Keltner } from "./channels.ts";
import { Adx, Aroon } from "./direction.ts";
import type { Indicator } from "./indicator.ts";
import { Macd, Roc, Rsi } from "./momentum.ts";
import { Cci, Stochastic, WilliamsR } from "./oscillators.ts";
import { LinearSlope, Squeeze } from "./regression.ts";
import { Ichimoku, ParabolicSar, Supertrend } from "./trend.ts";
import { Atr, GarmanKlass, StandardDeviation } from "./volatility.ts";
import { Mfi, Obv, RollingVwap, SessionVwap } from "./volume.ts";

/**
 * The unit of a line. A "price" line is in ticks when fed ticks: multiply by the tick to show it.
 * "volume" is in the source's unit of volume, "none" has no unit.
 */
export type LineScale = "price" | "volume" | "none";

/** One named output. */
export interface IndicatorLine {
  /** Column name, indicator and parameters: "sma_20", "bb_upper_20_2". */
  readonly name: string;
  readonly scale: LineScale;
  /** How many candles until this line is defined. */
  readonly warmup: number;
  /** The value after the last update; NaN until defined. */
  read(): number;
}

/** An indicator behind one interface: for lists that an operator chose, at twice the cost. */
export interface IndicatorInstance {
  /** Its full specification; `createIndicator(key)` makes another. */
  readonly key: string;
  /** How many candles until every line is defined. */
  readonly warmup: number;
  readonly lines: readonly IndicatorLine[];
  /** What holds the state, for `saveState` and `restoreState`. */
  readonly state: Indicator;
  /** One closed candle: Unix milliseconds, whole ticks, volume as the source has it. */
  update(
    openedAt: number,
    open: number,
    high: number,
    low: number,
    close: number,
    volume: number,
  ): void;
}

export interface CatalogEntry {
  readonly defaults: readonly number[];
  /** Makes one from as many parameters as there are defaults. */
  create(first: number, second: number, third: number): IndicatorInstance;
}

type Lines = Readonly<Record<string, () => number>>;
type LineOptions = {
  readonly scale: LineScale;
  readonly warmups?: Readonly<Record<string, number>>;
};

function instance(
  state: Indicator,
  update: IndicatorInstance["update"],
  { scale, warmups = {} }: LineOptions,
  outputs: Lines,
  unscaled: Lines = {},
): IndicatorInstance {
  const line = (name: string, read: () => number, lineScale: LineScale): IndicatorLine => {
    return { name, scale: lineScale, warmup: warmups[name] ?? state.warmup, read };
  };
  return {
    key: state.key,
    warmup: state.warmup,
    state,
    update,
    lines: [
      ...Object.entries(outputs).map(([name, read]) => line(name, read, scale)),
      ...Object.entries(unscaled).map(([name, read]) => line(name, read, "none")),
    ],
  };
}

/** An indicator of closes with one output. */
function ofCloses(
  column: string,
  scale: LineScale,
  state: Indicator & { readonly value: number; update(close: number): void },
): IndicatorInstance {
  return instance(
    state,
    (_openedAt, _open, _high, _low, close) => state.update(close),
    { scale },
    { [column]: () => state.value },
  );
}

/** An indicator of high, low, close and, where it wants it, volume, with one output. */
function ofBars(
  column: string,
  scale: LineScale,
  state: Indicator & {
    readonly value: number;
    update(high: number, low: number, close: number, volume: number): void;
  },
): IndicatorInstance {
  return instance(
    state,
    (_openedAt, _open, high, low, close, volume) => state.update(high, low, close, volume),
    { scale },
    { [column]: () => state.value },
  );
}

/** Parameters in a column name, without their points: 0.02 and 0.2 are "002_02". */
function suffix(...parameters: readonly number[]): string {
  return parameters.map((parameter) => String(parameter).replace(".", "")).join("_");
}

/** The short names belong to the usual parameters; others are spelt out, to keep names apart. */
function shortUnless(usual: boolean, short: string, long: string): string {
  return usual ? short : long;
}

function bands(prefix: string, state: Bollinger | Keltner | Donchian, parameters: string): Lines {
  return {
    [`${prefix}_upper_${parameters}`]: () => state.upper,
    [`${prefix}_mid_${parameters}`]: () => state.middle,
    [`${prefix}_lower_${parameters}`]: () => state.lower,
  };
}

function adx(period: number): IndicatorInstance {
  const state = new Adx(period);
  const plus = `plus_di_${period}`;
  const minus = `minus_di_${period}`;
  return instance(
    state,
    (_openedAt, _open, high, low, close) => state.update(high, low, close),
    { scale: "none", warmups: { [plus]: period + 1, [minus]: period + 1 } },
    {
      [`adx_${period}`]: () => state.adx,
      [plus]: () => state.plusDi,
      [minus]: () => state.minusDi,
    },
  );
}

function macd(fast: number, slow: number, signal: number): IndicatorInstance {
  const state = new Macd(fast, slow, signal);
  const parameters = suffix(fast, slow, signal);
  const usual = parameters === "12_26_9";
  return instance(
    state,
    (_openedAt, _open, _high, _low, close) => state.update(close),
    { scale: "price" },
    {
      [`macd_${parameters}`]: () => state.macd,
      [shortUnless(usual, "macd_signal", `macd_signal_${parameters}`)]: () => state.signal,
      [shortUnless(usual, "macd_hist", `macd_hist_${parameters}`)]: () => state.histogram,
    },
  );
}

function stochastic(period: number, slowing: number, signal: number): IndicatorInstance {
  const state = new Stochastic(period, slowing, signal);
  const long = suffix(period, slowing, signal);
  const usual = long === "14_3_3";
  return instance(
    state,
    (_openedAt, _open, high, low, close) => state.update(high, low, close),
    { scale: "none" },
    {
      [shortUnless(usual, "stoch_k_14_3", `stoch_k_${long}`)]: () => state.k,
      [shortUnless(usual, "stoch_d_3", `stoch_d_${long}`)]: () => state.d,
    },
  );
}

function bollinger(period: number, width: number): IndicatorInstance {
  const state = new Bollinger(period, width);
  return instance(
    state,
    (_openedAt, _open, _high, _low, close) => state.update(close),
    { scale: "price" },
    bands("bb", state, suffix(period, width)),
  );
}

function keltner(period: number, rangePeriod: number, width: number): IndicatorInstance {
  const state = new Keltner(period, rangePeriod, width);
  return instance(
    state,
    (_openedAt, _open, high, low, close) => state.update(high, low, close),
    { scale: "price" },
    bands("kc", state, suffix(period, rangePeriod, width)),
  );
}

function donchian(period: number): IndicatorInstance {
  const state = new Donchian(period);
  return instance(
    state,
    (_openedAt, _open, high, low) => state.update(high, low),
    { scale: "price" },
    bands("dc", state, suffix(period)),
  );
}

function aroon(period: number): IndicatorInstance {
  const state = new Aroon(period);
  return instance(
    state,
    (_openedAt, _open, high, low) => state.update(high, low),
    { scale: "none" },
    { [`aroon_down_${period}`]: () => state.down, [`aroon_up_${period}`]: () => state.up },
  );
}

function supertrend(period: number, width: number): IndicatorInstance {
  const state = new Supertrend(period, width);
  const parameters = suffix(period, width);
  return instance(
    state,
    (_openedAt, _open, high, low, close) => state.update(high, low, close),
    { scale: "price" },
    { [`supertrend_${parameters}`]: () => state.value },
    { [`supertrend_dir_${parameters}`]: () => state.direction },
  );
}

function ichimoku(conversion: number, base: number, span: number): IndicatorInstance {
  const state = new Ichimoku(conversion, base, span);
  const all = suffix(conversion, base, span);
  const names = ["conversion", "base", "span_a", "span_b", "cloud_a", "cloud_b"].map(
    (name) => `ichimoku_${name}_${all}`,
  );
  const [conversionName = "", baseName = "", spanA = "", spanB = "", cloudA = "", cloudB = ""] =
    names;
  return instance(
    state,
    (_openedAt, _open, high, low) => state.update(high, low),
    {
      scale: "price",
      warmups: {
        [conversionName]: conversion,
        [baseName]: base,
        [spanA]: base,
        [spanB]: span,
        [cloudA]: 2 * base,
      },
    },
    {
      [conversionName]: () => state.conversion,
      [baseName]: () => state.base,
      [spanA]: () => state.spanA,
      [spanB]: () => state.spanB,
      [cloudA]: () => state.cloudA,
      [cloudB]: () => state.cloudB,
    },
  );
}

function squeeze(period: number, bandWidth: number, channelWidth: number): IndicatorInstance {
  const state = new Squeeze(period, bandWidth, channelWidth);
  const parameters = suffix(period, bandWidth, channelWidth);
  const on = `squeeze_on_${parameters}`;
  return instance(
    state,
    (_openedAt, _open, high, low, close) => state.update(high, low, close),
    { scale: "price", warmups: { [on]: period + 1 } },
    { [`squeeze_momentum_${parameters}`]: () => state.momentum },
    { [on]: () => state.on },
  );
}

function obv(): IndicatorInstance {
  const state = new Obv();
  return instance(
    state,
    (_openedAt, _open, _high, _low, close, volume) => state.update(close, volume),
    { scale: "volume" },
    { obv: () => state.value },
  );
}

function garmanKlass(period: number): IndicatorInstance {
  const state = new GarmanKlass(period);
  return instance(
    state,
    (_openedAt, open, high, low, close) => state.update(open, high, low, close),
    { scale: "none" },
    { [`garman_klass_${period}`]: () => state.value },
  );
}

function vwap(period: number): IndicatorInstance {
  if (period !== 0) return ofBars(`vwap_${period}`, "price", new RollingVwap(period));
  const state = new SessionVwap();
  return instance(
    state,
    (openedAt, _open, high, low, close, volume) => state.update(openedAt, high, low, close, volume),
    { scale: "price" },
    { vwap: () => state.value },
  );
}

/** Every indicator by the name it has in a specification, with its usual parameters. */
export const catalog: Readonly<Record<string, CatalogEntry>> = {
  sma: { defaults: [20], create: (n) => ofCloses(`sma_${n}`, "price", new Sma(n)) },
  ema: { defaults: [20], create: (n) => ofCloses(`ema_${n}`, "price", new Ema(n)) },
  wma: { defaults: [20], create: (n) => ofCloses(`wma_${n}`, "price", new Wma(n)) },
  rsi: { defaults: [14], create: (n) => ofCloses(`rsi_${n}`, "none", new Rsi(n)) },
  atr: { defaults: [14], create: (n) => ofBars(`atr_${n}`, "price", new Atr(n)) },
  adx: { defaults: [14], create: adx },
  bollinger: { defaults: [20, 2], create: bollinger },
  keltner: { defaults: [20, 10, 2], create: keltner },
  donchian: { defaults: [20], create: donchian },
  macd: { defaults: [12, 26, 9], create: macd },
  stochastic: { defaults: [14, 3, 3], create: stochastic },
  cci: { defaults: [20], create: (n) => ofBars(`cci_${n}`, "none", new Cci(n)) },
  mfi: { defaults: [14], create: (n) => ofBars(`mfi_${n}`, "none", new Mfi(n)) },
  obv: { defaults: [], create: obv },
  roc: { defaults: [10], create: (n) => ofCloses(`roc_${n}`, "none", new Roc(n)) },
  williamsR: { defaults: [14], create: (n) => ofBars(`willr_${n}`, "none", new WilliamsR(n)) },
  sar: {
    defaults: [0.02, 0.2],
    create: (step, most) =>
      ofBars(`sar_${suffix(step, most)}`, "price", new ParabolicSar(step, most)),
  },
  supertrend: { defaults: [10, 3], create: supertrend },
  ichimoku: { defaults: [9, 26, 52], create: ichimoku },
  squeeze: { defaults: [20, 2, 1.5], create: squeeze },
  stddev: {
    defaults: [20],
    create: (n) => ofCloses(`stddev_${n}`, "price", new StandardDeviation(n)),
  },
  linregSlope: {
    defaults: [14],
    create: (n) => ofCloses(`linreg_slope_${n}`, "price", new LinearSlope(n)),
  },
  garmanKlass: { defaults: [20], create: garmanKlass },
  /** 0 bars, or none named, for the session's: since midnight UTC. */
  vwap: { defaults: [0], create: vwap },
  aroon: { defaults: [14], create: aroon },
};
