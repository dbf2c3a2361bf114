import { Adx, GarmanKlass, type Stateful, WindowSum } from "../market/mod.ts";
import type { StrategyKind } from "./strategies/catalog.ts";

export interface RegimeSettings {
  /** Bars of ADX. */
  readonly adx: number;
  /** ADX at or above which the market trends. */
  readonly trendAdx: number;
  /** Bars of the present volatility. */
  readonly volatility: number;
  /** Bars over which it is averaged to say what is usual. */
  readonly usual: number;
  /** Present volatility, as a multiple of the usual, at or below which it is low. */
  readonly low: number;
  /** ... and at or above which it is high. */
  readonly high: number;
}

export const regimeStandard: RegimeSettings = {
  adx: 14,
  trendAdx: 25,
  volatility: 20,
  usual: 100,
  low: 0.75,
  high: 1.4,
};

/** A regime's number is its place here; "unknown" until enough bars were seen. */
export const regimeNames = [
  "rangeLow",
  "rangeMid",
  "rangeHigh",
  "trendLow",
  "trendMid",
  "trendHigh",
  "unknown",
] as const;
export type RegimeName = (typeof regimeNames)[number];

const unknown = regimeNames.indexOf("unknown");

/** What a strategy's weight is multiplied by in each regime, by what it lives on. */
export type RegimeMultipliers = Readonly<
  Record<RegimeName, Readonly<Record<StrategyKind, number>>>
>;

export const regimeMultipliersStandard: RegimeMultipliers = {
  // A quiet range is where mean reversion is at home, and what a breakout comes out of.
  rangeLow: { trend: 0.7, reversion: 1.3, breakout: 1.1, flow: 1 },
  rangeMid: { trend: 0.7, reversion: 1.3, breakout: 0.9, flow: 1 },
  rangeHigh: { trend: 0.6, reversion: 1, breakout: 0.7, flow: 0.8 },
  trendLow: { trend: 1.2, reversion: 0.7, breakout: 1.2, flow: 1 },
  trendMid: { trend: 1.3, reversion: 0.6, breakout: 1.2, flow: 1 },
  // In a storm against a trend nothing is cheap enough.
  trendHigh: { trend: 1.1, reversion: 0.5, breakout: 1, flow: 0.8 },
  unknown: { trend: 1, reversion: 1, breakout: 1, flow: 1 },
};

/** Number of the regime that these values are, from bounds that belong to the upper side. */
export function regimeOf(adx: number, relative: number, settings: RegimeSettings): number {
  if (Number.isNaN(adx) || Number.isNaN(relative)) return unknown;
  const level = relative <= settings.low ? 0 : relative >= settings.high ? 2 : 1;
  return (adx >= settings.trendAdx ? 3 : 0) + level;
}

/**
 * The regime of one symbol and frame: trend or range by ADX, and low, mid or high volatility by
 * Garman and Klass's measure against its own mean, so that one setting fits every market and frame.
 */
export class Regime implements Stateful {
  readonly key: string;
  /** Bars until it is known. */
  readonly warmup: number;
  /** Its place in `regimeNames`. */
  regime = unknown;
  /** Present volatility as a multiple of the usual; NaN until known. */
  relative = Number.NaN;
  private readonly movement: Adx;
  private readonly present: GarmanKlass;
  private readonly usual: WindowSum;
  readonly #settings: RegimeSettings;

  constructor(settings: RegimeSettings = regimeStandard) {
    const { adx, trendAdx, volatility, usual, low, high } = settings;
    this.key = `regime:${adx}:${trendAdx}:${volatility}:${usual}:${low}:${high}`;
    if (!(low > 0 && low < high && trendAdx >= 0 && trendAdx <= 100)) {
      throw new RangeError(
        `Cannot create regime: trendAdx is ${trendAdx}, low ${low} and high ${high}, ` +
          "wanted trendAdx from 0 to 100 and low above 0 and below high",
      );
    }
    this.#settings = settings;
    this.movement = new Adx(adx);
    this.present = new GarmanKlass(volatility);
    this.usual = new WindowSum(usual);
    this.warmup = Math.max(this.movement.warmup, volatility + usual - 1);
  }

  get name(): RegimeName {
    return regimeNames[this.regime] as RegimeName;
  }

  get adx(): number {
    return this.movement.adx;
  }

  update(open: number, high: number, low: number, close: number): void {
    this.movement.update(high, low, close);
    this.present.update(open, high, low, close);
    const volatility = this.present.value;
    if (Number.isNaN(volatility)) return;
    this.usual.update(volatility);
    const usual = this.usual.value / this.usual.warmup;
    // A market that never moved is as volatile as usual.
    this.relative = usual === 0 ? 1 : volatility / usual;
    this.regime = regimeOf(this.movement.adx, this.relative, this.#settings);
  }
}
