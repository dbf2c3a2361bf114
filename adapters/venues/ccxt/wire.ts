import { InvalidNonce, OperationFailed } from "ccxt/js/src/base/errors.js";
import { assumptions, type CcxtAssumptions, type CcxtVenueId } from "./assumptions.ts";
import { rowFor } from "./classification.ts";
import { systemVenueClock, type VenueClock } from "./clock.ts";
import { evidenceOf, MalformedReply, NotSent } from "./faults.ts";
import { type Hardened, hardened } from "./hardened.ts";
import { normaliseKeys } from "./keys.ts";
import { CallLimiter, type Charge, type Priority } from "./limiter.ts";
import { privateCounters, publicCounters } from "./limits.ts";
import type { CcxtVenueOptions } from "./options.ts";
import { RecentIds } from "./recent-ids.ts";

/** One request of the venue's API. */
export interface Call {
  readonly path: string;
  /** As ccxt names its groups: `private`, or `["v3", "private"]`. */
  readonly api: string | readonly string[];
  readonly method: "GET" | "POST" | "DELETE";
  /** Made when the call's turn comes: what carries a time must carry the time of sending. */
  readonly parameters: () => Readonly<Record<string, unknown>>;
  readonly priority: Priority;
  readonly charges: () => readonly Charge[];
}

/**
 * How much higher the nonce goes after each refusal of it in a row, milliseconds. A clock that was
 * set back between two processes, by up to twelve days in all, is caught up with; the venue takes
 * any number that is higher than the last one.
 */
const nonceRaises = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000].map((each) => each * 1_000);

const banMs = 120_000;
const pauseMs = 5_000;

/**
 * The way to one account at one venue: a trading instance with its limiter, and another pair for
 * public data, so that no order waits behind market data.
 */
export class Wire {
  readonly venue: CcxtVenueId;
  readonly clock: VenueClock;
  readonly assumptions: CcxtAssumptions;
  readonly ids = new RecentIds();
  readonly options: CcxtVenueOptions;
  readonly #trading: Hardened | null;
  readonly #market: Hardened;
  readonly #privateLane: CallLimiter;
  readonly #publicLane: CallLimiter;
  /** Refusals of the nonce since one was last taken. */
  #noncesRefused = 0;

  /** @throws {KeyError} for keys that cannot work. */
  constructor(options: CcxtVenueOptions) {
    const { at, keys, urls, clock = systemVenueClock, timeoutMs = 10_000 } = options;
    const { tier = "intermediate", queueLimit = 200 } = options;
    this.venue = at.venue;
    this.clock = clock;
    this.assumptions = { ...assumptions[at.venue], ...options.assumptions };
    this.options = options;
    const common = { venue: at.venue, restUrl: urls?.rest ?? null, clock, timeoutMs };
    this.#market = hardened({ ...common, keys: null });
    this.#trading =
      keys === null ? null : hardened({ ...common, keys: normaliseKeys(at.venue, keys) });
    const lane = { clock, queueLimit };
    this.#privateLane = new CallLimiter({ ...lane, counters: privateCounters(at.venue, tier) });
    this.#publicLane = new CallLimiter({ ...lane, counters: publicCounters(at.venue, tier) });
  }

  get hasKeys(): boolean {
    return this.#trading !== null;
  }

  /** Calls waiting and calls not sent, of the private lane. */
  get counts(): CallLimiter["counts"] {
    return this.#privateLane.counts;
  }

  /** A token for a stream, signed now; null without keys, or where streams take none. */
  streamToken(): string | null {
    return this.#trading?.streamToken() ?? null;
  }

  /** A signed call. @throws {NotSent} | ccxt's BaseError with evidence */
  async private(call: Call): Promise<unknown> {
    const trading = this.#trading;
    if (trading === null) {
      throw new NotSent(`Cannot ask ${this.venue} for "${call.path}": no API keys are given`);
    }
    for (;;) {
      try {
        const reply = await this.#send(this.#privateLane, trading, call);
        this.#noncesRefused = 0;
        return reply;
      } catch (error) {
        if (!this.#raisesNonce(trading, error) || !isRepeatable(call)) throw error;
      }
    }
  }

  /** Whether the nonce was what the venue refused, and a higher one is left to try. */
  #raisesNonce(trading: Hardened, error: unknown): boolean {
    if (this.venue !== "kraken" || !(error instanceof InvalidNonce)) return false;
    const by = nonceRaises[this.#noncesRefused];
    if (by === undefined) return false;
    this.#noncesRefused += 1;
    trading.raiseNonce(by);
    const text = `${this.venue} has seen a higher nonce: ours is raised by ${by / 1_000} s`;
    this.options.onNotice?.({ code: "nonceRaised", text });
    return true;
  }

  /** A call without a signature, on the lane of its own. */
  async public(call: Omit<Call, "priority" | "charges">): Promise<unknown> {
    const charges = () => [{ counter: "rest", amount: 1 }];
    const whole: Call = { ...call, priority: "read", charges };
    return await this.#send(this.#publicLane, this.#market, whole);
  }

  async #send(lane: CallLimiter, exchange: Hardened, call: Call): Promise<unknown> {
    const { path, api, method, parameters, priority, charges } = call;
    try {
      return await lane.run(priority, charges, () =>
        exchange.request(path, api, method, parameters()),
      );
    } catch (error) {
      this.#heed(lane, error);
      throw error;
    }
  }

  /** What an error asks of the next calls, and what of it somebody should read. */
  #heed(lane: CallLimiter, error: unknown): void {
    const notify = this.options.onNotice ?? (() => {});
    if (error instanceof NotSent) {
      notify({ code: "notSent", text: error.message });
      return;
    }
    const evidence = evidenceOf(error);
    if (evidence === null) return;
    const { status, texts, retryAfterMs } = evidence;
    const now = this.clock.now();
    if (status === 418) {
      lane.ban(now + (retryAfterMs ?? banMs));
      notify({ code: "banned", text: `${this.venue} bans this address: ${texts.join("; ")}` });
    } else if (status === 429 || texts.some((text) => /rate limit|too many/i.test(text))) {
      lane.pause(now + (retryAfterMs ?? pauseMs));
      notify({ code: "rateLimited", text: `${this.venue} asks for fewer calls` });
    } else if (!(error instanceof OperationFailed) && texts.length > 0) {
      if (rowFor(this.venue, texts) !== null) return;
      notify({ code: "unlisted", text: `${this.venue} says "${texts.join("; ")}": not listed` });
    }
  }
}

/**
 * Whether a call may be made again after a refusal of its nonce. An order is not: a refused nonce
 * may be that of a copy, made on the way, of a request that was taken. It is looked up instead.
 */
function isRepeatable({ path }: Call): boolean {
  return path !== "AddOrder" && path !== "AmendOrder";
}

/**
 * Every page of a list, up to a bound. @throws {MalformedReply} if it did not end by then: what
 * was read so far is not the whole, and must not pass for it.
 */
export async function allPages<C>(
  first: C,
  read: (cursor: C) => Promise<C | null>,
  pageLimit = 100,
): Promise<void> {
  let cursor: C | null = first;
  for (let page = 0; cursor !== null; page += 1) {
    if (page === pageLimit) {
      throw new MalformedReply(`Cannot read list: more than ${pageLimit} pages, wanted its end`);
    }
    cursor = await read(cursor);
  }
}
