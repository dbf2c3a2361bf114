import type { Decimal } from "./decimal.ts";
import type { SymbolName, VenueAccount } from "./ids.ts";

export const exitReasons = [
  "stop",
  "trail",
  "target",
  "signal",
  "flatten",
  "halt",
  "gapThroughStop",
  "protectionFailed",
  "endOfRun",
  "operator",
  "external",
] as const;
/** Why a position was closed: the one list, for code, ledger and reports. */
export type ExitReason = (typeof exitReasons)[number];

export const defaultVaultId = "main";

/** A position as the ledger keeps it: what its fills bought, nothing else. */
export interface PositionRow {
  readonly positionId: string;
  readonly at: VenueAccount;
  readonly vaultId: string;
  readonly symbol: SymbolName;
  readonly state: "open" | "closed";
  /** Held now, base coin, less fees charged in it. */
  readonly quantity: Decimal;
  /** Quote coin still invested in `quantity`, entry fees in quote included. */
  readonly cost: Decimal;
  readonly bought: Decimal;
  readonly boughtFor: Decimal;
  readonly sold: Decimal;
  readonly soldFor: Decimal;
  /** In quote coin; fees in other coins are in the postings. */
  readonly fees: Decimal;
  readonly realizedPnl: Decimal;
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly exitReason: ExitReason | null;
  /** Names of the strategies that voted for it: kept once it is closed, not by older ledgers. */
  readonly votedBy?: readonly string[];
}
