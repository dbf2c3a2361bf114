import { describe, expect, test } from "bun:test";
import { KeltnerStrategy } from "./keltner.ts";
import { type Bar, brief, mirrored, ofCloses, voteAfter } from "./testing/markets.ts";

const parameters = { period: 3, range: 2, width: 0.5, slope: 1 };

function vote(bars: readonly Bar[], changed: Partial<typeof parameters> = {}) {
  return voteAfter(new KeltnerStrategy({ ...parameters, ...changed }), bars);
}

const rising = ofCloses([1000, 1004, 1008, 1012, 1016, 1020, 1024]);
const flat = ofCloses([1000, 1000, 1000, 1000, 1000, 1000], 0);

describe("KeltnerStrategy", () => {
  // Rising by 4 the close is 4 above the mean and the range is 6: half of it is inside.
  test.each([
    ["holds on a close above a rising channel", rising, "hold 0.6667"],
    ["leaves on a close below a falling channel", mirrored(rising), "leave 0.6667"],
    [
      "says nothing on a close inside the channel",
      ofCloses([1000, 1001, 1000, 1001, 1000, 1001]),
      "none",
    ],
    ["says nothing in a market that stands still", flat, "none"],
    [
      "leaves mildly in the bar that closes back below the middle",
      [...rising, [1024, 1025, 1016, 1017, 1] as Bar],
      "leave 0.4",
    ],
    [
      "says nothing in the bar after that one, inside the channel",
      [...rising, [1024, 1025, 1016, 1017, 1] as Bar, [1017, 1019, 1016, 1017, 1] as Bar],
      "none",
    ],
  ])("%s", (_name, bars, wanted) => {
    expect(brief(vote(bars))).toBe(wanted);
  });

  test("holds with the width just below the close's distance, not just above it", () => {
    const { numbers } = vote(rising);
    const [upper = 0, middle = 0] = [numbers.upper, numbers.middle];
    const width = (0.5 * (1024 - middle)) / (upper - middle);
    expect([
      vote(rising, { width: width - 1e-9 }).direction,
      vote(rising, { width: width + 1e-9 }).direction,
    ]).toEqual([1, 0]);
  });

  test("does not hold above a channel whose middle has fallen over the slope's bars", () => {
    const turned = ofCloses([1100, 1080, 1060, 1040, 1020, 1000, 1050], 0);
    expect([
      vote(turned, { slope: 1, width: 0.1 }).direction,
      vote(turned, { slope: 3, width: 0.1 }).direction,
    ]).toEqual([1, 0]);
  });
});
