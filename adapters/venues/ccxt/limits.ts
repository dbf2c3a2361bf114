import type { CcxtVenueId } from "./assumptions.ts";
import type { CounterRule } from "./limiter.ts";

/** What Kraken calls the verification tier of an account; it sets the limits. */
export const tiers = ["starter", "intermediate", "pro"] as const;
export type Tier = (typeof tiers)[number];

const unlimited: CounterRule = { limit: 1_000_000, decayPerSecond: 1_000_000, reserve: 0 };

const krakenRest = {
  starter: { limit: 15, decayPerSecond: 0.33 },
  intermediate: { limit: 20, decayPerSecond: 0.5 },
  pro: { limit: 20, decayPerSecond: 1 },
} as const;

const krakenEngine = {
  starter: { limit: 60, decayPerSecond: 1 },
  intermediate: { limit: 125, decayPerSecond: 2.34 },
  pro: { limit: 180, decayPerSecond: 3.75 },
} as const;

/** Counters of private calls. What entries and reads leave free is enough for a cancel or two. */
export function privateCounters(
  venue: CcxtVenueId,
  tier: Tier | "unlimited",
): Record<string, CounterRule> {
  if (tier === "unlimited") return { rest: unlimited, engine: unlimited, orders: unlimited };
  switch (venue) {
    case "kraken":
      return {
        rest: { ...krakenRest[tier], reserve: 4 },
        engine: { ...krakenEngine[tier], reserve: 20 },
      };
    case "coinbase":
      return { rest: { limit: 30, decayPerSecond: 30, reserve: 6 } };
    case "binanceus":
      return {
        rest: { limit: 1_200, decayPerSecond: 20, reserve: 100 },
        orders: { limit: 50, decayPerSecond: 5, reserve: 5 },
      };
  }
}

/** Counters of public calls, which have a lane of their own. */
export function publicCounters(
  venue: CcxtVenueId,
  tier: Tier | "unlimited",
): Record<string, CounterRule> {
  if (tier === "unlimited") return { rest: unlimited };
  const rule = {
    kraken: { limit: 5, decayPerSecond: 1 },
    coinbase: { limit: 10, decayPerSecond: 10 },
    binanceus: { limit: 600, decayPerSecond: 10 },
  }[venue];
  return { rest: { ...rule, reserve: 0 } };
}

/** What Kraken's matching engine adds for a change of an order of that age: the younger, the more. */
export function krakenPenalty(kind: "cancel" | "amend", ageMs: number): number {
  const steps = kind === "cancel" ? cancelSteps : amendSteps;
  return steps.find(([below]) => ageMs < below)?.[1] ?? 0;
}

const cancelSteps = [
  [5_000, 8],
  [10_000, 6],
  [15_000, 5],
  [45_000, 4],
  [90_000, 2],
  [300_000, 1],
] as const;

const amendSteps = [
  [5_000, 3],
  [10_000, 2],
  [15_000, 1],
] as const;
