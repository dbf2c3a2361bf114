import type { VenueAccount } from "../../machines/domain/ids.ts";
import type { ReadInput } from "../../machines/reconciler.machine.ts";
import type { Movement, Reply, Venue } from "../order/mod.ts";
import type { EffectHandler } from "../runtime/mod.ts";

/**
 * Reads everything that an account is compared by. One answer that is not sound makes the whole
 * reading unreadable: a failed read is not an empty account (P3).
 */
export function readAccountEffect(
  venueOf: (at: VenueAccount) => Venue,
  since: (at: VenueAccount) => number,
): EffectHandler {
  return async ({ at, coins = [] }: ReadInput) => {
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
    const asked = coins.length === 0 ? null : await movementsOf(venue, since(at), coins);
    return {
      type: "account.read",
      balances: confirmedValue(balances),
      openOrders: confirmedValue(openOrders),
      fills: confirmedValue(fills),
      ...asked,
    } as { type: string };
  };
}

/** What moved the coins, or why that is not known: then nothing is explained by it. */
async function movementsOf(
  venue: Venue,
  since: number,
  coins: readonly string[],
): Promise<{ movements?: readonly Movement[]; unexplained?: string }> {
  if (!venue.movementsSince) return { unexplained: "the venue does not tell what moved it" };
  const reply = await venue.movementsSince(since, coins);
  if (reply.type === "confirmed") return { movements: reply.value };
  return { unexplained: `what moved it could not be read: ${causeOf(reply)}` };
}

function causeOf(reply: Reply<unknown>): string {
  if (reply.type === "confirmed") return "";
  return reply.type === "refused" ? reply.text : reply.cause;
}

function confirmedValue<T>(reply: Reply<T>): T | undefined {
  return reply.type === "confirmed" ? reply.value : undefined;
}
