/** Planted flaws, each in a strategy or an entry rule of the test's own, and honest ones beside. */
import { describe, expect, test } from "bun:test";
import type { CandleSource } from "../../actors/market/ports.ts";
import { type RoundTrip, seededStream, significanceOf } from "../../actors/research/mod.ts";
import type { Strategy } from "../../actors/scanner/mod.ts";
import { createStrategy, FramePlane } from "../../actors/scanner/mod.ts";
import { runConfig } from "../cli/run-config.ts";
import { startConfiguration } from "../cli/start-configuration.ts";
import { generatorSource } from "../market/mod.ts";
import { entryRules, lookAhead, warmUp } from "./analyses.ts";
import { candlesOf, decisionsOf, type Look, planeValues, valuesOf } from "./looks.ts";
import { columnsOf, shareCandles, sharedSource } from "./shared-candles.ts";

const minute = 60_000;
const startAt = Date.UTC(2026, 0, 1);
const market = generatorSource({
  ...{ seed: 7, startAt, timeframeMs: minute },
  symbols: [{ symbol: "BTC/USD", startPrice: "64000", tick: "0.1" }],
} as unknown as Parameters<typeof generatorSource>[0]);
const candles = shareCandles(market, { until: startAt + 3_000 * minute });

/** What a test's strategy shares with every other one. */
abstract class Planted implements Strategy {
  readonly key: string = "planted";
  readonly name: string = "planted";
  readonly weight = 1;
  readonly warmup: number = 20;
  direction: -1 | 0 | 1 = 0;
  strength = 0;
  bars = 0;

  update(_open: number, _high: number, _low: number, close: number): void {
    this.bars += 1;
    const rises = this.says(close);
    this.direction = rises > 0 ? 1 : rises < 0 ? -1 : 0;
    this.strength = Math.min(1, Math.abs(rises));
  }

  vote() {
    const { name: strategy, direction, strength } = this;
    return { strategy, direction, strength, words: "planted", numbers: {} };
  }

  protected abstract says(close: number): number;
}

/** Reads the close of the bar to come out of the data that it was made with. */
class Peeking extends Planted {
  readonly #closes: readonly number[];

  constructor(source: CandleSource) {
    super();
    this.#closes = [...candlesOf(source)].map(({ close }) => close);
  }

  protected says(close: number): number {
    return (this.#closes[this.bars] ?? close) - close;
  }
}

/** Goes by the mean of all closes that it ever heard. */
class Endless extends Planted {
  total = 0;

