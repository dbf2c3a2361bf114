/** The promises P1 to P8 as checks of what a run left behind. Each returns what breaks it, in words. */
import { brakeOn } from "../../machines/domain/brake.ts";
import {
  compare,
  type Decimal,
  maximum,
  subtract,
  sum,
  zero,
} from "../../machines/domain/decimal.ts";
import { accountKey } from "../../machines/domain/ids.ts";
import { isTerminal, type VenueOrder } from "../../machines/domain/order.ts";
import type { Evidence } from "./evidence.ts";

export type Check = (evidence: Evidence) => string[];

/** P1: each order at the venue has an attempt that was on disk by an earlier commit. */
export const intentFirst: Check = ({ venue, witnessed, attemptsByClientId, journal }) => {
  const found: string[] = [];
  const firstSeen = new Map<string, number>();
  for (const { seq, order } of witnessed.versions) {
    if (!firstSeen.has(order.venueOrderId)) firstSeen.set(order.venueOrderId, seq);
  }
  for (const { venueOrderId, clientOrderId } of venue.orders) {
    const id = clientOrderId ?? "";
    const durable = witnessed.attemptSeqs.get(id);
    const placed = firstSeen.get(venueOrderId) ?? 0;
    if (!attemptsByClientId.has(id) || durable === undefined) {
      found.push(`order ${venueOrderId} of "${id}" has no attempt in the ledger`);
    } else if (durable >= placed) {
      found.push(`order ${venueOrderId} is of record ${placed}, its attempt of ${durable}`);
    }
  }
  for (const { seq, intentId } of journal.submits) {
    const ids = [...attemptsByClientId.values()].filter((row) => row.intentId === intentId);
    const durable = ids.map((row) => witnessed.attemptSeqs.get(row.clientOrderId) ?? seq);
    if (!(Math.min(...durable) < seq)) {
      found.push(`record ${seq} sent "${intentId}" before an attempt of it was durable`);
    }
  }
  return found;
};

const endOf = (order: VenueOrder): number =>
  isTerminal(order.state) ? order.updatedAt : Number.POSITIVE_INFINITY;

/** P2: at most one order of an intent lives at a time, and no more fills than was ever asked for. */
export const neverTwice: Check = (evidence) => {
  const found: string[] = [];
  const mostAsked = new Map<string, Decimal>();
  for (const { order } of evidence.witnessed.versions) {
    const before = mostAsked.get(order.venueOrderId) ?? zero;
    mostAsked.set(order.venueOrderId, maximum(before, order.quantity));
  }
  const byIntent = Map.groupBy(
    evidence.venue.orders,
    (order) => evidence.intentOf(order)?.intentId ?? "",
  );
  for (const row of evidence.orders) {
    const { intentId, quantity } = row.intent;
    const placed = (byIntent.get(intentId) ?? []).toSorted((a, b) => a.createdAt - b.createdAt);
    placed.forEach((order, index) => {
      const next = placed[index + 1];
      if (next && next.createdAt < endOf(order)) {
        found.push(
          `"${intentId}" has ${order.venueOrderId} and ${next.venueOrderId} alive at once`,
        );
      }
    });
    const filled = sum(placed.map((order) => order.filled));
    const asked = placed.map((order) => mostAsked.get(order.venueOrderId) ?? quantity);
    if (compare(filled, asked.reduce(maximum, quantity)) > 0) {
      found.push(`"${intentId}" filled ${filled}, more than was ever asked for`);
    }
  }
  return found;
};

/** P3: what was proved never placed is not at the venue, and what rests there is known to. */
export const neverFromSilence: Check = ({ venue, attempts, orders }) => {
  const placed = new Set(venue.orders.map(({ clientOrderId }) => clientOrderId));
  const rowOf = new Map(orders.map((row) => [row.intent.intentId, row]));
  const found: string[] = [];
  for (const { intentId, number, clientOrderId } of attempts) {
    const row = rowOf.get(intentId);
    const isAbsent = number < (row?.attempts ?? 0) || row?.reason === "proved never placed";
    if (isAbsent && placed.has(clientOrderId)) {
      found.push(`attempt ${number} of "${intentId}" was held to be absent, and was placed`);
    }
  }
  return found;
};

/** P4: every trade of the venue is booked once, as it was, and nothing else is. */
export const everyFillOnce: Check = ({ venue, fills }) => {
  const found: string[] = [];
  const booked = Map.groupBy(fills, (row) => row.tradeId);
  for (const trade of venue.trades) {
    const rows = booked.get(trade.tradeId) ?? [];
    booked.delete(trade.tradeId);
    if (rows.length !== 1) found.push(`trade ${trade.tradeId} is booked ${rows.length} times`);
    for (const { intentId: _, venueAccount: __, ...fill } of rows) {
      if (!Bun.deepEquals(fill, trade)) found.push(`trade ${trade.tradeId} is booked otherwise`);
    }
  }
  for (const tradeId of booked.keys()) found.push(`fill ${tradeId} is not of the venue`);
  return found;
};

