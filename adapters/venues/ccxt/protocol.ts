import type { Found, Movement } from "../../../actors/order/ports.ts";
import type { Fill } from "../../../machines/domain/fill.ts";
import type { Instrument } from "../../../machines/domain/instrument.ts";
import type { Balance } from "../../../machines/domain/ledger.ts";
import type {
  AmendRequest,
  CancelRequest,
  OrderRequest,
  VenueOrder,
} from "../../../machines/domain/order.ts";

/** Whether a symbol takes orders, in few words. */
export type MarketState = "online" | "cancelOnly" | "postOnly" | "limitOnly" | "closed";

/** A symbol as the venue lists it. */
export interface Market {
  readonly instrument: Instrument;
  /** What the venue calls it in requests. */
  readonly id: string;
  /** Other names under which replies speak of it. */
  readonly aliases: readonly string[];
  readonly state: MarketState;
}

export interface KeyRights {
  readonly canTrade: boolean;
  /** Null where the venue does not tell. */
  readonly canWithdraw: boolean | null;
}

export interface VenueStatus {
  readonly state: "online" | "maintenance" | "cancelOnly" | "postOnly" | "limitOnly";
  readonly text: string;
}

/**
 * One venue's own language. Methods throw what went wrong: `NotSent`, `VenueRefusal`,
 * `MalformedReply` or ccxt's errors; the caller makes a verdict of it.
 */
export interface Protocol {
  markets(): Promise<readonly Market[]>;
  /** Makes the request before sending. @throws {NotSent} for what the venue has no words for. */
  place(market: Market, request: OrderRequest): Promise<VenueOrder>;
  /** The venue's dry run; its words. */
  validate(market: Market, request: OrderRequest): Promise<string>;
  /** Null where live orders cannot be changed. */
  readonly amend: ((market: Market, request: AmendRequest) => Promise<number>) | null;
  /** Returns once the venue has taken the cancel; the order may still be ending. */
  cancel(market: Market, request: CancelRequest): Promise<void>;
  /** One order by whatever id is known; null if the venue soundly says that there is none. */
  order(market: Market, request: CancelRequest): Promise<VenueOrder | null>;
  /** Everything under a client id, from every source. */
  find(market: Market, clientOrderId: string): Promise<Found>;
  /** One order by the venue's own id, with its fills. */
  byVenueId(market: Market, venueOrderId: string): Promise<Found>;
  openOrders(): Promise<readonly VenueOrder[]>;
  balances(): Promise<readonly Balance[]>;
  fillsSince(since: number): Promise<readonly Fill[]>;
  /** What moved these coins beside trades; null where the venue is not asked. */
  readonly movementsSince:
    | ((since: number, coins: readonly string[]) => Promise<readonly Movement[]>)
    | null;
  keyRights(): Promise<KeyRights>;
  status(): Promise<VenueStatus>;
  /** The venue's clock, Unix milliseconds. */
  serverTime(): Promise<number>;
}

/** How a protocol names markets; kept by the venue, filled by `markets()`. */
export interface MarketNames {
  /** The symbol behind a name of the venue; the name itself for a market it no longer lists. */
  symbolOf(name: string): string;
  marketOf(symbol: string): Market | null;
  readonly all: readonly Market[];
}
