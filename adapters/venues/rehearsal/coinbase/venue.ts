import type { OrderVersion } from "../account.ts";
import type { Exchange } from "../exchange.ts";
import type { FaultScheduler } from "../faults/scheduler.ts";
import type { ApiKeys } from "./keys.ts";
import type { RateLimits } from "./limits.ts";
import type { CoinbaseProducts } from "./names.ts";

/** States that the venue is in; orders are taken by them, and products say so. */
export const venueStatuses = [
  "online",
  "maintenance",
  "cancel_only",
  "post_only",
  "limit_only",
] as const;
export type VenueStatus = (typeof venueStatuses)[number];

/**
 * What an order does whose client id was used before. The documentation is silent on it beyond the
 * id's purpose, so all that a client must be ready for is to be had:
 *
 * - `firstOrder`: nothing is placed, the answer is the one of the first order
 * - `refused`: with a reason
 * - `secondOrder`: another one is placed, unless the first is open still
 */
export const repeatBehaviours = ["firstOrder", "refused", "secondOrder"] as const;
export type RepeatBehaviour = (typeof repeatBehaviours)[number];

/** All that Coinbase's REST and its streams share. */
export interface CoinbaseVenue {
  readonly exchange: Exchange;
  readonly faults: FaultScheduler;
  readonly products: CoinbaseProducts;
  readonly keys: ApiKeys;
  readonly limits: RateLimits;
  /** Names the account's owner and portfolio. */
  readonly seed: string;
  /** How many times sooner than at the real venue a stream that says nothing is closed. */
  readonly streamHaste: number;
  status: VenueStatus;
  repeats: RepeatBehaviour;
  /** How far reads of orders and fills are behind the engine, milliseconds of venue time. */
  readLagMs: number;
}

export function isLiving(order: OrderVersion): boolean {
  return order.state === "open" || order.state === "partial" || order.state === "triggered";
}
