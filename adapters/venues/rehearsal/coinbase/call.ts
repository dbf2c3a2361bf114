import type { Strike } from "../faults/registry.ts";
import type { WireReply, WireRequest } from "../wire.ts";
import type { ApiKey } from "./keys.ts";
import type { CoinbaseTrading } from "./trading.ts";
import type { CoinbaseVenue } from "./venue.ts";

/** One request on its way to what answers it. */
export interface CallContext {
  readonly venue: CoinbaseVenue;
  readonly trading: CoinbaseTrading;
  readonly request: WireRequest;
  /** What stands in the path where its pattern leaves a gap. */
  readonly gap: string;
  /** Null for public calls. */
  readonly key: ApiKey | null;
  readonly strike: Strike | null;
}

export type Call = (context: CallContext) => WireReply;

/** The time that a read answers from: the read lag behind, or further where a fault says so. */
export function asOf({ venue, strike }: CallContext): number {
  const stale = strike?.name === "staleRead" ? (strike.delayMs ?? 5_000) : 0;
  return venue.exchange.clock.now - Math.max(venue.readLagMs, stale);
}

/** A page of a list, what comes next, and whether there is any. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Empty at the end. */
  readonly cursor: string;
}

/**
 * A page of a list whose items have names: those after the one that the cursor names, which stays
 * right where new items come before it. Null for a limit or a cursor that makes no sense.
 */
export function paged<Item>(
  list: readonly Item[],
  { request: { query } }: CallContext,
  terms: {
    readonly usual: number;
    readonly most: number;
    readonly nameOf: (item: Item) => string;
  },
): Page<Item> | null {
  const limit = Number(query.get("limit") ?? terms.usual);
  if (!(Number.isInteger(limit) && limit >= 0)) return null;
  const after = query.get("cursor") ?? "";
  const start = after === "" ? 0 : list.findIndex((each) => terms.nameOf(each) === after) + 1;
  if (after !== "" && start === 0) return null;
  const end = start + Math.min(limit === 0 ? terms.usual : limit, terms.most);
  const items = list.slice(start, end);
  const last = items.at(-1);
  return { items, cursor: last === undefined || end >= list.length ? "" : terms.nameOf(last) };
}

/** A time in the query, Unix milliseconds of inner time; NaN where it is none, null if not given. */
export function timeIn({ venue, request }: CallContext, name: string): number | null {
  const text = request.query.get(name);
  return text === null ? null : Date.parse(text) - venue.exchange.clock.skewMs;
}
