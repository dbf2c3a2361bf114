import { randomBytes } from "node:crypto";
import type { Clock, Draws } from "../../actors/runtime/ports.ts";

/** The real clock: the host's wall time, Unix milliseconds. A run from files has a virtual one. */
export const systemClock: Clock = { now: () => Date.now() };

/**
 * Draws from the system's randomness, for a desk on a wire: an id is then never one of last month's.
 * A run from files draws by its seed instead.
 */
export const systemDraws: Draws = {
  hex: (_subject, _purpose, digits) =>
    randomBytes(Math.ceil(digits / 2))
      .toString("hex")
      .slice(0, digits),
};