  protected says(close: number): number {
    this.total += close;
    return (close / (this.total / this.bars) - 1) * 10;
  }
}

const settings = {
  ...{
    minFrames: 1,
    minStrategies: 1,
    minConfidence: 1e-9,
    minRewardToRisk: 0.01,
    maxSpreadShare: 1,
  },
  ...{ maxGapShare: 1, frameBonus: [1], stopAtr: 3, targetAtr: 6, bookWeight: 0 },
};

/** A plane of one strategy over a source, as a look at its decisions or at its values. */
function lookWith(strategy: (source: CandleSource) => Strategy): Look {
  return (source) => {
    const plane = new FramePlane({
      ...{ symbol: "BTC/USD", baseMs: minute, atrPeriod: 14, frames: [minute], costShare: 0 },
      strategies: () => [strategy(source)],
      confluence: settings,
      onFailure: ({ error }) => {
        throw error;
      },
    });
    return [...candlesOf(source)].flatMap((candle) => {
      plane.update(candle);
      const said = planeValues(plane);
      return said ? [{ at: candle.openedAt + minute, subject: "BTC/USD", ...said }] : [];
    });
  };
}

const honest = lookWith(() => createStrategy("momentum"));
const isTelling = ({ values }: { values: Readonly<Record<string, unknown>> }) =>
  values.direction !== 0;

describe("the look-ahead check", () => {
  test("finds a strategy that reads the bar to come", async () => {
    const report = await lookAhead(
      lookWith((source) => new Peeking(source)),
      candles,
      8,
      isTelling,
    );
    expect(report.cuts).toHaveLength(8);
    expect(report.differing).toBeGreaterThan(0);
    // What it knew too early is what it decided at the very cut.
    expect(report.cuts).toContain(report.first[0]?.at ?? 0);
  });

  test("finds nothing in one that does not", async () => {
    const report = await lookAhead(honest, candles, 8, isTelling);
    expect([report.differing, report.values > 1_000]).toEqual([0, true]);
  });
});

describe("the warm-up check", () => {
  const options = { histories: 3, tolerance: 0.01 };

  test("finds a strategy that goes by all that it ever heard", async () => {
    const report = await warmUp(
      lookWith(() => new Endless()),
      candles,
      options,
    );
    expect(report.endless).toContain("planted@60s");
  });

  test("finds none in one whose memory ends", async () => {
    const report = await warmUp(honest, candles, options);
    expect(report.endless.filter((name) => name.startsWith("momentum"))).toEqual([]);
    expect(report.values).toBeGreaterThan(1_000);
  });

  test("finds the shipped strategies to be what they would be after any longer history", async () => {
    const { settings } = startConfiguration({ set: [] });
    const long = shareCandles(market, { until: startAt + 9_000 * minute });
    const config = runConfig(sharedSource(long), 7, "none", settings);
    const report = await warmUp(valuesOf(config), long, options);
    expect(report.endless).toEqual([]);
    expect(report.values).toBeGreaterThan(100_000);
    // Who waits for a cross or a turn settles at the first one.
    const differing = report.rows.reduce((total, row) => total + row.differing, 0);
    expect(differing / report.values).toBeLessThan(0.001);
    expect(
      report.rows.map(({ name }) => name).filter((name) => /^(regime|adx|range)/.test(name)),
    ).toEqual([]);
    // Two of three frames decide: the third, warm later, changes what they come to.
    expect(report.early.differing).toBeGreaterThan(0);
    expect(report.early.differing / report.early.values).toBeLessThan(0.25);
  });

  test("calls a warm-up short that a longer history corrects", async () => {
    class Hasty extends Planted {
      override readonly warmup = 1;
      slow = Number.NaN;

      protected says(close: number): number {
        this.slow = Number.isNaN(this.slow) ? close : this.slow + (close - this.slow) / 20;
        return (close / this.slow - 1) * 100;
      }
    }
    const report = await warmUp(
      lookWith(() => new Hasty()),
      candles,
      options,
    );
    const row = report.rows.find(({ name }) => name === "planted@60s");
    expect(row?.differing).toBeGreaterThan(0);
    expect(row?.differingAtEnd).toBe(0);
  });
});

const closes = columnsOf(candles.series[0] as (typeof candles.series)[number])[4] as Float64Array;

describe("the significance of entries", () => {
  const bars = 10;
  const count = 60;
  const judge = (entries: readonly number[], seed: number) =>
    significanceOf(
      [{ closes, entries: entries.map((bar) => ({ bar, bars })) }],
      999,
      seededStream(seed),
    );

  test('says "no" to entries at random', () => {
    const stream = seededStream(11);
    const random = Array.from({ length: count }, () =>
      Math.floor(stream() * (closes.length - bars)),
    );
    const said = judge(random, 1);
    expect(said).toMatchObject({ entries: count, isSignificant: false });
    expect(judge(random, 1)).toEqual(said);
  });

  test('says "yes" to entries before a rise', () => {
    const rising = Array.from({ length: closes.length - bars }, (_, bar) => bar).filter(
      (bar) => (closes[bar + bars] as number) > (closes[bar] as number),
    );
    const edge = Array.from({ length: count }, (_, index) => rising[index * 7] as number);
    expect(judge(edge, 2)).toMatchObject({ isSignificant: true, pValue: 0.001 });
  });

  test("says nothing of fewer than ten, and refuses an entry outside of the candles", () => {
    expect(judge([1, 2, 3], 1)).toBeNull();
    const outside = Array.from({ length: 10 }, () => closes.length - 1);
    expect(() => judge(outside, 1)).toThrow("Cannot judge entry at bar 2999 held for 10");
  });

  test("takes a run's entries at the last close before they were filled", () => {
    const trade = (openedAt: number, closedAt: number | null) =>
      ({ symbol: "BTC/USD", openedAt, closedAt }) as unknown as RoundTrip;
    const trades = [
      trade(startAt + 5 * minute, startAt + 9 * minute + 1),
      trade(startAt + 5.5 * minute, null),
    ];
    expect(entryRules(candles, trades)).toMatchObject([{ entries: [{ bar: 4, bars: 4 }] }]);
  });
});

test("what is looked at are decisions on bars and on moves inside them", async () => {
  const { settings: lively } = startConfiguration({ set: ["strategy.eventPriceMovePct=0.05"] });
  const source = sharedSource(candles);
  const seen = await decisionsOf(runConfig(source, 1, "none", lively))(source);
  const isMove = ({ subject }: (typeof seen)[number]) => subject.endsWith(", on a move");
  const moves = seen.filter(isMove).length;
  expect([seen.length - moves, moves > 100]).toEqual([source.length ?? 0, true]);
});
