import type { Hour } from "./standing-rules.ts";

/** A closed position of the desk's own ledger. */
export interface PositionResult {
  /** Names of the strategies that called its entry; each has its whole result. */
  readonly votedBy: readonly string[];
  /** Realized profit after fees over what was invested; -0.02 is a loss of 2 %. */
  readonly profitShare: number;
  /** Unix milliseconds. */
  readonly openedAt: number;
  readonly closedAt: number;
}

/** A strategy was switched off, or came back; for alarms and the journal. */
export interface StandingChange {
  readonly strategy: string;
  readonly type: "disabled" | "back";
  readonly reason: string;
  /** Unix milliseconds. */
  readonly at: number;
}

/** One strategy for display. While it is off, the numbers are those that switched it off. */
export interface StrategyStanding {
  readonly strategy: string;
  /** Closed positions in its window, and how many of them made a profit. */
  readonly trades: number;
  readonly wins: number;
  /** Won over lost in its window; null while nothing is lost. */
  readonly profitFactor: number | null;
  /** What its weight is multiplied by now; 0 while it is off. */
  readonly performance: number;
  /** Unix milliseconds; null while it is on. */
  readonly offSince: number | null;
  readonly offUntil: number | null;
  /** Why it is off, or why it is on although its results are too poor; null otherwise. */
  readonly reason: string | null;
}

/** Multipliers that a consumer has; one that is absent is 1, as in a new `FramePlane`. */
export interface KnownStanding {
  readonly performance?: Readonly<Record<string, number>>;
  /** By hour of the day, 0 to 23, UTC. */
  readonly sessions?: Readonly<Record<number, number>>;
}

/** Unix milliseconds. */
export interface Off {
  readonly since: number;
  readonly until: number;
  readonly reason: string;
}

/** What `save` gives: plain data that survives JSON. */
export interface StandingState {
  /** Settings and strategies that it was made under. */
  readonly key: string;
  /** In the order of the strategies. */
  readonly strategies: readonly {
    /** Profit shares of the closed positions in the window, oldest first. */
    readonly results: readonly number[];
    readonly countsFrom: number;
    readonly off: Off | null;
  }[];
  /** By hour of the day, UTC. */
  readonly hours: readonly Hour[];
}
