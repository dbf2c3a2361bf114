/** What drives a desk from outside: its market, its venue's reports, and time. */
import type { Decision } from "../../machines/domain/decision.ts";
import type { VenueReport } from "../../machines/domain/fill.ts";
import type { VenueAccount } from "../../machines/domain/ids.ts";
import type { Candle } from "../../machines/domain/market.ts";

export type { DeskConfig, TradedSymbol } from "./config.ts";
export type { Vital } from "./vitals.ts";

/** The desk as whoever moves its time sees it. */
export interface DrivenDesk {
  bar(candle: Candle): Decision;
  report(at: VenueAccount, report: VenueReport): void;
  /** When the next timer is due, Unix milliseconds, or null. */
  nextDeadline(): number | null;
  fireTimer(): void;
  /** Whether something waits to be done outside. */
  readonly isBusy: boolean;
  settle(): Promise<void>;
  commit(): void;
}
