import { describe, expect, test } from "bun:test";
import { SqueezeStrategy } from "./squeeze.ts";
import {
  type Bar,
  brief,
  directionsOver,
  mirrored,
  repeated,
  voteAfter,
} from "./testing/markets.ts";

const parameters = { period: 4, band: 2, channel: 1.5, minBars: 3, freshBars: 2 };

function create(changed: Partial<typeof parameters> = {}) {
  return new SqueezeStrategy({ ...parameters, ...changed });
}

// Closes that do not move within bars that do: the bands have no width, the channel has.
const quiet: Bar = [1000, 1005, 995, 1000, 1];
const jump: Bar = [1000, 1035, 1000, 1030, 1];
// True ranges begin with the second bar, so after 4 + n bars the squeeze has lasted n.
const release = (squeezed: number): Bar[] => [...repeated(4 + squeezed, quiet), jump];

describe("SqueezeStrategy", () => {
  test.each([
    ["holds on a release upward", release(6), "hold 0.75"],
    ["leaves on a release downward", mirrored(release(6)), "leave 0.75"],
    ["says nothing while the squeeze lasts", repeated(12, quiet), "none"],
    ["counts a squeeze of just enough bars", release(3), "hold 0.5"],
    ["does not count one of a bar less", release(2), "none"],
    ["says no more than 1 for a long one", release(30), "hold 1"],
    ["says nothing in a market that stands still", repeated(20, [9, 9, 9, 9, 0]), "none"],
  ])("%s", (_name, bars, wanted) => {
    expect(brief(voteAfter(create(), bars))).toBe(wanted);
  });

  test("a market that comes to rest does not release its squeeze", () => {
    const lopsided: Bar = [1000, 1005, 999, 1000, 1];
    const rest: Bar = [1000, 1000, 1000, 1000, 0];
    const strategy = create();
    const directions = directionsOver(strategy, [...repeated(10, lopsided), ...repeated(4, rest)]);
    const { on, momentum } = strategy.vote().numbers;
    expect([directions.at(-1), on]).toEqual([0, 0]);
    // Otherwise there would have been nothing to be wrong about.
    expect(momentum).not.toBe(0);
  });

  test("a release counts for its fresh bars, until price closes below its bar", () => {
    const on: Bar = [1030, 1050, 1030, 1045, 1];
    const back: Bar = [1030, 1030, 990, 999, 1];
    const after = (...bars: Bar[]) => directionsOver(create(), [...release(6), ...bars]).slice(11);
    expect([after(on, on, on), after(back)]).toEqual([[1, 1, 0], [0]]);
  });
});
