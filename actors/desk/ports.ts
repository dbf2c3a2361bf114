/** What drives a desk from outside: its market, its venue's reports, and time. */
import type { Decision } from "../../machines/domain/decision.ts";
import type { VenueReport } from "../../machines/domain/fill.ts";
import type { SymbolName, VenueAccount } from "../../machines/domain/ids.ts";
import type { Candle } from "../../machines/domain/market.ts";
import type { BookReading } from "../scanner/mod.ts";

export type { DeskConfig, TradedSymbol } from "./config.ts";
export type { Vital } from "./vitals.ts";

/** The desk as whoever moves its time sees it. */
export interface DrivenDesk {
  /**
   * A bar closed; null or nothing for a market without a two-sided book at its close. The market is
   * named where the desk trades in several.
   */
  bar(candle: Candle, book?: BookReading | null, market?: string): readonly Decision[];
  /** The price, whole ticks, went further since the symbol's last evaluation than is let pass. */
  move(symbol: SymbolName, ticks: number, market?: string): readonly Decision[];
  report(at: VenueAccount, report: VenueReport): void;
  /** When the next timer is due, Unix milliseconds, or null. */
  nextDeadline(): number | null;
  fireTimer(): void;
  /** Whether something waits to be done outside. */
  readonly isBusy: boolean;
  settle(): Promise<void>;
  commit(): void;
}
