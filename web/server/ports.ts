import type { z } from "zod";
import type { Desk, Explanation, JobView } from "../../actors/desk/mod.ts";
import type { Command } from "../../machines/domain/command.ts";
import type { Decimal } from "../../machines/domain/decimal.ts";
import type { FillRow, OrderRow } from "../../machines/domain/ledger.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import type { resultView } from "../api/research.ts";
import type { PanelBooks } from "./books-port.ts";
import type { PanelMachines } from "./machine-ports.ts";

/** A committed journal record, as the ledger's reader gives it. */
export interface JournalRow {
  readonly seq: number;
  /** Unix milliseconds of the desk's clock. */
  readonly at: number;
  readonly kind: string;
  readonly subject: string;
  readonly code: string | null;
  readonly correlation: string | null;
  /** Canonical JSON. */
  readonly content: string;
  readonly hash: string;
}

/** The committed ledger, as far as the panel reads it. */
export interface PanelLedger {
  /** Where the committed journal ends; sequence 0 before its first record. */
  head(): { readonly seq: number; readonly hash: string };
  /** What was noted when it was made. */
  meta(): ReadonlyMap<string, string>;
  /** The journal from its first record on, archived segments included. */
  history(): Iterable<JournalRow>;
  readonly journal: {
    range(first?: number, last?: number): Iterable<JournalRow>;
    record(seq: number): JournalRow | null;
    /** Records that the filter lets through, newest first. */
    page(filter: { readonly kind?: string; readonly before?: number }, limit: number): JournalRow[];
  };
  readonly books: {
    /** Closed positions by when they ended, oldest first, one by one. */
    closedSince(from: number): Iterable<PositionRow>;
    position(positionId: string): PositionRow | null;
    /** A lane's closed positions that were opened until then, the last opened first. */
    closedOfLane(lanePath: string, until: number): Iterable<PositionRow>;
    ordersOfPosition(positionId: string): OrderRow[];
    fillsOf(intentId: string): FillRow[];
  };
}

type LogLevel = "debug" | "info" | "warn" | "error";

/** A line of the log, redacted. */
export interface LogLine {
  readonly id: number;
  readonly writtenAt: number;
  readonly level: LogLevel;
  readonly event: string;
  readonly message: string;
  readonly actor: string | null;
  readonly account: string | null;
  readonly correlation: string | null;
  readonly seq: number | null;
  readonly details: unknown;
}

/** The process's log, as far as the panel looks into it. */
export interface PanelLog {
  readonly level: LogLevel;
  /** Lines that could not be written. */
  readonly lost: number;
  /** Keeps the last lines at hand from then on. */
  keepTail(): { newestFirst(before?: number): Iterable<LogLine> };
}

/** The configuration in force; secrets by name alone. */
export interface PanelConfiguration {
  effective(): {
    readonly settings: readonly {
      readonly path: string;
      readonly value: string;
      /** In words: `default`, `config.yaml, line 3`, an environment variable's name. */
      readonly origin: string;
      readonly isDefault: boolean;
      /** What it means, with its unit. */
      readonly about: string;
      /** When a change of it counts. */
      readonly changes: string;
    }[];
    readonly secrets: readonly { readonly name: string; readonly origin: string }[];
  };
  /** What reading it again would change, or why it cannot be used. */
  pending(): {
    readonly changes: readonly {
      readonly path: string;
      readonly from: string;
      readonly to: string;
      readonly effect: string;
      /** Why it would not be taken up now, or null. */
      readonly why: string | null;
    }[];
    readonly problem: string | null;
  };
}

/** Research beside the desk: what it may run on, and what its jobs came to. */
export interface PanelResearch {
  /** From which paths in a job's arguments are taken. */
  readonly folder: string;
  /** Arguments that name the desk's own configuration. */
  readonly configuration: readonly string[];
  /** Where a backtest of that name is to write its report. */
  reportFile(name: string): string;
  /** Where one is to keep its ledger: among those that can be looked into. */
  ledgerFile(name: string): string;
  /** Stored candles, by name. */
  series(): Promise<readonly string[]>;
  /** What a job that is done came to; null for none. */
  resultOf(job: JobView): Promise<z.input<typeof resultView> | null>;
}

/** A side of a market's book: whole ticks and base coin, best first. */
type BookSide = readonly { readonly ticks: number; readonly quantity: Decimal }[];

/** What the pages of lanes are given beside the desk and its ledger. */
export interface PanelLanes {
  /** Whether a market is told in books; null is the run's own. */
  hasBook(market: string | null): boolean;
  /** A symbol's book as it was last told; null where none is known. */
  book(
    symbol: string,
    market: string | null,
  ): { readonly at: number; readonly bids: BookSide; readonly asks: BookSide } | null;
  /** The votes at a lane's past evaluation, or why they cannot be told. */
  explain(lane: string, seq: number): Promise<Explanation | { readonly unknown: string }>;
  /** Lets everything else that waits have its turn: between two parts of long work. */
  pause(): Promise<void>;
}

/** What the panel shows, and what it is told of the process around it. */
export interface PanelOptions {
  readonly desk: Desk;
  /** Reads what is committed, on a connection of its own. */
  readonly ledger: PanelLedger;
  readonly log: PanelLog;
  readonly configuration: PanelConfiguration;
  readonly research: PanelResearch;
  readonly lanes: PanelLanes;
  readonly machines: PanelMachines;
  /** The one way in for commands: answers once they are durable. */
  obey(command: Command): Promise<{ readonly done: boolean; readonly text: string }>;
  readonly books: PanelBooks;
  /** The banner's words for the prices: never left out. */
  readonly market: string;
  /** How long this process runs, milliseconds. */
  readonly uptimeMs: () => number;
  readonly version: string;
  /** What is known of this machine's clock beside the venues', in words; absent where nothing is. */
  readonly clock?: () => string | null;
}
