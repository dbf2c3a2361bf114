import {
  accountKey,
  actorName,
  isSameAccount,
  type VenueAccount,
} from "../../machines/domain/ids.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { ActorSystem } from "../runtime/mod.ts";

/** Names of an account's orders of a symbol whose fate is not known. */
export function unsettledOrders(system: ActorSystem, at: VenueAccount, symbol: string): string[] {
  const names: string[] = [];
  for (const [name, snapshot] of system.actors()) {
    if (!name.startsWith("order:") || !snapshot.hasTag("unknown")) continue;
    const { intent } = snapshot.context as OrderContext;
    const isThere = isSameAccount(intent.at, at);
    if (isThere && intent.symbol === symbol) names.push(name);
  }
  return names;
}

/** How many of an account's positions are not over. */
export function openPositionsOf(system: ActorSystem, at: VenueAccount): number {
  const prefix = actorName.position(`${accountKey(at)}/`);
  let count = 0;
  for (const [name, snapshot] of system.actors()) {
    if (name.startsWith(prefix) && !snapshot.hasTag("over")) count += 1;
  }
  return count;
}
