import { describe, expect, test } from "bun:test";
import {
  bitCount,
  Confluence,
  type ConfluenceInputs,
  type ConfluenceSettings,
  checkConfluence,
  confluenceStandard,
  type FrameOpinion,
  weightedVote,
} from "./confluence.ts";
import { firstClosedGate, gateNames, gatesOf } from "./confluence-gates.ts";

describe("weightedVote", () => {
  test.each([
    ["no vote is 0", [0, 0], [0, 0], [0.3, 0.2], 0],
    ["one voter alone decides, whatever its weight", [1, 0], [0.5, 0], [0.1, 0.9], 0.5],
    ["voters weigh by their weights", [1, -1], [1, 1], [0.3, 0.1], 0.5],
    ["strength counts with weight", [1, 1], [1, 0.5], [0.1, 0.3], 0.625],
    ["equal votes against each other are 0", [1, -1], [0.8, 0.8], [0.2, 0.2], 0],
    ["what weighs nothing has not voted", [1, -1], [0.6, 1], [0.2, 0], 0.6],
    ["voters that all weigh nothing are no voters", [1], [1], [0], 0],
  ])("%s", (_name, directions, strengths, weights, wanted) => {
    expect(weightedVote(directions, strengths, weights)).toBeCloseTo(wanted, 12);
  });
});

test("bitCount counts the bits of a mask", () => {
  expect([0, 1, 0b1011, 0x7fff_ffff, -1].map(bitCount)).toEqual([0, 1, 3, 31, 32]);
});

/** A frame by its score and the strategies behind it, of a range of 10 ticks unless said. */
function frame(score: number, mask: number, range = 10): FrameOpinion {
  const direction = Math.sign(score);
  const [holdMask, leaveMask] = direction >= 0 ? [mask, 0] : [0, mask];
  return { score, direction, holdMask, leaveMask, range };
}

const inputs: ConfluenceInputs = {
  close: 10_000,
  costShare: 0,
  spreadShare: Number.NaN,
  bookScore: Number.NaN,
  gapShare: 0,
  session: 1,
};

function measured(
  frames: readonly FrameOpinion[],
  given: Partial<ConfluenceInputs> = {},
  settings: ConfluenceSettings = confluenceStandard,
): Confluence {
  const confluence = new Confluence();
  confluence.measure(frames, { ...inputs, ...given }, settings);
  return confluence;
}

function summary({ leaning, frames, highest, strategies, confidence }: Confluence) {
  return { leaning, frames, highest, strategies, confidence: Number(confidence.toFixed(6)) };
}

const silent = frame(0, 0);
const nothing: ReturnType<typeof summary> = {
  leaning: 0,
  frames: 0,
  highest: -1,
  strategies: 0,
  confidence: 0,
};

