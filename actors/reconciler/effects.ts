import type { VenueAccount } from "../../machines/domain/ids.ts";
import type { ReadInput } from "../../machines/reconciler.machine.ts";
import type { Reply, Venue } from "../order/mod.ts";
import type { EffectHandler } from "../runtime/mod.ts";

/**
 * Reads everything that an account is compared by. One answer that is not sound makes the whole
 * reading unreadable: a failed read is not an empty account (P3).
 */
export function readAccountEffect(
  venueOf: (at: VenueAccount) => Venue,
  since: (at: VenueAccount) => number,
): EffectHandler {
  return async ({ at }: ReadInput) => {
    const venue = venueOf(at);
    // Fills last: what filled between two reads must not be missing from the balances' account.
    const balances = await venue.balances();
    const openOrders = await venue.openOrders();
    const fills = await venue.fillsSince(since(at));
    for (const [name, reply] of Object.entries({ balances, openOrders, fills })) {
      if (reply.type === "confirmed") continue;
      return { type: "reconcile.unreadable", cause: `${name}: ${causeOf(reply)}` } as {
        type: string;
      };
    }
    return {
      type: "account.read",
      balances: confirmedValue(balances),
      openOrders: confirmedValue(openOrders),
      fills: confirmedValue(fills),
    } as { type: string };
  };
}

function causeOf(reply: Reply<unknown>): string {
  if (reply.type === "confirmed") return "";
  return reply.type === "refused" ? reply.text : reply.cause;
}

function confirmedValue<T>(reply: Reply<T>): T | undefined {
  return reply.type === "confirmed" ? reply.value : undefined;
}
