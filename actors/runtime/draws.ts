import { assert } from "../../machines/domain/assert.ts";
import type { Draws } from "./ports.ts";

/**
 * Draws keyed by seed, subject and purpose, never taken from one running stream: a restart or an
 * extra draw elsewhere changes none of them.
 */
export function keyedDraws(seed: number): Draws {
  return {
    hex(subject, purpose, digits) {
      const text = `Cannot draw ${digits} hexadecimal digits: wanted a whole number from 1 to 64`;
      assert(Number.isInteger(digits) && digits >= 1 && digits <= 64, text);
      // As JSON, so that no two keys are the same text.
      const key = JSON.stringify([seed, subject, purpose]);
      return Bun.CryptoHasher.hash("sha256", key, "hex").slice(0, digits);
    },
  };
}
