/** Everything that the promises are checked against: the ledger, the journal, the venue's record. */
import { LedgerReader } from "../../adapters/store/reader.ts";
import type { AttemptRow, BalanceRow, FillRow } from "../../adapters/store/tables.ts";
import { type VenueRecord, venueRecord } from "../../adapters/venues/matching/record.ts";
import { accountKey } from "../../machines/domain/ids.ts";
import type { OrderRow, Posting } from "../../machines/domain/ledger.ts";
import type { Intent, VenueOrder } from "../../machines/domain/order.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import { type JournalFacts, journalFacts } from "./journal-facts.ts";
import { readWitnessed, type Witnessed } from "./witness.ts";

export interface Evidence {
  readonly venue: VenueRecord;
  readonly witnessed: Witnessed;
  readonly journal: JournalFacts;
  readonly orders: readonly OrderRow[];
  readonly attempts: readonly AttemptRow[];
  readonly fills: readonly FillRow[];
  readonly positions: readonly PositionRow[];
  readonly postings: readonly Posting[];
  readonly balances: readonly BalanceRow[];
  readonly attemptsByClientId: ReadonlyMap<string, AttemptRow>;
  /** The intent behind an order at the venue, by the id that an attempt gave it. */
  readonly intentOf: (order: VenueOrder) => Intent | undefined;
}

/** Reads a ledger made by `makeWitnessedLedger` that nobody writes any more. */
export function readEvidence(file: string): Evidence {
  using reader = new LedgerReader(file);
  const { books } = reader;
  const orders = [...books.eachOrder()];
  const attempts = [...books.eachAttempt()];
  const [first] = orders;
  if (!first) throw new Error(`Cannot read evidence of "${file}": it holds no order`);
  const byIntent = new Map(orders.map((row) => [row.intent.intentId, row.intent]));
  const attemptsByClientId = new Map(attempts.map((row) => [row.clientOrderId, row]));
  return {
    venue: venueRecord(reader.state(`venue/${accountKey(first.intent.at)}`)),
    witnessed: readWitnessed(file),
    journal: journalFacts(reader),
    orders,
    attempts,
    fills: [...books.eachFill()],
    positions: [...books.eachPosition()],
    postings: [...books.eachPosting()],
    balances: [...books.eachBalance()],
    attemptsByClientId,
    intentOf: ({ clientOrderId }) => {
      const attempt = attemptsByClientId.get(clientOrderId ?? "");
      return attempt && byIntent.get(attempt.intentId);
    },
  };
}
