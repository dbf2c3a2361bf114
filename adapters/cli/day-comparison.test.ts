import { describe, expect, test } from "bun:test";
import { decimal } from "../../machines/domain/decimal.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import type { OrderRow } from "../../machines/domain/ledger.ts";
import type { FillRow } from "../store/tables.ts";
import { compareDays, comparisonText, type DayRecord, type DayTerms } from "./day-comparison.ts";

const at = 1_767_225_600_000;
const symbol = "BTC/USD";
const intentId = "kraken:main/BTC/USD/1/entry";

const decision: Decision = {
  ...{ symbol, at, outcome: "trade", code: "trade", gate: null, facts: null },
};
const fill = {
  ...{ intentId, tradeId: "T1", symbol, side: "buy", at, liquidity: "taker", feeCoin: "USD" },
  ...{ price: decimal("100"), quantity: decimal("2"), fee: decimal("0.5") },
} as unknown as FillRow;
const order = {
  intent: {
    ...{ intentId, symbol, positionId: "1", role: "entry", side: "buy", type: "market" },
    ...{ quantity: decimal("2"), price: null, stopPrice: null, createdAt: at },
  },
  ...{ state: "filled", filled: decimal("2"), filledFor: decimal("200"), attempts: 1 },
  updatedAt: at,
} as unknown as OrderRow;

const day: DayRecord = { decisions: [decision], orders: [order], fills: [fill] };
const inStep: DayTerms = {
  ...{ latencyMs: 0, pathMs: 0, equity: decimal("1000") },
  range: () => [decimal("99"), decimal("101")],
  slippage: () => decimal("0.1"),
};
const late: DayTerms = { ...inStep, latencyMs: 250 };

function found(other: Partial<DayRecord>, terms: DayTerms) {
  const { differences } = compareDays(day, { ...day, ...other }, terms);
  return differences.map(({ part, what, explanation }) => [part, what, explanation !== null]);
}

describe("two runs of a day", () => {
  test("that came to the same differ in nothing", () => {
    expect(found({}, inStep)).toEqual([]);
  });

  const fills = [{ ...fill, at: at + 250, price: decimal("100.5"), fee: decimal("0.5025") }];

  test("may differ by what was traded within the latency", () => {
    expect(found({ fills }, late)).toEqual([
      ["fills", "time", true],
      ["fills", "price", true],
      ["fills", "fee", true],
    ]);
  });

  test.each([
    ["a fill later than there is latency", { fills }, inStep, ["time", "price"]],
    [
      "a price that was not traded meanwhile",
      { fills: [{ ...fill, at: at + 250, price: decimal("103"), fee: decimal("0.515") }] },
      late,
      ["price"],
    ],
    [
      "another price at the same moment",
      { fills: [{ ...fill, price: decimal("100.5") }] },
      late,
      ["price"],
    ],
    ["another fee", { fills: [{ ...fill, fee: decimal("0.3") }] }, late, ["fee"]],
    [
      "another size",
      { fills: [{ ...fill, quantity: decimal("1"), fee: decimal("0.25") }] },
      late,
      ["quantity"],
    ],
    ["a fill that only one has", { fills: [] }, inStep, ["is"]],
    ["an order that only one has", { orders: [] }, inStep, ["is"]],
    ["an order's end", { orders: [{ ...order, state: "canceled" as const }] }, inStep, ["state"]],
    [
      "a decision",
      { decisions: [{ ...decision, outcome: "noTrade" as const, code: "noSignal" as const }] },
      inStep,
      ["decided", "is"],
    ],
    ["a decision that only one has", { decisions: [] }, inStep, ["is", "is"]],
  ])("do not differ by %s without it being said", (_, other, terms, wanted) => {
    const { differences } = compareDays(day, { ...day, ...other }, terms);
    const open = differences.filter(({ explanation }) => explanation === null);
    expect(open.map(({ what }) => what)).toEqual(wanted);
    expect(comparisonText(compareDays(day, { ...day, ...other }, terms), "none")).toContain(
      `NOT the same day: ${open.length} differences are not explained`,
    );
  });
});
