import type { OrderVersion } from "../account.ts";
import type { Exchange } from "../exchange.ts";
import type { FaultScheduler } from "../faults/scheduler.ts";
import type { ApiKeys } from "./keys.ts";
import type { RateLimits } from "./limits.ts";
import type { KrakenPairs } from "./names.ts";
import type { SessionTokens } from "./tokens.ts";

/** States that the venue says it is in; orders are taken by them. */
export const systemStatuses = [
  "online",
  "maintenance",
  "cancel_only",
  "post_only",
  "limit_only",
] as const;
export type SystemStatus = (typeof systemStatuses)[number];

/** All that Kraken's REST and its streams share. */
export interface KrakenVenue {
  readonly exchange: Exchange;
  readonly faults: FaultScheduler;
  readonly pairs: KrakenPairs;
  readonly keys: ApiKeys;
  readonly limits: RateLimits;
  readonly tokens: SessionTokens;
  status: SystemStatus;
  /** How far reads of orders and trades are behind the engine, milliseconds of venue time. */
  readLagMs: number;
}

/** What a call came to, in Kraken's words. */
export type KrakenResult =
  | { readonly type: "done"; readonly result: unknown }
  | { readonly type: "refused"; readonly error: string };

export function done(result: unknown): KrakenResult {
  return { type: "done", result };
}

export function refusedWith(error: string): { readonly type: "refused"; readonly error: string } {
  return { type: "refused", error };
}

export function isLiving(order: OrderVersion): boolean {
  return order.state === "open" || order.state === "partial" || order.state === "triggered";
}
