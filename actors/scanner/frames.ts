import type { Candle } from "../../machines/domain/market.ts";
import {
  FrameAggregator,
  restoreState,
  type SavedState,
  type Stateful,
  saveState,
} from "../market/mod.ts";
import { Confluence, type ConfluenceInputs } from "./confluence.ts";
import { firstClosedGate, type Gate, gatesOf } from "./confluence-gates.ts";
import { Frame } from "./frame.ts";
import { GapShare } from "./gap-share.ts";
import type { MarketReading } from "./gates.ts";
import { confluenceNumberNames, frameNumberNames, frameNumbers } from "./plane-numbers.ts";
import {
  type ConfluenceEvaluation,
  type FrameEvaluation,
  type FramePlaneOptions,
  type PlaneSettings,
  planeSettings,
} from "./plane-options.ts";
import type { KnownStanding } from "./standing.ts";
import type { BookReading } from "./strategies/book-reading.ts";

const hourMs = 3_600_000;

/**
 * The data plane of one symbol over several timeframes: base bars in, one confluence out at each.
 *
 * Missing base candles are filled as `CandleSeries` fills them: flat at the last close, without
 * volume; a gap longer than the limit is left open. Longer frames vote by their last closed bar.
 */
export class FramePlane implements MarketReading, Stateful {
  readonly key: string;
  /** Base bars, at most, until as many frames as must agree are warm. */
  readonly warmup: number;
  /** Candles taken; those filled in are not among them. */
  bars = 0;
  /** Candles missing just before the last bar. */
  missed = 0;
  filled = 0;
  unfilled = 0;
  /** Whole ticks. */
  lastClose = Number.NaN;
  /** Ticks: the last close, or where it moved to since then. */
  price = Number.NaN;
  lastClosedAt = Number.NaN;
  /** What the last bar's confluence says once every gate is open; 0 where one is closed. */
  direction: -1 | 0 | 1 = 0;
  /** Confidence of it, 0 to 1. */
  strength = 0;
  /** Place in `gateNames` of the gate that stopped it; -1 for none. */
  stoppedBy = -1;
  readonly confluence = new Confluence();
  private lastOpenedAt = Number.NaN;
  private readonly gaps: GapShare;
  private readonly performance: Float64Array;
  /** By hour of the day, UTC. */
  private readonly sessions = new Float64Array(24).fill(1);
  private readonly frames: readonly Frame[];
  /** Of the frames beyond the base. */
  private readonly aggregators: readonly FrameAggregator[];
  private readonly inputs: { -readonly [Name in keyof ConfluenceInputs]: number };
  readonly #settings: PlaneSettings;

  constructor(options: FramePlaneOptions) {
    const settings = planeSettings(options);
    const { baseMs, frames, confluence, costShare } = settings;
    this.#settings = settings;
    this.performance = new Float64Array(settings.names.length).fill(1);
    this.gaps = new GapShare(settings.gapWindow);
    this.frames = frames.map((frameMs) => this.createFrame(frameMs));
    // Two rows, for a candle after a gap can close the frame that it left and its own.
    this.aggregators = frames.slice(1).map((frameMs) => new FrameAggregator(baseMs, frameMs, 2));
    this.inputs = {
      close: Number.NaN,
      costShare,
      spreadShare: Number.NaN,
      bookScore: Number.NaN,
      gapShare: 0,
      session: 1,
    };
    const factor = (frames[confluence.minFrames - 1] as number) / baseMs;
    const deciding = this.frames.slice(0, confluence.minFrames);
    // One more, for a longer frame whose beginning was not seen is dropped.
    const dropped = factor > 1 ? 1 : 0;
    this.warmup = factor * (Math.max(...deciding.map(({ warmup }) => warmup)) + dropped) - dropped;
    this.key = this.keyOf(settings);
  }

