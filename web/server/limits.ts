/** How often somebody may ask: token buckets, and pauses after failures. In memory, and bounded. */
import { LRUCache } from "lru-cache";

const holdersMost = 10_000;

interface Bucket {
  left: number;
  at: number;
}

/** A bucket of tokens for each name, filled again at a steady rate. */
export class TokenBuckets {
  private readonly buckets = new LRUCache<string, Bucket>({ max: holdersMost });

  constructor(
    private readonly capacity: number,
    private readonly perSecond: number,
  ) {}

  /** Takes a token; false where there is none left. */
  take(name: string, now: number): boolean {
    const { left, at } = this.buckets.get(name) ?? { left: this.capacity, at: now };
    // A clock that was set back fills nothing.
    const filled = left + (Math.max(0, now - at) / 1_000) * this.perSecond;
    const next = Math.min(this.capacity, filled);
    const isTaken = next >= 1;
    this.buckets.set(name, { left: isTaken ? next - 1 : next, at: now });
    return isTaken;
  }
}

/** Failures that are overlooked, and for how long one is remembered. */
const freeFailures = 5;
const rememberedMs = 15 * 60_000;

interface Failures {
  count: number;
  /** Of the last one. */
  at: number;
}

/**
 * Tries that failed, by name: from the sixth within a quarter of an hour on, each doubles the pause
 * before the next, up to a bound. Nobody is locked out for good.
 */
export class FailedTries {
  private readonly failures = new LRUCache<string, Failures>({ max: holdersMost });

  constructor(private readonly longestMs: number) {}

  /** How long to wait before the next try, milliseconds; 0 for not at all. */
  waitMs(name: string, now: number): number {
    const found = this.failures.get(name);
    if (!found || found.count < freeFailures) return 0;
    const pause = Math.min(this.longestMs, 1_000 * 2 ** (found.count - freeFailures));
    // A clock that was set back makes no pause longer.
    return Math.min(pause, Math.max(0, found.at + pause - now));
  }

  /** Counts a try before it is known how it ends: many at once are not to pass as one. */
  begin(name: string, now: number): void {
    const found = this.failures.get(name);
    const isOld = !found || now - found.at > rememberedMs;
    this.failures.set(name, { count: isOld ? 1 : found.count + 1, at: now });
  }

  /** Forgets the failures of whoever came in. */
  forget(name: string): void {
    this.failures.delete(name);
  }
}
