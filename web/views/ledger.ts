import { accountKey } from "../../machines/domain/ids.ts";
import type { OrderRow, Posting } from "../../machines/domain/ledger.ts";
import type { ledgerRoutes } from "../api/ledger.ts";
import { type Handlers, RouteError } from "../api/route.ts";
import type { FillEntry, RowFilter } from "../server/books-port.ts";
import type { PanelOptions } from "../server/ports.ts";
import {
  accountAsked,
  csvLine,
  dayMs,
  entryOfFill,
  isBalanced,
  timeText,
  tradedBy,
} from "./trips.ts";

/** Rows that are read at a time where all are wanted. */
const rowsAtOnce = 200;

interface Asked {
  readonly account?: string | undefined;
  readonly symbol?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly state?: string | undefined;
  readonly role?: string | undefined;
  readonly of?: "fills" | "others" | undefined;
}

/** A part of a list, and what the next one begins after. */
interface Part<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

type Read<Row> = (asked: Asked, after: string | undefined, limit: number) => Part<Row>;

/** The books in lists, and whether they add up. */
export function ledgerViews(options: PanelOptions): Handlers<typeof ledgerRoutes> {
  const { desk, books } = options;
  const read = readsOf(options);
  const list =
    <Row>(rows: Read<Row>) =>
    ({
      query: { after, limit, ...asked },
    }: {
      query: Asked & { after?: string | undefined; limit: number };
    }) => {
      desk.commit();
      const { rows: found, next } = rows(asked, after, limit);
      return { rows: [...found], next };
    };
  return {
    "GET /api/v1/ledger/orders": list(read.orders),
    "GET /api/v1/ledger/orders.csv": ({ query }) =>
      csvOf(options, orderHead, (after) => read.orders(query, after, rowsAtOnce), orderCells),
    "GET /api/v1/ledger/fills": list(read.fills),
    "GET /api/v1/ledger/fills.csv": ({ query }) =>
      csvOf(options, fillHead, (after) => read.fills(query, after, rowsAtOnce), fillCells),
    "GET /api/v1/ledger/entries": list(read.entries),
    "GET /api/v1/ledger/entries.csv": ({ query }) =>
      csvOf(
        options,
        lineHead,
        (after) => read.lines(query, after, rowsAtOnce),
        (cells) => cells,
      ),
    "GET /api/v1/ledger/balances": () => {
      desk.commit();
      const rows = books
        .balances()
        .map(({ at, ...each }) => ({ account: accountKey(at), ...each }));
      return { rows, ...tradedBy(desk) };
    },
    "GET /api/v1/ledger/check": () => checkView(options),
    "POST /api/v1/ledger/check": () => {
      desk.commit();
      books.check();
      return checkView(options);
    },
  };
}

function checkView({ books }: PanelOptions) {
  const { result, ...rest } = books.checked();
  if (!result) return { ...rest, result };
  const { unbalanced, trial, differing, ...more } = result;
  const lists = { unbalanced: [...unbalanced], trial: [...trial], differing: [...differing] };
  return { ...rest, result: { ...more, ...lists } };
}

function readsOf({ books }: PanelOptions) {
  const orders: Read<ReturnType<typeof orderRowOf>> = (asked, after, limit) => {
    const { state, role } = asked;
    const filter = { ...filterOf(asked), ...(state && { state }), ...(role && { role }) };
    const key = after === undefined ? null : keyOf(after);
    const from = key && { createdAt: key.value, intentId: key.id };
    const rows = books.orders(filter, from, limit);
    return partOf(
      rows,
      limit,
      orderRowOf,
      (row) => `${row.intent.createdAt}~${row.intent.intentId}`,
    );
  };
  const booked = (asked: Asked, after: string | undefined, limit: number) =>
    books.fills(filterOf(asked), after === undefined ? null : keyOf(after).value, limit);
  const fills: Read<ReturnType<typeof fillRowOf>> = (asked, after, limit) =>
    partOf(
      booked(asked, after, limit),
      limit,
      ({ row }) => fillRowOf(row),
      ({ place }) => `${place}~`,
    );
  const entries: Read<ReturnType<typeof entryRowOf>> = (asked, after, limit) => {
    if (asked.of === "others") {
      if (asked.symbol !== undefined) return { rows: [], next: null };
      const key = after === undefined ? null : keyOf(after);
      const from = key && { time: key.value, entryId: key.id };
      const found = books.otherEntries(filterOf(asked), from, limit);
      return partOf(found, limit, entryRowOf, ([line]) => `${line?.time}~${line?.entryId}`);
    }
    const found = booked(asked, after, limit);
    const lines = ({ row }: (typeof found)[number]) =>
      entryRowOf(books.postingsOf(entryOfFill(row.venueAccount, row.tradeId)));
    return partOf(found, limit, lines, ({ place }) => `${place}~`);
  };
  const lines: Read<readonly (string | null)[]> = (asked, after, limit) => {
    const { rows, next } = entries(asked, after, limit);
    return { rows: rows.flatMap(lineCells), next };
  };
  return { orders, fills, entries, lines };
}