/** P5: the postings balance, and orders, positions and balances are what the venue has. */
export const booksBalance: Check = (evidence) => [
  ...unbalancedEntries(evidence),
  ...wrongBalances(evidence),
  ...wrongPositions(evidence),
  ...wrongOrders(evidence),
];

const unbalancedEntries: Check = ({ postings }) => {
  const entries = Map.groupBy(postings, ({ entryId, coin }) => `${entryId} in ${coin}`);
  return [...entries]
    .map(([entry, lines]) => [entry, sum(lines.map(({ amount }) => amount))] as const)
    .filter(([, total]) => total !== zero)
    .map(([entry, total]) => `entry ${entry} sums to ${total}`);
};

const wrongBalances: Check = ({ venue, balances, postings }) => {
  const found: string[] = [];
  const assets = Map.groupBy(
    postings.filter(({ account }) => account === "asset"),
    ({ coin }) => coin,
  );
  const ours = new Map(balances.map(({ coin, total }) => [coin, total]));
  for (const { coin, total } of venue.balances) {
    const posted = sum((assets.get(coin) ?? []).map(({ amount }) => amount));
    const kept = ours.get(coin) ?? zero;
    if (kept !== total || posted !== total) {
      found.push(`${coin}: venue ${total}, ledger ${kept}, postings ${posted}`);
    }
  }
  return found;
};

const wrongPositions: Check = ({ positions, fills, orders }) => {
  const positionOf = new Map(orders.map(({ intent }) => [intent.intentId, intent.positionId]));
  const byPosition = Map.groupBy(fills, ({ intentId }) => positionOf.get(intentId) ?? "");
  const found: string[] = [];
  for (const { positionId, quantity, bought, sold, symbol } of positions) {
    const own = byPosition.get(positionId) ?? [];
    byPosition.delete(positionId);
    const base = symbol.split("/")[0] ?? "";
    const of = (side: "buy" | "sell") =>
      sum(own.filter((fill) => fill.side === side).map((fill) => fill.quantity));
    const fees = sum(own.filter(({ feeCoin }) => feeCoin === base).map(({ fee }) => fee));
    const held = subtract(subtract(of("buy"), of("sell")), fees);
    if (of("buy") !== bought || of("sell") !== sold || held !== quantity) {
      found.push(`position ${positionId} holds ${quantity}, its fills say ${held}`);
    }
  }
  for (const id of byPosition.keys()) found.push(`fills of "${id}" have no position`);
  return found;
};

const wrongOrders: Check = (evidence) => {
  const byIntent = Map.groupBy(
    evidence.venue.orders,
    (order) => evidence.intentOf(order)?.intentId ?? "",
  );
  const found: string[] = [];
  for (const { intent, state, filled } of evidence.orders) {
    const placed = byIntent.get(intent.intentId) ?? [];
    const atVenue = sum(placed.map((order) => order.filled));
    if (filled !== atVenue) {
      found.push(`order "${intent.intentId}" filled ${filled}, at the venue ${atVenue}`);
    }
    const last = placed.at(-1);
    const isRight = last
      ? last.state === state
      : ["canceled", "rejected", "denied"].includes(state);
    if (!isRight) {
      found.push(`order "${intent.intentId}" is ${state}, at the venue ${last?.state ?? "not"}`);
    }
  }
  return found;
};

/** P7: no entry left the process while a brake was on, or before the account was reconciled. */
export const brakesHold: Check = ({ journal, orders }) => {
  const intents = new Map(orders.map(({ intent }) => [intent.intentId, intent]));
  const found: string[] = [];
  for (const { seq, intentId, brakes, account } of journal.submits) {
    const intent = intents.get(intentId);
    if (intent?.role !== "entry") continue;
    const brake = brakeOn(brakes, accountKey(intent.at), intent.symbol);
    if (brake) found.push(`record ${seq} sent entry "${intentId}" under brake ${brake.brakeId}`);
    if (account !== "trading") {
      found.push(`record ${seq} sent entry "${intentId}" while the account was ${account}`);
    }
  }
  return found;
};

/** Nothing that a run is not meant to meet at all: undone turns, events that no state takes. */
export const nothingUnforeseen: Check = ({ journal }) => [...journal.faults];
