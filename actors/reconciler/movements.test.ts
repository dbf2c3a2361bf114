import { describe, expect, test } from "bun:test";
import { type Decimal, decimal, zero } from "../../machines/domain/decimal.ts";
import type { Movement } from "../order/mod.ts";
import { explaining } from "./movements.ts";

const movement = (id: string, amount: string, at: number): Movement => ({
  ...{ id, coin: "USD", amount: decimal(amount), at },
  ...{ kind: "deposit", text: "deposit" },
});
const explained = (
  difference: string,
  movements: readonly Movement[],
  matchedAt = 0,
  step: Decimal = zero,
) => explaining(decimal(difference), movements, matchedAt, step);
const ids = (...words: Parameters<typeof explained>) =>
  explained(...words)?.movements.map(({ id }) => id) ?? [];

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

  test("leaves what the venue rounded, a step for each movement and no more", () => {
    const step = decimal("0.0001");
    expect(explained("5.00009", [first], 0, step)).toMatchObject({ rest: "0.00009" });
    expect(explained("5.0001", [first], 0, step)).toBeNull();
    expect(explained("3.00019", [first, last], 0, step)).toMatchObject({ rest: "0.00019" });
    expect(explained("5", [first], 0, step)).toMatchObject({ rest: "0" });
  });

  test("takes nothing for nothing, though movements cancel each other out", () => {
    expect(ids("1", [movement("in", "2", 1), movement("out", "-2", 2)])).toEqual([]);
  });
});
