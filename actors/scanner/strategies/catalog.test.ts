import { describe, expect, test } from "bun:test";
import { restoreState, type SavedState, saveState } from "../../market/mod.ts";
import {
  createStrategy,
  kindOf,
  type StrategyName,
  strategyCatalog,
  strategyNames,
} from "./catalog.ts";
import { type Bar, sampleBars, sampleReading, scaled } from "./testing/markets.ts";

/** As a store would keep it: bytes, and nothing shared with the original. */
function stored({ key, values }: SavedState): SavedState {
  return { key, values: new Float64Array(values.slice().buffer) };
}

function feed(strategy: ReturnType<typeof createStrategy>, bars: readonly Bar[], row: number) {
  strategy.update(...(bars[row] as Bar), sampleReading(row));
}

test("the twelve strategies have their weights", () => {
  const weights = strategyNames.map((name) => [name, createStrategy(name).weight]);
  expect(Object.fromEntries(weights)).toEqual({
    keltner: 0.3,
    meanReversion: 0.25,
    ichimoku: 0.15,
    orderFlow: 0.15,
    trend: 0.15,
    stochasticDivergence: 0.12,
    squeeze: 0.12,
    supertrend: 0.1,
    reversal: 0.1,
    momentum: 0.1,
    breakout: 0.1,
    smaCross: 0.1,
  });
});

describe.each(strategyNames.map((name) => [name]))("%s", (name) => {
  const bars = sampleBars(11, 3_000);

  test("is called by its name, and says so in its key and votes", () => {
    const strategy = createStrategy(name);
    expect([strategy.name, strategy.key.split(":")[0], strategy.vote().strategy]).toEqual([
      name,
      name,
      name,
    ]);
  });

  test("votes both ways in a lively market, never before its warm-up, always from 0 to 1", () => {
    const seen = new Set<number>();
    let first = Number.POSITIVE_INFINITY;
    for (const seed of [1, 2, 3, 4]) {
      const strategy = createStrategy(name);
      sampleBars(seed, 3_000).forEach((bar, row) => {
        strategy.update(...bar, sampleReading(row));
        const { direction, strength } = strategy;
        seen.add(direction);
        if (direction !== 0) first = Math.min(first, row + 1);
        const fits = strength >= 0 && strength <= 1 && (direction !== 0 || strength === 0);
        if (!fits) throw new Error(`strength ${strength} with direction ${direction}`);
      });
    }
    expect([...seen].toSorted()).toEqual([-1, 0, 1].toSorted());
    // Trend takes the first side it sees for a cross, one bar early; a frame does not hear it then.
    const early = name === "trend" ? 1 : 0;
    expect(first).toBeGreaterThanOrEqual(createStrategy(name).warmup - early);
  });

  test("says nothing in a market that never moved", () => {
    const strategy = createStrategy(name);
    for (let row = 0; row < 300; row++) {
      strategy.update(500, 500, 500, 500, 0, null);
      expect(strategy.direction).toBe(0);
    }
  });

  // A power of two changes no bit of any quotient.
  test("does not mind the scale of prices", () => {
    const [small, large] = [createStrategy(name), createStrategy(name)];
    const scaledBars = scaled(bars, 1_024);
    for (let row = 0; row < bars.length; row++) {
      feed(small, bars, row);
      feed(large, scaledBars, row);
      const [wanted, actual] = [small, large].map(({ direction, strength }) => [
        direction,
        strength,
      ]);
      expect(actual).toEqual(wanted);
    }
  });

  for (const savedAfter of [0, 1, 17, 79, 1_203]) {
    test(`saved after ${savedAfter} bars and restored, it goes on bit for bit`, () => {
      const original = createStrategy(name);
      const restored = createStrategy(name);
      for (let row = 0; row < savedAfter; row++) feed(original, bars, row);
      restoreState(restored, stored(saveState(original)));
      for (let row = savedAfter; row < savedAfter + 600; row++) {
        feed(original, bars, row);
        feed(restored, bars, row);
        expect(restored.vote()).toEqual(original.vote());
      }
      expect([...saveState(restored).values]).toEqual([...saveState(original).values]);
    });
  }

  test("has standard parameters within their bounds, and refuses any beyond them", () => {
    const { rules } = strategyCatalog[name];
    for (const [parameter, { standard, least, most, isWhole }] of Object.entries(rules)) {
      expect(standard >= least && standard <= most).toBe(true);
      const wrong = [least - 1, most + 1, Number.NaN, ...(isWhole ? [least + 0.5] : [])];
      for (const value of wrong) {
        expect(() => createStrategy(name, { [parameter]: value })).toThrow(
          `Cannot create strategy "${name}": ${parameter} is ${value}, ` +
            `wanted a ${isWhole ? "whole " : ""}number from ${least} to ${most}`,
        );
      }
    }
  });

  test("has every parameter in its key, so that no state goes to another one", () => {
    const { rules } = strategyCatalog[name];
    const keys = Object.entries(rules).map(([parameter, { standard, most, isWhole }]) => {
      const value = isWhole ? standard + 1 : (standard + most) / 2;
      return createStrategy(name, { [parameter]: value }).key;
    });
    expect(new Set([createStrategy(name).key, ...keys]).size).toBe(keys.length + 1);
  });
});

test("an unknown parameter is refused with the known ones", () => {
  expect(() => createStrategy("keltner", { periode: 3 })).toThrow(
    'Cannot create strategy "keltner": unknown parameter "periode", ' +
      "wanted one of period, range, width, slope",
  );
});

test("kindOf knows the catalog and nothing else", () => {
  expect([...strategyNames, "toString"].map((name) => kindOf(name as StrategyName))).toEqual([
    "breakout",
    "reversion",
    "trend",
    "flow",
    "trend",
    "reversion",
    "breakout",
    "trend",
    "reversion",
    "trend",
    "breakout",
    "trend",
    undefined,
  ]);
});
