import type { Vote } from "../../machines/domain/market.ts";
import { Atr, type Stateful } from "../market/mod.ts";
import { type FrameOpinion, weightedVote } from "./confluence.ts";
import { Regime, type RegimeMultipliers, type RegimeSettings, regimeNames } from "./regime.ts";
import type { BookReading } from "./strategies/book-reading.ts";
import { kindOf } from "./strategies/catalog.ts";
import type { Strategy } from "./strategy.ts";

/** A strategy that threw, or gave a vote that is none, at one bar of one frame. */
export interface StrategyFailure {
  readonly strategy: string;
  readonly frameMs: number;
  /** How often it has failed in this frame. */
  readonly failures: number;
  readonly isQuarantined: boolean;
  readonly error: unknown;
}

export interface FrameOptions {
  readonly frameMs: number;
  readonly atrPeriod: number;
  /** This frame's own; at most 31, for a set of them is kept in the bits of one number. */
  readonly strategies: readonly Strategy[];
  /** By strategy, before regime and performance. */
  readonly weights: Float64Array;
  /** By strategy, as the plane keeps them: 1 is as given, 0 takes its vote away. */
  readonly performance: Float64Array;
  readonly regime: RegimeSettings;
  readonly multipliers: RegimeMultipliers;
  /** Failures from which on a strategy is in quarantine: neither fed nor heard. */
  readonly quarantineAfter: number;
  readonly onFailure: (failure: StrategyFailure) => void;
  readonly stopwatch: (() => number) | undefined;
  readonly onSlow: ((strategy: string, tookMs: number) => void) | undefined;
}

/** What one strategy may take for one bar before it is called slow, milliseconds. */
const slowMs = 5;

/** Bars between two at which each strategy's time is taken. */
const timedEvery = 256;

/** One timeframe of one symbol: its strategies, its regime, and what its votes come to. */
export class Frame implements FrameOpinion, Stateful {
  readonly key: string;
  /** Bars of this frame until every strategy may vote, by the weight that the regime gives it. */
  readonly warmup: number;
  bars = 0;
  score = 0;
  direction = 0;
  holdMask = 0;
  leaveMask = 0;
  readonly regime: Regime;
  private readonly atr: Atr;
  private readonly strategies: readonly Strategy[];
  private readonly directions: Float64Array;
  private readonly strengths: Float64Array;
  /** Weights with regime and performance, as of the last bar. */
  private readonly effective: Float64Array;
  private readonly failures: Int32Array;
  // What was handed in is no state, and not saved.
  readonly #options: FrameOptions;
  readonly #warmups: Int32Array;
  /** Who was asked about last, and what they weigh: asked at each bar for as long as one is held. */
  #among: { readonly names: readonly string[]; readonly isMember: readonly boolean[] } | null =
    null;
  readonly #amongWeights: Float64Array;
  /** By regime, then by strategy. */
  readonly #multipliers: Float64Array;

