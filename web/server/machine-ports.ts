/** What the visualiser and the journal's page are given of the past, and of drawing. */
import type { PastEntry, PastFilter, PastLife, PastStep } from "../../machines/domain/past.ts";
import type { PastState } from "../../machines/domain/transition.ts";
import type { LayOut } from "../views/chart-layout.ts";
import type { JournalRow } from "./ports.ts";

/** A file with a journal that can be looked into. */
export interface LedgerFile {
  readonly name: string;
  readonly isOwn: boolean;
  readonly bytes: number;
  /** Unix milliseconds. */
  readonly changedAt: number;
}

/** How far a journal's index goes, and how far the journal does. */
export interface Indexed {
  readonly seq: number;
  readonly of: number;
}

/** An actor as a ledger has it stored. */
export interface StoredActor {
  readonly name: string;
  readonly kind: string;
  readonly version: number;
  readonly snapshot: unknown;
  readonly timers: readonly {
    readonly id: string;
    readonly deadline: number;
    readonly event: { readonly type: string };
  }[];
  readonly seq: number;
}

export interface PastMoment {
  readonly life: PastLife;
  readonly seq: number;
  readonly at: number;
  readonly state: PastState;
  /** Before its last step. */
  readonly before: PastState | null;
  readonly last: PastStep;
  /** What the ledger has of it, where nothing changed it after this. */
  readonly stored: { readonly actor: StoredActor; readonly isLive: boolean } | null;
}

interface At {
  readonly seq: number;
  readonly at: number;
}

/** Questions on the past of one ledger, by name. */
export interface PastQuestions {
  extent(): { readonly first: At | null; readonly last: At | null };
  life(actor: string): PastLife | null;
  lives(text: string, without: readonly string[], most: number): readonly PastLife[];
  moment(actor: string, seq?: number): PastMoment | null;
  steps(
    actor: string,
    range: {
      readonly before?: number | undefined;
      readonly after?: number | undefined;
      readonly most: number;
    },
  ): {
    readonly start: PastState | null;
    readonly steps: readonly PastStep[];
    readonly more: boolean;
  };
  record(seq: number): {
    readonly record: JournalRow;
    readonly entry: PastEntry;
    readonly previous: number | null;
    readonly next: number | null;
  } | null;
  search(
    filter: PastFilter,
    most: number,
  ): { readonly entries: readonly PastEntry[]; readonly more: boolean };
  correlated(
    correlation: string,
    most: number,
  ): { readonly records: readonly JournalRow[]; readonly isCut: boolean };
  parts(
    actor: string | undefined,
    most: number,
  ): readonly (At & {
    readonly records: number;
    readonly trades: number;
    readonly alarms: number;
  })[];
  seqAt(at: number): At | null;
  stored(): readonly StoredActor[];
}

/** The past of the desk's ledger and of those beside it; looked into beside the main loop. */
export interface PanelPast {
  ledgers(): Promise<readonly LedgerFile[]>;
  /**
   * Asks of one ledger, the desk's own without a name. Rejects with an error that has `isUnknown`
   * where there is no such ledger, and without where it cannot be read.
   */
  ask<Name extends keyof PastQuestions>(
    ledger: string | undefined,
    question: Name,
    ...args: Parameters<PastQuestions[Name]>
  ): Promise<{ readonly answer: ReturnType<PastQuestions[Name]>; readonly indexed: Indexed }>;
}

export interface PanelMachines {
  readonly layOut: LayOut;
  readonly past: PanelPast;
  /** Plain data with secrets taken out, and with lists, depth and length cut. */
  plain(value: unknown): unknown;
}
