import { assert } from "../../machines/domain/assert.ts";
import { ByAccount } from "../../machines/domain/by-account.ts";
import {
  add,
  compare,
  type Decimal,
  decimal,
  divide,
  isZero,
  multiply,
  negate,
  subtract,
  toNumber,
  zero,
} from "../../machines/domain/decimal.ts";
import type { Fill } from "../../machines/domain/fill.ts";
import {
  accountKey,
  coinsOf,
  isSameAccount,
  type VenueAccount,
} from "../../machines/domain/ids.ts";
import type { LedgerAccount, LedgerChange, Posting } from "../../machines/domain/ledger.ts";
import type { Intent } from "../../machines/domain/order.ts";
import {
  defaultVaultId,
  type ExitReason,
  type PositionRow,
} from "../../machines/domain/position.ts";
import type { LedgerLookUp } from "./ports.ts";

/** What became of a fill that was brought to the books. */
export type Booking =
  | {
      readonly type: "booked";
      readonly intent: Intent;
      readonly changes: LedgerChange[];
      /** The position's row if it was closed before this late fill. */
      readonly reopened: PositionRow | null;
    }
  | { readonly type: "known" }
  | { readonly type: "foreign" };

/** What no fill explains, as it is booked. */
export interface Adjustment {
  /** The same for the same thing, whenever it is found. */
  readonly entryId: string;
  readonly coin: string;
  readonly amount: Decimal;
  readonly cause: string;
}

/** What is too small to sell, base coin, with what it had cost, quote coin. */
export interface Dust {
  readonly quantity: Decimal;
  readonly cost: Decimal;
}

const none: readonly PositionRow[] = [];
const noDust: Dust = { quantity: zero, cost: zero };

/**
 * The ledger in memory: pure arithmetic over exact decimals. A fill is booked here before any
 * actor hears of it, once, by its trade id (P4), in double entry (P5).
 */
export class Books {
  private readonly balances = new ByAccount<Decimal>();
  private readonly positions = new Map<string, PositionRow>();
  private readonly byClientOrderId = new ByAccount<Intent>();
  private readonly byVenueOrderId = new ByAccount<Intent>();
  /** Trade ids booked since the last commit: the store does not know them yet. */
  private readonly fresh = new ByAccount<true>();
  /** Entries posted since the last commit that are no fill's. */
  private readonly freshEntries = new Set<string>();
  /** By coin. */
  private readonly amounts = new ByAccount<number>();
  private readonly dust = new ByAccount<Dust>();
  /** Rows closed since the last commit: the store still has them as they were before. */
  private readonly closed = new Map<string, PositionRow>();
  private lastRead = { total: zero, value: 0 };
  /** Ids to forget with the next commit: until then the store may not know them. */
  private readonly forgotten: (() => void)[] = [];

  constructor(private readonly ledger: LedgerLookUp) {
    for (const row of ledger.openPositions()) this.positions.set(row.positionId, row);
    for (const row of ledger.leftovers()) this.countDust(row, add);
    for (const { at, coin, total } of ledger.balances())
      this.balances.set(at, coin, decimal(total));
  }

  /** What the ledger says that the account holds, by coin. */
  balancesOf(at: VenueAccount): ReadonlyMap<string, Decimal> {
    return this.balances.of(at);
  }

  /** How much of a coin that is, as the nearest float: for marks of equity, at each bar. */
  totalOf(at: VenueAccount, coin: string): number {
    const total = this.balances.get(at, coin) ?? zero;
    if (total !== this.lastRead.total) this.lastRead = { total, value: toNumber(total) };
    return this.lastRead.value;
  }

  openPositions(): Iterable<PositionRow> {
    return this.positions.values();
  }

  /** Those of one account. */
  openPositionsOf(at: VenueAccount): readonly PositionRow[] {
    if (this.positions.size === 0) return none;
    const rows: PositionRow[] = [];
    for (const row of this.positions.values()) if (isSameAccount(row.at, at)) rows.push(row);
    return rows;
  }

  position(positionId: string): PositionRow | undefined {
    const row = this.positions.get(positionId) ?? this.closed.get(positionId);
    return row ?? this.ledger.position(positionId) ?? undefined;
  }

  /** Takes over what a venue holds that the ledger has never seen, as opening balances. */
  open(at: VenueAccount, coin: string, total: Decimal, time: number): LedgerChange[] {
    assert(!this.balances.has(at, coin), `Cannot open ${coin} of ${accountKey(at)}: it is open`);
    return this.post(at, `opening/${accountKey(at)}/${coin}`, time, "opening balance", [
      ["asset", coin, total],
      ["opening", coin, negate(total)],
    ]);
  }

