import type { Draws } from "./ports.ts";

/**
 * Draws keyed by seed, subject and purpose, never taken from one running stream: a restart or an
 * extra draw elsewhere changes none of them.
 */
export function keyedDraws(seed: number): Draws {
  return {
    hex(subject, purpose, digits) {
      const hasher = new Bun.CryptoHasher("sha256");
      hasher.update(`${seed}\n${subject}\n${purpose}`);
      return hasher.digest("hex").slice(0, digits);
    },
  };
}
