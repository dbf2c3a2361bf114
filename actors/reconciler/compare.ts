import {
  absolute,
  compare,
  type Decimal,
  decimal,
  isZero,
  multiply,
  subtract,
  zero,
} from "../../machines/domain/decimal.ts";
import type { Balance } from "../../machines/domain/ledger.ts";
import type { VenueOrder } from "../../machines/domain/order.ts";

/** What the ledger holds to be so, at the moment the venue's answers are looked at. */
export interface Believed {
  /** Total by coin. */
  readonly balances: ReadonlyMap<string, Decimal>;
  /** Whether an order of the venue's is one of this ledger: under way, ended, or none of it. */
  readonly fateOf: (order: VenueOrder) => "live" | "ended" | "foreign";
  /** Orders that the venue confirmed to rest there. */
  readonly resting: readonly Resting[];
  /**
   * The most that the venue's rounding can have made of a coin since the last match; zero where it
   * keeps every digit.
   */
  readonly roundingOf: (coin: string) => Decimal;
}

export interface Resting {
  /** Name of its actor. */
  readonly name: string;
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
}

/** A coin of which ledger and venue say other totals. */
export interface CoinDifference {
  readonly coin: string;
  readonly ledger: Decimal;
  readonly venue: Decimal;
  /** Venue less ledger. */
  readonly difference: Decimal;
}

/** An order at the venue that must not be there. */
export interface OrderDifference {
  readonly order: VenueOrder;
  /** `secondDesk`: it has an id of the form that desks give. `ended`: ours, and over by the ledger. */
  readonly kind: "secondDesk" | "ended";
}

export interface Comparison {
  readonly coins: readonly CoinDifference[];
  /** Differences that the venue's rounding explains. */
  readonly roundings: readonly CoinDifference[];
  readonly orders: readonly OrderDifference[];
  /** Orders that the ledger believes to rest and the venue does not list. */
  readonly doubtful: readonly Resting[];
  /** Orders that no desk of this ledger placed. */
  readonly foreign: readonly VenueOrder[];
}

/** An id that a desk gives: an unknown order that carries one means a second desk on this key. */
export const deskOrderId = /^nv[0-9a-f]{16}$/;

export function isDeskOrderId(clientOrderId: string | null): boolean {
  return clientOrderId !== null && deskOrderId.test(clientOrderId);
}

/** Compares what the ledger believes with what the venue says. Reads only; decides nothing. */
export function compareAccount(
  believed: Believed,
  balances: readonly Balance[],
  openOrders: readonly VenueOrder[],
): Comparison {
  const atVenue = new Map(balances.map(({ coin, total }) => [coin, total]));
  const coins: CoinDifference[] = [];
  const roundings: CoinDifference[] = [];
  for (const coin of new Set([...believed.balances.keys(), ...atVenue.keys()])) {
    const ledger = believed.balances.get(coin) ?? zero;
    const venue = atVenue.get(coin) ?? zero;
    const difference = subtract(venue, ledger);
    if (isZero(difference)) continue;
    const isRounding = compare(absolute(difference), believed.roundingOf(coin)) < 0;
    (isRounding ? roundings : coins).push({ coin, ledger, venue, difference });
  }
  const orders: OrderDifference[] = [];
  const foreign: VenueOrder[] = [];
  for (const order of openOrders) {
    const fate = believed.fateOf(order);
    if (fate === "ended") orders.push({ order, kind: "ended" });
    if (fate !== "foreign") continue;
    foreign.push(order);
    if (isDeskOrderId(order.clientOrderId)) orders.push({ order, kind: "secondDesk" });
  }
  const listed = new Set(
    openOrders.flatMap(({ clientOrderId, venueOrderId }) => [clientOrderId, venueOrderId]),
  );
  const doubtful = believed.resting.filter(
    ({ clientOrderId, venueOrderId }) => !listed.has(clientOrderId) && !listed.has(venueOrderId),
  );
  return { coins, roundings, orders, doubtful, foreign };
}

/** What so many amounts that the venue rounds to a step can come to, exclusive. */
export function roundingOf(step: Decimal, amounts: number): Decimal {
  return multiply(step, decimal(Math.max(1, amounts)));
}
