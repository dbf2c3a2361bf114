import type { Pace } from "../simulation/market-run.ts";

/** How often a run without pace lets the process take commands and signals, milliseconds. */
const breathMs = 10;

/** A run that sleeps hears of its end this soon. */
const longestWaitMs = 250;

/**
 * Ties virtual time to real time: `speed` virtual milliseconds pass in one real one, from the
 * first call on. A run that falls behind does not hurry to catch up.
 */
export function pacedBy(speed: number): Pace {
  let realStart = 0;
  let virtualStart = Number.NaN;
  return {
    until(time) {
      const now = performance.now();
      if (Number.isNaN(virtualStart)) {
        realStart = now;
        virtualStart = time;
      }
      const due = realStart + (time - virtualStart) / speed;
      const wait = due - now;
      if (wait < -1_000) {
        realStart = now;
        virtualStart = time;
      }
      return wait > 1 ? Bun.sleep(Math.min(wait, longestWaitMs)) : null;
    },
  };
}

/** As fast as the machine goes, letting commands and signals in now and then. */
export function unpaced(): Pace {
  let lastBreath = performance.now();
  return {
    until() {
      const now = performance.now();
      if (now - lastBreath < breathMs) return null;
      return new Promise((resolve) =>
        setImmediate(() => {
          lastBreath = performance.now();
          resolve();
        }),
      );
    },
  };
}

/** As fast as the machine goes until the desk is ready, and from there on at the pace given. */
export function readyFirst(isReady: () => boolean, pace: Pace): Pace {
  const fast = unpaced();
  let ready = false;
  return {
    until(time) {
      ready ||= isReady();
      return (ready ? pace : fast).until(time);
    },
  };
}
