import { describe, expect, test } from "bun:test";
import { ReversalStrategy } from "./reversal.ts";
import {
  type Bar,
  brief,
  directionsOver,
  mirrored,
  repeated,
  voteAfter,
} from "./testing/markets.ts";

const parameters = { period: 3, range: 2, minRange: 2, closeShare: 0.75, freshBars: 2 };
const create = (changed: Partial<typeof parameters> = {}) =>
  new ReversalStrategy({ ...parameters, ...changed });

// True range 10, lowest low 995.
const before = repeated(5, [1000, 1005, 995, 1000, 1]);
const turn = (high: number, low: number, close: number): Bar[] => [
  ...before,
  [1000, high, low, close, 1],
];

describe("ReversalStrategy", () => {
  test.each([
    [
      "holds on a tall bar below all lows that closes near its top",
      turn(1006, 986, 1006),
      "hold 1",
    ],
    ["leaves on its mirror image", mirrored(turn(1006, 986, 1006)), "leave 1"],
    ["is not moved by a low that equals the lowest", turn(1015, 995, 1015), "none"],
    ["is moved by a low one tick lower", turn(1014, 994, 1014), "hold 1"],
    ["is moved by a bar just tall enough", turn(1005, 985, 1005), "hold 1"],
    ["is not moved by one a tick shorter", turn(1004, 985, 1004), "none"],
    ["is moved by a close just far enough from the low", turn(1008, 988, 1003), "hold 0.75"],
    ["is not moved by a close one tick lower", turn(1008, 988, 1002), "none"],
    ["is not moved by a close that is not above the last", turn(1005, 985, 1000), "none"],
    ["says nothing in a market that stands still", repeated(20, [9, 9, 9, 9, 0]), "none"],
  ])("%s", (_name, bars, wanted) => {
    expect(brief(voteAfter(create(), bars))).toBe(wanted);
  });

  test("counts for its fresh bars, and not when price closes below its low", () => {
    const on: Bar = [1006, 1008, 1000, 1004, 1];
    const low: Bar = [1000, 1002, 980, 986, 1];
    const lower: Bar = [1000, 1002, 980, 985, 1];
    const after = (...bars: Bar[]) =>
      directionsOver(create(), [...turn(1006, 986, 1006), ...bars]).slice(6);
    expect([after(on, on, on), after(low), after(lower)]).toEqual([[1, 1, 0], [1], [0]]);
  });
});
