import type { Decimal } from "./decimal.ts";
import type { SymbolName } from "./ids.ts";
import type { Side, VenueOrder } from "./order.ts";

/** One execution of an order of ours, as the venue reports it. */
export interface Fill {
  /** Unique per venue and account: what makes a fill booked once (P4). */
  readonly tradeId: string;
  readonly venueOrderId: string;
  readonly clientOrderId: string | null;
  readonly symbol: SymbolName;
  readonly side: Side;
  readonly price: Decimal;
  readonly quantity: Decimal;
  /** Positive when paid, negative for a rebate. */
  readonly fee: Decimal;
  readonly feeCoin: string;
  readonly liquidity: "maker" | "taker";
  readonly at: number;
}

/** What a venue says by itself, over its private stream. */
export type VenueReport =
  | { readonly type: "order"; readonly order: VenueOrder }
  | { readonly type: "fill"; readonly fill: Fill };
