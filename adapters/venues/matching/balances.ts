import {
  add,
  compare,
  type Decimal,
  isNegative,
  subtract,
  zero,
} from "../../../machines/domain/decimal.ts";
import type { Balance } from "../../../machines/domain/ledger.ts";
import type { ChangeLog } from "./change-log.ts";
import { type BalanceRow, rowPrefix } from "./rows.ts";

const nothing: BalanceRow = { total: zero, held: zero };

/** What the venue holds for us, by coin. Never negative, and never more held than there is. */
export class Balances {
  readonly #rows = new Map<string, BalanceRow>();
  readonly #log: ChangeLog;

  constructor(log: ChangeLog) {
    this.#log = log;
  }

  free(coin: string): Decimal {
    const { total, held } = this.#rows.get(coin) ?? nothing;
    return subtract(total, held);
  }

  /**
   * Changes total and held of a coin by signed amounts, as one.
   *
   * @throws {RangeError} if that would leave less than is held, or hold less than nothing: every
   * caller has checked before, so it is a bug.
   */
  settle(coin: string, totalChange: Decimal, heldChange: Decimal): void {
    const row = this.#rows.get(coin) ?? nothing;
    const total = totalChange === zero ? row.total : add(row.total, totalChange);
    const held = heldChange === zero ? row.held : add(row.held, heldChange);
    const isShort = held === zero ? isNegative(total) : compare(total, held) < 0;
    if (isNegative(held) || isShort) {
      throw new RangeError(`Cannot settle ${coin}: total would be ${total} with ${held} held`);
    }
    this.put(coin, { total, held });
  }

  put(coin: string, row: BalanceRow): void {
    this.#rows.set(coin, row);
    this.#log.put(rowPrefix.balances + coin, row);
  }

  all(): readonly Balance[] {
    return Array.from(this.#rows, ([coin, row]) => ({ coin, ...row })).sort((a, b) =>
      a.coin < b.coin ? -1 : 1,
    );
  }

  clear(): void {
    this.#rows.clear();
  }
}
