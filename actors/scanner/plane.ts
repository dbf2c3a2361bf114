import type { Candle, Evaluation } from "../../machines/domain/market.ts";
import { Atr, restoreState, type SavedState, type Stateful, saveState } from "../market/mod.ts";
import type { Strategy } from "./strategy.ts";

/**
 * The data plane of one symbol: takes closed bars, keeps indicators and strategies, and says what
 * they come to. Plain functions over numbers; the actors hear only of what changes a decision.
 */
export class SymbolPlane implements Stateful {
  readonly key: string;
  /** Bars until it may be traded. */
  readonly warmup: number;
  bars = 0;
  /** Candles missing just before the last bar. */
  missed = 0;
  /** Whole ticks. */
  lastClose = Number.NaN;
  /** When the last bar closed, Unix milliseconds. */
  lastClosedAt = Number.NaN;
  private lastOpenedAt = Number.NaN;
  direction = 0;
  strength = 0;
  private readonly atr: Atr;
  private readonly strategies: readonly Strategy[];

  constructor(symbol: string, strategies: readonly Strategy[], atrPeriod: number) {
    this.strategies = strategies;
    this.atr = new Atr(atrPeriod);
    this.key = [symbol, this.atr.key, ...strategies.map((each) => each.key)].join("|");
    this.warmup = Math.max(this.atr.warmup, ...strategies.map((each) => each.warmup));
  }

  get isWarm(): boolean {
    return this.bars >= this.warmup;
  }

  /** Average true range, ticks. */
  get range(): number {
    return this.atr.value;
  }

  /** Takes the next closed bar. Allocates nothing. */
  update(candle: Candle): void {
    const { open, high, low, close, volume, openedAt, timeframeMs } = candle;
    this.missed =
      this.bars === 0 ? 0 : Math.round((openedAt - this.lastOpenedAt) / timeframeMs) - 1;
    this.lastOpenedAt = openedAt;
    this.lastClosedAt = openedAt + timeframeMs;
    this.lastClose = close;
    this.bars += 1;
    this.atr.update(high, low, close);
    for (const strategy of this.strategies) strategy.update(open, high, low, close, volume);
    const score = this.score(null);
    this.direction = Math.sign(score) || 0;
    this.strength = Math.abs(score);
  }

  /** What those who voted for an entry say now: an exit is theirs to call, not their rivals'. */
  directionAmong(names: readonly string[]): number {
    return Math.sign(this.score(names)) || 0;
  }

  /** Names of the strategies that say hold. */
  holders(): string[] {
    return this.strategies.filter(({ direction }) => direction > 0).map(({ name }) => name);
  }

  /** Weighted vote over the weights that voted, -1 to 1. Allocates nothing. */
  private score(names: readonly string[] | null): number {
    let weighed = 0;
    let weights = 0;
    for (const strategy of this.strategies) {
      if (strategy.direction === 0) continue;
      if (names !== null && !names.includes(strategy.name)) continue;
      weighed += strategy.weight * strategy.direction * strategy.strength;
      weights += strategy.weight;
    }
    return weights === 0 ? 0 : weighed / weights;
  }

  /** The last bar's evaluation, with every vote. */
  evaluation(candle: Candle): Evaluation {
    return {
      symbol: candle.symbol,
      at: candle.openedAt + candle.timeframeMs,
      close: candle.close,
      atr: this.atr.value,
      direction: this.direction > 0 ? 1 : this.direction < 0 ? -1 : 0,
      strength: this.strength,
      votes: this.strategies.map((strategy) => strategy.vote()),
    };
  }

  save(): SavedState {
    return saveState(this);
  }

  restore(saved: SavedState): void {
    restoreState(this, saved);
  }
}
