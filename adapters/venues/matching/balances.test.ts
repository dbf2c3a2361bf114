import { expect, test } from "bun:test";
import { decimal } from "../../../machines/domain/decimal.ts";
import { Balances } from "./balances.ts";
import { ChangeLog } from "./change-log.ts";

test.each([
  ["less than nothing", "-11", "0"],
  ["less than is held", "-5", "0"],
  ["more held than there is", "0", "5"],
  ["less than nothing held", "0", "-7"],
])("settle() refuses to leave %s, and changes nothing", (_, total, held) => {
  const balances = new Balances(new ChangeLog());
  balances.put("USD", { total: decimal("10"), held: decimal("6") });
  expect(() => balances.settle("USD", decimal(total), decimal(held))).toThrow("Cannot settle USD");
  expect(balances.all()).toEqual([{ coin: "USD", total: decimal("10"), held: decimal("6") }]);
});

test("settle() refuses to spend a coin that is not there", () => {
  const balances = new Balances(new ChangeLog());
  expect(() => balances.settle("USD", decimal("-1"), decimal("0"))).toThrow("Cannot settle USD");
});