  constructor(options: FrameOptions) {
    const { strategies, regime, multipliers, atrPeriod } = options;
    const count = strategies.length;
    if (count < 1 || count > 31) {
      throw new RangeError(`Cannot create frame: it has ${count} strategies, wanted 1 to 31`);
    }
    this.#options = options;
    this.strategies = strategies;
    this.regime = new Regime(regime);
    this.atr = new Atr(atrPeriod);
    this.directions = new Float64Array(count);
    this.strengths = new Float64Array(count);
    this.effective = Float64Array.from(options.weights);
    this.failures = new Int32Array(count);
    this.#amongWeights = new Float64Array(count);
    this.#warmups = Int32Array.from(strategies, ({ warmup }) => warmup);
    this.#multipliers = Float64Array.from(
      regimeNames.flatMap((name) =>
        strategies.map((strategy) => {
          const kind = kindOf(strategy.name);
          return kind === undefined ? 1 : multipliers[name][kind];
        }),
      ),
    );
    // What a lone strategy is multiplied by cancels out. By the time that the regime is known,
    // recursive means of the standard settings are within a hundredth of what they would be after
    // any longer history.
    const isSwayed = count > 1 || this.#multipliers.includes(0);
    const regimeBars = isSwayed ? this.regime.warmup : 0;
    const longest = Math.max(...strategies.map(({ warmup }) => warmup));
    this.warmup = Math.max(this.atr.warmup, regimeBars, longest);
    this.key = [
      options.frameMs,
      this.atr.key,
      this.regime.key,
      ...strategies.map(({ key }) => key),
    ].join("|");
  }

  get isWarm(): boolean {
    return this.bars >= this.warmup;
  }

  /** Average true range, ticks; NaN until known. */
  get range(): number {
    return this.atr.value;
  }

  /** Takes the frame's next closed bar, in whole ticks. Allocates nothing. */
  update(
    open: number,
    high: number,
    low: number,
    close: number,
    volume: number,
    book: BookReading | null,
  ): void {
    this.bars += 1;
    this.atr.update(high, low, close);
    this.regime.update(open, high, low, close);
    const { strategies, directions, strengths, failures } = this;
    const { quarantineAfter, stopwatch } = this.#options;
    const warmups = this.#warmups;
    const watch = this.bars % timedEvery === 0 ? stopwatch : undefined;
    for (let index = 0; index < strategies.length; index++) {
      directions[index] = 0;
      strengths[index] = 0;
      if ((failures[index] as number) >= quarantineAfter) continue;
      const strategy = strategies[index] as Strategy;
      const began = watch === undefined ? 0 : watch();
      try {
        strategy.update(open, high, low, close, volume, book);
        if (watch !== undefined) this.judgeTime(strategy.name, watch() - began);
        if (this.bars < (warmups[index] as number)) continue;
        const { direction, strength } = strategy;
        if (!(strength >= 0 && strength <= 1)) throw badStrength(strategy.name, strength);
        directions[index] = direction;
        strengths[index] = strength;
      } catch (error) {
        // No strength marks that it failed at this very bar; without direction it is not counted.
        strengths[index] = Number.NaN;
        this.fail(index, error);
      }
    }
    this.weigh();
  }

  /** Works the weighted vote out again: at each bar, and when a strategy's performance is set. */
  weigh(): void {
    const { directions, effective } = this;
    const { weights, performance } = this.#options;
    const multipliers = this.#multipliers;
    const first = this.regime.regime * directions.length;
    let holds = 0;
    let leaves = 0;
    for (let index = 0; index < directions.length; index++) {
      const weight =
        (weights[index] as number) *
        (performance[index] as number) *
        (multipliers[first + index] as number);
      effective[index] = weight;
      // What weighs nothing has not voted.
      if (weight === 0) continue;
      const direction = directions[index] as number;
      if (direction > 0) holds |= 1 << index;
      else if (direction < 0) leaves |= 1 << index;
    }
    this.holdMask = holds;
    this.leaveMask = leaves;
    this.score = weightedVote(directions, this.strengths, effective);
    this.direction = Math.sign(this.score) || 0;
  }

  /**
   * Sign of the weighted vote of these strategies alone, whatever their results: who called an entry
   * may call its exit, also when switched off since. Allocates where others are asked about.
   */
  directionAmong(names: readonly string[]): number {
    if (this.#among?.names !== names) {
      this.#among = { names, isMember: this.strategies.map(({ name }) => names.includes(name)) };
    }
    const { isMember } = this.#among;
    const { weights } = this.#options;
    const among = this.#amongWeights;
    const first = this.regime.regime * this.directions.length;
    for (let index = 0; index < among.length; index++) {
      const weight = weights[index] as number;
      among[index] = isMember[index] ? weight * (this.#multipliers[first + index] as number) : 0;
    }
    return Math.sign(weightedVote(this.directions, this.strengths, among)) || 0;
  }

  /** Each strategy's direction by its strength, as counted at the last bar. */
  opinions(): number[] {
    return Array.from(this.directions, (direction, index) =>
      direction === 0 ? 0 : direction * (this.strengths[index] as number),
    );
  }

  private isQuarantined(index: number): boolean {
    return (this.failures[index] as number) >= this.#options.quarantineAfter;
  }

  /** A slow strategy is told of, and never cut short: a clock must not sway a vote (P10). */
  private judgeTime(strategy: string, tookMs: number): void {
    if (tookMs > slowMs) this.#options.onSlow?.(strategy, tookMs);
  }

  private fail(index: number, error: unknown): void {
    const failures = (this.failures[index] as number) + 1;
    this.failures[index] = failures;
    const { frameMs, onFailure } = this.#options;
    const strategy = (this.strategies[index] as Strategy).name;
    const isQuarantined = this.isQuarantined(index);
    onFailure({ strategy, frameMs, failures, isQuarantined, error });
  }

  /** How often the strategy has failed here; 0 for one that it does not have. */
  failuresOf(name: string): number {
    return this.failures[this.strategies.findIndex((each) => each.name === name)] ?? 0;
  }

  /** Hears a strategy again that is in quarantine. */
  release(name: string): void {
    const index = this.strategies.findIndex((each) => each.name === name);
    if (index >= 0) this.failures[index] = 0;
  }

  /** Names of the strategies in quarantine. */
  quarantined(): readonly string[] {
    return this.strategies.filter((_, index) => this.isQuarantined(index)).map(({ name }) => name);
  }

  /** Every strategy's vote as it was counted, with the weight that it had. */
  votes(): readonly WeighedVote[] {
    return this.strategies.map((strategy, index) => ({
      ...this.voteOf(strategy, index),
      weight: this.effective[index] as number,
    }));
  }

  private voteOf(strategy: Strategy, index: number): Vote {
    const failures = this.failures[index] as number;
    const silent = { strategy: strategy.name, direction: 0, strength: 0 } as const;
    const numbers = { failures };
    if (this.isQuarantined(index)) {
      return { ...silent, words: "in quarantine after repeated failure", numbers };
    }
    if (Number.isNaN(this.strengths[index])) {
      return { ...silent, words: "failed at this bar", numbers };
    }
    try {
      const vote = strategy.vote();
      const isWarm = this.bars >= strategy.warmup;
      return isWarm ? vote : { ...vote, ...silent, words: "warming up" };
    } catch (error) {
      const words = `cannot say why: ${error instanceof Error ? error.message : String(error)}`;
      return { ...silent, words, numbers };
    }
  }
}

/** A vote and its weight, regime and performance included. */
export interface WeighedVote extends Vote {
  readonly weight: number;
}

function badStrength(name: string, strength: number): RangeError {
  return new RangeError(
    `Cannot count vote of strategy "${name}": strength is ${strength}, wanted from 0 to 1`,
  );
}