function partOf<Found, Row>(
  found: readonly Found[],
  limit: number,
  rowOf: (found: Found) => Row,
  keyText: (found: Found) => string,
): Part<Row> {
  const last = found.length < limit ? undefined : found.at(-1);
  return { rows: found.map(rowOf), next: last === undefined ? null : keyText(last) };
}

function filterOf({ account, symbol, from, to }: Asked): RowFilter {
  return {
    ...accountAsked(account),
    ...(symbol !== undefined && { symbol }),
    ...(from !== undefined && { since: Date.parse(from) }),
    ...(to !== undefined && { before: Date.parse(to) + dayMs }),
  };
}

/** @throws {RouteError} for what no page gave */
function keyOf(text: string): { readonly value: number; readonly id: string } {
  const [, value, id = ""] = /^(\d+)~(.*)$/s.exec(text) ?? [];
  if (value === undefined) {
    throw new RouteError(400, `Cannot go on after "${text}": wanted what the page before gave`);
  }
  return { value: Number(value), id };
}

function orderRowOf({ intent, ...row }: OrderRow) {
  const { intentId, positionId, at, symbol, role, side, type } = intent;
  const { quantity, price, stopPrice, createdAt } = intent;
  const { state, filled, attempts, venueOrderId, reason, updatedAt } = row;
  return {
    ...{ intentId, positionId, account: accountKey(at), symbol, role, side, type },
    ...{ quantity, price, stopPrice, state, filled, attempts, venueOrderId, reason },
    ...{ createdAt, updatedAt },
  };
}

function fillRowOf({ venueAccount, clientOrderId: _, ...fill }: FillEntry) {
  const { tradeId, symbol, side, price, quantity, fee, feeCoin, liquidity, at } = fill;
  const { intentId, venueOrderId } = fill;
  return {
    ...{ tradeId, account: accountKey(venueAccount), symbol, side, price, quantity },
    ...{ fee, feeCoin, liquidity, at, intentId, venueOrderId },
  };
}

/** The lines of one entry. */
export function entryRowOf(postings: readonly Posting[]) {
  const [first] = postings;
  return {
    entryId: first?.entryId ?? "",
    account: first ? accountKey(first.at) : "",
    time: first?.time ?? 0,
    cause: first?.cause ?? "",
    lines: postings.map(({ account, coin, amount }) => ({ account, coin, amount })),
    isBalanced: isBalanced(postings),
  };
}

const orderHead = [
  ...["intent", "position", "account", "symbol", "role", "side", "type", "quantity", "price"],
  ...["stop price", "state", "filled", "attempts", "venue order", "reason", "created", "updated"],
];

function orderCells(row: ReturnType<typeof orderRowOf>) {
  return [
    ...[row.intentId, row.positionId, row.account, row.symbol, row.role, row.side, row.type],
    ...[row.quantity, row.price, row.stopPrice, row.state, row.filled, row.attempts],
    ...[row.venueOrderId, row.reason, timeText(row.createdAt), timeText(row.updatedAt)],
  ];
}

const fillHead = [
  ...["trade", "account", "symbol", "side", "price", "quantity", "fee", "fee coin"],
  ...["liquidity", "time", "intent", "venue order"],
];

function fillCells(row: ReturnType<typeof fillRowOf>) {
  return [
    ...[row.tradeId, row.account, row.symbol, row.side, row.price, row.quantity, row.fee],
    ...[row.feeCoin, row.liquidity, timeText(row.at), row.intentId, row.venueOrderId],
  ];
}

const lineHead = ["entry", "account", "time", "cause", "ledger account", "coin", "amount"];

function lineCells({ entryId, account, time, cause, lines }: ReturnType<typeof entryRowOf>) {
  return lines.map((line) => [
    ...[entryId, account, timeText(time), cause, line.account, line.coin, line.amount],
  ]);
}

async function* csvOf<Row>(
  { desk, books }: PanelOptions,
  head: readonly string[],
  read: (after: string | undefined) => Part<Row>,
  cells: (row: Row) => readonly (string | number | null)[],
): AsyncGenerator<string> {
  desk.commit();
  yield csvLine(head);
  for (let after: string | undefined; ; ) {
    const { rows, next } = read(after);
    yield rows.map((row) => csvLine(cells(row))).join("");
    if (next === null) return;
    after = next;
    await books.pause();
  }
}
