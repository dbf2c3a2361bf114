import type { DeskStatus } from "../../actors/desk/mod.ts";
import { type Decimal, isZero, subtract } from "../../machines/domain/decimal.ts";
import { isSameAccount, type VenueAccount } from "../../machines/domain/ids.ts";
import type { LedgerReader } from "../store/reader.ts";
import type { RehearsalRecord, ThrownFault } from "../venues/rehearsal/mod.ts";

/** What a rehearsal came to. Everything of the venue is its own record, not the desk's opinion. */
export interface RehearsalReport {
  /** By name and what it struck, with how often. */
  readonly thrown: readonly (readonly [fault: string, count: number])[];
  readonly venue: { readonly orders: number; readonly trades: number };
  readonly desk: {
    readonly intents: number;
    readonly attempts: number;
    /** Answers that left an order's fate unknown. */
    readonly doubted: number;
    /** Look-ups that found an order, and those that proved that it was never placed. */
    readonly found: number;
    readonly provedAbsent: number;
    readonly fills: number;
    readonly trades: number;
    readonly alarms: number;
    readonly brakes: readonly string[];
  };
  /** What does not hold, in words; empty when the desk's books are the venue's. */
  readonly broken: readonly string[];
}

/**
 * Compares a desk's ledger with the record of the venue that it traded on.
 *
 * @param at the account there, where the desk has others too
 */
