import type { Clock } from "../../../actors/runtime/ports.ts";

/** Time as an adapter needs it: to read, and to wait. */
export interface VenueClock extends Clock {
  sleep(milliseconds: number): Promise<void>;
}

/** The host's own. */
export const systemVenueClock: VenueClock = {
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/**
 * The millisecond clock made strictly increasing: of twenty orders in one millisecond, each still
 * has a nonce above the last one.
 */
export class StrictNonce {
  #last = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Goes on from so much higher: the venue has seen a higher one from a process before this. */
  raise(by: number): void {
    this.#last = Math.max(this.#clock.now(), this.#last) + by;
  }

  next(): number {
    this.#last = Math.max(this.#clock.now(), this.#last + 1);
    return this.#last;
  }
}
