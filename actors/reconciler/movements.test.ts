import { describe, expect, test } from "bun:test";
import { decimal } from "../../machines/domain/decimal.ts";
import type { Movement } from "../order/mod.ts";
import { explaining } from "./movements.ts";

const movement = (id: string, amount: string, at: number): Movement => ({
  ...{ id, coin: "USD", amount: decimal(amount), at },
  ...{ kind: "deposit", text: "deposit" },
});
const ids = (difference: string, movements: readonly Movement[], matchedAt = 0) =>
  explaining(decimal(difference), movements, matchedAt).map(({ id }) => id);

describe("explaining()", () => {
  const old = movement("old", "3", 10);
  const first = movement("first", "5", 20);
  const last = movement("last", "-2", 30);

  test("takes what makes up the difference to the last digit, and nothing else", () => {
    expect(ids("5", [first])).toEqual(["first"]);
    expect(ids("5.00000001", [first])).toEqual([]);
    expect(ids("5", [])).toEqual([]);
  });

  test("takes all since the last match, in their order", () => {
    expect(ids("3", [last, first], 15)).toEqual(["first", "last"]);
  });

  test("leaves out what was there before the last match already", () => {
    expect(ids("5", [old, first], 15)).toEqual(["first"]);
    expect(ids("3", [old, first, last], 15)).toEqual(["first", "last"]);
  });

  test("takes one from before the last match that the balance had not held then", () => {
    expect(ids("8", [old, first], 15)).toEqual(["old", "first"]);
  });

  test("leaves out the newest never: a balance that has it has all before it", () => {
    expect(ids("5", [first, last])).toEqual([]);
  });

  test("takes nothing for nothing, though movements cancel each other out", () => {
    expect(ids("1", [movement("in", "2", 1), movement("out", "-2", 2)])).toEqual([]);
  });
});