  /**
   * Books what no fill explains, with its cause; nothing if that entry is booked already. `amount`
   * is signed: what the account has more of.
   */
  adjust(at: VenueAccount, adjustment: Adjustment, time: number): LedgerChange[] {
    const { entryId, coin, amount, cause } = adjustment;
    if (this.hasEntry(entryId)) return [];
    this.freshEntries.add(entryId);
    return this.post(at, entryId, time, cause, [
      ["asset", coin, amount],
      ["adjustment", coin, negate(amount)],
    ]);
  }

  hasEntry(entryId: string): boolean {
    return this.freshEntries.has(entryId) || this.ledger.hasEntry(entryId);
  }

  /** Amounts of a coin that were posted since the account last matched its venue. */
  amountsOf(at: VenueAccount, coin: string): number {
    return this.amounts.get(at, coin) ?? 0;
  }

  /** Ledger and venue agree: what is posted from now on counts anew. */
  matched(at: VenueAccount): void {
    this.amounts.clear(at);
  }

  /** What closed positions left of a coin, and what it had cost, quote coin. */
  dustOf(at: VenueAccount, coin: string): Dust {
    return this.dust.get(at, coin) ?? noDust;
  }

  /** Follows a live order's ids, so that its fills find it. */
  follow(intent: Intent, clientOrderId: string, venueOrderId: string | null): void {
    const { at } = intent;
    this.byClientOrderId.set(at, clientOrderId, intent);
    if (venueOrderId !== null) this.byVenueOrderId.set(at, venueOrderId, intent);
  }

  /** Forgets an archived order's ids, once the store knows them. */
  forget(intent: Intent, clientOrderIds: readonly string[], venueOrderId: string | null): void {
    const { at } = intent;
    this.forgotten.push(() => {
      for (const id of clientOrderIds) this.byClientOrderId.delete(at, id);
      if (venueOrderId !== null) this.byVenueOrderId.delete(at, venueOrderId);
    });
  }

  /** The intent behind an order at the venue, or null if it is not ours. */
  intentOf(at: VenueAccount, clientOrderId: string | null, venueOrderId: string): Intent | null {
    if (clientOrderId !== null) {
      const live = this.byClientOrderId.get(at, clientOrderId);
      if (live) return live;
      const row = this.ledger.orderByClientOrderId(at, clientOrderId);
      if (row) return row.intent;
    }
    const live = this.byVenueOrderId.get(at, venueOrderId);
    return live ?? this.ledger.orderByVenueOrderId(at, venueOrderId)?.intent ?? null;
  }

  book(at: VenueAccount, fill: Fill): Booking {
    const { tradeId } = fill;
    if (this.fresh.has(at, tradeId) || this.ledger.hasFill(at, tradeId)) return { type: "known" };
    const intent = this.intentOf(at, fill.clientOrderId, fill.venueOrderId);
    if (!intent || isBefore(intent, fill)) return { type: "foreign" };
    this.fresh.set(at, tradeId, true);
    const { intentId, positionId } = intent;
    const before = this.position(positionId);
    const reopened = before?.state === "closed" ? before : null;
    const changes: LedgerChange[] = [
      { table: "fills", row: { ...fill, intentId, venueAccount: at } },
      ...this.postFill(at, fill),
    ];
    if (reopened) this.countDust(reopened, subtract);
    // A claimed order is the account's: no position owns what it fills.
    if (intent.role !== "foreign") {
      changes.push({ table: "positions", row: this.carry(intent, fill) });
    }
    return { type: "booked", intent, changes, reopened };
  }

  /** The position's actor found its end: the row says so, with what is left as dust. */
  close(
    positionId: string,
    at: number,
    exitReason: ExitReason | null,
    votedBy: readonly string[] = [],
  ): LedgerChange[] {
    const row = this.positions.get(positionId);
    if (!row) return [];
    this.positions.delete(positionId);
    const closed: PositionRow = { ...row, state: "closed", closedAt: at, exitReason, votedBy };
    this.closed.set(positionId, closed);
    this.countDust(closed, add);
    return [{ table: "positions", row: closed }];
  }

  /** The store knows now what was booked. */
  committed(): void {
    this.fresh.clear();
    this.freshEntries.clear();
    this.closed.clear();
    for (const forget of this.forgotten.splice(0)) forget();
  }

