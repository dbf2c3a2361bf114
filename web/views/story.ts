import { positionsOf } from "../../actors/desk/mod.ts";
import { add, type Decimal, isZero, sum, zero } from "../../machines/domain/decimal.ts";
import type { VenueAccount } from "../../machines/domain/ids.ts";
import type { OrderRow } from "../../machines/domain/ledger.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import type { PositionContext } from "../../machines/position.types.ts";
import { type ReplyOf, RouteError } from "../api/route.ts";
import type { tradesRoutes } from "../api/trades.ts";
import type { FillEntry } from "../server/books-port.ts";
import type { PanelOptions } from "../server/ports.ts";
import { type Signal, told } from "./story-steps.ts";
import { averagePrice, entryOfFill, firstAccountOf, placeOf, shareOf, tripOf } from "./trips.ts";

export type Story = ReplyOf<(typeof tradesRoutes)["GET /api/v1/trades/:positionId"]>;
type StoryOrder = Story["orders"][number];

/** One trade from signal to ledger. @throws {RouteError} for one that is not in the ledger */
export async function storyView(options: PanelOptions, positionId: string): Promise<Story> {
  const { desk, books } = options;
  const first = firstAccountOf(desk);
  const row = books.position(positionId);
  const orders = books.ordersOfPosition(positionId);
  const owner = row ?? orders.map(({ intent }) => intent)[0];
  if (!owner) throw new RouteError(404, `Cannot find trade "${positionId}"`);
  const { at, symbol } = owner;
  const { lane } = placeOf(positionId, at, first);
  const records = await books.storyOf(positionId, lane);
  const { steps, held, signal } = told(positionId, records);
  const view = positionsOf(desk.actors()).find((each) => each.positionId === positionId);
  const ledgered = orders.map((order) => ({
    ...orderOf(options, order),
    states: held
      .filter(({ intentId }) => intentId === order.intent.intentId)
      .map(({ intentId: _, ...state }) => state),
  }));
  return {
    ...tripOf(positionId, at, symbol, first),
    state: view?.state ?? "closed",
    result: row && resultOf(row),
    decision: signal && decisionOf(signal),
    votedBy: votersOf(options, row, positionId),
    orders: ledgered,
    steps: [...steps],
    isWhole: signal !== null,
    postings: sumsOf(ledgered),
    exitRefused: view ? view.exitRefused : "it is over",
    abandonRefused: view ? view.abandonRefused : "it is over",
  };
}

/** By the ledger, or by its actor as long as that is kept. */
function votersOf(
  { desk, books }: PanelOptions,
  row: PositionRow | null,
  positionId: string,
): string[] | null {
  if (row?.votedBy) return [...row.votedBy];
  const name = `position:${positionId}`;
  const live = new Map(desk.actors()).get(name)?.context as PositionContext | undefined;
  const known = live ?? (books.archivedContext(name) as PositionContext | null);
  return known ? [...known.votedBy] : null;
}

function resultOf(row: PositionRow) {
  return {
    quantity: row.bought,
    held: row.quantity,
    entryPrice: averagePrice(row.boughtFor, row.bought),
    exitPrice: averagePrice(row.soldFor, row.sold),
    openedAt: row.openedAt,
    closedAt: row.closedAt,
    pnl: row.realizedPnl,
    share: shareOf(row.realizedPnl, row.boughtFor),
    fees: row.fees,
    exitReason: row.exitReason,
  };
}

function decisionOf({ seq, at, plan, facts }: Signal) {
  const { entry, votedBy, stopPrice, targetPrice } = plan;
  const gates = Object.entries(facts).map(([name, value]) => ({
    name,
    value: value === null ? "none" : String(value),
  }));
  return {
    ...{ seq, at, votedBy: [...votedBy], quantity: entry.quantity, price: entry.price },
    ...{ stopPrice, targetPrice, gates },
  };
}

function orderOf({ books }: PanelOptions, order: OrderRow): StoryOrder {
  const { intent, state, filled, venueOrderId, reason } = order;
  const { intentId, role, side, type, quantity, price, stopPrice, createdAt, at } = intent;
  return {
    ...{ intentId, role, side, type, quantity, price, stopPrice, state, filled },
    ...{ venueOrderId, reason, createdAt, states: [] },
    attempts: books.attemptsOf(intentId).map((each) => ({
      number: each.number,
      clientOrderId: each.clientOrderId,
      quantity: each.quantity,
      price: each.price,
      sentAt: each.sentAt,
    })),
    fills: books.fillsOf(intentId).map((fill) => fillOf(books, at, fill)),
  };
}

function fillOf(
  books: PanelOptions["books"],
  at: VenueAccount,
  fill: FillEntry,
): StoryOrder["fills"][number] {
  const { tradeId, price, quantity, fee, feeCoin, liquidity } = fill;
  return {
    ...{ tradeId, at: fill.at, price, quantity, fee, feeCoin, liquidity },
    postings: books
      .postingsOf(entryOfFill(at, tradeId))
      .map(({ account, coin, amount }) => ({ account, coin, amount })),
  };
}

/** All postings of the trade, by coin and ledger account. */
function sumsOf(orders: readonly StoryOrder[]): Story["postings"] {
  const lines = orders.flatMap(({ fills }) => fills.flatMap(({ postings }) => postings));
  const totals = new Map<string, { account: string; coin: string; amount: Decimal }>();
  const coins = new Map<string, Decimal[]>();
  for (const { account, coin, amount } of lines) {
    const key = `${coin} ${account}`;
    const known = totals.get(key) ?? { account, coin, amount: zero };
    totals.set(key, { ...known, amount: add(known.amount, amount as Decimal) });
    coins.set(coin, [...(coins.get(coin) ?? []), amount as Decimal]);
  }
  return [...totals]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, each]) => ({ ...each, isBalanced: isZero(sum(coins.get(each.coin) ?? [])) }));
}
