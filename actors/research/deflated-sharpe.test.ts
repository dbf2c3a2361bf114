import { describe, expect, test } from "bun:test";
import {
  deflatedSharpe,
  expectedBestSharpe,
  momentsOf,
  normalBelow,
  normalQuantile,
  probabilisticSharpe,
} from "./deflated-sharpe.ts";

describe("the normal distribution", () => {
  test("has the quantiles of the tables", () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 10);
    expect(normalQuantile(0.99)).toBeCloseTo(2.3263478740408408, 10);
    expect(normalBelow(-1.6448536269514722)).toBeCloseTo(0.05, 12);
    expect([normalBelow(-9), normalBelow(9)]).toEqual([0, 1]);
    expect(() => normalQuantile(1)).toThrow("Cannot take quantile 1");
  });
});

describe("the example of Bailey and Lopez de Prado (2014)", () => {
  // Yearly ratio 2.5 over five years of 250 daily returns, variance of the trials' ratios 1/2 a year.
  const found = { count: 1_250, sharpe: 2.5 / Math.sqrt(250), skewness: -3, kurtosis: 10 };
  const variance = 1 / 2 / 250;

  test("the best of 100 trials by chance shows 0.1132 a day", () => {
    expect(expectedBestSharpe(100, variance)).toBeCloseTo(0.1132, 4);
  });

  test("the strategy has skill with 90.04 % after 100 trials, 95.05 % after 46", () => {
    const after = (trials: number) =>
      probabilisticSharpe(found, expectedBestSharpe(trials, variance));
    expect(after(100)).toBeCloseTo(0.9004, 4);
    expect(after(46)).toBeCloseTo(0.9505, 4);
  });

  test("with normal returns 88 trials come to what 46 do with theirs", () => {
    const normal = { ...found, skewness: 0, kurtosis: 3 };
    expect(probabilisticSharpe(normal, expectedBestSharpe(88, variance))).toBeCloseTo(0.9505, 4);
  });
});

describe("moments of returns", () => {
  test("are those worked out by hand", () => {
    // Ten pairs of 1 and 3: mean 2, population variance 1, sample variance 20/19.
    const returns = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 1 : 3));
    const moments = momentsOf(returns);
    expect(moments?.sharpe).toBeCloseTo(2 / Math.sqrt(20 / 19), 12);
    expect(moments?.skewness).toBeCloseTo(0, 12);
    expect(moments?.kurtosis).toBeCloseTo(1, 12);
  });

  test("are none of too few returns, and of ones that do not vary", () => {
    expect(momentsOf([0.1, 0.2])).toBeNull();
    expect(momentsOf(new Array(50).fill(0.01))).toBeNull();
  });
});

describe("the deflated ratio", () => {
  const moments = { count: 500, sharpe: 0.1, skewness: 0, kurtosis: 3 };

  test("of one trial is not corrected", () => {
    const deflated = deflatedSharpe(moments, [0.1]);
    expect(deflated).toMatchObject({ trials: 1, expectedBest: 0 });
    expect(deflated.probability).toBe(probabilisticSharpe(moments, 0));
  });

  test("falls with every further trial of the same spread, and passes over unknown ones", () => {
    const few = deflatedSharpe(moments, [0.1, 0, null]);
    const many = deflatedSharpe(
      moments,
      Array.from({ length: 100 }, (_, index) => (index % 2) / 10),
    );
    expect(few.trials).toBe(2);
    expect(many.probability ?? 1).toBeLessThan(few.probability ?? 0);
  });

  test("is unknown where the chosen one's returns are too few", () => {
    expect(deflatedSharpe(null, [0.1, 0.2]).probability).toBeNull();
  });
});
