/** What a conformance case is written against: one account at one venue, and the market behind it. */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Found, Reply, Venue } from "../../actors/order/ports.ts";
import { type Decimal, decimal } from "../../machines/domain/decimal.ts";
import type { Fill, VenueReport } from "../../machines/domain/fill.ts";
import type { Balance } from "../../machines/domain/ledger.ts";
import { isTerminal, type OrderRequest, type VenueOrder } from "../../machines/domain/order.ts";

/** What a case may need that not every subject has. */
export const capabilities = [
  "amend",
  "marketStop",
  "stopLimit",
  "foreignOrders",
  "lostReplies",
  "repeatedMessages",
  "reportedFills",
  "queuedCalls",
] as const;
export type Capability = (typeof capabilities)[number];

/** How a lost reply is lost: with the order placed, or without. */
export type Loss = "placed" | "absent";

/** One account at one venue whose market only the case moves. Prices are decimal texts. */
export interface Bench extends AsyncDisposable {
  readonly venue: Venue;
  /** Unix milliseconds of the venue. */
  now(): number;
  /** Moves the price there through every price between; `volume` is what traded on the way. */
  price(price: string, options?: { readonly gap?: boolean; readonly volume?: number }): void;
  /** Lets orders meet the market as it stands, where they do not by themselves. */
  meet(): void;
  pass(ms: number): void;
  /** Begins to listen to the venue's own reports. */
  listen(): Promise<void>;
  /** All reports since then, as they came. */
  reports(): readonly VenueReport[];
  /** The adapter as a new process has it: it knows nothing of before. */
  restarted(): Promise<Venue>;
  /** Another account at the same venue, in the same market: whoever moves it, moves it for both. */
  other(): Promise<Bench>;
  /** Somebody else's order on this account; its id. */
  placeForeign(): string;
  /** The reply to the next order is lost. */
  loseReply(how: Loss): void;
  /** The next report comes twice. */
  repeatReport(): void;
}

export const symbol = "BTC/USD";

/** A client order id of the desk's form, by number. */
export function clientId(number: number): string {
  return `nv${number.toString(16).padStart(16, "0")}`;
}

interface Words extends Partial<Omit<OrderRequest, "quantity" | "price" | "stopPrice">> {
  readonly quantity?: string;
  readonly price?: string;
  readonly stopPrice?: string;
}

/** `order("buy", "limit", { price: "50000" })`: of 0.01 BTC, good till cancelled, client id 1. */
export function order(side: "buy" | "sell", type: OrderRequest["type"], words: Words = {}) {
  const { quantity = "0.01", price, stopPrice, ...rest } = words;
  return {
    clientOrderId: clientId(1),
    symbol,
    side,
    type,
    timeInForce: "gtc",
    postOnly: false,
    expiresAt: null,
    ...rest,
    quantity: decimal(quantity),
    price: price === undefined ? null : decimal(price),
    stopPrice: stopPrice === undefined ? null : decimal(stopPrice),
  } as const satisfies OrderRequest;
}

/** The value of a confirmed reply; anything else fails the case with what was said. */
export function confirmed<T>(reply: Reply<T>): T {
  if (reply.type === "confirmed") return reply.value;
  throw new Error(`Wanted a confirmed reply, was ${JSON.stringify(reply)}`);
}

/** Asserts that the venue said no, with one of these codes. */
export function assertRefused(reply: Reply<unknown>, ...codes: readonly string[]): void {
  equal(reply.type, "refused", JSON.stringify(reply));
  if (reply.type === "refused" && codes.length > 0) {
    ok(codes.includes(reply.code), `code was "${reply.code}", wanted ${codes.join(" or ")}`);
  }
}

/** Places an order and lets it meet the market. */
export async function place(bench: Bench, request: OrderRequest): Promise<VenueOrder> {
  const placed = confirmed(await bench.venue.submit(request));
  equal(placed.clientOrderId, request.clientOrderId);
  ok(placed.venueOrderId !== "", "no order id");
  bench.meet();
  return placed;
}

export async function found(venue: Venue, clientOrderId = clientId(1)): Promise<Found> {
  return confirmed(await venue.lookUp(clientOrderId, symbol));
}

/** The one order under a client id, as the venue has it now. */
export async function theOrder(bench: Bench, clientOrderId = clientId(1)): Promise<VenueOrder> {
  const { orders } = await found(bench.venue, clientOrderId);
  equal(orders.length, 1, `orders under "${clientOrderId}"`);
  return orders[0] as VenueOrder;
}

/** Asserts parts of the one order under a client id. */
export async function assertOrder(
  bench: Bench,
  parts: Partial<Record<keyof VenueOrder, unknown>>,
  clientOrderId = clientId(1),
): Promise<VenueOrder> {
  const known = await theOrder(bench, clientOrderId);
  const shown = Object.keys(parts).map((key) => [key, known[key as keyof VenueOrder]]);
  deepEqual(Object.fromEntries(shown), parts);
  return known;
}

export async function fillsOf(bench: Bench, clientOrderId = clientId(1)): Promise<readonly Fill[]> {
  return (await found(bench.venue, clientOrderId)).fills;
}

export async function openIds(venue: Venue): Promise<readonly (string | null)[]> {
  return confirmed(await venue.openOrders()).map((each) => each.clientOrderId);
}

export async function balanceOf(venue: Venue, coin: string): Promise<Balance> {
  const balance = confirmed(await venue.balances()).find((each) => each.coin === coin);
  return balance ?? { coin, total: decimal("0"), held: decimal("0") };
}

export async function assertBalance(venue: Venue, coin: string, total: Decimal | string) {
  equal((await balanceOf(venue, coin)).total, total, `total of ${coin}`);
}

export const isOver = ({ state }: VenueOrder): boolean => isTerminal(state);

/** Waits for a condition, ten seconds at most; who waits in vain says for what. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Waited in vain for: ${what}`);
    await Bun.sleep(2);
  }
}
