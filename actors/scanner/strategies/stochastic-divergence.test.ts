import { describe, expect, test } from "bun:test";
import { StochasticDivergenceStrategy } from "./stochastic-divergence.ts";
import {
  type Bar,
  brief,
  directionsOver,
  mirrored,
  ofRanges,
  sampleBars,
  voteAfter,
} from "./testing/markets.ts";

const parameters = {
  period: 3,
  slowing: 1,
  signal: 1,
  zone: 30,
  minChange: 3,
  maxBars: 60,
  freshBars: 2,
};

function create(changed: Partial<typeof parameters> = {}) {
  return new StochasticDivergenceStrategy({ ...parameters, ...changed });
}

// %K over three bars: -, -, 14, 0, 44, 11, 71. The first trough is 0 at 1000, the second 11 at 970.
const divergence = ofRanges([
  [1120, 1100, 1110],
  [1100, 1080, 1090],
  [1090, 1050, 1060],
  [1070, 1000, 1000],
  [1040, 1010, 1040],
  [1040, 980, 990],
  [1020, 970, 1020],
]);
const trough = 100 / 9;
/** The same with three bars between the troughs, the second of which is 15.4. */
const apart = divergence.toSpliced(5, 0, [1040, 1045, 1020, 1042, 1]);

function secondTrough(high: number, low: number, close: number): Bar[] {
  const bars = divergence.slice(0, 5);
  return [...bars, [1040, high, low, close, 1], [close, 1035, low, 1035, 1]];
}

describe("StochasticDivergenceStrategy", () => {
  test.each([
    ["holds when price made a lower low and %K did not", divergence, {}, "hold 0.7778"],
    [
      "leaves when price made a higher high and %K did not",
      mirrored(divergence),
      {},
      "leave 0.7778",
    ],
    ["says nothing before %K has turned up", divergence.slice(0, 6), {}, "none"],
    ["says nothing when price made no lower low", secondTrough(1040, 1001, 1005), {}, "none"],
    ["says nothing at an equal low", secondTrough(1040, 1000, 1005), {}, "none"],
    ["holds at a low one tick lower", secondTrough(1040, 999, 1007), {}, "hold 0.7817"],
    ["says nothing when %K's trough is out of the zone", divergence, { zone: 11 }, "none"],
    ["says nothing when the troughs are too far apart", apart, { maxBars: 2 }, "none"],
    ["holds when they are just near enough", apart, { maxBars: 3 }, "hold 0.8846"],
    ["says nothing in a market that stands still", ofRanges(Array(20).fill([9, 9, 9])), {}, "none"],
  ])("%s", (_name, bars, changed, wanted) => {
    expect(brief(voteAfter(create(changed), bars))).toBe(wanted);
  });

  test("%K must differ by at least the least change", () => {
    expect([
      voteAfter(create({ minChange: trough - 1e-9 }), divergence).direction,
      voteAfter(create({ minChange: trough + 1e-9 }), divergence).direction,
    ]).toEqual([1, 0]);
  });

  test("counts for its fresh bars, and not when price closes below its low", () => {
    const above: Bar = [1020, 1030, 1000, 1020, 1];
    const below: Bar = [1020, 1020, 960, 969, 1];
    const atLow: Bar = [1020, 1020, 960, 970, 1];
    const after = (...bars: Bar[]) => directionsOver(create(), [...divergence, ...bars]).slice(7);
    expect([after(above, above, above), after(atLow), after(below)]).toEqual([[1, 1, 0], [1], [0]]);
  });

  test("a %K of 0 by convention, in a window without range, is no trough", () => {
    const stands = ofRanges([
      [1120, 1100, 1110],
      [1100, 1080, 1090],
      [1090, 1050, 1060],
      [1060, 1060, 1060],
      [1060, 1060, 1060],
      [1060, 1060, 1060],
    ]);
    const moves = ofRanges([
      [1090, 1060, 1090],
      [1090, 1050, 1058],
      [1090, 1050, 1085],
    ]);
    expect(directionsOver(create(), [...stands, ...moves])).toEqual(Array(9).fill(0));
  });

  test("a tie of %K is one wherever the first bar was", () => {
    const bars = sampleBars(3, 6_000);
    const [whole, ...later] = [0, 1, 2, 3, 4].map((from) => {
      const strategy = new StochasticDivergenceStrategy();
      return bars.slice(from).map((bar) => {
        strategy.update(bar[0], bar[1], bar[2], bar[3]);
        return `${strategy.direction} ${strategy.strength.toFixed(9)}`;
      });
    });
    for (const said of later) expect(said.slice(-5_800)).toEqual(whole?.slice(-5_800) ?? []);
  });
});
