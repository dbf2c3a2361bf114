/** Orders that can be asked for by nothing but the venue's own id: claimed ones, and settled ones. */
import { add, type Decimal, zero } from "../../machines/domain/decimal.ts";
import type { Fill } from "../../machines/domain/fill.ts";
import type { VenueOrder } from "../../machines/domain/order.ts";
import type { LookUpInput } from "../../machines/order.types.ts";
import type { Found, Reply, Venue } from "./ports.ts";

/** Looks an order up by its client id, or by the venue's own id where it is named by that. */
export async function ask(venue: Venue, input: LookUpInput): Promise<Reply<Found>> {
  const { named, clientOrderId, symbol } = input;
  if (named === undefined) return venue.lookUp(clientOrderId, symbol);
  if (venue.lookUpByVenueId) return venue.lookUpByVenueId(named, symbol);
  // A venue that cannot be asked for it still lists it while it rests.
  const open = await venue.openOrders();
  if (open.type !== "confirmed") return open;
  const orders = open.value.filter(({ venueOrderId }) => venueOrderId === named);
  return { type: "confirmed", value: { orders, fills: [] } };
}

/** Whether the order that the operator named can be ours: another one's id proves that it is not. */
export function isSameId(input: LookUpInput, order: VenueOrder): boolean {
  const { named, claimedAt, clientOrderId } = input;
  if (named === undefined || claimedAt !== undefined) return true;
  return order.clientOrderId === null || order.clientOrderId === clientOrderId;
}

/** What a claimed order had filled before it was claimed: the balances had it already. */
export function beforeClaim(
  { claimedAt }: LookUpInput,
  fills: readonly Fill[],
): { readonly before?: Decimal } {
  if (claimedAt === undefined) return {};
  const earlier = fills.filter(({ at }) => at < claimedAt);
  return { before: earlier.reduce((sum, { quantity }) => add(sum, quantity), zero) };
}