  private countDust(row: PositionRow, change: (a: Decimal, b: Decimal) => Decimal): void {
    if (isZero(row.quantity)) return;
    const { base } = coinsOf(row.symbol);
    const { quantity, cost } = this.dust.get(row.at, base) ?? noDust;
    this.dust.set(row.at, base, {
      quantity: change(quantity, row.quantity),
      cost: change(cost, row.cost),
    });
  }

  private postFill(at: VenueAccount, fill: Fill): LedgerChange[] {
    const { base, quote } = coinsOf(fill.symbol);
    const notional = multiply(fill.quantity, fill.price);
    const bought = fill.side === "buy";
    const inBase = bought ? fill.quantity : negate(fill.quantity);
    const inQuote = bought ? negate(notional) : notional;
    const lines: [LedgerAccount, string, Decimal][] = [
      ["asset", base, inBase],
      ["trading", base, negate(inBase)],
      ["asset", quote, inQuote],
      ["trading", quote, negate(inQuote)],
    ];
    if (!isZero(fill.fee)) {
      lines.push(["asset", fill.feeCoin, negate(fill.fee)], ["fees", fill.feeCoin, fill.fee]);
    }
    return this.post(at, `fill/${accountKey(at)}/${fill.tradeId}`, fill.at, "fill", lines);
  }

  private post(
    at: VenueAccount,
    entryId: string,
    time: number,
    cause: string,
    lines: readonly [LedgerAccount, string, Decimal][],
  ): LedgerChange[] {
    const changes: LedgerChange[] = [];
    const touched = new Set<string>();
    lines.forEach(([account, coin, amount], line) => {
      const row: Posting = { entryId, line, at, account, coin, amount, time, cause };
      changes.push({ table: "postings", row });
      if (account !== "asset") return;
      this.balances.set(at, coin, add(this.balances.get(at, coin) ?? zero, amount));
      this.amounts.set(at, coin, (this.amounts.get(at, coin) ?? 0) + 1);
      touched.add(coin);
    });
    for (const coin of touched) {
      const total = this.balances.get(at, coin) ?? zero;
      changes.push({ table: "balances", row: { at, coin, total } });
    }
    return changes;
  }

  /** The position's row after a fill. Average cost; what is sold last takes what cost is left. */
  private carry(intent: Intent, fill: Fill): PositionRow {
    const { base, quote } = coinsOf(fill.symbol);
    const row = this.position(intent.positionId) ?? emptyRow(intent, fill.at);
    const notional = multiply(fill.quantity, fill.price);
    const feeInQuote = fill.feeCoin === quote ? fill.fee : zero;
    const feeInBase = fill.feeCoin === base ? fill.fee : zero;
    let next: PositionRow;
    if (fill.side === "buy") {
      next = {
        ...row,
        quantity: subtract(add(row.quantity, fill.quantity), feeInBase),
        cost: add(row.cost, add(notional, feeInQuote)),
        bought: add(row.bought, fill.quantity),
        boughtFor: add(row.boughtFor, notional),
      };
    } else {
      const gone = add(fill.quantity, feeInBase);
      const isLast = compare(gone, row.quantity) >= 0;
      const costOut = isLast
        ? row.cost
        : divide(multiply(row.cost, gone), row.quantity, 18, "nearest");
      next = {
        ...row,
        quantity: subtract(row.quantity, gone),
        cost: subtract(row.cost, costOut),
        sold: add(row.sold, fill.quantity),
        soldFor: add(row.soldFor, notional),
        realizedPnl: add(row.realizedPnl, subtract(subtract(notional, feeInQuote), costOut)),
      };
    }
    next = {
      ...next,
      fees: add(row.fees, feeInQuote),
      // A late fill after the end opens the row again; its actor will close it.
      state: "open",
      closedAt: null,
    };
    this.positions.set(intent.positionId, next);
    this.closed.delete(intent.positionId);
    return next;
  }
}

/** Whether a fill is of a time before its order was claimed: the balances had it already. */
export function isBefore({ role, createdAt }: Intent, fill: Fill): boolean {
  return role === "foreign" && fill.at < createdAt;
}

function emptyRow(intent: Intent, openedAt: number): PositionRow {
  return {
    positionId: intent.positionId,
    at: intent.at,
    vaultId: defaultVaultId,
    symbol: intent.symbol,
    state: "open",
    quantity: zero,
    cost: zero,
    bought: zero,
    boughtFor: zero,
    sold: zero,
    soldFor: zero,
    fees: zero,
    realizedPnl: zero,
    openedAt,
    closedAt: null,
    exitReason: null,
  };
}
