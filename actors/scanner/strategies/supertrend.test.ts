import { describe, expect, test } from "bun:test";
import type { Strategy } from "../strategy.ts";
import { SupertrendStrategy } from "./supertrend.ts";
import { type Bar, brief, directionsOver, ofCloses, voteAfter } from "./testing/markets.ts";

const parameters = { period: 3, width: 1, freshBars: 2 };
const create = (): Strategy => new SupertrendStrategy(parameters);

const falling = [1100, 1090, 1080, 1070, 1060];
const turned = [...falling, 1100];

describe("SupertrendStrategy", () => {
  test.each([
    ["abstains until the first turn, though its line starts above price", falling, "none"],
    ["abstains in a market that stands still", Array(20).fill(1000), "none"],
    ["holds in full after a turn upward", turned, "hold 1"],
    ["holds in full for the fresh bars", [...turned, 1110, 1120], "hold 1"],
    ["holds for less after them", [...turned, 1110, 1120, 1130], "hold 0.6"],
    ["leaves after a turn downward", [...turned, 1110, 1040], "leave 1"],
    ["leaves for less later on", [...turned, 1110, 1040, 1030, 1020, 1010], "leave 0.6"],
  ])("%s", (_name, closes, wanted) => {
    expect(brief(voteAfter(create(), ofCloses(closes)))).toBe(wanted);
  });

  test("a close at the line is no turn, one tick above it is", () => {
    const strategy = create();
    for (const bar of ofCloses(falling)) strategy.update(...bar);
    const line = strategy.vote().numbers.line as number;
    const at = (close: number) => {
      // A bar so wide that its own line lies further off than the one before, which stays.
      const bar: Bar = [1060, 1200, 1000, close, 1];
      return directionsOver(create(), [...ofCloses(falling), bar]).at(-1);
    };
    expect([at(Math.floor(line)), at(Math.floor(line) + 1)]).toEqual([0, 1]);
  });
});
