import type { AnyMachineSnapshot } from "xstate";
import { isPositive, subtract, zero } from "../../machines/domain/decimal.ts";
import type { LedgerChange, OrderRow } from "../../machines/domain/ledger.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { PositionContext } from "../../machines/position.types.ts";
import type { Books } from "../account/mod.ts";
import type { Turn } from "../runtime/mod.ts";
import type { Counts } from "./counts.ts";

/** Told of each round trip that ended, and of who had voted for it. */
type OnClosed = (row: PositionRow, votedBy: readonly string[]) => void;

type Before = AnyMachineSnapshot | null;

/** What the venue holds of an order, as its machine has it. */
function heldState(snapshot: AnyMachineSnapshot): OrderRow["state"] {
  const value = snapshot.value as { live?: { held?: OrderRow["state"] } };
  return value.live?.held ?? (snapshot.context as OrderContext).ended ?? "canceled";
}

/** Ledger rows that follow from what an order became; its ids are made known to the books. */
function projectOrder(
  books: Books,
  after: AnyMachineSnapshot,
  before: Before,
  turn: Turn,
): LedgerChange[] {
  const context = after.context as OrderContext;
  const earlier = before?.context as OrderContext | undefined;
  const { intent, attempts, clientOrderId, venueOrderId } = context;
  if (clientOrderId !== earlier?.clientOrderId || venueOrderId !== earlier.venueOrderId) {
    books.follow(intent, clientOrderId, venueOrderId);
  }
  const changes: LedgerChange[] = [];
  if (attempts !== earlier?.attempts) {
    const attempt = attempts.at(-1);
    if (attempt) {
      const row = { ...attempt, intentId: intent.intentId, at: intent.at };
      changes.push({ table: "attempts", row });
    }
  }
  changes.push({
    table: "orders",
    row: {
      intent,
      state: heldState(after),
      // What a claimed order had filled before was never booked here.
      filled: subtract(context.filled, context.before ?? zero),
      filledFor: context.filledFor,
      attempts: attempts.length,
      venueOrderId,
      // What the desk cancelled it for says more than the venue's word for a cancel.
      reason:
        context.ended === "canceled"
          ? (context.cancelReason ?? context.reason)
          : (context.reason ?? context.cancelReason),
      updatedAt: turn.at,
    },
  });
  return changes;
}

/** Closes the position's row when its actor came to its end, and counts the round trip. */
function projectPosition(
  books: Books,
  counts: Counts,
  after: AnyMachineSnapshot,
  before: Before,
  turn: Turn,
  onClosed: OnClosed,
): LedgerChange[] {
  // A late fill reopens the row even where its actor sees no reason to leave its end.
  if (!after.hasTag("over") || after === before) return [];
  const { positionId, exitReason, votedBy } = after.context as PositionContext;
  const changes = books.close(positionId, turn.at, exitReason, votedBy);
  for (const change of changes) {
    if (change.table !== "positions" || !isPositive(change.row.bought)) continue;
    counts.trades += 1;
    if (isPositive(change.row.realizedPnl)) counts.wins += 1;
    onClosed(change.row, votedBy);
  }
  return changes;
}

/** Ledger rows that follow from what an actor became in a turn, and what is counted of them. */
export function project(
  books: Books,
  counts: Counts,
  name: string,
  after: AnyMachineSnapshot,
  before: Before,
  turn: Turn,
  onClosed: OnClosed,
): LedgerChange[] {
  if (name.startsWith("order:")) {
    if (before === null && !turn.touched.get(name)?.revived) counts.orders += 1;
    return projectOrder(books, after, before, turn);
  }
  return name.startsWith("position:")
    ? projectPosition(books, counts, after, before, turn, onClosed)
    : [];
}
