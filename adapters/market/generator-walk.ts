import { type KeyedDraws, unitOf } from "./keyed-draws.ts";

/** What the numbers of one symbol are drawn for; each takes its own place in the key space. */
export const purposes = {
  /** Two places. */
  shock: 0,
  regime: 2,
  regimeTarget: 3,
  jump: 4,
  jumpSize: 5,
  gap: 6,
  shape: 7,
  shapeOpen: 8,
  volume: 9,
  bookTouch: 10,
  /** From here on up, one for each level and side. */
  bookLevel: 16,
} as const;

/** What moves the price of one symbol. Rates and lengths are per candle. */
export interface WalkParameters {
  /** The first price, in ticks. */
  readonly startTicks: number;
  /** Standard deviation of one candle's return in the normal regime. */
  readonly volatility: number;
  /** Share of the return's variance that all symbols have in common, 0 to 1. */
  readonly correlation: number;
  /** Probability of a jump. */
  readonly jumpRate: number;
  /** Share of candles that are missing. */
  readonly gapRate: number;
}

/** Above this a price is held; far below the safe integers, so that a high above it still is one. */
export const ceilingTicks = 2 ** 50;

const calm = 0;
const normal = 1;
const wild = 2;
const volatilityFactors = [0.5, 1, 2.2] as const;
const volatilityLengths = [400, 600, 150] as const;

const ranging = 0;
const rising = 1;
const falling = 2;
const driftLengths = [200, 300, 300] as const;
/** Of a trend, in standard deviations per candle: over its length about twice the noise. */
const trendDrift = 0.1;
/** How much of its distance from the range's middle a price is pulled back per candle. */
const rangePull = 0.01;

// GARCH(1,1) around a variance of 1: today's surprise and yesterday's variance.
const surpriseWeight = 0.08;
const persistence = 0.9;
const surpriseMax = 6;
const varianceMax = 25;

/** Missing candles come in runs of this mean length. */
const gapLength = 3;

/**
 * The price of one symbol, candle by candle. Its state moves on with {@link advance}; everything
 * random in it is keyed by the candle's place on the grid, so two walks of one key are equal.
 */
export class MarketWalk {
  /** The present candle's place on the time grid, missing ones counted; -1 before the first. */
  place = -1;
  /** Whether the present candle is missing; the price moved in it nonetheless. */
  missing = false;
  /** The price before and after the present candle, in ticks, not yet whole. */
  before: number;
  price: number;
  /** Standard deviation of the present candle's return, jumps aside. */
  deviation = 0;
  #variance = 1;
  #volatilityRegime = normal;
  #driftRegime = ranging;
  #middle: number;
  readonly #parameters: WalkParameters;
  readonly #own: KeyedDraws;
  readonly #shared: KeyedDraws;
  readonly #ownWeight: number;
  readonly #sharedWeight: number;

  constructor(parameters: WalkParameters, own: KeyedDraws, shared: KeyedDraws) {
    this.#parameters = parameters;
    this.#own = own;
    this.#shared = shared;
    this.#ownWeight = Math.sqrt(1 - parameters.correlation);
    this.#sharedWeight = Math.sqrt(parameters.correlation);
    this.before = parameters.startTicks;
    this.price = parameters.startTicks;
    this.#middle = parameters.startTicks;
  }

  /** Moves on to the next candle that is not missing. */
  advance(): void {
    do this.#step();
    while (this.missing);
  }

  #step(): void {
    this.place += 1;
    const { volatility } = this.#parameters;
    this.#changeRegimes();
    this.#changeGap();
    const factor = volatilityFactors[this.#volatilityRegime] ?? 1;
    this.deviation = volatility * factor * Math.sqrt(this.#variance);
    const noise = this.#shock() * this.deviation + this.#jump() * volatility;
    const move = noise + this.#drift() * volatility;
    const surprise = Math.max(-surpriseMax, Math.min(surpriseMax, noise / this.deviation));
    this.#variance = Math.min(
      varianceMax,
      1 -
        surpriseWeight -
        persistence +
        (surpriseWeight * surprise * surprise + persistence) * this.#variance,
    );
    this.before = this.price;
    // A return that halves or doubles the price in one candle is bounded there: coarse timeframes
    // in a wild regime would otherwise go through zero.
    const next = this.price * (1 + Math.max(-0.5, Math.min(1, move)));
    this.price = Math.max(1, Math.min(ceilingTicks, next));
  }

  #shock(): number {
    const own = this.#ownWeight === 0 ? 0 : this.#own.normal(this.place, purposes.shock);
    const shared = this.#sharedWeight === 0 ? 0 : this.#shared.normal(this.place, purposes.shock);
    return own * this.#ownWeight + shared * this.#sharedWeight;
  }

  /** In normal deviations; nearly always 0. Each symbol has some jumps of its own, some in common. */
  #jump(): number {
    const { jumpRate, correlation } = this.#parameters;
    if (jumpRate === 0) return 0;
    let draws = this.#own;
    draws.at(this.place, purposes.jump);
    if (unitOf(draws.second) < correlation) {
      draws = this.#shared;
      draws.at(this.place, purposes.jump);
    }
    if (unitOf(draws.first) >= jumpRate) return 0;
    draws.at(this.place, purposes.jumpSize);
    const size = 8 + 12 * unitOf(draws.first);
    return unitOf(draws.second) < 0.55 ? -size : size;
  }

  #drift(): number {
    if (this.#driftRegime === rising) return trendDrift;
    if (this.#driftRegime === falling) return -trendDrift;
    // In deviations too, so that a range is as firm in a quiet market as in a loud one.
    const distance = (this.price / this.#middle - 1) / this.#parameters.volatility;
    return Math.max(-1, Math.min(1, -rangePull * distance));
  }

  #changeRegimes(): void {
    this.#own.at(this.place, purposes.regime);
    const volatilityLength = volatilityLengths[this.#volatilityRegime] ?? 1;
    const driftLength = driftLengths[this.#driftRegime] ?? 1;
    const newVolatility = unitOf(this.#own.first) * volatilityLength < 1;
    const newDrift = unitOf(this.#own.second) * driftLength < 1;
    if (!newVolatility && !newDrift) return;
    this.#own.at(this.place, purposes.regimeTarget);
    if (newVolatility) {
      const away = unitOf(this.#own.first) < 0.5 ? calm : wild;
      this.#volatilityRegime = this.#volatilityRegime === normal ? away : normal;
    }
    if (newDrift) {
      const wasRanging = this.#driftRegime === ranging;
      this.#middle = this.price;
      // The higher the price above its start, the rarer a rise: so an endless walk stays in reach.
      const { startTicks } = this.#parameters;
      const rises = unitOf(this.#own.second) < startTicks / (startTicks + this.price);
      this.#driftRegime = wasRanging ? (rises ? rising : falling) : ranging;
    }
  }

  /** A chain of two states with runs of {@link gapLength} and the wanted share in the long run. */
  #changeGap(): void {
    const { gapRate } = this.#parameters;
    if (gapRate === 0) return;
    const draw = this.#own.unit(this.place, purposes.gap);
    const begins = gapRate / (gapLength * (1 - gapRate));
    this.missing = this.place > 0 && draw < (this.missing ? 1 - 1 / gapLength : begins);
  }
}
