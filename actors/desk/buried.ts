import type { OrderContext } from "../../machines/order.types.ts";
import type { Books } from "../account/mod.ts";
import type { Turn } from "../runtime/mod.ts";

/** Orders that a turn buried are known by the ledger alone from now on. */
export function forgetBuried(turn: Turn, books: Books): void {
  if (!turn.endsActors) return;
  const { stopped, buried } = turn;
  for (const name of stopped) {
    const context = buried.get(name)?.context as Partial<OrderContext> | undefined;
    if (!context?.intent || !context.attempts) continue;
    const ids = context.attempts.map((attempt) => attempt.clientOrderId);
    books.forget(context.intent, ids, context.venueOrderId ?? null);
    for (const { venueOrderId } of context.former ?? []) {
      books.forget(context.intent, [], venueOrderId);
    }
  }
}
