import {
  absolute,
  add,
  compare,
  type Decimal,
  isZero,
  subtract,
  zero,
} from "../../machines/domain/decimal.ts";
import type { Movement } from "../order/mod.ts";
import { roundingOf } from "./compare.ts";

/** What makes up a difference. */
export interface Explanation {
  /** Oldest first. */
  readonly movements: readonly Movement[];
  /** What is left of the difference: less than what the venue's rounding comes to. */
  readonly rest: Decimal;
}

/**
 * The movements that make up a difference of one coin, to the last digit where the venue keeps it,
 * else within its step for each of them; null where nothing does. What a balance does not hold
 * yet, or the ledger not, is the newest of a list: so only its ends are tried, that since the last
 * match first. Movements that are booked already are not to be among them.
 */
export function explaining(
  difference: Decimal,
  movements: readonly Movement[],
  matchedAt: number,
  step: Decimal,
): Explanation | null {
  const sorted = movements.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const since = sorted.filter(({ at }) => at > matchedAt);
  const ends = sorted.map((_, index) => sorted.slice(sorted.length - 1 - index));
  for (const some of [since, ...ends]) {
    if (some.length === 0) continue;
    const total = some.reduce((sum, { amount }) => add(sum, amount), zero);
    const rest = subtract(difference, total);
    const isRounded = compare(absolute(rest), roundingOf(step, some.length)) < 0;
    if (isZero(rest) || isRounded) return { movements: some, rest };
  }
  return null;
}