  private keyOf(settings: PlaneSettings): string {
    const { symbol, weights, confluence, multipliers, costShare, fillLimit } = settings;
    const { quarantineAfter } = settings;
    const rest = { confluence, multipliers, costShare, fillLimit, quarantineAfter };
    const parts = [symbol, this.gaps.key, ...this.frames.map(({ key }) => key)];
    return [...parts, JSON.stringify({ weights: [...weights], ...rest })].join("|");
  }

  private createFrame(frameMs: number): Frame {
    const settings = this.#settings;
    const strategies = settings.strategies();
    const names = strategies.map(({ name }) => name);
    if (names.join() !== settings.names.join()) {
      throw new RangeError(
        `Cannot create frame of ${frameMs} ms of "${settings.symbol}": strategies are ${names}, ` +
          `wanted ${settings.names} as in the others`,
      );
    }
    const { stopwatch, onSlow, performance } = { ...settings, performance: this.performance };
    return new Frame({ ...settings, frameMs, strategies, performance, stopwatch, onSlow });
  }

  /** Whether as many frames as must agree, from the base up, have all strategies warm. */
  get isWarm(): boolean {
    const { minFrames } = this.#settings.confluence;
    for (let index = 0; index < minFrames; index++) {
      if (!(this.frames[index] as Frame).isWarm) return false;
    }
    return true;
  }

  get baseMs(): number {
    return this.#settings.baseMs;
  }

  /**
   * Average true range of a frame, ticks; NaN until known. For a place beyond the frames (a position
   * may outlive the configuration that had more of them) that of the longest.
   */
  rangeOf(frame: number): number {
    return (this.frames[frame] ?? (this.frames.at(-1) as Frame)).range;
  }

  /** The gate that stopped the last evaluation; null where all were open. */
  get gate(): Gate | null {
    return this.gates().find(({ isOpen }) => !isOpen) ?? null;
  }

  get leaning(): -1 | 0 | 1 {
    return this.confluence.leaning;
  }

