import { describe, expect, test } from "bun:test";
import { decimal } from "../../machines/domain/decimal.ts";
import type { DecisionFacts } from "../../machines/domain/decision.ts";
import type { Sizing } from "../risk/mod.ts";
import type { Gate, GateName } from "./confluence-gates.ts";
import { decide, gatesInOrder, type MarketReading, type Question } from "./gates.ts";

const free: Exclude<DecisionFacts, { scanner: "engaged" }> = {
  scanner: "scanning",
  brake: null,
  reconciled: true,
  unsettled: 0,
  openPositions: 2,
  equity: decimal(1_000),
  free: decimal(500),
};

const market: MarketReading = {
  isWarm: true,
  bars: 500,
  warmup: 400,
  missed: 0,
  lastClosedAt: 0,
  baseMs: 60_000,
  leaning: 1,
  gates: () => [],
  directionAmong: () => 1,
};

const asked: Question = {
  symbol: "BTC/USD",
  at: 7,
  market,
  facts: free,
  positionCap: 3,
  size: (): Sizing => ({ type: "size", quantity: decimal("0.5") }),
};

const ofMarket = (changed: Partial<MarketReading>): Question => ({
  ...asked,
  market: { ...market, ...changed },
});
const ofDesk = (changed: Partial<typeof free>): Question => ({
  ...asked,
  facts: { ...free, ...changed },
});

const closed = (name: GateName): Gate => ({
  ...{ name, wanted: "atLeast", value: 0.5, threshold: 0.55, isOpen: false },
});

const engaged = (direction: number): Question => ({
  ...asked,
  facts: { scanner: "engaged", votedBy: ["trend"] },
  market: {
    ...market,
    directionAmong: (names) => (names.join() === "trend" ? direction : Number.NaN),
  },
});

const tooSmall = (): Sizing => ({
  ...{ type: "none", code: "belowMinimumSize", gate: "size", value: "0.1", limit: "0.2" },
});

test.each<[string, Question, string, readonly [string, string, string] | null]>([
  ["all open", asked, "trade", null],
  [
    "a bar before it is warm",
    ofMarket({ isWarm: false, bars: 399 }),
    "warmingUp",
    ["warmup", "399", "400"],
  ],
  ["one candle missing", ofMarket({ missed: 1 }), "missedBars", ["gap", "1", "0"]],
  ["a bar as old as the next one", { ...asked, at: 60_000 }, "trade", null],
  ["a bar older than the next one", { ...asked, at: 60_001 }, "lateBar", ["age", "60001", "60000"]],
  ["no leaning", ofMarket({ leaning: 0 }), "noSignal", ["signal", "0", "1 or -1"]],
  [
    "too many gaps",
    ofMarket({ gates: () => [closed("gaps")] }),
    "tooManyGaps",
    ["gaps", "0.5", "0.55"],
  ],
  [
    "frames at odds",
    ofMarket({ gates: () => [closed("frames")] }),
    "framesDisagree",
    ["frames", "0.5", "0.55"],
  ],
  [
    "few strategies",
    ofMarket({ gates: () => [closed("strategies")] }),
    "tooFewStrategies",
    ["strategies", "0.5", "0.55"],
  ],
  [
    "low confidence",
    ofMarket({ gates: () => [closed("confidence")] }),
    "lowConfidence",
    ["confidence", "0.5", "0.55"],
  ],
  [
    "poor reward",
    ofMarket({ gates: () => [closed("rewardToRisk")] }),
    "poorReward",
    ["rewardToRisk", "0.5", "0.55"],
  ],
  [
    "a wide spread",
    ofMarket({ gates: () => [closed("spread")] }),
    "wideSpread",
    ["spread", "0.5", "0.55"],
  ],
  [
    "nothing to leave",
    { ...ofMarket({ leaning: -1 }), facts: null },
    "nothingToExit",
    ["position", "none", "held"],
  ],
  ["a position and its voters for it", engaged(1), "inPosition", ["heldVote", "1", "-1"]],
  ["a position and its voters silent", engaged(0), "inPosition", ["heldVote", "0", "-1"]],
  ["a position and its voters against it", engaged(-1), "exit", null],
  [
    "a pause after a position",
    ofDesk({ scanner: "coolingDown" }),
    "coolingDown",
    ["coolDown", "coolingDown", "scanning"],
  ],
  ["a brake", ofDesk({ brake: "pause/desk" }), "braked", ["brake", "pause/desk", "none"]],
  [
    "an account not reconciled",
    ofDesk({ reconciled: false }),
    "notReconciled",
    ["coldStart", "false", "true"],
  ],
  ["an order in doubt", ofDesk({ unsettled: 1 }), "symbolUnsettled", ["unknownOrders", "1", "0"]],
  ["one position less than the cap", ofDesk({ openPositions: 2 }), "trade", null],
  [
    "as many positions as the cap",
    ofDesk({ openPositions: 3 }),
    "positionCap",
    ["openPositions", "3", "3"],
  ],
  ["too little to buy", { ...asked, size: tooSmall }, "belowMinimumSize", ["size", "0.1", "0.2"]],
])("decide() with %s", (_, question, code, gate) => {
  const { code: said, outcome, gate: by } = decide(question);
  const [name, value, limit] = gate ?? [];
  expect({ said, outcome, by }).toEqual({
    said: code as typeof said,
    outcome: gate ? "noTrade" : "trade",
    by: gate ? { name: name as string, value: value as string, limit: limit as string } : null,
  });
});

describe("gatesInOrder()", () => {
  const names = (question: Question) => [...gatesInOrder(question)].map(({ name }) => name);

  test("goes on behind a closed gate, to the last", () => {
    expect(names({ ...ofDesk({ unsettled: 2 }), size: tooSmall })).toEqual([
      ...["warmup", "gap", "age", "signal", "coolDown", "brake", "coldStart", "unknownOrders"],
      ...["openPositions", "size"],
    ]);
  });

  test("ends where nothing is known of the desk", () => {
    expect(names({ ...asked, facts: null })).toEqual(["warmup", "gap", "age", "signal"]);
  });

  test("asks for no size where another gate is closed", () => {
    let isAsked = false;
    const size = () => {
      isAsked = true;
      return tooSmall();
    };
    decide({ ...ofDesk({ brake: "halt/desk" }), size });
    expect(isAsked).toBe(false);
  });

  test("sizes by what was free at that moment", () => {
    const seen: unknown[] = [];
    decide({
      ...asked,
      size: ({ equity, free: left }) => {
        seen.push(equity, left);
        return tooSmall();
      },
    });
    expect(seen).toEqual(["1000", "500"]);
  });

  test("says unknown of what has no value", () => {
    const gate: Gate = { ...closed("rewardToRisk"), value: Number.NaN };
    expect(decide(ofMarket({ gates: () => [gate] })).gate?.value).toBe("unknown");
  });
});
