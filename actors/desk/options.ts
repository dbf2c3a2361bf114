import type { ActorKind } from "../../machines/domain/ids.ts";
import type { LedgerHistory, LedgerLookUp } from "../account/mod.ts";
import type { Venue } from "../order/mod.ts";
import type {
  Clock,
  Draws,
  Lease,
  MachineKind,
  Reached,
  RuntimeStore,
  StateChange,
} from "../runtime/mod.ts";
import type { DeskConfig } from "./config.ts";

/** What a desk is made of. */
export interface DeskOptions {
  readonly config: DeskConfig;
  /** What of the configuration is other than the ledger's, and its text: taken up at the start. */
  readonly taken?: { readonly change: unknown; readonly text: string };
  readonly store: RuntimeStore;
  readonly ledger: LedgerLookUp & LedgerHistory;
  /** Asked before each request: whoever lost it sends nothing more (P12). */
  readonly lease: Lease;
  readonly venues: readonly Venue[];
  readonly clock: Clock;
  readonly draws: Draws;
  readonly reached: Reached;
  /** State of the parts outside, to be committed with the turns (a paper venue, a file's place). */
  readonly outside: () => StateChange[];
  /** Milliseconds of a clock that only rises, to find slow strategies by; none, and none is found. */
  readonly stopwatch?: () => number;
  /** The machines; this desk's own unless a test says otherwise. */
  readonly kinds?: Readonly<Record<ActorKind, MachineKind>>;
}
