/** What the views of round trips, orders and entries have in common. */
import type { Desk } from "../../actors/desk/mod.ts";
import { type Decimal, divide, isPositive, isZero, sum } from "../../machines/domain/decimal.ts";
import { accountKey, coinsOf, type VenueAccount } from "../../machines/domain/ids.ts";
import type { Posting } from "../../machines/domain/ledger.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import { RouteError } from "../api/route.ts";

/** Digits after the point of an average price. */
const priceDigits = 10;

export const dayMs = 86_400_000;

/** What was paid or got for one coin; null for none. */
export function averagePrice(notional: Decimal, quantity: Decimal): Decimal | null {
  return isPositive(quantity) ? divide(notional, quantity, priceDigits, "nearest") : null;
}

/** Realised gain as a share of what was paid. */
export function shareOf(pnl: Decimal, paid: Decimal): number {
  return isPositive(paid) ? Number(pnl) / Number(paid) : 0;
}

/** `paper:main` as its two parts; undefined for none. @throws {RouteError} for another form */
export function accountAsked(key: string | undefined): { readonly at?: VenueAccount } {
  if (key === undefined) return {};
  const [venue, account, ...more] = key.split(":");
  if (!venue || !account || more.length > 0) {
    throw new RouteError(400, `Cannot read account "${key}": wanted one such as "paper:main"`);
  }
  return { at: { venue, account } };
}

/** Where one of an account's lanes is named: lanes of the first account go without its name. */
export function placeOf(positionId: string, at: VenueAccount, firstAccount: string) {
  const slash = positionId.lastIndexOf("/");
  const path = positionId.slice(0, slash);
  const own = `${accountKey(at)}/`;
  const isFirst = accountKey(at) === firstAccount && path.startsWith(own);
  return {
    number: Number(positionId.slice(slash + 1)),
    lane: isFirst ? path.slice(own.length) : path,
  };
}

/** What every round trip is known by. */
export function tripOf(positionId: string, at: VenueAccount, symbol: string, first: string) {
  return {
    ...{ positionId, symbol },
    ...placeOf(positionId, at, first),
    account: accountKey(at),
    quote: coinsOf(symbol).quote,
  };
}

/** A closed position as its row. */
export function tradeRowOf(row: PositionRow, first: string) {
  return {
    ...tripOf(row.positionId, row.at, row.symbol, first),
    quantity: row.bought,
    entryPrice: averagePrice(row.boughtFor, row.bought) ?? row.bought,
    exitPrice: averagePrice(row.soldFor, row.sold),
    openedAt: row.openedAt,
    closedAt: row.closedAt ?? row.openedAt,
    pnl: row.realizedPnl,
    share: shareOf(row.realizedPnl, row.boughtFor),
    fees: row.fees,
    exitReason: row.exitReason,
    votedBy: row.votedBy ? [...row.votedBy] : null,
  };
}

/** The key of the desk's first account, whose lanes go without its name. */
export function firstAccountOf(desk: Desk): string {
  return desk.status().accounts[0]?.account ?? "";
}

/** Symbols and accounts that the desk trades, by its scanners. */
export function tradedBy(desk: Desk): {
  readonly symbols: string[];
  readonly accounts: string[];
} {
  const symbols = new Set<string>();
  const accounts = new Set<string>();
  for (const [name, { context }] of desk.actors()) {
    if (!name.startsWith("scanner:")) continue;
    const { symbol, at } = context as { readonly symbol: string; readonly at: VenueAccount };
    symbols.add(symbol);
    accounts.add(accountKey(at));
  }
  return { symbols: [...symbols].sort(), accounts: [...accounts].sort() };
}

/** Whether lines come to zero in every coin. */
export function isBalanced(lines: readonly Pick<Posting, "coin" | "amount">[]): boolean {
  const coins = new Set(lines.map(({ coin }) => coin));
  return [...coins].every((coin) =>
    isZero(sum(lines.filter((each) => each.coin === coin).map(({ amount }) => amount))),
  );
}

/** The id of the entry that a fill made. */
export const entryOfFill = (at: VenueAccount, tradeId: string): string =>
  `fill/${accountKey(at)}/${tradeId}`;

/** A row of CSV: quoted where it must be; what a spreadsheet would take for a formula is not. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(cell: string | number | null): string {
  if (cell === null) return "";
  const text = String(cell);
  const isNumber = /^-?\d+(\.\d+)?$/.test(text);
  const safe = !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A time as a spreadsheet reads it, UTC. */
export const timeText = (at: number): string => new Date(at).toISOString();
