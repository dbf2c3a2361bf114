import { expect, test } from "bun:test";
import { ceilingTicks, MarketWalk, type WalkParameters } from "./generator-walk.ts";
import { KeyedDraws } from "./keyed-draws.ts";

const seed = "walks";

function walkOf(parameters: Partial<WalkParameters>): MarketWalk {
  const given = {
    startTicks: 5_000_000,
    volatility: 0.002,
    correlation: 0,
    jumpRate: 0,
    gapRate: 0,
  };
  return new MarketWalk(
    { ...given, ...parameters },
    KeyedDraws.of(seed, "A/B"),
    KeyedDraws.of(seed, ""),
  );
}

test("volatility rises after a surprising candle and falls after a dull one", () => {
  const walk = walkOf({});
  walk.advance();
  const changes = { surprised: 0, surprisedUp: 0, dull: 0, dullDown: 0 };
  for (let index = 0; index < 20_000; index += 1) {
    const { deviation, price, before } = walk;
    const surprise = Math.abs(price / before - 1) / deviation;
    walk.advance();
    if (surprise > 2.5) {
      changes.surprised += 1;
      if (walk.deviation > deviation) changes.surprisedUp += 1;
    } else if (surprise < 0.2) {
      changes.dull += 1;
      if (walk.deviation < deviation) changes.dullDown += 1;
    }
  }
  expect(changes.surprised).toBeGreaterThan(100);
  expect(changes.dull).toBeGreaterThan(1_000);
  expect(changes.surprisedUp / changes.surprised).toBeGreaterThan(0.9);
  expect(changes.dullDown / changes.dull).toBeGreaterThan(0.7);
});

test("an endless walk stays in reach of its start", () => {
  const walk = walkOf({ volatility: 0.01 });
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let index = 0; index < 300_000; index += 1) {
    walk.advance();
    least = Math.min(least, walk.price / 5_000_000);
    most = Math.max(most, walk.price / 5_000_000);
  }
  console.log(
    `Walk of seed "${seed}": ${least.toPrecision(3)} to ${most.toPrecision(3)} of its start`,
  );
  expect([least > 1 / 1_000, most < 1_000]).toEqual([true, true]);
});

test("a walk stays between one tick and its ceiling", () => {
  const low = walkOf({ startTicks: 1, volatility: 0.25, jumpRate: 0.1 });
  const high = walkOf({ startTicks: ceilingTicks, volatility: 0.25, jumpRate: 0.1 });
  let [least, most] = [low.price, high.price];
  for (let index = 0; index < 5_000; index += 1) {
    low.advance();
    high.advance();
    least = Math.min(least, low.price);
    most = Math.max(most, high.price);
  }
  expect([least, most]).toEqual([1, ceilingTicks]);
});

test("a candle after missing ones starts from the price that moved meanwhile", () => {
  const [gappy, whole] = [walkOf({ gapRate: 0.3 }), walkOf({})];
  for (let index = 0; index < 1_000; index += 1) {
    gappy.advance();
    while (whole.place < gappy.place) whole.advance();
    expect([gappy.before, gappy.price, gappy.missing]).toEqual([whole.before, whole.price, false]);
  }
});
