/** One hash over what a ledger says, so that two runs can be compared by it. */
import type { OrderRow, Posting } from "../../machines/domain/ledger.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import type { BookQueries } from "./book-queries.ts";
import type { LedgerReader } from "./reader.ts";
import type { FillRow } from "./tables.ts";

/**
 * SHA-256, 64 hexadecimal digits, over orders, fills, positions and postings. Each is a line of
 * JSON, an array that begins with the table's name; tables in that order, rows by their ids
 * (orders by intent, fills by venue, account and trade, positions by position, postings by entry
 * and line), compared byte by byte, never by when they were written. The fields:
 *
 * - orders: intentId, venue, account, symbol, positionId, role, side, type, quantity, price,
 *   stopPrice, timeInForce, postOnly, expiresAt, patienceMs, createdAt, state, filled, filledFor,
 *   reason
 * - fills: venue, account, tradeId, intentId, symbol, side, price, quantity, fee, feeCoin,
 *   liquidity, at
 * - positions: positionId, venue, account, vaultId, symbol, state, quantity, cost, bought,
 *   boughtFor, sold, soldFor, fees, realizedPnl, openedAt, closedAt, exitReason
 * - postings: entryId, line, venue, account, ledger account, coin, amount, time, cause
 *
 * Left out, since a crash and a second try change them and nothing else: attempts and how many,
 * client order ids, venue order ids, when an order was updated, journal sequences. Balances follow
 * from the postings.
 */
export function ledgerHead(reader: LedgerReader): string {
  return hashOf(reader.eachAtOnce(() => lines(reader.books)));
}

/** Whole tables of a ledger, each in the order of its keys. */
export type LedgerRows = Pick<
  BookQueries,
  "eachOrder" | "eachFill" | "eachPosition" | "eachPosting"
>;

/** {@link ledgerHead} of rows that no file has. */
export function headOfRows(rows: LedgerRows): string {
  return hashOf(lines(rows));
}

/** Characters that are hashed at once. */
const chunkLength = 65_536;

function hashOf(all: Iterable<Line>): string {
  const hasher = new Bun.CryptoHasher("sha256");
  let text = "";
  for (const line of all) {
    text += textOf(line);
    if (text.length < chunkLength) continue;
    hasher.update(text);
    text = "";
  }
  hasher.update(text);
  return hasher.digest("hex");
}

/** The lines that {@link ledgerHead} is the hash of, for who takes it in parts. */
export function* headLines(rows: LedgerRows): Iterable<string> {
  for (const line of lines(rows)) yield textOf(line);
}

const textOf = (line: Line): string => `${JSON.stringify(line)}\n`;

type Line = readonly (string | number | boolean | null)[];

function* lines(books: LedgerRows): Iterable<Line> {
  for (const row of books.eachOrder()) yield orderLine(row);
  for (const row of books.eachFill()) yield fillLine(row);
  for (const row of books.eachPosition()) yield positionLine(row);
  for (const row of books.eachPosting()) yield postingLine(row);
}

function orderLine({ intent, state, filled, filledFor, reason }: OrderRow): Line {
  return [
    "orders",
    intent.intentId,
    intent.at.venue,
    intent.at.account,
    intent.symbol,
    intent.positionId,
    intent.role,
    intent.side,
    intent.type,
    intent.quantity,
    intent.price,
    intent.stopPrice,
    intent.timeInForce,
    intent.postOnly,
    intent.expiresAt,
    intent.patienceMs,
    intent.createdAt,
    state,
    filled,
    filledFor,
    reason,
  ];
}

function fillLine(row: FillRow): Line {
  return [
    "fills",
    row.venueAccount.venue,
    row.venueAccount.account,
    row.tradeId,
    row.intentId,
    row.symbol,
    row.side,
    row.price,
    row.quantity,
    row.fee,
    row.feeCoin,
    row.liquidity,
    row.at,
  ];
}

function positionLine(row: PositionRow): Line {
  return [
    "positions",
    row.positionId,
    row.at.venue,
    row.at.account,
    row.vaultId,
    row.symbol,
    row.state,
    row.quantity,
    row.cost,
    row.bought,
    row.boughtFor,
    row.sold,
    row.soldFor,
    row.fees,
    row.realizedPnl,
    row.openedAt,
    row.closedAt,
    row.exitReason,
  ];
}

function postingLine(row: Posting): Line {
  return [
    "postings",
    row.entryId,
    row.line,
    row.at.venue,
    row.at.account,
    row.account,
    row.coin,
    row.amount,
    row.time,
    row.cause,
  ];
}
