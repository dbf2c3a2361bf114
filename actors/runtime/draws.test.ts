import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { keyedDraws } from "./draws.ts";

describe("keyedDraws()", () => {
  test("gives the same digits for the same seed, subject and purpose, in any order of draws", () => {
    const key = fc.tuple(fc.string(), fc.string());
    fc.assert(
      fc.property(fc.integer(), fc.array(key, { maxLength: 10 }), (seed, keys) => {
        const [one, other] = [keyedDraws(seed), keyedDraws(seed)];
        const forward = keys.map(([subject, purpose]) => one.hex(subject, purpose, 16));
        const backward = [...keys].reverse().map(([subject, purpose]) => {
          return other.hex(subject, purpose, 16);
        });
        expect(backward.reverse()).toEqual(forward);
      }),
      { seed: 20260103 },
    );
  });

  test("gives other digits for another seed, subject or purpose", () => {
    const draws = keyedDraws(1);
    const all = [
      draws.hex("a", "b", 16),
      draws.hex("b", "a", 16),
      draws.hex("a", "c", 16),
      draws.hex("c", "b", 16),
      keyedDraws(2).hex("a", "b", 16),
      keyedDraws(-1).hex("a", "b", 16),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test("keeps subject and purpose apart wherever one of them ends", () => {
    const draws = keyedDraws(1);
    expect(draws.hex("a\nb", "c", 16)).not.toBe(draws.hex("a", "b\nc", 16));
  });

  test("gives as many hexadecimal digits as wanted, up to 64", () => {
    const draws = keyedDraws(7);
    for (const digits of [1, 16, 64]) {
      expect(draws.hex("a", "b", digits)).toMatch(new RegExp(`^[0-9a-f]{${digits}}$`));
    }
  });

  test("refuses to give more digits than it has", () => {
    expect(() => keyedDraws(7).hex("a", "b", 65)).toThrow(
      "Cannot draw 65 hexadecimal digits: wanted a whole number from 1 to 64",
    );
  });
});