  /** The confluence's gates as they stand, in order. */
  gates(): readonly Gate[] {
    return gatesOf(this.confluence, this.#settings.confluence);
  }

  /** What these strategies say in as many frames as must agree; 0 where they do not. */
  directionAmong(names: readonly string[]): number {
    let [total, agreeing] = [0, 0];
    for (const frame of this.frames) total += frame.directionAmong(names);
    const balance = Math.sign(total) || 0;
    for (const frame of this.frames) if (frame.directionAmong(names) === balance) agreeing += 1;
    return agreeing >= this.#settings.confluence.minFrames ? balance : 0;
  }

  /** Names of the strategies that say hold, in any frame that leans so. */
  holders(): string[] {
    let mask = 0;
    for (const { direction, holdMask } of this.frames) if (direction > 0) mask |= holdMask;
    return this.#settings.names.filter((_, index) => (mask & (1 << index)) !== 0);
  }

  /**
   * Takes the next closed base bar, with what the order book said at its close where one is kept:
   * both are inputs, to be journaled together. Allocates nothing.
   * @throws {RangeError} if it is of another length, or not after the last one: a bug of the source
   */
  update(candle: Candle, book: BookReading | null = null): void {
    const { open, high, low, close, volume, openedAt, timeframeMs } = candle;
    this.check(candle);
    const missed =
      this.bars === 0 ? 0 : Math.round((openedAt - this.lastOpenedAt) / timeframeMs) - 1;
    this.missed = missed;
    if (missed > 0) this.bridge(missed, timeframeMs);
    this.gaps.update(missed);
    this.bars += 1;
    this.step(openedAt, open, high, low, close, volume, book);
    this.lastOpenedAt = openedAt;
    this.lastClosedAt = openedAt + timeframeMs;
    this.lastClose = close;
    this.inputs.spreadShare = book === null ? Number.NaN : book.spreadShare;
    this.inputs.bookScore = book === null ? Number.NaN : book.score;
    this.inputs.gapShare = this.gaps.value;
    this.judge(openedAt + timeframeMs, close);
  }

  /** The price moved since the last bar: its votes are judged again where it is now. */
  move(at: number, price: number): void {
    this.judge(at, price);
  }

  private check({ openedAt, timeframeMs }: Candle): void {
    if (timeframeMs !== this.#settings.baseMs || openedAt <= this.lastOpenedAt) {
      throw new RangeError(
        `Cannot take candle of ${openedAt} and ${timeframeMs} ms: the last one is of ` +
          `${this.lastOpenedAt}, wanted a later one of ${this.#settings.baseMs} ms`,
      );
    }
  }

  private bridge(missed: number, baseMs: number): void {
    if (missed > this.#settings.fillLimit) {
      this.unfilled += missed;
      return;
    }
    this.filled += missed;
    const flat = this.lastClose;
    for (let step = 1; step <= missed; step++) {
      this.step(this.lastOpenedAt + step * baseMs, flat, flat, flat, flat, 0, null);
    }
  }

  private step(
    openedAt: number,
    open: number,
    high: number,
    low: number,
    close: number,
    volume: number,
    book: BookReading | null,
  ): void {
    const baseMs = this.#settings.baseMs;
    (this.frames[0] as Frame).update(open, high, low, close, volume, book);
    for (let index = 0; index < this.aggregators.length; index++) {
      const aggregator = this.aggregators[index] as FrameAggregator;
      const frame = this.frames[index + 1] as Frame;
      const closed = aggregator.update(openedAt, open, high, low, close, volume);
      const { ring, frameMs } = aggregator;
      for (let ago = closed - 1; ago >= 0; ago--) {
        const row = ring.row(ago);
        // The reading is of this candle's close, which is not that of a frame that a gap left open.
        const ends = (ring.openedAt[row] as number) + frameMs === openedAt + baseMs;
        frame.update(
          ring.open[row] as number,
          ring.high[row] as number,
          ring.low[row] as number,
          ring.close[row] as number,
          ring.volume[row] as number,
          ends ? book : null,
        );
      }
    }
  }

  private judge(at: number, price: number): void {
    const { inputs, confluence } = this;
    this.price = price;
    inputs.close = price;
    inputs.session = this.sessions[Math.floor(at / hourMs) % 24] as number;
    const settings = this.#settings.confluence;
    confluence.measure(this.frames, inputs, settings);
    this.stoppedBy = firstClosedGate(confluence, settings);
    this.direction = this.stoppedBy === -1 ? confluence.leaning : 0;
    this.strength = confluence.confidence;
  }

  /**
   * Sets how well a strategy does: its weight is multiplied by it from now on, 0 disables it. An
   * input, to be journaled. @throws {RangeError} for an unknown strategy or beyond 0 to 2
   */
  setPerformance(strategy: string, performance: number): void {
    const index = this.#settings.names.indexOf(strategy);
    if (index < 0 || !(performance >= 0 && performance <= 2)) {
      throw new RangeError(
        `Cannot set performance of strategy "${strategy}" to ${performance}: ` +
          `wanted 0 to 2, and one of ${this.#settings.names.join(", ")}`,
      );
    }
    this.performance[index] = performance;
    for (const frame of this.frames) frame.weigh();
  }

  /** The multipliers that were set, by strategy and by hour: 1 where none was. */
  get standing(): Required<KnownStanding> {
    const { names } = this.#settings;
    const pairs = names.map((name, index) => [name, this.performance[index] as number] as const);
    return {
      performance: Object.fromEntries(pairs),
      sessions: Object.fromEntries(this.sessions.entries()),
    };
  }

  /** Takes over what is new of the multipliers; strategies that it does not have are passed over. */
  stand({ performance = {}, sessions = {} }: KnownStanding): void {
    for (const [name, value] of Object.entries(performance)) {
      if (this.#settings.names.includes(name)) this.setPerformance(name, value);
    }
    for (const [hour, value] of Object.entries(sessions)) this.setSession(Number(hour), value);
  }

  /**
   * Sets what an entry's confidence is multiplied by in an hour of the day, UTC. An input, to be
   * journaled. @throws {RangeError} beyond hours 0 to 23 or multipliers 0 to 2
   */
  setSession(hour: number, multiplier: number): void {
    const isHour = Number.isInteger(hour) && hour >= 0 && hour < 24;
    if (!isHour || !(multiplier >= 0 && multiplier <= 2)) {
      throw new RangeError(
        `Cannot set session multiplier of hour ${hour} to ${multiplier}: ` +
          "wanted hours 0 to 23, and multipliers from 0 to 2",
      );
    }
    this.sessions[hour] = multiplier;
  }

  /** The last bar's evaluation, with every vote of every frame and every gate in order. */
  evaluation(candle: Candle): ConfluenceEvaluation {
    const { leaning, confidence, highest, stop, target } = this.confluence;
    const frames = this.frames.map((frame, index) => this.frameEvaluation(frame, index));
    return {
      symbol: candle.symbol,
      at: candle.openedAt + candle.timeframeMs,
      close: candle.close,
      atr: this.rangeOf(Math.max(highest, 0)),
      direction: this.direction,
      strength: this.strength,
      votes: frames.flatMap(({ frameMs, votes }) =>
        votes.map(({ weight: _, ...vote }) => ({
          ...vote,
          strategy: `${vote.strategy}@${frameMs / 1_000}s`,
        })),
      ),
      leaning,
      confidence,
      highestFrameMs: this.#settings.frames[highest] ?? null,
      stop,
      target,
      gates: gatesOf(this.confluence, this.#settings.confluence),
      frames,
    };
  }

  private frameEvaluation(frame: Frame, index: number): FrameEvaluation {
    return {
      frameMs: this.#settings.frames[index] as number,
      isWarm: frame.isWarm,
      regime: frame.regime.name,
      adx: frame.regime.adx,
      relativeVolatility: frame.regime.relative,
      atr: frame.range,
      score: frame.score,
      votes: frame.votes(),
    };
  }

  /** The last evaluation as numbers, in the order of `featureNames`. */
  features(): Float32Array {
    return Float32Array.from([...this.confluenceNumbers(), ...this.frames.flatMap(frameNumbers)]);
  }

  get featureNames(): readonly string[] {
    const { names, frames } = this.#settings;
    const ofFrames = frames.flatMap((frameMs) => frameNumberNames(frameMs, names));
    return [...confluenceNumberNames, ...ofFrames];
  }

  /** Whether each frame by itself has all strategies warm, the base first. */
  get warmFrames(): readonly boolean[] {
    return this.frames.map(({ isWarm }) => isWarm);
  }

  private confluenceNumbers(): number[] {
    const { leaning, frames, highest, strategies, confidence, rewardToRisk } = this.confluence;
    const { spreadShare, bookScore, gapShare, session } = this.inputs;
    const measured = [leaning, frames, highest, strategies, confidence, rewardToRisk];
    return [...measured, spreadShare, bookScore, gapShare, session];
  }

  /** Names of the strategies that are in quarantine in any frame. */
  quarantined(): readonly string[] {
    return [...new Set(this.frames.flatMap((frame) => frame.quarantined()))];
  }

  /** Hears a strategy again in every frame. An input, to be journaled. */
  release(strategy: string): void {
    for (const frame of this.frames) frame.release(strategy);
  }

  /** How often a strategy has failed, over all frames. */
  failuresOf(strategy: string): number {
    return this.frames.reduce((total, frame) => total + frame.failuresOf(strategy), 0);
  }

  save(): SavedState {
    return saveState(this);
  }

  restore(saved: SavedState): void {
    restoreState(this, saved);
  }
}
