import type { VenueReport } from "../../../machines/domain/fill.ts";
import type { SymbolName, VenueAccount } from "../../../machines/domain/ids.ts";
import type { CcxtAssumptions, CcxtVenueId } from "./assumptions.ts";
import type { VenueClock } from "./clock.ts";
import type { VenueKeys } from "./keys.ts";
import type { Tier } from "./limits.ts";

/** Something that an operator may want to read in the log; never needed to be right. */
export interface VenueNotice {
  readonly code: "rateLimited" | "banned" | "notSent" | "unlisted" | "feesAssumed" | "nonceRaised";
  readonly text: string;
}

export interface CcxtVenueOptions {
  readonly at: VenueAccount & { readonly venue: CcxtVenueId };
  /** Null for public data alone: private calls are then not sent. */
  readonly keys: VenueKeys | null;
  readonly symbols: readonly SymbolName[];
  /** Where to reach the venue, if not at its own address: `{rest: "http://127.0.0.1:8080"}`. */
  readonly urls?: { readonly rest?: string };
  readonly clock?: VenueClock;
  readonly assumptions?: Partial<CcxtAssumptions>;
  /** For a whole reply, body included; 10,000 if not given. */
  readonly timeoutMs?: number;
  /**
   * Kraken's verification tier, which sets its limits; "intermediate" if not given. "unlimited" is
   * for a stand-in that counts nothing, at any venue.
   */
  readonly tier?: Tier | "unlimited";
  /** Calls waiting at most, 200 if not given. */
  readonly queueLimit?: number;
  /** How often the end of a cancelled order is looked for, and the pause between. */
  readonly settle?: { readonly looks: number; readonly pauseMs: number };
  /** The private stream, where one runs. */
  readonly reports?: { takeReport(): VenueReport | null };
  readonly onNotice?: (notice: VenueNotice) => void;
}