describe("Confluence", () => {
  test.each([
    ["is nothing where no frame has an opinion", [silent, silent, silent], nothing],
    [
      "is nothing where two frames contradict each other",
      [frame(0.9, 1), frame(-0.1, 1), silent],
      nothing,
    ],
    [
      "takes the mean of the agreeing frames times the bonus of the highest",
      [frame(0.4, 0b011), frame(0.6, 0b110), silent],
      { leaning: 1, frames: 2, highest: 1, strategies: 3, confidence: 0.65 },
    ],
    [
      "leans as two of three do, and does not hear the third",
      [frame(-0.4, 0b011), frame(0.9, 0b1111000), frame(-0.2, 0b100)],
      { leaning: -1, frames: 2, highest: 2, strategies: 3, confidence: 0.45 },
    ],
    [
      "counts a strategy once that agrees in several frames",
      [frame(0.3, 0b011), frame(0.3, 0b011), frame(0.3, 0b011)],
      { leaning: 1, frames: 3, highest: 2, strategies: 2, confidence: 0.45 },
    ],
    [
      "gives no bonus for the base alone",
      [frame(0.5, 1), silent, silent],
      { leaning: 1, frames: 1, highest: 0, strategies: 1, confidence: 0.5 },
    ],
    [
      "is never more than certain",
      [frame(1, 1), frame(1, 1), frame(1, 1)],
      { leaning: 1, frames: 3, highest: 2, strategies: 1, confidence: 1 },
    ],
  ])("%s", (_name, frames, wanted) => {
    expect(summary(measured(frames))).toEqual(wanted as ReturnType<typeof summary>);
  });

  test("takes stop and target from the highest agreeing frame", () => {
    const frames = [frame(0.5, 1, 10), frame(0.5, 1, 25), frame(-0.5, 1, 60)];
    const { stop, target } = measured(frames);
    expect({ stop, target }).toEqual({ stop: 75, target: 150 });
  });

  test("takes costs from the target and adds them to the stop", () => {
    const frames = [frame(0.5, 1), frame(0.5, 1, 100), silent];
    const ratio = (given: Partial<ConfluenceInputs>) => measured(frames, given).rewardToRisk;
    expect([
      ratio({}),
      ratio({ costShare: 0.01 }),
      ratio({ costShare: 0.005, spreadShare: 0.005 }),
    ]).toEqual([2, 500 / 400, 500 / 400]);
  });

  test("hour and book move an entry's confidence and leave an exit's alone", () => {
    const entry = [frame(0.4, 1), silent, silent];
    const exit = [frame(-0.4, 1), silent, silent];
    const confidence = (frames: FrameOpinion[], given: Partial<ConfluenceInputs>) =>
      Number(measured(frames, given).confidence.toFixed(6));
    const given = [{ session: 0.5 }, { bookScore: 1 }, { bookScore: 0 }, { bookScore: 0.5 }];
    expect(given.map((each) => confidence(entry, each))).toEqual([0.2, 0.5, 0.3, 0.4]);
    expect(given.map((each) => confidence(exit, each))).toEqual([0.4, 0.4, 0.4, 0.4]);
  });

  test("forgets the last bar where no frame agrees any more", () => {
    const confluence = new Confluence();
    confluence.measure([frame(0.4, 1), frame(0.6, 2), silent], inputs, confluenceStandard);
    confluence.measure([silent, silent, silent], inputs, confluenceStandard);
    expect(confluence).toEqual(new Confluence());
  });
});

/** An entry that every gate lets through, and one setting or input of it changed. */
const good = [frame(0.5, 0b011, 100), frame(0.5, 0b110, 100), silent];
const settings: ConfluenceSettings = { ...confluenceStandard, minConfidence: 0.6 };

