import type { Evaluation } from "../../machines/domain/market.ts";
import { defaultFrames } from "../market/mod.ts";
import { type ConfluenceSettings, checkConfluence, confluenceStandard } from "./confluence.ts";
import type { Gate } from "./confluence-gates.ts";
import type { StrategyFailure, WeighedVote } from "./frame.ts";
import {
  type RegimeMultipliers,
  type RegimeName,
  type RegimeSettings,
  regimeMultipliersStandard,
  regimeStandard,
} from "./regime.ts";
import type { Strategy } from "./strategy.ts";

export interface FramePlaneOptions {
  readonly symbol: string;
  readonly baseMs: number;
  readonly atrPeriod: number;
  /** Makes a new set of strategies, the same for each frame. */
  readonly strategies: () => readonly Strategy[];
  /** Fees of entry and exit together, as a share of the price. */
  readonly costShare: number;
  /**
   * Told of each failure of a strategy. For logs and alarms: it is told again when bars are read
   * again after a restart.
   */
  readonly onFailure: (failure: StrategyFailure) => void;
  /**
   * Milliseconds of a clock that only rises: now and then each strategy's time is taken by it. What
   * it tells sways no vote, for it is not the same twice.
   */
  readonly stopwatch?: () => number;
  /** Told of a strategy that took longer than 5 ms for one bar. */
  readonly onSlow?: (strategy: string, tookMs: number) => void;
  /** In milliseconds, the base first, rising; `defaultFrames` unless given. */
  readonly frames?: readonly number[];
  /** Weights by strategy that are not to be its own. */
  readonly weights?: Readonly<Record<string, number>>;
  readonly confluence?: ConfluenceSettings;
  readonly regime?: RegimeSettings;
  readonly multipliers?: RegimeMultipliers;
  /** The longest gap, in candles, that is filled with flat ones; a day of minutes unless given. */
  readonly fillLimit?: number;
  /** Base candles among which those missing are counted; 500 unless given. */
  readonly gapWindow?: number;
  /** Failures in a frame from which on a strategy is not heard there; 3 unless given. */
  readonly quarantineAfter?: number;
}

/** The options with nothing left open. */
export interface PlaneSettings
  extends Required<Omit<FramePlaneOptions, "weights" | "stopwatch" | "onSlow">>,
    Pick<FramePlaneOptions, "stopwatch" | "onSlow"> {
  /** Names and weights of the strategies, in their order. */
  readonly names: readonly string[];
  readonly weights: Float64Array;
}

/** @throws {RangeError} for what no plane could work with */
export function planeSettings(options: FramePlaneOptions): PlaneSettings {
  const settings = {
    frames: defaultFrames(options.baseMs),
    confluence: confluenceStandard,
    regime: regimeStandard,
    multipliers: regimeMultipliersStandard,
    fillLimit: 1_440,
    gapWindow: 500,
    quarantineAfter: 3,
    ...options,
  };
  const refuse = (name: string, value: unknown, wanted: string) => {
    throw new RangeError(
      `Cannot create plane of "${options.symbol}": ${name} is ${value}, wanted ${wanted}`,
    );
  };
  const { frames, costShare, fillLimit, gapWindow, quarantineAfter } = settings;
  const rising = frames.every((length, index) => length > (frames[index - 1] ?? 0));
  if (frames[0] !== options.baseMs || !rising) {
    refuse("frames", `[${frames}]`, `rising lengths from the base of ${options.baseMs} ms on`);
  }
  if (!(costShare >= 0 && costShare < 1)) refuse("costShare", costShare, "from 0 to below 1");
  if (!isWhole(fillLimit, 0, 100_000)) {
    refuse("fillLimit", fillLimit, "a whole number from 0 to 100000");
  }
  if (!isWhole(gapWindow, 1, 10_000)) {
    refuse("gapWindow", gapWindow, "a whole number from 1 to 10000");
  }
  if (!isWhole(quarantineAfter, 1, 1_000)) {
    refuse("quarantineAfter", quarantineAfter, "a whole number from 1 to 1000");
  }
  checkConfluence(settings.confluence, frames.length);
  const sample = options.strategies();
  const names = sample.map(({ name }) => name);
  if (new Set(names).size < names.length) {
    refuse("list of strategies", `[${names}]`, "each name once");
  }
  const own = sample.map(({ name, weight }) => options.weights?.[name] ?? weight);
  own.forEach((weight, index) => {
    if (!(weight > 0 && weight <= 1)) {
      refuse(`weight of "${names[index]}"`, weight, "above 0, at most 1");
    }
  });
  for (const name of Object.keys(options.weights ?? {})) {
    if (!names.includes(name)) refuse("weighed strategy", `"${name}"`, `one of ${names}`);
  }
  return { ...settings, names, weights: Float64Array.from(own) };
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** One frame as it stood at a bar. */
export interface FrameEvaluation {
  readonly frameMs: number;
  readonly isWarm: boolean;
  readonly regime: RegimeName;
  readonly adx: number;
  /** Volatility as a multiple of the usual. */
  readonly relativeVolatility: number;
  /** Ticks. */
  readonly atr: number;
  readonly score: number;
  readonly votes: readonly WeighedVote[];
}

/** An evaluation with all that led to it; distances in ticks. */
export interface ConfluenceEvaluation extends Evaluation {
  readonly leaning: 1 | 0 | -1;
  readonly confidence: number;
  /** Length of the highest agreeing frame; null where none agrees. */
  readonly highestFrameMs: number | null;
  readonly stop: number;
  readonly target: number;
  readonly gates: readonly Gate[];
  readonly frames: readonly FrameEvaluation[];
}
