import type { Brake } from "../../machines/domain/brake.ts";
import type { Decimal } from "../../machines/domain/decimal.ts";
import type { JournalHead } from "../runtime/mod.ts";
import type { Counts } from "./counts.ts";

/** What the desk is, as far as it is durable. */
export interface DeskStatus {
  readonly mode: "paper";
  readonly state: "reconciling" | "running" | "braked";
  readonly brakes: readonly Brake[];
  readonly counts: Readonly<Counts>;
  /** Quote coin. */
  readonly equity: Decimal;
  readonly quote: string;
  /** The desk's time: virtual in a run from files. */
  readonly at: number;
  readonly journalHead: JournalHead;
  readonly alarms: number;
  readonly lastAlarm: string | null;
  readonly foreignOrders: number;
  readonly positions: readonly { positionId: string; state: string; quantity: Decimal }[];
}