export function rehearsalReport(
  reader: LedgerReader,
  record: RehearsalRecord,
  thrown: readonly ThrownFault[],
  status: DeskStatus,
  at?: VenueAccount,
): RehearsalReport {
  const rows = rowsOf(reader, at);
  const counts = new Map<string, number>();
  for (const { name, on } of thrown) {
    const key = `${name} (${on})`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const proofs = proofsOf(reader);
  return {
    thrown: [...counts].sort((a, b) => b[1] - a[1]),
    venue: { orders: record.orders.length, trades: record.trades.length },
    desk: {
      intents: rows.orders.length,
      attempts: rows.attempts.length,
      ...proofs,
      fills: rows.fills.length,
      trades: status.counts.trades,
      alarms: status.alarms,
      brakes: status.brakes.map(({ brakeId, reason }) => `${brakeId}: ${reason}`),
    },
    broken: differencesOf(rows, record),
  };
}

/** What of a desk's books is not the venue's, in words. */
export function brokenIn(reader: LedgerReader, record: RehearsalRecord): readonly string[] {
  return differencesOf(rowsOf(reader), record);
}

/** What the ledger has of an account; of all of them where none is named. */
function rowsOf({ books }: LedgerReader, at?: VenueAccount) {
  const isThere = (of: VenueAccount) => at === undefined || isSameAccount(of, at);
  return {
    orders: [...books.eachOrder()].filter(({ intent }) => isThere(intent.at)),
    attempts: [...books.eachAttempt()].filter((each) => isThere(each.at)),
    fills: [...books.eachFill()].filter(({ venueAccount }) => isThere(venueAccount)),
    balances: [...books.eachBalance()].filter((each) => isThere(each.at)),
  };
}

function differencesOf(rows: ReturnType<typeof rowsOf>, record: RehearsalRecord): string[] {
  return [
    ...placedTwice(record, rows.attempts),
    ...fillsThatDiffer(record, rows.fills),
    ...endsThatDiffer(record, rows.orders),
    ...balancesThatDiffer(record, rows.balances),
  ];
}

/** What was in doubt and how it ended, by the journal. */
function proofsOf(reader: LedgerReader) {
  let doubted = 0;
  let found = 0;
  let provedAbsent = 0;
  for (const { kind, content } of reader.journal.range()) {
    if (kind !== "effect") continue;
    const { input } = JSON.parse(content) as { input: { event: { type: string } } };
    if (/^(submit|amend|cancel)\.unknown$/.test(input.event.type)) doubted += 1;
    if (input.event.type === "lookUp.found") found += 1;
    if (input.event.type === "lookUp.absent") provedAbsent += 1;
  }
  return { doubted, found, provedAbsent };
}

type Attempts = readonly { readonly intentId: string; readonly clientOrderId: string }[];

/** P2: at most one order at the venue for each intent. */
function placedTwice({ orders }: RehearsalRecord, attempts: Attempts): string[] {
  const intents = new Map(attempts.map((each) => [each.clientOrderId, each.intentId]));
  const placed = new Map<string, string[]>();
  for (const { clientOrderId, orderId } of orders) {
    const intent = clientOrderId === null ? undefined : intents.get(clientOrderId);
    if (intent === undefined) continue;
    placed.set(intent, [...(placed.get(intent) ?? []), orderId]);
  }
  return [...placed]
    .filter(([, ids]) => ids.length > 1)
    .map(([intent, ids]) => `intent "${intent}" was placed ${ids.length} times: ${ids.join(", ")}`);
}

type Fills = readonly {
  readonly tradeId: string;
  readonly quantity: Decimal;
  readonly price: Decimal;
}[];

/** P4: each execution of the venue is booked, once, as it was. */
function fillsThatDiffer({ trades }: RehearsalRecord, fills: Fills): string[] {
  const booked = new Map<string, Fills[number][]>();
  for (const fill of fills) booked.set(fill.tradeId, [...(booked.get(fill.tradeId) ?? []), fill]);
  const broken: string[] = [];
  for (const { tradeId, quantity, price, order } of trades) {
    if (order.clientOrderId === null) continue;
    const [first, ...more] = booked.get(tradeId) ?? [];
    booked.delete(tradeId);
    if (first === undefined) broken.push(`trade "${tradeId}" of the venue is not booked`);
    else if (more.length > 0) broken.push(`trade "${tradeId}" is booked ${more.length + 1} times`);
    else if (first.quantity !== quantity || first.price !== price) {
      broken.push(
        `trade "${tradeId}" was ${quantity} at ${price}, booked as ${first.quantity} at ${first.price}`,
      );
    }
  }
  for (const tradeId of booked.keys()) broken.push(`fill "${tradeId}" is of no trade of the venue`);
  return broken;
}

type Orders = Iterable<{
  readonly intent: { readonly intentId: string };
  readonly state: string;
  readonly filled: Decimal;
  readonly venueOrderId: string | null;
}>;

/** Each order of the desk is at the venue what the desk believes of it. */
function endsThatDiffer({ orders }: RehearsalRecord, ours: Orders): string[] {
  const atVenue = new Map(orders.map((order) => [order.orderId, order]));
  const broken: string[] = [];
  for (const { intent, state, filled, venueOrderId } of ours) {
    const theirs = venueOrderId === null ? undefined : atVenue.get(venueOrderId);
    if (theirs === undefined) continue;
    if (isToldAs(theirs, state) && theirs.filled === filled) continue;
    broken.push(
      `order "${intent.intentId}" is ${state} with ${filled} filled, at the venue ${theirs.state} with ${theirs.filled}`,
    );
  }
  return broken;
}

/** Coinbase tells what is left of an order that could not wait as cancelled, not as expired. */
function isToldAs({ state, expiresAt }: RehearsalRecord["orders"][number], told: string): boolean {
  return state === told || (state === "expired" && expiresAt === null && told === "canceled");
}

type Balances = Iterable<{ readonly coin: string; readonly total: Decimal }>;

function balancesThatDiffer({ balances }: RehearsalRecord, ours: Balances): string[] {
  const atVenue = new Map(balances.map(({ coin, total }) => [coin, total]));
  const broken: string[] = [];
  for (const { coin, total } of ours) {
    const theirs = atVenue.get(coin);
    if (theirs !== undefined && isZero(subtract(theirs, total))) continue;
    broken.push(`${coin}: ledger ${total}, venue ${theirs ?? "none"}`);
  }
  return broken;
}

/** The report for a person. */
export function rehearsalText({ thrown, venue, desk, broken }: RehearsalReport): string {
  const struck = thrown.map(([name, count]) => `  ${String(count).padStart(6)}  ${name}`);
  const brakes = desk.brakes.map((each) => `  brake     ${each}`);
  const verdict =
    broken.length === 0
      ? ["the desk's books are the venue's own: no order twice, no fill lost or doubled"]
      : [
          "the desk's books are NOT the venue's:",
          ...broken.slice(0, 20).map((each) => `  ${each}`),
        ];
  return [
    "what was thrown",
    ...(struck.length === 0 ? ["  nothing"] : struck),
    "",
    "what the desk did",
    `  intents   ${desk.intents}, sent ${desk.attempts} times; ${venue.orders} orders at the venue`,
    `  doubts    ${desk.doubted} answers unknown; look-ups found ${desk.found} orders, proved ${desk.provedAbsent} absent`,
    `  fills     ${desk.fills}, ${venue.trades} trades at the venue; ${desk.trades} round trips`,
    `  alarms    ${desk.alarms}`,
    ...brakes,
    "",
    ...verdict,
  ].join("\n");
}
