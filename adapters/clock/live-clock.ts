import type { MovableClock } from "../../actors/runtime/ports.ts";

/**
 * The time of a desk on a live market: the host's, never going back within a process. Nobody moves
 * it; it moves.
 */
export function liveClock(): MovableClock {
  let latest = 0;
  return {
    now() {
      latest = Math.max(latest, Date.now());
      return latest;
    },
    advanceTo() {},
  };
}
