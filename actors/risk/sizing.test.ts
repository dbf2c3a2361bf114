import { expect, test } from "bun:test";
import fc from "fast-check";
import { paperInstrument } from "../../config/defaults.ts";
import { add, compare, decimal, fromSteps, multiply } from "../../machines/domain/decimal.ts";
import { type SizingInput, sizeEntry } from "./sizing.ts";

const instrument = {
  ...paperInstrument("BTC/USD", decimal("0.01")),
  lot: decimal("0.0001"),
  minQuantity: decimal("0.0001"),
  minNotional: decimal("1"),
};

const wanted: SizingInput = {
  instrument,
  equity: decimal(100_000),
  free: decimal(100_000),
  entryPrice: decimal(1_000),
  stopPrice: decimal(950),
  riskShare: decimal("0.01"),
  maxShare: decimal("0.25"),
};

test.each([
  ["no cap", undefined, "size"],
  ["room for some", { is: decimal(0), cap: decimal(50) }, "size"],
  ["room below the venue's minimum", { is: decimal("49.5"), cap: decimal(50) }, "exposureCap"],
  ["no room", { is: decimal(50), cap: decimal(50) }, "exposureCap"],
  ["more than the cap already", { is: decimal(80), cap: decimal(50) }, "exposureCap"],
] as const)("sizeEntry() with %s", (_, exposure, outcome) => {
  const sizing = sizeEntry({ ...wanted, ...(exposure && { exposure }) });
  expect(sizing.type === "size" ? sizing.type : sizing.code).toBe(outcome);
});

test("sizeEntry() names its means where they are less than the cap leaves", () => {
  const exposure = { is: decimal(0), cap: decimal(50) };
  const sizing = sizeEntry({ ...wanted, free: decimal("0.5"), exposure });
  expect(sizing).toMatchObject({ type: "none", code: "insufficientFunds" });
});

test("sizeEntry() never passes the cap, fees included, and a cap never makes an entry larger", () => {
  const cents = fc.integer({ min: 0, max: 1_000_000 }).map((n) => fromSteps(n, decimal("0.01")));
  fc.assert(
    fc.property(cents, cents, cents, (is, cap, more) => {
      const entryPrice = add(decimal(100), more);
      const input = { ...wanted, entryPrice, stopPrice: decimal(90) };
      const [capped, plain] = [sizeEntry({ ...input, exposure: { is, cap } }), sizeEntry(input)];
      if (capped.type !== "size") return;
      const cost = multiply(
        multiply(capped.quantity, entryPrice),
        add(decimal(1), instrument.takerFee),
      );
      expect(compare(add(is, cost), cap)).toBeLessThanOrEqual(0);
      expect(plain.type === "size" && compare(capped.quantity, plain.quantity) <= 0).toBe(true);
    }),
  );
});
