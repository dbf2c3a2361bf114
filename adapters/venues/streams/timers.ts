/** Time as streams need it: handed in, so that tests can shorten it. */
export interface StreamTimers {
  /** Unix milliseconds: what events are stamped with. */
  now(): number;
  /** Milliseconds that only rise: what silence is measured by, for the wall clock may be set. */
  elapsed(): number;
  /** Runs something later; what it returns calls it off. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemTimers: StreamTimers = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
