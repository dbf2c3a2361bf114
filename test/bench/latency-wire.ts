/** What the bench and its venue, in another thread, say to each other. */
import { decimal, fromSteps } from "../../machines/domain/decimal.ts";

export const venueSymbol = "BTC/USD";
export const venueSecret = Buffer.from("k".repeat(64)).toString("base64");
export const venueKeys = { apiKey: "bench-key", secret: venueSecret };
const venueTick = decimal("0.1");

export const venuePair = {
  altname: "XBTUSD",
  wsname: "XBT/USD",
  aclass_base: "currency",
  base: "XXBT",
  aclass_quote: "currency",
  quote: "ZUSD",
  lot: "unit",
  pair_decimals: 1,
  cost_decimals: 5,
  lot_decimals: 8,
  lot_multiplier: 1,
  leverage_buy: [],
  leverage_sell: [],
  fees: [[0, 0.4]],
  fees_maker: [[0, 0.25]],
  fee_volume_currency: "ZUSD",
  ordermin: "0.00005",
  costmin: "0.5",
  tick_size: "0.1",
  status: "online",
} as const;

export type ToVenue =
  | { readonly type: "book"; readonly ticks: number }
  | { readonly type: "trade"; readonly price: string }
  /** From now on every order's intent is looked for in this ledger when its bytes arrive. */
  | { readonly type: "look"; readonly ledgerFile: string }
  | { readonly type: "stop" };

/** One order's bytes, all of them on the venue's socket. */
export interface Arrived {
  readonly type: "arrived";
  /** Since just before the market message was sent, nanoseconds. */
  readonly tookNs: number;
  readonly isSigned: boolean;
  /** Null where it was not looked for. */
  readonly isDurable: boolean | null;
  readonly body: string;
}

export type FromVenue =
  | { readonly type: "ready"; readonly restPort: number; readonly streamPort: number }
  /** Somebody subscribed to the market's trades. */
  | { readonly type: "listened" }
  | { readonly type: "stopped" }
  | Arrived;

/** Prices at which the market trades in turn: each is a move that the desk is told of. */
export const lowTicks = 600_000;
export const highTicks = 606_000;

/** A price as Kraken writes it. */
export const priceText = (ticks: number): string => Number(fromSteps(ticks, venueTick)).toFixed(1);

/** Ten levels a side, one tick apart, best first: price and quantity as they are written. */
export function levelsAround(ticks: number) {
  const side = (sign: 1 | -1) =>
    Array.from(
      { length: 10 },
      (_, index) => [priceText(ticks + sign * (index + 1)), "1.00000000"] as const,
    );
  return { bids: side(-1), asks: side(1) };
}
