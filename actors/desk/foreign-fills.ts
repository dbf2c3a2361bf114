import { isZero, multiply, negate } from "../../machines/domain/decimal.ts";
import type { Fill } from "../../machines/domain/fill.ts";
import { coinsOf } from "../../machines/domain/ids.ts";
import type { Movement } from "../order/mod.ts";

/** What trades of somebody else with access to the account moved, coin by coin. */
export function movementsOfFills(fills: readonly Fill[]): readonly Movement[] {
  return fills.flatMap((fill) => {
    const { tradeId, symbol, side, price, quantity, fee, feeCoin, at } = fill;
    const { base, quote } = coinsOf(symbol);
    const notional = multiply(price, quantity);
    const isBuy = side === "buy";
    const amounts = [
      ["base", base, isBuy ? quantity : negate(quantity)],
      ["quote", quote, isBuy ? negate(notional) : notional],
      ["fee", feeCoin, negate(fee)],
    ] as const;
    return amounts.flatMap(([part, coin, amount]): Movement[] =>
      isZero(amount)
        ? []
        : [
            {
              ...{ id: `trade/${tradeId}/${part}`, coin, amount, at, kind: "other" },
              text: `${side} of ${quantity} ${base} by somebody else`,
            },
          ],
    );
  });
}
