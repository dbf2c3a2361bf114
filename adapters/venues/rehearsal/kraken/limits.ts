/** Kraken's rate limits: a counter for each key, and one for each pair in the matching engine. */

export const tierNames = ["starter", "intermediate", "pro"] as const;
export type Tier = (typeof tierNames)[number];

export interface LimitOptions {
  readonly tier: Tier;
  /** Whether REST calls are counted. */
  readonly rest: boolean;
  /** Whether orders, amends and cancels are counted, and open orders limited. */
  readonly engine: boolean;
}

interface TierLimits {
  readonly rest: number;
  /** A second. */
  readonly restDecay: number;
  readonly engine: number;
  readonly engineDecay: number;
  /** Open orders for each pair. */
  readonly openOrders: number;
}

/** docs.kraken.com, "Spot REST Rate Limits" and "Spot Trading Limits". */
const tiers: Readonly<Record<Tier, TierLimits>> = {
  starter: { rest: 15, restDecay: 0.33, engine: 60, engineDecay: 1, openOrders: 60 },
  intermediate: { rest: 20, restDecay: 0.5, engine: 125, engineDecay: 2.34, openOrders: 80 },
  pro: { rest: 20, restDecay: 1, engine: 180, engineDecay: 3.75, openOrders: 225 },
};

/** What a change adds beyond its fixed part, by the order's age: below so many seconds, so much. */
const ageCosts: Readonly<Record<"amend" | "edit" | "cancel", readonly [number, number][]>> = {
  amend: [
    [5, 3],
    [10, 2],
    [15, 1],
  ],
  edit: [
    [5, 6],
    [10, 5],
    [15, 4],
    [45, 2],
    [90, 1],
  ],
  cancel: [
    [5, 8],
    [10, 6],
    [15, 5],
    [45, 4],
    [90, 2],
    [300, 1],
  ],
};

class Counter {
  #count = 0;
  #at = 0;

  read(now: number, decay: number): number {
    this.#count = Math.max(0, this.#count - (Math.max(0, now - this.#at) / 1_000) * decay);
    this.#at = now;
    return this.#count;
  }

  add(cost: number): void {
    this.#count += cost;
  }
}

/** Counts what is asked of the venue; answers whether it was too much. Times are venue time. */
export class RateLimits {
  options: LimitOptions;
  readonly #keys = new Map<string, Counter>();
  readonly #pairs = new Map<string, Counter>();

  constructor(options: LimitOptions) {
    this.options = options;
  }

  get openOrders(): number {
    return this.options.engine ? tiers[this.options.tier].openOrders : Number.POSITIVE_INFINITY;
  }

  get engineLimit(): number {
    return tiers[this.options.tier].engine;
  }

  /** A REST call of a key; whether it is still allowed. */
  takeRest(key: string, cost: number, now: number): boolean {
    const { rest, restDecay } = tiers[this.options.tier];
    if (!this.options.rest || cost === 0) return true;
    return take(this.#keys, key, cost, { now, limit: rest, decay: restDecay });
  }

  /** An order, amend, edit or cancel on a pair, of an order so old; whether it is allowed. */
  takeEngine(
    symbol: string,
    change: "add" | "amend" | "edit" | "cancel",
    ageMs: number,
    now: number,
  ): boolean {
    if (!this.options.engine) return true;
    const { engine, engineDecay } = tiers[this.options.tier];
    const byAge =
      change === "add" ? 0 : (ageCosts[change].find(([below]) => ageMs < below * 1_000)?.[1] ?? 0);
    const cost = (change === "cancel" ? 0 : 1) + byAge;
    return take(this.#pairs, symbol, cost, { now, limit: engine, decay: engineDecay });
  }

  /** Where a pair's counter stands. */
  engineCount(symbol: string, now: number): number {
    const { engineDecay } = tiers[this.options.tier];
    return this.#pairs.get(symbol)?.read(now, engineDecay) ?? 0;
  }
}

function take(
  counters: Map<string, Counter>,
  name: string,
  cost: number,
  { now, limit, decay }: { readonly now: number; readonly limit: number; readonly decay: number },
): boolean {
  const counter = counters.get(name) ?? new Counter();
  counters.set(name, counter);
  if (counter.read(now, decay) + cost > limit) return false;
  counter.add(cost);
  return true;
}