describe("gates", () => {
  test("stand in their order", () => {
    expect(gateNames).toEqual([
      "gaps",
      "frames",
      "strategies",
      "confidence",
      "rewardToRisk",
      "spread",
    ]);
  });

  // Confidence is 0.5 times 1.3; three strategies agree in two frames; reward to risk is 2.
  test.each([
    ["all open", good, {}, {}, "open"],
    ["gaps at the limit", good, { gapShare: 0.05 }, {}, "open"],
    ["gaps just above it", good, { gapShare: 0.0501 }, {}, "gaps 0.0501 0.05"],
    ["one frame less", [good[0], silent, silent], {}, {}, "frames 1 2"],
    [
      "as many frames as wanted, if one is",
      [frame(0.7, 7), silent, silent],
      {},
      { minFrames: 1 },
      "open",
    ],
    ["three frames wanted", good, {}, { minFrames: 3 }, "frames 2 3"],
    ["one strategy less", [frame(0.5, 1), frame(0.5, 2), silent], {}, {}, "strategies 2 3"],
    ["confidence at its least", good, {}, { minConfidence: 0.65 }, "open"],
    ["confidence just below it", good, {}, { minConfidence: 0.651 }, "confidence 0.65 0.651"],
    ["reward to risk at its least", good, {}, { minRewardToRisk: 2 }, "open"],
    ["reward to risk just below it", good, {}, { minRewardToRisk: 2.001 }, "rewardToRisk 2 2.001"],
    ["costs that eat the reward", good, { costShare: 0.01 }, {}, "rewardToRisk 1.25 1.5"],
    [
      "a range that is not known",
      good.map((each) => ({ ...each, range: Number.NaN })),
      {},
      {},
      "rewardToRisk NaN 1.5",
    ],
    ["spread at its limit", good, { spreadShare: 0.001 }, {}, "open"],
    ["spread just above it", good, { spreadShare: 0.00101 }, {}, "spread 0.00101 0.001"],
    ["no book, no spread", good, { spreadShare: Number.NaN }, {}, "open"],
    [
      "several closed: the first is named",
      [silent, silent, silent],
      { gapShare: 1, spreadShare: 1 },
      {},
      "gaps 1 0.05",
    ],
  ])("%s", (_name, frames, given, changed, wanted) => {
    const limits = { ...settings, ...changed };
    const confluence = measured(frames as FrameOpinion[], given, limits);
    const first = gateNames[firstClosedGate(confluence, limits)];
    const gate = gatesOf(confluence, limits).find(({ isOpen }) => !isOpen);
    const said = gate ? `${gate.name} ${gate.value} ${gate.threshold}` : "open";
    expect([said, first]).toEqual([wanted, gate?.name as "gaps"]);
  });

  test("an exit waits for agreement alone", () => {
    const exit = [frame(-0.5, 0b011), frame(-0.5, 0b110), silent];
    const dear = { gapShare: 1, costShare: 0.5, spreadShare: 1, session: 0, bookScore: 0 };
    const confluence = measured(exit, dear, settings);
    expect(firstClosedGate(confluence, settings)).toBe(-1);
    expect(gatesOf(confluence, settings)).toEqual([
      { name: "frames", wanted: "atLeast", value: 2, threshold: 2, isOpen: true },
      { name: "strategies", wanted: "atLeast", value: 3, threshold: 3, isOpen: true },
      { name: "confidence", wanted: "atLeast", value: 0.65, threshold: 0.6, isOpen: true },
    ]);
    const alone = measured(exit.slice(0, 1), dear, settings);
    expect(gateNames[firstClosedGate(alone, settings)]).toBe("frames");
  });
});

describe("checkConfluence", () => {
  test("takes the standard for three frames", () => {
    expect(() => checkConfluence(confluenceStandard, 3)).not.toThrow();
  });

  test.each([
    [{ minFrames: 4 }, "minFrames is 4, wanted a whole number from 1 to 3"],
    [{ minFrames: 0 }, "minFrames is 0, wanted a whole number from 1 to 3"],
    [{ minStrategies: 1.5 }, "minStrategies is 1.5, wanted a whole number from 1 to 31"],
    [{ minConfidence: 0 }, "minConfidence is 0, wanted above 0, at most 1"],
    [{ minConfidence: 1.01 }, "minConfidence is 1.01, wanted above 0, at most 1"],
    [{ frameBonus: [1, 2] }, "frameBonus is [1,2], wanted 3 numbers above 0, at most 10"],
    [{ frameBonus: [1, 2, 0] }, "frameBonus is [1,2,0], wanted 3 numbers above 0, at most 10"],
    [{ stopAtr: 0 }, "stopAtr is 0, wanted above 0, at most 100"],
    [{ targetAtr: -1 }, "targetAtr is -1, wanted above 0, at most 1000"],
    [{ bookWeight: 1.1 }, "bookWeight is 1.1, wanted from 0 to 1"],
    [{ minRewardToRisk: Number.NaN }, "minRewardToRisk is NaN, wanted -1 or more"],
    [{ maxSpreadShare: -1 }, "maxSpreadShare is -1, wanted 0 or more"],
    [{ maxGapShare: -1 }, "maxGapShare is -1, wanted 0 or more"],
  ])("refuses %p", (changed, wanted) => {
    expect(() => checkConfluence({ ...confluenceStandard, ...changed }, 3)).toThrow(
      `Cannot weigh votes: ${wanted}`,
    );
  });
});
