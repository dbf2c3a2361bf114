import { describe, expect, test } from "bun:test";
import { IchimokuStrategy } from "./ichimoku.ts";
import { type Bar, brief, mirrored, ofCloses, repeated, voteAfter } from "./testing/markets.ts";

const parameters = { conversion: 2, base: 3, span: 4 };

function vote(bars: readonly Bar[]) {
  return voteAfter(new IchimokuStrategy(parameters), bars);
}

const rising = ofCloses([1000, 1002, 1004, 1006, 1008, 1010, 1012, 1014]);

describe("IchimokuStrategy", () => {
  test.each([
    ["holds in full above the cloud when all agrees", rising, "hold 1"],
    ["leaves in full below the cloud when all agrees", mirrored(rising), "leave 1"],
    [
      "says nothing above the cloud while the lines are level",
      ofCloses(Array(12).fill(1000)),
      "none",
    ],
    ["says nothing in a market that stands still", ofCloses(Array(12).fill(1000), 0), "none"],
  ])("%s", (_name, bars, wanted) => {
    expect(brief(vote(bars))).toBe(wanted);
  });

  // The cloud lies at 1000, lows rise, and the close of three bars ago was 1005.
  test.each([
    ["says nothing at the cloud's edge", 1000, "none"],
    ["holds one tick above it, for less while the lagging line disagrees", 1001, "hold 0.75"],
    ["holds for less while the lagging line is level", 1005, "hold 0.75"],
    ["holds in full once it agrees", 1006, "hold 1"],
  ])("%s", (_name, close, wanted) => {
    const level = repeated(8, [1005, 1010, 990, 1005, 1]);
    const rising: Bar[] = [
      [1005, 1010, 996, 1000, 1],
      [1000, 1010, 996, close, 1],
    ];
    const { numbers, ...said } = vote([...level, ...rising]);
    expect([numbers.cloudA, numbers.cloudB, brief({ numbers, ...said })]).toEqual([
      1000,
      1000,
      wanted,
    ]);
  });
});
