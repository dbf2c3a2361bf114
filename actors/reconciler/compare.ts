import { compare, type Decimal, zero } from "../../machines/domain/decimal.ts";
import type { Balance } from "../../machines/domain/ledger.ts";
import type { VenueOrder } from "../../machines/domain/order.ts";

/** What the ledger holds to be so, at the moment the venue's answers are looked at. */
export interface Believed {
  /** Total by coin. */
  readonly balances: ReadonlyMap<string, Decimal>;
  /** Client order ids of our orders that may rest at the venue, all attempts. */
  readonly live: ReadonlySet<string>;
  /** Client order ids of ours that were archived: still ours, not foreign. */
  readonly isOurs: (clientOrderId: string) => boolean;
  /** Client order ids that the venue confirmed to rest there. */
  readonly resting: ReadonlySet<string>;
}

export interface Comparison {
  /** In words, for the operator. */
  readonly differences: readonly string[];
  /** Client order ids of orders that the ledger believes to rest and the venue does not list. */
  readonly doubtful: readonly string[];
  /** Orders that no desk of this ledger placed. */
  readonly foreign: readonly VenueOrder[];
}

/** An id that a desk gives: an unknown order that carries one means a second desk on this key. */
export const deskOrderId = /^nv[0-9a-f]{16}$/;

/** Compares what the ledger believes with what the venue says. Reads only; decides nothing. */
export function compareAccount(
  believed: Believed,
  balances: readonly Balance[],
  openOrders: readonly VenueOrder[],
): Comparison {
  const differences: string[] = [];
  const atVenue = new Map(balances.map(({ coin, total }) => [coin, total]));
  for (const coin of new Set([...believed.balances.keys(), ...atVenue.keys()])) {
    const ours = believed.balances.get(coin) ?? zero;
    const theirs = atVenue.get(coin) ?? zero;
    if (compare(ours, theirs) !== 0) {
      differences.push(`${coin}: ledger ${ours}, venue ${theirs}`);
    }
  }
  const listed = new Set<string>();
  const foreign: VenueOrder[] = [];
  for (const order of openOrders) {
    const id = order.clientOrderId;
    if (id !== null) listed.add(id);
    if (id === null || (!believed.live.has(id) && !believed.isOurs(id))) foreign.push(order);
  }
  for (const { clientOrderId, venueOrderId } of foreign) {
    if (clientOrderId !== null && deskOrderId.test(clientOrderId)) {
      differences.push(`order ${venueOrderId} carries a desk's id but is not of this ledger`);
    }
  }
  const doubtful = [...believed.resting].filter((id) => !listed.has(id));
  return { differences, doubtful, foreign };
}
