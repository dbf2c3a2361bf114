import { describe, expect, test } from "bun:test";
import { BreakoutStrategy } from "./breakout.ts";
import { type Bar, brief, directionsOver, repeated, voteAfter } from "./testing/markets.ts";

const parameters = { period: 3, exit: 2, volume: 2, volumeFactor: 1.5, freshBars: 2 };
const create = () => new BreakoutStrategy(parameters);

const before = repeated(4, [1000, 1005, 995, 1000, 10]);
const then = (close: number, volume = 10): Bar[] => [
  ...before,
  [1000, Math.max(1000, close), Math.min(1000, close), close, volume],
];

describe("BreakoutStrategy", () => {
  test.each([
    ["says nothing on a close at the highest high", then(1005), "none"],
    ["holds on a close one tick above it", then(1006), "hold 0.6"],
    ["holds in full with just enough volume", then(1006, 15), "hold 1"],
    ["does not with a little less", then(1006, 14.99), "hold 0.6"],
    ["says nothing on a close at the lowest low", then(995), "none"],
    ["leaves on a close one tick below it", then(994), "leave 0.6"],
    ["leaves in full with volume", then(994, 15), "leave 1"],
    [
      "looks for exits over fewer bars than for entries",
      [
        [1000, 1005, 900, 1000, 10],
        ...repeated(3, [1000, 1005, 995, 1000, 10] as Bar).slice(1),
        [1000, 1005, 995, 1000, 10],
        [1000, 1000, 994, 994, 10],
      ] as Bar[],
      "leave 0.6",
    ],
    ["says nothing in a market that stands still", repeated(20, [9, 9, 9, 9, 0]), "none"],
  ])("%s", (_name, bars, wanted) => {
    expect(brief(voteAfter(create(), bars))).toBe(wanted);
  });

  test("a break without any volume anywhere is not confirmed by it", () => {
    const silent = then(1006).map(([open, high, low, close]): Bar => [open, high, low, close, 0]);
    expect(brief(voteAfter(create(), silent))).toBe("hold 0.6");
  });

  test("counts for its fresh bars, and not when price closes back below the level", () => {
    const on: Bar = [1006, 1006, 1004, 1006, 10];
    const atLevel: Bar = [1006, 1006, 1004, 1005, 10];
    const back: Bar = [1006, 1006, 1004, 1004, 10];
    const after = (...bars: Bar[]) => directionsOver(create(), [...then(1006), ...bars]).slice(5);
    expect([after(on, on, on), after(atLevel), after(back)]).toEqual([[1, 1, 0], [1], [0]]);
  });
});
