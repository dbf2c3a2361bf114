import { type Decimal, decimal } from "../../../machines/domain/decimal.ts";

/** How the engine treats our orders, beyond what the instruments themselves say. */
export interface MatchingSettings {
  /** An order accepted or amended at `t` meets the market from `t + latencyMs` on. */
  readonly latencyMs: number;
  /**
   * Whole ticks between best bid and ask around the path's price, 0 if not given: taking pays half of
   * it, rounded up, before any slippage; making pays none. Books bring their own.
   */
  readonly spreadTicks?: number;
  /** Whole ticks that taking costs beyond the touch. Books bring their own slippage. */
  readonly slippageTicks: number;
  /** The same as a share of the price, 0.0005 being 0.05 %; rounded up to whole ticks and added. */
  readonly slippageShare: number;
  /** The largest share of a point's volume that our orders get, 0 to 1; null for no limit. */
  readonly volumeShare: number | null;
  /**
   * `base`: a buy pays its fee from the base coin that it brings; a sell always pays in quote. A
   * third coin is charged by its price in quote coin, on both sides; where there is too little of it, quote pays.
   */
  readonly feeCoin: "quote" | "base" | { readonly coin: string; readonly price: Decimal };
  /** What a market or stop buy holds beyond its reference price, as a share: "0.05" is 5 %. */
  readonly marketBuffer: Decimal;
  /** Ended orders, and trades, kept in memory. Their rows stay in the store. */
  readonly memoryLimit: number;
  /** Orders and trades whose rows stay in the store, each; a tenth of it more before they go. */
  readonly recordLimit: number;
  /** False where no change is ever asked for: none is then noted down. */
  readonly notesChanges?: false;
  /** Reports not yet taken; beyond it the oldest is dropped and counted. */
  readonly outboxLimit: number;
}

export const defaultMatchingSettings: MatchingSettings = {
  latencyMs: 0,
  slippageTicks: 1,
  slippageShare: 0,
  volumeShare: 0.25,
  feeCoin: "quote",
  marketBuffer: decimal("0.05"),
  memoryLimit: 10_000,
  recordLimit: 100_000,
  outboxLimit: 10_000,
};
