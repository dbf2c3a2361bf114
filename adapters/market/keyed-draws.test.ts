import { expect, test } from "bun:test";
import { KeyedDraws, unitOf } from "./keyed-draws.ts";

// The known answers published with the function (Random123, kat_vectors, threefry2x32 20 rounds).
test.each([
  [0, 0, 0, 0, 0x6b200159, 0x99ba4efe],
  [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1cb996fc, 0xbb002be7],
  [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3, 0xc4923a9c, 0x483df7a0],
])("KeyedDraws is Threefry-2x32-20 (key %p %p, place %p %p)", (k0, k1, x, y, first, second) => {
  const draws = new KeyedDraws(k0, k1);
  draws.at(x, y);
  expect([draws.first, draws.second]).toEqual([first, second]);
});

test("KeyedDraws.of() differs by seed, subject, index and purpose, and by nothing else", () => {
  const draw = (seed: string, subject: string, index: number, purpose: number) => {
    const draws = KeyedDraws.of(seed, subject);
    draws.at(index, purpose);
    return `${draws.first} ${draws.second}`;
  };
  const places = [
    draw("1", "BTC/USD", 5, 2),
    draw("2", "BTC/USD", 5, 2),
    draw("1", "ETH/USD", 5, 2),
    draw("1", "BTC/USD", 6, 2),
    draw("1", "BTC/USD", 5, 3),
    draw("1B", "TC/USD", 5, 2),
  ];
  expect(new Set(places).size).toBe(6);
  expect(draw("1", "BTC/USD", 5, 2)).toBe(places[0] ?? "");
});

test("unitOf() stays within 0 and 1, its ends left out", () => {
  expect([unitOf(0) > 0, unitOf(0xffffffff) < 1, unitOf(0x7fffffff) < 0.5]).toEqual([
    true,
    true,
    true,
  ]);
});

test("KeyedDraws.normal() has mean 0, variance 1 and nearly normal tails", () => {
  const draws = KeyedDraws.of("7", "tails");
  const count = 200_000;
  let sum = 0;
  let squares = 0;
  let beyondTwo = 0;
  for (let index = 0; index < count; index += 1) {
    const value = draws.normal(index, 0);
    sum += value;
    squares += value * value;
    if (Math.abs(value) > 2) beyondTwo += 1;
  }
  expect(Math.abs(sum / count)).toBeLessThan(0.01);
  expect(Math.abs(squares / count - 1)).toBeLessThan(0.01);
  // A normal number is beyond two deviations in 4.55 % of cases.
  expect(Math.abs(beyondTwo / count - 0.0455)).toBeLessThan(0.003);
});
