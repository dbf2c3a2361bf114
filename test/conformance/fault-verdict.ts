/** Compares what a desk believes with its venue's own record: never with its own opinion. */

import type { OrderVersion } from "../../adapters/venues/rehearsal/mod.ts";
import { add, compare, type Decimal, subtract, sum, zero } from "../../machines/domain/decimal.ts";
import { accountKey } from "../../machines/domain/ids.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { LiveDesk } from "./live-desk.fixture.ts";

const isAlive = ({ state }: OrderVersion) =>
  state === "open" || state === "triggered" || state === "partial";

/** What is wrong, in words; nothing, where desk and venue tell the same truth. */
export async function differences(
  world: LiveDesk,
  /** Whether an intent may have had several orders there, one after the other. */
  isChased = false,
): Promise<readonly string[]> {
  const found = [...ordersApart(world, isChased), ...fillsApart(world), ...exposureApart(world)];
  const { problems } = world.rehearsal.control;
  found.push(...problems.map((problem) => `the venue itself failed: ${problem}`));
  const apart = await world.reconciled();
  found.push(...apart.map((each) => `after a reconciliation: ${each}`));
  return found;
}

/** P2: at most one order of an intent; and each in the state that the venue has it in. */
function ordersApart({ rehearsal, reader }: LiveDesk, isChased: boolean): string[] {
  const { orders: atVenue } = rehearsal.control.record();
  const found: string[] = [];
  const claimed = new Set<string>();
  for (const row of reader.books.ordersPage({ limit: 100 })) {
    const { intentId } = row.intent;
    const ids = reader.books.attemptsOf(intentId).map(({ clientOrderId }) => clientOrderId);
    const placed = atVenue.filter(({ clientOrderId }) => ids.includes(clientOrderId ?? ""));
    for (const { orderId } of placed) claimed.add(orderId);
    const counted = isChased ? placed.filter(isAlive) : placed;
    if (counted.length > 1) found.push(`${intentId} has ${counted.length} orders at the venue`);
    const order = isChased ? placed.at(-1) : placed[0];
    const desk = `${row.state} ${row.filled} ${row.venueOrderId}`;
    if (order === undefined) {
      const isOver = ["rejected", "canceled", "denied"].includes(row.state);
      if (!isOver || row.filled !== zero) found.push(`${intentId}: desk ${desk}, venue nothing`);
      continue;
    }
    const filled = isChased ? sum(placed.map((each) => each.filled)) : order.filled;
    const venue = `${order.state} ${filled} ${order.orderId}`;
    if (desk !== venue) found.push(`${intentId}: desk ${desk}, venue ${venue}`);
  }
  const orphans = atVenue.filter(({ orderId }) => !claimed.has(orderId));
  return [...found, ...orphans.map(({ orderId }) => `${orderId} is of no attempt of the ledger`)];
}

/** P4: every fill of the venue is booked, and none twice, under its order. */
function fillsApart({ rehearsal, reader }: LiveDesk): string[] {
  const rows = reader.books.ordersPage({ limit: 100 });
  const booked = rows
    .flatMap(({ intent }) => reader.books.fillsOf(intent.intentId))
    .map(({ tradeId, quantity, price, fee }) => `${tradeId} ${quantity} at ${price} for ${fee}`);
  const made = rehearsal.control
    .record()
    .trades.map(
      ({ tradeId, quantity, price, fee }) => `${tradeId} ${quantity} at ${price} for ${fee}`,
    );
  const isSame = JSON.stringify([...booked].sort()) === JSON.stringify([...made].sort());
  return isSame ? [] : [`fills booked: ${booked.join(", ")}; made: ${made.join(", ")}`];
}

/** P6: what is held is protected at the venue, and no more than it would be sold. */
function exposureApart(world: LiveDesk): string[] {
  const { orders, trades } = world.rehearsal.control.record();
  const held = sum(
    trades.map(({ order, quantity }) =>
      order.side === "buy" ? quantity : subtract(zero, quantity),
    ),
  );
  const selling = orders
    .filter((order) => order.side === "sell" && isAlive(order))
    .reduce<Decimal>((total, { quantity, filled }) => add(total, subtract(quantity, filled)), zero);
  const found: string[] = [];
  if (compare(selling, held) !== 0) found.push(`held ${held}, to be sold by a stop ${selling}`);
  const believed = world.held?.quantity ?? zero;
  if (believed !== held) found.push(`held ${held}, believed ${believed}`);
  return found;
}

/** How it ended, in words that are the same at every run. */
export function ending(world: LiveDesk): string {
  const { orders } = world.rehearsal.control.record();
  const told = world.orders().map(([intentId, snapshot]) => {
    const { attempts, intent, reason, ended } = snapshot.context as OrderContext;
    const ids = attempts.map(({ clientOrderId }) => clientOrderId);
    const placed = orders.find(({ clientOrderId }) => ids.includes(clientOrderId ?? ""));
    const name = intentId.slice(`${accountKey(world.at)}/${intent.symbol}/1/`.length);
    const sent = attempts.length === 1 ? "" : `, sent ${attempts.length} times`;
    if (placed === undefined) return `${name} ${ended}: ${(reason ?? "").split(":")[0]}${sent}`;
    const stop = placed.stopPrice === null ? "" : ` at ${placed.stopPrice}`;
    const some = placed.state === "canceled" && placed.filled !== zero;
    return `${name} ${placed.state}${some ? ` after ${placed.filled}` : ""}${stop}${sent}`;
  });
  return told.sort().join("; ");
}
