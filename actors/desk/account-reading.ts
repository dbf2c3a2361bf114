import {
  add,
  type Decimal,
  isPositive,
  isZero,
  subtract,
  zero,
} from "../../machines/domain/decimal.ts";
import {
  accountKey,
  coinsOf,
  isSameAccount,
  type VenueAccount,
} from "../../machines/domain/ids.ts";
import type { VenueOrder } from "../../machines/domain/order.ts";
import type { Books } from "../account/mod.ts";
import { type CoinDifference, isDeskOrderId, type OrderDifference } from "../reconciler/mod.ts";

/** What ledger and venue do not agree on, and what would settle it, in words. */
export interface DifferenceTold {
  readonly text: string;
  readonly settledBy: string;
  /** Null where it is an order. */
  readonly coin: string | null;
}

/** The last time that an account's venue was read and compared. */
export interface AccountReading {
  readonly at: VenueAccount;
  /** Unix milliseconds. */
  readonly takenAt: number;
  /** What the venue said. */
  readonly balances: readonly { readonly coin: string; readonly total: Decimal }[];
  /** What the ledger said, after what explains a difference was booked. */
  readonly ledger: ReadonlyMap<string, Decimal>;
  readonly foreign: readonly VenueOrder[];
  /** Orders that no actor here looks after. */
  readonly claimable: readonly VenueOrder[];
  readonly differences: readonly DifferenceTold[];
}

/** One coin of an account. `ledger` = `owned` + `cash` + `dust` + `unmanaged`. */
export interface CoinView {
  readonly coin: string;
  readonly ledger: Decimal;
  /** The ledger when the venue was last read; null before the first reading. */
  readonly ledgerThen: Decimal | null;
  /** As last read; null before the first reading. */
  readonly venue: Decimal | null;
  /** `venue` less `ledgerThen`. */
  readonly difference: Decimal;
  /** What positions own: all that an exit or a flatten can sell. */
  readonly owned: Decimal;
  /** What the desk buys with: all of the quote coin. */
  readonly cash: Decimal;
  /** What closed positions left, too small to sell, and what that had cost in quote coin. */
  readonly dust: Decimal;
  readonly dustCost: Decimal;
  /** What is nobody's here: never sold, stopped or flattened. */
  readonly unmanaged: Decimal;
}

export interface AccountView {
  readonly account: string;
  /** Unix milliseconds; null before the first reading. */
  readonly readAt: number | null;
  readonly coins: readonly CoinView[];
  readonly foreignOrders: readonly ForeignOrderView[];
  readonly differences: readonly DifferenceTold[];
}

/** An order at the venue that is not of this ledger. */
export interface ForeignOrderView
  extends Pick<
    VenueOrder,
    | "venueOrderId"
    | "clientOrderId"
    | "symbol"
    | "side"
    | "type"
    | "quantity"
    | "price"
    | "stopPrice"
    | "filled"
  > {
  /** Its id is of the form that desks give. */
  readonly isOfADesk: boolean;
}

/** What the desk shows of an account: the ledger as it is, the venue as it was last read. */
export function accountView(
  at: VenueAccount,
  books: Books,
  quote: string,
  reading: AccountReading | undefined,
): AccountView {
  const ledger = books.balancesOf(at);
  const venue = new Map(reading?.balances.map(({ coin, total }) => [coin, total]));
  const owned = ownedOf(at, books);
  const then = reading?.ledger ?? new Map<string, Decimal>();
  const names = new Set([...ledger.keys(), ...then.keys(), ...venue.keys(), ...owned.keys()]);
  const coins = [...names].sort().map((coin): CoinView => {
    const total = ledger.get(coin) ?? zero;
    const { quantity: dust, cost: dustCost } = books.dustOf(at, coin);
    const own = owned.get(coin) ?? zero;
    const rest = subtract(subtract(total, own), dust);
    const isCash = coin === quote;
    const told = reading === undefined ? null : (venue.get(coin) ?? zero);
    const ledgerThen = reading === undefined ? null : (then.get(coin) ?? zero);
    return {
      ...{ coin, ledger: total, ledgerThen, venue: told, owned: own, dust, dustCost },
      difference: told === null ? zero : subtract(told, ledgerThen ?? zero),
      cash: isCash ? rest : zero,
      unmanaged: isCash ? zero : rest,
    };
  });
  return {
    account: accountKey(at),
    readAt: reading?.takenAt ?? null,
    // A coin of which there is nothing anywhere says nothing.
    coins: coins.filter(({ ledger, ledgerThen, venue }) =>
      [ledger, ledgerThen, venue].some((each) => !isZero(each ?? zero)),
    ),
    foreignOrders: (reading?.foreign ?? []).map(foreignView),
    differences: reading?.differences ?? [],
  };
}

function ownedOf(at: VenueAccount, books: Books): ReadonlyMap<string, Decimal> {
  const owned = new Map<string, Decimal>();
  for (const row of books.openPositions()) {
    if (!isSameAccount(row.at, at) || !isPositive(row.quantity)) continue;
    const { base } = coinsOf(row.symbol);
    owned.set(base, add(owned.get(base) ?? zero, row.quantity));
  }
  return owned;
}

function foreignView(order: VenueOrder): ForeignOrderView {
  const { venueOrderId, clientOrderId, symbol, side, type } = order;
  const { quantity, price, stopPrice, filled } = order;
  return {
    ...{ venueOrderId, clientOrderId, symbol, side, type, quantity, price, stopPrice, filled },
    isOfADesk: isDeskOrderId(clientOrderId),
  };
}

/** @param unexplained why the venue did not say what moved the coin, where it was asked */
export function coinDifference(
  at: VenueAccount,
  { coin, ledger, venue }: CoinDifference,
  unsettled: readonly string[],
  unexplained: string | undefined,
): DifferenceTold {
  const accept = `novactor reconcile accept --account ${accountKey(at)} --coin ${coin} --reason WHY`;
  const why = unexplained === undefined ? "" : ` (${unexplained})`;
  const settledBy =
    unsettled.length > 0
      ? `the fate of ${unsettled.join(", ")}; until that is known nothing can be said of it`
      : `a deposit or withdrawal that the venue tells${why}, or "${accept}"`;
  return { text: `${coin}: ledger ${ledger}, venue ${venue}`, settledBy, coin };
}

export function orderDifference({ order, kind }: OrderDifference): DifferenceTold {
  const { venueOrderId: id, clientOrderId, side, quantity, symbol } = order;
  const cure = `"novactor order claim ${id}" or "novactor order cancel-foreign ${id}"`;
  if (kind === "ended") {
    const text = `order ${id} is of this ledger and over, and rests at the venue`;
    return { text, settledBy: cure, coin: null };
  }
  return {
    text:
      `order ${id} (${side} ${quantity} ${symbol}) carries a desk's id, "${clientOrderId}", but is ` +
      "not of this ledger: a second desk on the same key, or a ledger lost or restored",
    settledBy: `ending the other desk, then ${cure}`,
    coin: null,
  };
}
