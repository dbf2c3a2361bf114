import { add, type Decimal, zero } from "../../machines/domain/decimal.ts";
import type { Movement } from "../order/mod.ts";

/**
 * The movements that make up a difference of one coin to the last digit, oldest first; none where
 * nothing does. What a balance does not hold yet, or the ledger not, is the newest of a list: so
 * only its ends are tried, that since the last match first. Movements that are booked already are
 * not to be among them.
 */
export function explaining(
  difference: Decimal,
  movements: readonly Movement[],
  matchedAt: number,
): readonly Movement[] {
  const sorted = movements.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const since = sorted.filter(({ at }) => at > matchedAt);
  const ends = sorted.map((_, index) => sorted.slice(sorted.length - 1 - index));
  for (const some of [since, ...ends]) {
    const total = some.reduce((sum, { amount }) => add(sum, amount), zero);
    if (some.length > 0 && total === difference) return some;
  }
  return [];
}
