/** Planes, candles and scripted strategies that the tests of `FramePlane` share. */
import type { Candle, Vote } from "../../../machines/domain/market.ts";
import type { SavedState } from "../../market/mod.ts";
import { FramePlane } from "../frames.ts";
import type { FramePlaneOptions } from "../plane-options.ts";
import type { BookReading } from "../strategies/book-reading.ts";
import { createStrategy, strategyNames } from "../strategies/catalog.ts";
import type { Bar } from "../strategies/testing/markets.ts";
import type { Strategy } from "../strategy.ts";

export const minute = 60_000;
export const allStrategies = () => strategyNames.map((name) => createStrategy(name));

export function createPlane(options: Partial<FramePlaneOptions> = {}): FramePlane {
  return new FramePlane({
    symbol: "BTC/USD",
    baseMs: minute,
    atrPeriod: 14,
    strategies: allStrategies,
    costShare: 0.001,
    onFailure: ({ error }) => {
      throw error;
    },
    ...options,
  });
}

/** The candle of minute `row`, which may be shifted into another hour. */
export function candleOf([open, high, low, close, volume]: Bar, row: number): Candle {
  const openedAt = row * minute;
  return { symbol: "BTC/USD", openedAt, timeframeMs: minute, open, high, low, close, volume };
}

/** As a store would keep it: bytes, and nothing shared with the original. */
export function stored({ key, values }: SavedState): SavedState {
  return { key, values: new Float64Array(values.slice().buffer) };
}

/** Says what the bar's close tells it: 1 above 0 is hold, -1 leave, 13 throws, 14 says nonsense. */
export class Scripted implements Strategy {
  readonly key = "scripted";
  readonly warmup: number = 1;
  direction: -1 | 0 | 1 = 0;
  strength = 0;
  seen = 0;
  readings = 0;
  readonly weight: number;
  readonly #name: string;

  constructor(name: string, weight = 0.5) {
    this.#name = name;
    this.weight = weight;
  }

  get name(): string {
    return this.#name;
  }

  update(
    _open: number,
    _high: number,
    _low: number,
    close: number,
    _volume: number,
    book: BookReading | null = null,
  ): void {
    this.seen += 1;
    if (book !== null) this.readings += 1;
    if (close === 1_013) throw new Error("thirteen");
    this.direction = close > 1_000 ? 1 : close < 1_000 ? -1 : 0;
    this.strength = close === 1_014 ? Number.NaN : 0.5;
  }

  vote(): Vote {
    const { direction, strength, seen, readings } = this;
    return {
      strategy: this.name,
      direction,
      strength,
      words: "script",
      numbers: { seen, readings },
    };
  }
}

export const flatBar = (close: number): Bar => [close, close + 1, close - 1, close, 1];

/** Three scripted strategies, of which only `moody` heeds 13 and 14. */
class Steady extends Scripted {
  override update(...bar: Parameters<Scripted["update"]>): void {
    const [open, high, low, close, volume, book] = bar;
    super.update(open, high, low, close > 1_000 ? 1_001 : close, volume, book);
  }
}
export const scripted = () => [new Scripted("moody"), new Steady("first"), new Steady("second")];

export function feed(plane: FramePlane, closes: readonly number[], from = 0): void {
  closes.forEach((close, row) => {
    plane.update(candleOf(flatBar(close), from + row));
  });
}
