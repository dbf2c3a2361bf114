import { expect, test } from "bun:test";
import { paperInstrument } from "../../config/defaults.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import { type SizingInput, sizeEntry } from "./sizing.ts";

const wanted: SizingInput = {
  instrument: paperInstrument("BTC/USD", decimal("0.01")),
  equity: decimal(100_000),
  free: decimal(100_000),
  entryPrice: decimal(1_000),
  stopPrice: decimal(950),
  riskShare: decimal("0.01"),
  maxShare: decimal("0.25"),
};

test("a size that is set is taken whole", () => {
  const sizing = sizeEntry({ ...wanted, quantity: decimal(2) });
  expect(sizing).toEqual({ type: "size", quantity: decimal(2) });
});

test("a size beyond what may be lost, or be in one position, is not made smaller: it is left out", () => {
  // A loss of 50 and fees a unit: 1 % of equity is less than 20 units.
  expect(sizeEntry({ ...wanted, quantity: decimal(20) }).type).toBe("none");
  const bare = { ...wanted, unprotected: true } as const;
  expect(sizeEntry({ ...bare, quantity: decimal(20) }).type).toBe("size");
  expect(sizeEntry({ ...bare, quantity: decimal(26) }).type).toBe("none");
});

test("without a stop none is too close", () => {
  const near = { ...wanted, stopPrice: wanted.entryPrice };
  expect(sizeEntry(near)).toMatchObject({ type: "none", code: "stopTooClose" });
  const bare = sizeEntry({ ...near, unprotected: true, quantity: decimal(1) });
  expect(bare).toEqual({ type: "size", quantity: decimal(1) });
});
