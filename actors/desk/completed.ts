import type { ActorKind } from "../../machines/domain/ids.ts";
import type { OrderInput, OrderSettings } from "../../machines/order.types.ts";
import { drawClientOrderId } from "../order/mod.ts";
import type { Draws, Turn } from "../runtime/mod.ts";

/** What a machine cannot know when an actor is made, added and journaled: the time, an id. */
export function completed(
  kind: ActorKind,
  input: unknown,
  turn: Turn,
  draws: Draws,
  settings: OrderSettings,
): unknown {
  // What is made anew from the ledger has had its time and its draws.
  if (kind !== "order" || (input as OrderInput).recovered !== undefined) return input;
  const { intent } = input as Pick<OrderInput, "intent">;
  const clientOrderId = drawClientOrderId(draws, intent.intentId, 1);
  turn.draws[intent.intentId] = clientOrderId;
  return { intent: { ...intent, createdAt: turn.at }, clientOrderId, settings };
}
