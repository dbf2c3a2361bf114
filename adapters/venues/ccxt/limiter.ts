import type { VenueClock } from "./clock.ts";
import { NotSent } from "./faults.ts";

/** What goes first: what takes risk off, then what adds it, then what only looks. */
export const priorities = ["safety", "entry", "read"] as const;
export type Priority = (typeof priorities)[number];

/** A venue's counter: every call adds, time takes away, and above `limit` the venue refuses. */
export interface CounterRule {
  readonly limit: number;
  readonly decayPerSecond: number;
  /** What less urgent calls leave free for safety. */
  readonly reserve: number;
}

export interface Charge {
  /** `rest`, or `engine:BTC/USD` for a counter that each symbol has. */
  readonly counter: string;
  readonly amount: number;
}

export interface LimiterOptions {
  readonly clock: VenueClock;
  /** Rules by the counter's name up to its colon. */
  readonly counters: Readonly<Record<string, CounterRule>>;
  /** Calls waiting at most; one more is not sent, and says so. */
  readonly queueLimit: number;
  /** How long a call waits for its turn, by priority, milliseconds. */
  readonly patienceMs?: Readonly<Record<Priority, number>>;
}

interface Waiting {
  readonly priority: Priority;
  /** Read when the call's turn comes: what a cancel costs depends on its order's age then. */
  readonly charges: () => readonly Charge[];
  readonly expiresAt: number;
  readonly start: () => void;
  readonly giveUp: (error: NotSent) => void;
}

const defaultPatience = { safety: 15_000, entry: 15_000, read: 60_000 };
const counterLimit = 2_000;

/**
 * One private call at a time per key, the most urgent first, within the venue's counters as far as
 * they are documented. Without it twenty orders at once lose half to invalid nonces, and a cancel
 * waits behind a queue of reads.
 */
export class CallLimiter {
  readonly #options: LimiterOptions;
  readonly #waiting: Waiting[] = [];
  readonly #counters = new Map<string, { level: number; at: number }>();
  #isBusy = false;
  #wakesAt = Number.POSITIVE_INFINITY;
  #pausedUntil = 0;
  #bannedUntil = 0;
  #refused = 0;

  constructor(options: LimiterOptions) {
    this.#options = options;
  }

  /** Calls waiting, and calls that were not sent because the queue was full or too slow. */
  get counts(): { readonly waiting: number; readonly refused: number } {
    return { waiting: this.#waiting.length, refused: this.#refused };
  }

  /** Sends when its turn comes. @throws {NotSent} if it did not come. */
  run<T>(priority: Priority, charges: () => readonly Charge[], send: () => Promise<T>): Promise<T> {
    const { clock, patienceMs = defaultPatience } = this.#options;
    return new Promise<T>((resolve, reject) => {
      if (!this.#makeRoom(priority, reject)) return;
      const start = () => {
        // The slot is free again before the caller learns of it, whatever the send comes to.
        const done = () => {
          this.#isBusy = false;
          this.#next();
        };
        send().then(
          (value) => {
            done();
            resolve(value);
          },
          (error: unknown) => {
            done();
            reject(error);
          },
        );
      };
      const expiresAt = clock.now() + patienceMs[priority];
      this.#waiting.push({ priority, charges, expiresAt, start, giveUp: reject });
      this.#next();
    });
  }

  /** The venue asked for quiet: only what takes risk off goes out until then. */
  pause(until: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
  }

  /** The venue bans whoever keeps sending: nothing goes out until then. */
  ban(until: number): void {
    this.#bannedUntil = Math.max(this.#bannedUntil, until);
  }

  /** The urgent one takes the place of the least urgent; both ways somebody is told. */
  #makeRoom(priority: Priority, reject: (error: NotSent) => void): boolean {
    if (this.#waiting.length < this.#options.queueLimit) return true;
    this.#refused += 1;
    const full = new NotSent(
      `Cannot send: ${this.#waiting.length} calls wait already, nothing was sent`,
    );
    const last = this.#waiting.findLastIndex((each) => rank(each.priority) > rank(priority));
    if (last < 0) {
      reject(full);
      return false;
    }
    this.#waiting.splice(last, 1)[0]?.giveUp(full);
    return true;
  }

  #next(): void {
    if (this.#isBusy) return;
    this.#dropExpired();
    const now = this.#options.clock.now();
    let soonest = Number.POSITIVE_INFINITY;
    for (const priority of priorities) {
      for (const [index, call] of this.#waiting.entries()) {
        if (call.priority !== priority) continue;
        const charges = call.charges();
        const wait = this.#waitFor(priority, charges, now);
        if (wait > 0) {
          soonest = Math.min(soonest, wait, call.expiresAt - now);
          continue;
        }
        this.#waiting.splice(index, 1);
        this.#charge(charges, now);
        this.#isBusy = true;
        call.start();
        return;
      }
    }
    if (Number.isFinite(soonest)) this.#wakeIn(Math.max(1, soonest));
  }

  /** Milliseconds until the call fits into every counter; 0 when it does. */
  #waitFor(priority: Priority, charges: readonly Charge[], now: number): number {
    let wait = this.#bannedUntil - now;
    if (priority !== "safety") wait = Math.max(wait, this.#pausedUntil - now);
    for (const { counter, amount } of charges) {
      const rule = this.#ruleOf(counter);
      const limit = priority === "safety" ? rule.limit : rule.limit - rule.reserve;
      const over = this.#levelOf(counter, rule, now) + amount - limit;
      if (over > 0) wait = Math.max(wait, Math.ceil((over / rule.decayPerSecond) * 1000));
    }
    return Math.max(0, wait);
  }

  #charge(charges: readonly Charge[], now: number): void {
    for (const { counter, amount } of charges) {
      const level = this.#levelOf(counter, this.#ruleOf(counter), now) + amount;
      this.#counters.delete(counter);
      this.#counters.set(counter, { level, at: now });
    }
    const oldest = this.#counters.keys().next();
    // One for each symbol: the one that was used longest ago has decayed.
    if (this.#counters.size > counterLimit && !oldest.done) this.#counters.delete(oldest.value);
  }

  #levelOf(counter: string, rule: CounterRule, now: number): number {
    const { level, at } = this.#counters.get(counter) ?? { level: 0, at: now };
    return Math.max(0, level - ((now - at) / 1000) * rule.decayPerSecond);
  }

  #ruleOf(counter: string): CounterRule {
    const rule = this.#options.counters[counter.split(":", 1)[0] ?? counter];
    if (rule === undefined) throw new RangeError(`Cannot charge unknown counter "${counter}"`);
    return rule;
  }

  #dropExpired(): void {
    const now = this.#options.clock.now();
    for (let index = this.#waiting.length - 1; index >= 0; index -= 1) {
      const call = this.#waiting[index];
      if (call === undefined || call.expiresAt > now) continue;
      this.#waiting.splice(index, 1);
      this.#refused += 1;
      call.giveUp(new NotSent("Cannot send: the venue's limits left no turn, nothing was sent"));
    }
  }

  /** A sooner wake-up is added to a later one that is set: a cancel must not sleep with a read. */
  #wakeIn(milliseconds: number): void {
    const at = this.#options.clock.now() + milliseconds;
    if (at >= this.#wakesAt) return;
    this.#wakesAt = at;
    void this.#options.clock.sleep(milliseconds).then(() => {
      if (this.#wakesAt === at) this.#wakesAt = Number.POSITIVE_INFINITY;
      this.#next();
    });
  }
}

function rank(priority: Priority): number {
  return priorities.indexOf(priority);
}
